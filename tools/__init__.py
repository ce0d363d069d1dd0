"""What building and testing need; no part of the program."""
