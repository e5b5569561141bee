"""How long decisions take; `roteiro bench` prints it."""

from array import array

from roteiro.core import Matcher
from roteiro.core.program import Encoding, Envelope

def decide_each(
    matcher: Matcher, subjects: list[tuple[bytes, Encoding, Envelope]], taken: array[int]
) -> None:
    """Decide each, and write down the nanoseconds that each took."""

def bytes_of(matcher: Matcher) -> int:
    """Give the bytes of the flat arrays of a matcher."""
