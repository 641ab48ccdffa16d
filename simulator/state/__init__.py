"""What survives: the log of inputs, of which a world is a function."""
