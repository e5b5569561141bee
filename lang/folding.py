"""Texts where case does not count (docs/reading.md 15.1)."""

from unicodedata import normalize


def folded(text: str) -> str:
    """Give the form in which texts are equal when case does not count."""
    return normalize("NFC", normalize("NFC", text).casefold())
