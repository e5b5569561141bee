"""Looks at levels, fields and literals; it has no names for Python."""
