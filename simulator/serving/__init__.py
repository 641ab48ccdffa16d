"""The socket: an event loop that reads and writes HTTP, and how a served simulator begins and ends."""
