"""Whether a data set in a file is whole, for commands that people point at files."""

from roteiro.core.program import Damage, Encoding
from roteiro.lang.elements import read

BEYOND = 0xFFFDFFFF
"""A tag above all that a data set has, so that the walk goes to the end."""


def cut_short(data: bytes, encoding: Encoding) -> bool:
    """Say whether the data set ends inside an element.

    Other damage, and what lies beyond the limits of a reader, is not looked for: a peer may read
    it.
    """
    return read(data, encoding, {BEYOND: "UN"}).damage is Damage.CUT
