"""From an element to its state and its parts, for the fields of one data set.

Transcribes sections 5, 6 and 11 to 14 of docs/reading.md, to which the numbers in comments refer,
and `language.md` 2c (elements, normalisation) and 2e (reading values).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import normalize

from roteiro.core.program import Field, Source, State, Step, ValueType
from roteiro.lang import persons
from roteiro.lang.charset import Charset, ascii_text
from roteiro.lang.clock import UNKNOWN, Clock
from roteiro.lang.moments import Undecodable, moment, offset
from roteiro.lang.raw import CHARACTER_SET, ITEM, PIXEL_REPRESENTATION, TIMEZONE_OFFSET, Element
from roteiro.lang.tested import BLOCKS, keys_of
from roteiro.lang.texts import DECODERS, split
from roteiro.lang.views import THERE, Parts, Value, joined, viewed
from roteiro.lang.vrs import CHARSET_VRS, CLASSES, NUMBERS, TEXT, expected, sent_vr


@dataclass(frozen=True, slots=True)
class Elements:
    """The tested elements of one data set, and what decoding takes from around it."""

    found: Mapping[int, Element]
    clock: Clock = UNKNOWN
    around: "Elements | None" = None
    """The data set that this is an item of."""
    sequence: int = 0
    """The tag of the sequence that this is an item of."""

    def value(self, field: Field) -> Value:
        """Give the state and the values of a field."""
        scope = self.along(field.steps)
        if scope is None:
            return viewed(field, Parts(State.ABSENT), self.clock)
        return viewed(
            field, joined([scope.parts(each, field) for each in scope.of(field)]), self.clock
        )

    def items(self, field: Field) -> "tuple[Elements, ...]":
        """Give the items of a sequence; none when it is not valued (10.9)."""
        scope = self.along(field.steps)
        elements = [] if scope is None else scope.of(field)
        return tuple(
            item
            for each in elements
            if scope is not None and each is not None
            for item in scope.items_of(each)
        )

    def items_of(self, element: Element) -> "tuple[Elements, ...]":
        """Give the items of an opened sequence as data sets."""
        return tuple(Elements(found, self.clock, self, element.tag) for found in element.opened)

    # Looking up ---------------------------------------------------------------------------------

    def along(self, steps: tuple[Step, ...]) -> "Elements | None":
        """Follow a path; nothing where an item is missing (14.4)."""
        scope: Elements | None = self
        for step in steps:
            scope = scope.step(step) if scope is not None else None
        return scope

    def step(self, step: Step) -> "Elements | None":
        """Give one item of a sequence."""
        element = self.private(step.tag, step.creator) if step.creator else self.found.get(step.tag)
        items = () if element is None else self.items_of(element)
        return items[step.item - 1] if step.item <= len(items) else None

    def of(self, field: Field) -> list[Element | None]:
        """Give the element of a field; the 16 of a repeating group (12)."""
        return [
            self.found.get(key) if isinstance(key, int) else self.private(*key)
            for key in keys_of(field)
        ]

    def private(self, tag: int, creator: str) -> Element | None:
        """Find a private element in the lowest block of its creator that holds it (11.3)."""
        for block in BLOCKS:
            element = self.found.get(tag | block << 8)
            if element is not None and self.belongs(element.tag, creator):
                return element
        return None

    def is_first(self, tag: int, creator: str) -> bool:
        """Say whether this is the element, once it is passed, that `private` finds."""
        below = self.private(tag & 0xFFFF00FF, creator)
        return self.belongs(tag, creator) and below is None

    def belongs(self, tag: int, creator: str) -> bool:
        """Say whether the block of a private element belongs to a creator (11.2)."""
        block = tag >> 8 & 0xFF
        if block not in BLOCKS:
            return False
        vr = "LO" if tag >> 16 >= 0x0008 else "AE"  # AE is LO in ASCII
        reserved = Field(Source.ELEMENT, ValueType.TEXT, tag & 0xFFFF0000 | block, vr)
        return self.value(reserved).values == (normalize("NFC", creator),)

    # What decoding takes from other elements ----------------------------------------------------

    def outer(self, tag: int) -> "Elements | None":
        """Give the data set around this one, when this element stands there before the sequence."""
        return self.around if self.sequence > tag else None

    @property
    def signed(self) -> bool:
        """Whether pixels are signed: what `US or SS` means where no VR is sent (5)."""
        field = Field(Source.ELEMENT, ValueType.DECIMAL, PIXEL_REPRESENTATION, "US")
        value = self.value(field)
        outer = self.outer(PIXEL_REPRESENTATION)
        if value.state is not State.VALUED and outer is not None:
            return outer.signed
        return value.values[:1] == (1,)

    @property
    def charset(self) -> Charset:
        """Specific Character Set; what is not valued is inherited, or one empty term (6.2)."""
        element = self.found.get(CHARACTER_SET)
        field = Field(Source.ELEMENT, ValueType.TEXT, CHARACTER_SET, "CS")
        if element is not None and self.value(field).state is State.VALUED:
            return Charset(tuple(split(ascii_text(element.value), "CS")))
        outer = self.outer(CHARACTER_SET)
        return Charset() if outer is None else outer.charset

    @property
    def timezone(self) -> int | None:
        """The distance from UTC of the top level, when it says one (7.5)."""
        if self.around is not None:
            if self.around.around is not None:
                return self.around.timezone  # it stands before the outermost sequence or not
            outer = self.outer(TIMEZONE_OFFSET)
            return None if outer is None else outer.timezone
        field = Field(Source.ELEMENT, ValueType.TEXT, TIMEZONE_OFFSET, "AE")  # SH in ASCII
        for value in self.value(field).values[:1]:
            try:
                return offset(str(value))
            except Undecodable:
                return None
        return None

    def instant(self, value: str) -> int:
        """Decode DT (7.5)."""
        found = moment(value)
        distance = self.timezone if found.offset is None else found.offset
        return found.instant(self.clock.offset(found.wall) if distance is None else distance)

    # Decoding -----------------------------------------------------------------------------------

    def parts(self, element: Element | None, field: Field) -> Parts:
        """Decode one element for a field (5)."""
        if element is None:
            return Parts(State.ABSENT)
        if element.is_zero:
            return Parts(State.EMPTY)
        classes = expected(field)
        signed = " or " in field.vr and self.signed
        vr = sent_vr(element.vr, field.vr, signed=signed)
        if CLASSES.get(vr) not in classes:
            return Parts(State.INVALID, () if classes == {"SQ"} else (THERE,))
        if element.items is not None:  # 5.3
            state = State.VALUED if {"SQ", "bulk"} & classes else State.INVALID
            return Parts(state, (THERE,) * (element.items if vr == "SQ" else 1))
        return self.decoded(element, vr, field)

    def decoded(self, element: Element, vr: str, field: Field) -> Parts:
        """Decode a defined, non-zero length (5.4)."""
        little = not element.big or element.vr == "UN"
        match CLASSES[vr]:
            case "bulk":
                return Parts(State.VALUED, (THERE,))
            case "SQ":
                has_item = begins_with_item(element.value, little=little)
                return Parts(State.VALUED, (THERE,)) if has_item else Parts(State.INVALID)
            case "AT":
                return tags(element.value, little=little)
        if vr in NUMBERS:
            return binary(element.value, vr, little=little)
        return self.characters(element.value, ruling(vr, element, field), field)

    def characters(self, raw: bytes, vr: str, field: Field) -> Parts:
        """Decode a character VR (6)."""
        is_empty = persons.is_empty if vr == "PN" else _is_nothing
        texts = [
            None if is_empty(each) else each for each in split(self.decode(raw, vr, field), vr)
        ]
        if not any(texts):
            return Parts(State.EMPTY)
        decoder = self.instant if vr == "DT" else DECODERS[vr]
        try:
            decoded = tuple(None if each is None else decoder(each) for each in texts)
        except Undecodable:
            return Parts(State.INVALID, tuple(texts))
        return Parts(State.VALUED, decoded)

    def decode(self, raw: bytes, vr: str, field: Field) -> str:
        """Give the text of an element, before it is split (6.1)."""
        if not {vr, field.vr} <= CHARSET_VRS:
            return ascii_text(raw)
        return self.charset.value(raw, vr)


def _is_nothing(value: str) -> bool:
    return value == ""


def ruling(vr: str, element: Element, field: Field) -> str:
    """Say by which VR a character value is decoded: text by the dictionary's (2e, 11.4)."""
    if vr not in TEXT or field.vr not in TEXT:
        return vr
    sent = element.vr is not None and element.vr != "UN"
    return vr if field.creator and sent else field.vr


def begins_with_item(raw: bytes, *, little: bool) -> bool:
    """Say whether a sequence of defined length has an item (5.4)."""
    order = "<HH" if little else ">HH"
    return len(raw) >= 8 and struct.unpack(order, raw[:4]) == (ITEM >> 16, ITEM & 0xFFFF)


def tags(raw: bytes, *, little: bool) -> Parts:
    """Decode AT (5.4)."""
    whole = len(raw) // 4
    numbers = struct.unpack(f"{'<' if little else '>'}{2 * whole}H", raw[: 4 * whole])
    values = tuple(
        group << 16 | element for group, element in zip(numbers[::2], numbers[1::2], strict=True)
    )
    return Parts(State.VALUED if len(raw) % 4 == 0 else State.INVALID, values)


def binary(raw: bytes, vr: str, *, little: bool) -> Parts:
    """Decode binary numbers (5.4)."""
    letter, size = NUMBERS[vr]
    whole = len(raw) // size
    numbers = struct.unpack(f"{'<' if little else '>'}{whole}{letter}", raw[: whole * size])
    values = tuple(Decimal(number) for number in numbers)
    right = len(raw) % size == 0 and all(value.is_finite() for value in values)
    return Parts(State.VALUED if right else State.INVALID, values)
