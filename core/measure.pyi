"""How long decisions take; `roteiro bench` prints it."""

from array import array

from roteiro.core import Matcher
from roteiro.core.program import Encoding, Envelope

def decide_each(
    matcher: Matcher,
    subjects: list[tuple[bytes, Encoding, Envelope]],
    taken: array[int],
    asked: array[int],
) -> None:
    """Decide each; write down its nanoseconds, and 1 where Python was asked for a value, else 0.

    Raises what deciding raises.
    """

def bytes_of(matcher: Matcher) -> int:
    """Give the bytes of the compiled program of a matcher, all of what `roteiro compile` writes."""
