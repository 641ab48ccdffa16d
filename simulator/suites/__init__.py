"""Numbered cases that certify a client: a world, a task, and what the client must do and conclude."""
