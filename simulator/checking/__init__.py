"""Runs a command, or the tasks of a suite, with a simulator beside it, and judges what it did."""
