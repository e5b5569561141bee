"""Looks at the clauses of a scope; it has no names for Python."""
