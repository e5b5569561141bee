"""What a field makes of an element: positions, components, counts, days (reading.md 12 to 14)."""

from dataclasses import dataclass, replace
from decimal import Decimal

from roteiro.core.program import Field, Scalar, State, ValueType, View
from roteiro.lang import persons
from roteiro.lang.clock import Clock


@dataclass(frozen=True, slots=True)
class Value:
    """One state and, when it is valued, the non-empty values V (none of a state-only field)."""

    state: State
    values: tuple[Scalar, ...] = ()


ABSENT = Value(State.ABSENT)
EMPTY = Value(State.EMPTY)
INVALID = Value(State.INVALID)
VALUED = Value(State.VALUED)

Part = Scalar | None
"""A value after splitting; `None` when it is empty."""
THERE = 0
"""Stands for a part of which nothing is compared."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an element, or those of a repeating group, come to for any view of them (14.1)."""

    state: State
    parts: tuple[Part, ...] = ()

    @property
    def value(self) -> Value:
        """State and non-empty values."""
        if self.state is not State.VALUED:
            return Value(self.state)
        return Value(self.state, tuple(part for part in self.parts if part is not None))


def joined(found: list[Parts]) -> Parts:
    """Make one of the elements of a repeating group (12)."""
    states = {each.state for each in found}
    parts = tuple(part for each in found for part in each.parts)
    for state in (State.INVALID, State.VALUED, State.EMPTY):
        if state in states:
            return Parts(state, parts)
    return Parts(State.ABSENT)


# Views (14) ---------------------------------------------------------------------------------------


def viewed(field: Field, found: Parts, clock: Clock) -> Value:
    """Give what a field makes of an element."""
    match field.view:
        case View.COUNT:
            return Value(State.VALUED, (Decimal(len(found.parts)),))
        case View.DAYS_SINCE:
            return days_since(found, clock)
        case View.VALUES:
            return compared(field, chosen(field, component(field, found)))


def compared(field: Field, value: Value) -> Value:
    """Leave what may be compared: nothing of some types, of names their canonical form (13.2)."""
    if field.type in {ValueType.STATE_ONLY, ValueType.SEQUENCE}:
        return Value(value.state)
    if field.type is ValueType.NAME:
        return replace(value, values=tuple(persons.canonical(str(each)) for each in value.values))
    return value


def component(field: Field, found: Parts) -> Parts:
    """Look at one component of names (13.3)."""
    if not field.component or found.state is not State.VALUED:
        return found
    parts = tuple(
        None if part is None else persons.component(str(part), field.component) or None
        for part in found.parts
    )
    return Parts(State.VALUED if any(parts) else State.EMPTY, parts)


def chosen(field: Field, found: Parts) -> Value:
    """Look at one position (14.3)."""
    if field.position == 0:
        return found.value
    if field.position > len(found.parts):
        return ABSENT
    part = found.parts[field.position - 1]
    if part is None:
        return EMPTY
    return Value(State.VALUED, (part,)) if found.state is State.VALUED else Value(found.state)


def days_since(found: Parts, clock: Clock) -> Value:
    """Count the days since each date (14.6)."""
    if clock.local is None:
        return ABSENT
    value = found.value
    days = [clock.days_since(day) for day in value.values if isinstance(day, int)]
    return replace(value, values=tuple(Decimal(each) for each in days if each is not None))
