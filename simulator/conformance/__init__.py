"""The judge: does an exchange, or a client's behaviour, keep its vendor's contract."""
