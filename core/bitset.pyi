"""The match over bits; it has no names for Python."""
