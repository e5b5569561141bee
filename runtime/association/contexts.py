"""Which presentation contexts a listener accepts, and with which transfer syntax.

Sans-I/O. Storage is decided by prefix and not by a list, so that a SOP class of next year's
standard, a retired one or a vendor's own is stored like any other.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from roteiro.runtime.dicom import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    VERIFICATION,
    is_storage,
    transfer_syntaxes,
)

# results of a presentation context (PS3.8 9.3.3.2)
ACCEPTED = 0
USER_REJECTION = 1
ABSTRACT_SYNTAX_NOT_SUPPORTED = 3
TRANSFER_SYNTAXES_NOT_SUPPORTED = 4

LAST = (IMPLICIT_LITTLE, EXPLICIT_BIG)
"""Taken only when nothing else was proposed, in this order: big endian is retired, and a reader of
implicit VR needs no more than the dictionary."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result for one proposed context; `syntax` is empty unless it was accepted."""

    result: int
    syntax: str = ""


def answer(abstract: str, syntaxes: Sequence[str], roles: AbstractSet[str]) -> Answer:
    """Decide on one proposed presentation context for a caller with these roles of `may`."""
    role = needed_role(abstract)
    if role is None:
        return Answer(ABSTRACT_SYNTAX_NOT_SUPPORTED)
    if role not in roles:
        return Answer(USER_REJECTION)
    syntax = choose(syntaxes)
    return Answer(ACCEPTED, syntax) if syntax else Answer(TRANSFER_SYNTAXES_NOT_SUPPORTED)


def needed_role(abstract: str) -> str | None:
    """Give the role that a SOP class needs, or `None` when this version does not serve it."""
    if abstract == VERIFICATION:
        return "echo"
    return "store" if is_storage(abstract) else None


def choose(syntaxes: Sequence[str]) -> str:
    """Take a transfer syntax of those proposed; empty when none is known.

    Explicit VR Little Endian when it is among them, else the proposer's first that we know,
    Implicit and Explicit Big Endian last.
    """
    if EXPLICIT_LITTLE in syntaxes:
        return EXPLICIT_LITTLE
    known = [syntax for syntax in syntaxes if syntax in transfer_syntaxes()]
    good = [syntax for syntax in known if syntax not in LAST]
    late = [syntax for syntax in LAST if syntax in known]
    return next(iter(good + late), "")
