"""What happens on the phone network: standard library only, no I/O, no vendor's words."""
