"""A scenario file: read, checked, and set up as a world."""
