"""Callr Actions: scripts in YAML, parsed whole and run step by step on the clock."""
