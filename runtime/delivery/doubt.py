"""What may have arrived without our knowing: said in the reason of a delivery, which is on record.

So it outlives the process. Of what is owed to a pool the member is named, since it is there that
the object may be.
"""

import re

from roteiro.lang.messages import Phrase

DOUBT = Phrase("runtime.in_doubt", reason="")
_MEMBER = "MEMBER"


def _at(member: str, reason: str) -> Phrase:
    return Phrase(
        "runtime.in_doubt", reason=Phrase("runtime.at_member", member=member, reason=reason)
    )


_PLACE = re.compile(re.escape(_at(_MEMBER, "")).replace(_MEMBER, r"(\w+)"))


def in_doubt(reason: str) -> bool:
    """Say whether an earlier attempt may have arrived, by the reason on record."""
    return reason.startswith(DOUBT)


def doubtful(reason: str, member: str | None = None) -> str:
    """Say that it may have arrived, at a member when it is owed to a pool."""
    if in_doubt(reason):
        return reason
    return Phrase("runtime.in_doubt", reason=reason) if member is None else _at(member, reason)


def still_doubtful(before: str, reason: str) -> str:
    """Give the reason of a later failure after one that left a doubt."""
    return doubtful(reason, member_in_doubt(before)) if in_doubt(before) else reason


def member_in_doubt(reason: str) -> str | None:
    """Give the member of a pool at which it may be."""
    found = _PLACE.match(reason)
    return found[1] if found else None
