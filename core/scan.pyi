"""The header scan; it has no names for Python."""
