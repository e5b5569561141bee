"""The rarer fields of the compiled engine, decided in Python on the bytes that it has found.

Person names, instants, counts, positions, days, expressions: their states and values come from
`pure_values`, each distinct content once where the clock does not matter.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from roteiro.core.envelope import member_of
from roteiro.core.instants import Local
from roteiro.core.program import Field, State, ValueType, View
from roteiro.core.pure_data import Element
from roteiro.core.pure_matches import Predicate
from roteiro.core.pure_values import Context, Looked, Part, offset_of, viewed
from roteiro.core.text import character_set
from roteiro.core.vrs import BY_CHARACTER_SET

Decided = tuple[int, tuple[int, ...]]
"""The state, and the numbers of the tests that hold."""
Content = tuple[int, bool, bytes, int | None]
"""An element: its VR as two letters in a number, byte order, value, items."""


@dataclass(frozen=True, slots=True)
class General:
    """What decides one field."""

    field: Field
    predicates: tuple[tuple[int, bool, Predicate], ...]
    """Test, whether all values must match, what tells."""
    zone: tzinfo

    @property
    def asks_clock(self) -> bool:
        """Whether the answer depends on the instant of the decision."""
        return self.field.view is View.DAYS_SINCE

    @property
    def asks_charset(self) -> bool:
        """Whether the answer depends on Specific Character Set."""
        return self.field.vr in BY_CHARACTER_SET

    @property
    def asks_sign(self) -> bool:
        """Whether the answer depends on Pixel Representation."""
        return " or " in self.field.vr

    @property
    def asks_offset(self) -> bool:
        """Whether the answer depends on Timezone Offset From UTC."""
        return self.field.type is ValueType.INSTANT

    def of_member(self, value: str | int | None) -> Decided:
        """Decide a member of the envelope."""
        if value is None:
            return int(State.ABSENT), ()
        state, known = member_of(self.field.name, value)
        parts = () if known is None else (Part(is_empty=False, value=known),)
        return self._decided(Looked(state, parts))

    def of_elements(
        self,
        contents: tuple[Content, ...],
        declared: bytes,
        is_signed: bool,  # noqa: FBT001  the compiled part calls it
        offset: Content | None,
        now: datetime | None,
    ) -> Decided:
        """Decide some elements, with what their data set says of the decoding of values."""
        away = None if offset is None else offset_of(_element(offset))
        context = Context(character_set(declared), is_signed, Local(away, self.zone))
        return self._decided(viewed(self.field, list(map(_element, contents)), context, now))

    def _decided(self, looked: Looked) -> Decided:
        return int(looked.state), tuple(
            test
            for test, is_every, told in self.predicates
            if (
                looked.state is State.VALUED and all(map(told, looked.values))
                if is_every
                else any(map(told, looked.values))
            )
        )


def _element(content: Content) -> Element:
    vr, big, value, items = content
    return Element(0, vr.to_bytes(2, "big").decode("ascii") if vr else "", big, value, items)
