"""One evidence file of a run, whatever made it, and the forms in which it is read."""
