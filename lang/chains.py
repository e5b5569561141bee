"""Transforms and profiles, typed: what `via` does to an object before it leaves.

Every edit is total: what cannot be done to one object (a missing lookup, a value too long) makes
that delivery `hold transform_failed`, never an error (2c). Paths are fields; an edit inside `each`
is read in the item.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from roteiro.core.program import Field
from roteiro.lang.source import Span

if TYPE_CHECKING:
    from roteiro.lang.typed import Condition


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that is kept elsewhere: `env:NAME` or `file:PATH` (relative to the rule file)."""

    place: str


@dataclass(frozen=True, slots=True)
class LookupTable:
    """The rows of a lookup file: key to value."""

    name: str
    rows: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Written:
    """A literal, as a data set holds it."""

    text: str


@dataclass(frozen=True, slots=True)
class ValueOf:
    """All values of a field, as text; nothing when it is blank."""

    field: Field


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of 2f.9 and its arguments."""

    function: str
    arguments: "tuple[Value | LookupTable | Secret | int, ...]"


@dataclass(frozen=True, slots=True)
class Joined:
    """`a + b`, as text."""

    parts: "tuple[Value, ...]"


Value = Written | ValueOf | Apply | Joined


@dataclass(frozen=True, slots=True)
class Put:
    """`set field = value`, and `replace field with value` of a profile."""

    field: Field
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Remove:
    """`remove field`."""

    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Blank:
    """`blank field`: present with zero length."""

    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Copy:
    """`copy origin to target`; an absent origin removes the target."""

    origin: Field
    target: Field
    span: Span


@dataclass(frozen=True, slots=True)
class If:
    """`if condition { edits }`."""

    condition: "Condition"
    edits: "tuple[Edit, ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class Each:
    """`each sequence { edits }`, in every item."""

    field: Field
    edits: "tuple[Edit, ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class Keep:
    """`keep field` of a profile: its later and inherited statements leave it alone."""

    fields: tuple[Field, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class HashUids:
    """`uids hash`: every instance UID at every level; registered UIDs stay (PS3.15 E, action U)."""

    secret: Secret
    span: Span


@dataclass(frozen=True, slots=True)
class ShiftDates:
    """`dates shift within T per FIELD`: every date by as many days, the same for one value."""

    days: int
    per: Field
    secret: Secret
    span: Span


@dataclass(frozen=True, slots=True)
class RemovePrivate:
    """`private remove [except ...]`, at every level."""

    keep: tuple[Field, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class BlockPixels:
    """`pixels block BOX when condition`; boxes are (width, height, left, top)."""

    boxes: tuple[tuple[int, int, int, int], ...]
    condition: "Condition"
    span: Span


Edit = (
    Put
    | Remove
    | Blank
    | Copy
    | If
    | Each
    | Keep
    | HashUids
    | ShiftDates
    | RemovePrivate
    | BlockPixels
)


@dataclass(frozen=True, slots=True)
class Chain:
    """A transform or a profile; a profile has the statements of what it extends before its own."""

    name: str
    profile: bool
    edits: tuple[Edit, ...]
    span: Span
    standard: str | None = None
    """The profile of PS3.15 at its root, such as `dicom.basic_2024`: its table is not there yet, so
    what this makes of an object is not computed."""
    options: tuple[str, ...] = ()
    """Options of PS3.15 by name."""
