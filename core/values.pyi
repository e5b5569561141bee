"""Values in C; it has no names for Python."""
