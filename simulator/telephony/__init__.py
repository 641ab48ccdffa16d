"""What happens on the phone network: no I/O, no vendor's words, and of libraries only msgspec's structs."""
