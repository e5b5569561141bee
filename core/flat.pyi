"""A plan laid flat; it has no names for Python."""
