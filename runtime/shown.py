"""Texts of files and objects, fit for a terminal."""

from roteiro.lang.report import escape


def shown(written: str) -> str:
    """Make a text fit for a terminal: what cannot be printed is escaped."""
    return "".join(char if char.isprintable() else escape(char) for char in written)
