"""What the status of a C-STORE response means for the delivery, as one table.

PS3.4 B.2.3 lists the statuses of the Storage Service Class, PS3.7 annex C the general ones. A
failure is never a success and a warning never a failure; what is not in the table waits for a
person, because a status that nobody foresaw must not make an object disappear.
"""

from dataclasses import dataclass
from enum import Enum

from roteiro.lang.messages import Phrase


class Outcome(Enum):
    """What becomes of the delivery."""

    DONE = "done"
    WARNED = "done with a warning"
    AGAIN = "try this object again later"
    HOLD = "hold this object for this destination"


@dataclass(frozen=True, slots=True)
class Row:
    """Statuses from `first` to `last` and what they mean."""

    first: int
    last: int
    outcome: Outcome
    key: str
    """Of the text in the catalogue that says it to people."""
    in_doubt: Outcome | None = None
    """The outcome when an earlier attempt may have arrived without our knowing."""


TABLE = (
    Row(0x0000, 0x0000, Outcome.DONE, "status_success"),
    Row(0xB000, 0xB000, Outcome.WARNED, "status_coerced"),
    Row(0xB006, 0xB006, Outcome.WARNED, "status_elements_discarded"),
    Row(0xB007, 0xB007, Outcome.WARNED, "status_class_mismatch_warning"),
    Row(0x0111, 0x0111, Outcome.HOLD, "status_duplicate", in_doubt=Outcome.WARNED),
    Row(0xA700, 0xA7FF, Outcome.AGAIN, "status_out_of_resources"),
    Row(0xA900, 0xA9FF, Outcome.HOLD, "status_class_mismatch"),
    Row(0xC000, 0xCFFF, Outcome.HOLD, "status_cannot_understand"),
    Row(0x0112, 0x0112, Outcome.HOLD, "status_no_such_instance"),
    Row(0x0122, 0x0122, Outcome.HOLD, "status_class_not_supported"),
    Row(0x0124, 0x0124, Outcome.HOLD, "status_not_authorised"),
    Row(0x0211, 0x0211, Outcome.HOLD, "status_unrecognised_operation"),
)
UNKNOWN = Row(0x0000, 0xFFFF, Outcome.HOLD, "status_unknown")


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome and its reason in words."""

    outcome: Outcome
    reason: str


def row(status: int) -> Row:
    """Give the row of the table that a status belongs to."""
    return next((row for row in TABLE if row.first <= status <= row.last), UNKNOWN)


def judge(status: int, *, in_doubt: bool) -> Judgement:
    """Say what a status means; `in_doubt` when the object may have been stored there before."""
    found = row(status)
    outcome = found.in_doubt if in_doubt and found.in_doubt else found.outcome
    return Judgement(outcome, Phrase(f"runtime.{found.key}", status=note(status)))


def note(status: int) -> str:
    """Write a status as people do: `0xA700`."""
    return f"0x{status:04X}"
