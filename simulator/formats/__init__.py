"""Bytes to plain values and back: pure functions, no vendor's words."""
