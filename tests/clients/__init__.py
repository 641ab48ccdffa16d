"""Clients of the four vendors that are ours: right ones, and the same with one planted bug each."""
