"""From an element to its state and its values, in plain Python.

A transcription of docs/reading.md, sections 5 to 7 and 11 to 14; numbers in comments are its own.
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from roteiro.core.envelope import member
from roteiro.core.instants import Local, days_since, instant, local_time, offset, since_monday
from roteiro.core.names import canonical, component
from roteiro.core.parsers import PARSERS
from roteiro.core.program import (
    Envelope,
    Field,
    Scalar,
    Source,
    State,
    ValueType,
    View,
)
from roteiro.core.pure_data import Dataset, Element
from roteiro.core.tested import key_of, keys_of
from roteiro.core.text import character_set, decode, decode_ascii, text_parts, text_values
from roteiro.core.vrs import (
    BULK,
    BY_CHARACTER_SET,
    CHARACTER_SET,
    CLASSES,
    NUMBERS,
    PIXEL_REPRESENTATION,
    TEXT,
    TIMEZONE,
    WHOLE,
    default_vr,
    expected,
)


class Part(NamedTuple):
    """One of the values of an element, an empty one too (14.1)."""

    is_empty: bool
    value: Scalar | None = None
    """`None` when it is empty, does not decode, or is nothing to compare."""


class Looked(NamedTuple):
    """What a field is in one object."""

    state: State
    parts: tuple[Part, ...] = ()

    @property
    def values(self) -> tuple[Scalar, ...]:
        """The non-empty values when it is valued, else none."""
        if self.state is not State.VALUED:
            return ()
        return tuple(part.value for part in self.parts if part.value is not None)


FULL = Part(is_empty=False)
"""A value that nobody compares."""
ABSENT = Looked(State.ABSENT)
EMPTY = Looked(State.EMPTY)


@dataclass(frozen=True, slots=True)
class Around:
    """What is the same for all fields of an object."""

    envelope: Envelope
    zone: tzinfo
    top: Dataset

    @property
    def now(self) -> datetime | None:
        """The local time of the decision (14.5)."""
        return local_time(self.envelope.at, self.zone)


def look_up(field: Field, dataset: Dataset, around: Around) -> Looked:
    """Give the state and the values of a field in the data set of its scope."""
    if field.source is Source.ENVELOPE:
        state, value = member(around.envelope, field.name)
        return Looked(state, () if value is None else (Part(is_empty=False, value=value),))
    if field.source is Source.CLOCK:
        return clock(around.now)
    elements = [element for element, _ in located(field, dataset)]
    found = dataset if not field.steps else end_of_way(field, dataset)
    context = Context.of(field, found or dataset, around)
    now = around.now if field.view is View.DAYS_SINCE else None
    return viewed(field, elements, context, now)


def clock(now: datetime | None) -> Looked:
    """14.7."""
    if now is None:
        return ABSENT
    return Looked(State.VALUED, (Part(is_empty=False, value=Decimal(since_monday(now))),))


def end_of_way(field: Field, dataset: Dataset) -> Dataset | None:
    """Give the data set that the steps of a field lead to (14.4)."""
    for step in field.steps:
        element = dataset.elements.get(key_of(step.tag, step.creator))
        if element is None or len(element.inside) < step.item:
            return None
        dataset = element.inside[step.item - 1]
    return dataset


def located(field: Field, dataset: Dataset) -> list[tuple[Element, Dataset]]:
    """Give the elements that a field stands for, those that are there."""
    found = end_of_way(field, dataset)
    if found is None:
        return []
    there = (found.elements.get(key) for key in keys_of(field))
    return [(element, found) for element in there if element is not None]


@dataclass(frozen=True, slots=True)
class Context:
    """What the bytes of a field's elements are decoded by."""

    charset: tuple[str, ...]
    is_signed: bool
    local: Local

    @staticmethod
    def of(field: Field, dataset: Dataset, around: Around) -> "Context":
        """Give what a field of a data set needs."""
        by_charset = field.vr in BY_CHARACTER_SET
        away = _declared_offset(dataset, around) if field.type is ValueType.INSTANT else None
        return Context(
            _character_set(dataset) if by_charset else (),
            " or " in field.vr and _is_signed(dataset),
            Local(away, around.zone),
        )


def viewed(field: Field, elements: list[Element], context: Context, now: datetime | None) -> Looked:
    """Give what a field makes of its elements (12 to 14)."""
    looked = _joined(of_element(field, element, context) for element in elements)
    if field.component:
        looked = _component(looked, field.component)
    if field.position:
        looked = _at(looked, field.position)
    if field.view is View.COUNT:
        count = Decimal(len(looked.parts))
        return Looked(State.VALUED, (Part(is_empty=False, value=count),))
    if field.view is View.DAYS_SINCE:
        return _days_since(looked, now)
    return looked


def _joined(all_looked: Iterable[Looked]) -> Looked:
    """12."""
    looked = list(all_looked)
    if len(looked) == 1:
        return looked[0]
    states = {each.state for each in looked}
    parts = tuple(part for each in looked for part in each.parts)
    for state in (State.INVALID, State.VALUED, State.EMPTY):
        if state in states:
            return Looked(state, parts)
    return ABSENT


def _component(looked: Looked, which: str) -> Looked:
    """13.3."""
    named = (component(str(part.value or ""), which) for part in looked.parts)
    parts = tuple(Part(not text, text or None) for text in named)
    if looked.state is not State.VALUED:
        return Looked(looked.state, looked.parts)
    is_there = any(not part.is_empty for part in parts)
    return Looked(State.VALUED if is_there else State.EMPTY, parts)


def _at(looked: Looked, position: int) -> Looked:
    """14.3."""
    if position > len(looked.parts):
        return ABSENT
    part = looked.parts[position - 1]
    if part.is_empty:
        return EMPTY
    return Looked(State.INVALID if looked.state is State.INVALID else State.VALUED, (part,))


def _days_since(looked: Looked, now: datetime | None) -> Looked:
    """14.6."""
    if now is None:
        return ABSENT
    days = (Decimal(days_since(int(day), now)) for day in looked.values)
    return Looked(looked.state, tuple(Part(is_empty=False, value=each) for each in days))


# One element ------------------------------------------------------------------------------------


def of_element(field: Field, element: Element, context: Context) -> Looked:
    """Give the state and the parts of one element (5, 14.1)."""
    if element.is_blank:
        return EMPTY
    sent = sent_vr(field, element, is_signed=context.is_signed)
    classes = expected(field)
    if CLASSES.get(sent) not in classes:  # a VR that nobody knows is of no class
        return Looked(State.INVALID, () if classes == {"SQ"} else (FULL,))
    if element.items is not None:
        return _series(classes, sent, element.items)
    if sent in TEXT:
        private = bool(field.creator)
        vr = sent if private or field.vr not in TEXT else field.vr
        return _characters(field, vr, _text(field.vr, vr, element.value, context), context)
    if sent in NUMBERS:
        return _numbers(sent, element.value, big=element.big)
    return _other(field, sent, element, context)


def sent_vr(field: Field, element: Element, *, is_signed: bool) -> str:
    """Give the VR as sent, or the field's where none is."""
    if element.vr not in ("", "UN"):
        return element.vr
    return default_vr(field.vr, signed=is_signed)


def _series(classes: frozenset[str], sent: str, items: int) -> Looked:
    """5.3; of what was not sent as `SQ`, and is none by the field, no item counts (14.1)."""
    if sent == "SQ":
        return Looked(State.VALUED, (FULL,) * items)
    return Looked(State.VALUED if {"SQ", "bulk"} & classes else State.INVALID, (FULL,))


def _other(field: Field, sent: str, element: Element, context: Context) -> Looked:
    if sent == "SQ":
        item = b"\xff\xfe\xe0\x00" if element.big else b"\xfe\xff\x00\xe0"
        is_series = len(element.value) >= 8 and element.value.startswith(item)
        return Looked(State.VALUED if is_series else State.INVALID)
    if sent == "AT":
        return _tags(element.value, big=element.big)
    if sent in BULK:
        return Looked(State.VALUED, (FULL,))
    return _characters(field, sent, decode_ascii(element.value), context)


def _tags(data: bytes, *, big: bool) -> Looked:
    halves = struct.unpack_from(f"{'>' if big else '<'}{len(data) // 4 * 2}H", data)
    pairs = zip(halves[::2], halves[1::2], strict=True)
    parts = tuple(Part(is_empty=False, value=group << 16 | low) for group, low in pairs)
    return Looked(State.INVALID if len(data) % 4 else State.VALUED, parts)


def _numbers(vr: str, data: bytes, *, big: bool) -> Looked:
    code = NUMBERS[vr]
    size = struct.calcsize(f"={code}")
    numbers = struct.unpack_from(f"{'>' if big else '<'}{len(data) // size}{code}", data)
    if len(data) % size or not all(map(math.isfinite, numbers)):
        return Looked(State.INVALID, (FULL,) * len(numbers))
    parts = tuple(Part(is_empty=False, value=Decimal(number)) for number in numbers)
    return Looked(State.VALUED, parts)


def _text(dictionary: str, vr: str, data: bytes, context: Context) -> str:
    if dictionary not in BY_CHARACTER_SET or vr not in BY_CHARACTER_SET:  # 6.1, 11.4
        return decode_ascii(data)
    return decode(data, context.charset, vr, split=vr not in WHOLE)


def _characters(field: Field, vr: str, text: str, context: Context) -> Looked:
    """Split, strip and decode the values of a character VR."""
    texts = text_parts(vr, text)
    if not any(texts):
        return EMPTY
    parts = tuple(
        Part(is_empty=True)
        if not each
        else Part(is_empty=False, value=_scalar(field, vr, each, context))
        for each in texts
    )
    is_wrong = any(part.value is None and not part.is_empty for part in parts)
    return Looked(State.INVALID if is_wrong else State.VALUED, parts)


def _scalar(field: Field, vr: str, text: str, context: Context) -> Scalar | None:
    if vr == "DT":
        return instant(text, context.local)
    if vr in PARSERS:
        return PARSERS[vr](text)
    return canonical(text) if field.type is ValueType.NAME else text


# What decoding needs ----------------------------------------------------------------------------


def creator_of(tag: int, element: Element, dataset: Dataset) -> str:
    """Give the creator that an element reserves a block for; empty when it names none (11.2)."""
    vr = element.vr if element.vr not in ("", "UN") else "LO"
    if vr not in TEXT or element.items is not None:
        return ""
    by_charset = tag >= CHARACTER_SET & 0xFFFF0000
    text = (
        decode(element.value, _character_set(dataset), "LO", split=True)
        if by_charset
        else decode_ascii(element.value)
    )
    values = text_values("LO", text)
    return values[0] if len(values) == 1 else ""


def _character_set(dataset: Dataset | None) -> tuple[str, ...]:
    """6.2: all values of Specific Character Set, empty ones too; none is one empty value."""
    while dataset is not None:
        element = dataset.elements.get((CHARACTER_SET, ""))
        if element is not None and (own := _declared(element)):
            return own
        dataset = dataset.outer if dataset.tag > CHARACTER_SET else None
    return ()


def _declared(element: Element) -> tuple[str, ...]:
    if element.items is not None or (element.vr not in ("", "UN") and element.vr not in TEXT):
        return ()
    return character_set(element.value)


PIXELS = Field(Source.ELEMENT, ValueType.DECIMAL, PIXEL_REPRESENTATION, "US")
PLAIN = Context((), is_signed=False, local=Local(None, UTC))
OFFSET = Field(Source.ELEMENT, ValueType.TEXT, TIMEZONE, "SH")


def _is_signed(dataset: Dataset | None) -> bool:
    """Whether numbers are signed where no VR is sent (5)."""
    while dataset is not None:
        element = dataset.elements.get((PIXEL_REPRESENTATION, ""))
        if element is not None and (values := of_element(PIXELS, element, PLAIN).values):
            return values[0] == 1
        dataset = dataset.outer if dataset.tag > PIXEL_REPRESENTATION else None
    return False


def _declared_offset(dataset: Dataset, around: Around) -> int | None:
    """Give the offset that the object declares (7.5)."""
    outermost = dataset
    while outermost.outer is not None and outermost.outer.outer is not None:
        outermost = outermost.outer
    if outermost.outer is not None and outermost.tag < TIMEZONE:
        return None
    return offset_of(around.top.elements.get((TIMEZONE, "")))


def offset_of(element: Element | None) -> int | None:
    """Give the offset that Timezone Offset From UTC says (7.5)."""
    values = of_element(OFFSET, element, PLAIN).values if element is not None else ()
    return offset(str(values[0])) if values else None
