"""What tests in Python take: fixtures, worlds of their own, ways in without a socket."""
