"""Literals become values of a field's type, or findings that say why not."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeGuard, TypeVar
from unicodedata import normalize

from roteiro.core.program import Expression, Field, Interval, Scalar, ValueType, View
from roteiro.lang import dictionary, names_of_people, nodes, persons, regex
from roteiro.lang import scalars as read
from roteiro.lang.attributes import tag_text, vr_of, written
from roteiro.lang.folding import folded
from roteiro.lang.report import Report, did_you_mean, hint, phrase, replaced
from roteiro.lang.source import Span

DIGITS = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
DASHED = re.compile(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})\Z", re.ASCII)
DOTTED = re.compile(r"\d+(\.\d+){2,}\Z", re.ASCII)
AGED = re.compile(r"0{0,2}(\d{1,3}[DWMY])\Z", re.ASCII)
EQUAL = frozenset(("==", "in"))
ORDERED = frozenset(
    (ValueType.DECIMAL, ValueType.DATE, ValueType.TIME, ValueType.INSTANT, ValueType.AGE)
)
UNORDERED = frozenset((ValueType.TEXT, ValueType.UID, ValueType.NAME, ValueType.TAG))
WANTED = {
    ValueType.TEXT: phrase("wanted_a_text"),
    ValueType.UID: phrase("wanted_a_uid"),
    ValueType.DECIMAL: phrase("wanted_a_number"),
    ValueType.DATE: phrase("wanted_a_date"),
    ValueType.TIME: phrase("wanted_a_time"),
    ValueType.ADDRESS: phrase("wanted_an_address"),
    ValueType.INSTANT: phrase("wanted_an_instant"),
    ValueType.AGE: phrase("wanted_an_age"),
    ValueType.NAME: phrase("wanted_a_person"),
    ValueType.TAG: phrase("wanted_a_tag"),
}
KINDS = {
    nodes.Text: phrase("kind_text"),
    nodes.Number: phrase("kind_number"),
    nodes.Date: phrase("kind_date"),
    nodes.Time: phrase("kind_time"),
    nodes.Uid: phrase("kind_uid"),
    nodes.Instant: phrase("kind_instant"),
    nodes.Age: phrase("kind_age"),
    nodes.Duration: phrase("kind_duration"),
    nodes.Size: phrase("kind_size"),
    nodes.Regex: phrase("kind_pattern"),
    nodes.Path: phrase("kind_tag"),
}
TYPE_NAMES = {kind: phrase(f"type_{kind.value}") for kind in WANTED}
Element = nodes.Literal | nodes.Name | nodes.Path
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Value]):
    """A value of the right side, and where it was written."""

    span: Span
    value: Value
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """The right side of a comparison, typed."""

    values: tuple[Scalar, ...] = ()
    intervals: tuple[Interval, ...] = ()
    folded: tuple[str, ...] = ()
    expressions: tuple[Expression, ...] = ()
    scalars: tuple[Placed[Scalar], ...] = ()
    """The values, those in `folded` too, with their places."""
    ranges: tuple[Placed[Interval], ...] = ()
    """The intervals with their places."""


def gathered(
    scalars: Iterable[Placed[Scalar]] = (),
    ranges: Iterable[Placed[Interval]] = (),
    expressions: Iterable[Expression] = (),
) -> Values:
    """Make one right side of its parts; what is written twice counts once."""
    placed, intervals = tuple(scalars), tuple(ranges)
    return Values(
        tuple(dict.fromkeys(one.value for one in placed if not one.folded)),
        tuple(dict.fromkeys(one.value for one in intervals)),
        tuple(dict.fromkeys(str(one.value) for one in placed if one.folded)),
        tuple(dict.fromkeys(expressions)),
        placed,
        intervals,
    )


class Literals:
    """Types literals against fields."""

    def __init__(self, report: Report, *, given: bool = False, zone: str = "UTC") -> None:
        """Report to `report`; `given` when the literals are of a test's object."""
        self.report = report
        self.given = given
        self.zone = zone
        """Where days begin, for the instants that are offered instead of dates."""

    # Several ------------------------------------------------------------------------------------

    def one(self, literal: Element, field: Field, operator: str) -> Values | None:
        """Type a single literal for an operator."""
        if operator == "matches":
            expression = self.pattern(literal, field)
            return None if expression is None else gathered(expressions=(expression,))
        value = self.placed(literal, field, operator)
        return None if value is None else gathered((value,))

    def placed(self, literal: Element, field: Field, operator: str) -> Placed[Scalar] | None:
        """Type a literal and say where it stands; case is folded where it does not count."""
        value = self.scalar(literal, field)
        if value is None:
            return None
        if not isinstance(value, str) or not isinstance(literal, nodes.Text):
            return Placed(literal.span, value)
        if field.component in persons.GROUPS and operator in EQUAL:
            group = self.filled(literal, names_of_people.group(value))
            return None if group is None else Placed(literal.span, folded(group), folded=True)
        if literal.folded or field.vr == "PN":
            return Placed(literal.span, folded(value), folded=True)
        return Placed(literal.span, value)

    def elements(
        self,
        elements: Sequence[Element | nodes.Range],
        field: Field,
        operator: str = "in",
    ) -> Values:
        """Type the elements of a set."""
        if operator == "matches":
            patterns = [
                self.pattern(one, field) for one in elements if not isinstance(one, nodes.Range)
            ]
            return gathered(expressions=(one for one in patterns if one is not None))
        scalars: list[Placed[Scalar]] = []
        ranges: list[Placed[Interval]] = []
        for element in elements:
            if isinstance(element, nodes.Range):
                intervals = self.interval(element, field)
                ranges.extend(Placed(element.span, interval) for interval in intervals)
            elif field.type is ValueType.ADDRESS and not isinstance(element, nodes.Name):
                network = self.network(element, field)
                ranges.extend([Placed(element.span, network)] if network else [])
            else:
                value = self.placed(element, field, operator)
                scalars.extend([] if value is None else [value])
        return gathered(scalars, ranges)

    def interval(self, written_range: nodes.Range, field: Field) -> tuple[Interval, ...]:
        """Type a range; one of times may wrap midnight and is two intervals then."""
        if field.type in UNORDERED:
            self.report.add("RT111", written_range.span, "no_order", name=written(field))
            return ()
        low = self.scalar(written_range.low, field)
        high = self.scalar(written_range.high, field)
        if low is None or high is None:
            return ()
        if below(low, high):
            return (Interval(low, high),)
        if field.type is ValueType.TIME:
            return (Interval(low, None), Interval(None, high))
        self.reversed(written_range)
        return ()

    def reversed(self, written_range: nodes.Range) -> None:
        """Report a range whose ends are in the wrong order."""
        text = self.report.text
        better = f"{text(written_range.high.span)}..{text(written_range.low.span)}"
        self.report.add(
            "RT115",
            written_range.span,
            "reversed_range",
            help=hint("write", word=better),
            fix=replaced(written_range.span, better, safe=False),
        )

    # One ----------------------------------------------------------------------------------------

    def scalar(self, literal: Element, field: Field) -> Scalar | None:
        """Give a literal's value as the field has values; nothing when that was reported."""
        if isinstance(literal, nodes.Name):
            return self.named(literal, field)
        if isinstance(literal, nodes.Text) and literal.folded and not self.may_fold(field):
            plain = self.report.text(literal.span)[1:]
            self.wrong(literal, field, plain if field.type is ValueType.ADDRESS else None)
            return None
        reader = READERS.get(field.type)
        return None if reader is None else reader(self, literal, field)

    def may_fold(self, field: Field) -> bool:
        """Whether `i"..."` has a meaning for a field."""
        return field.type in {ValueType.TEXT, ValueType.NAME} and not self.given

    def named(self, name: nodes.Name, field: Field) -> Scalar | None:
        """Resolve a bare name: a UID's, and nothing else."""
        uid = dictionary.uid_of(name.text)
        if field.type is ValueType.UID and uid is not None:
            return uid
        attribute = dictionary.by_keyword(name.text)
        if attribute is not None:
            self.attribute(name, tag_text(attribute.tag) if field.type is ValueType.TAG else None)
        elif field.type is ValueType.UID:
            meant = self.report.meant(name.text, dictionary.uid_names())
            self.report.add(
                "RT122",
                name.span,
                "unknown_uid",
                help=did_you_mean(meant),
                fix=replaced(name.span, meant),
                name=name.text,
            )
        else:
            is_text = field.type in {ValueType.TEXT, ValueType.NAME} and uid is None
            self.wrong(name, field, f'"{name.text}"' if is_text else None)
        return None

    def attribute(self, right: nodes.Name | nodes.Path, better: str | None = None) -> None:
        """Report an attribute where a literal belongs."""
        self.report.add(
            "RT125",
            right.span,
            "attribute_right",
            help=hint("write", word=better) if better else hint("right_help"),
            fix=replaced(right.span, better),
            name=self.report.text(right.span),
        )

    def wrong(
        self, literal: Element, field: Field, better: str | None = None, *, safe: bool = True
    ) -> None:
        """Report a literal of another type, with what to write when that is plain."""
        wanted = WANTED[field.type]
        self.report.add(
            "RT120",
            literal.span,
            "wrong_given" if self.given else "wrong_type",
            help=hint("write", word=better) if better else hint("wanted_literal", wanted=wanted),
            fix=replaced(literal.span, better, safe=safe),
            name=written(field),
            type=type_of(field),
            got=KINDS.get(type(literal), phrase("kind_name")),
        )

    def held(self, literal: Element) -> str:
        """Give the text inside a literal in quotes; empty for others."""
        return literal.value.strip() if isinstance(literal, nodes.Text) else ""

    def text(self, literal: Element, field: Field) -> Scalar | None:
        """Read a text; a number or UID gets quotes."""
        if isinstance(literal, nodes.Text):
            return normalize("NFC", literal.value)
        if isinstance(literal, nodes.Path):
            self.attribute(literal)
        elif isinstance(literal, nodes.Regex):
            self.wrong(literal, field)
        else:
            self.wrong(literal, field, f'"{self.report.text(literal.span)}"')
        return None

    def person(self, literal: Element, field: Field) -> Scalar | None:
        """Read a person name."""
        value = self.text(literal, field)
        if value is None:
            return None
        return self.filled(literal, persons.canonical(str(value)))

    def filled(self, literal: Element, name: str) -> str | None:
        """Report a name, or a group of one, without any letter."""
        if not name:
            self.report.add("RT114", literal.span, "compared_with_empty")
        return name or None

    def decimal(self, literal: Element, field: Field) -> Scalar | None:
        """Read a number; a text that holds one loses its quotes."""
        if isinstance(literal, nodes.Number):
            return literal.value
        if isinstance(literal, nodes.Size):
            return self.size(literal, field)
        if isinstance(literal, nodes.Duration) and literal.value.endswith("d"):
            days = field.view is View.DAYS_SINCE
            self.wrong(literal, field, literal.value[:-1] if days else None)
            return None
        held = self.held(literal)
        self.wrong(literal, field, held if DIGITS.match(held) else None)
        return None

    def size(self, literal: nodes.Size, field: Field) -> Scalar | None:
        """Read bytes, for what is measured in bytes."""
        value = read.as_size(literal.value)
        if field.name == "size" or field.name.startswith("@"):
            return value
        self.wrong(literal, field, f"{value:f}")
        return None

    def uid(self, literal: Element, field: Field) -> Scalar | None:
        """Read a dotted UID; a text that holds one loses its quotes."""
        if isinstance(literal, nodes.Uid):
            value = read.as_uid(literal.value)
            if value is None:
                self.report.add("RT113", literal.span, "bad_uid", value=literal.value)
            return value
        held = self.held(literal)
        known = DOTTED.match(held) or dictionary.uid_of(held)
        self.wrong(literal, field, held if known else None)
        return None

    def date(self, literal: Element, field: Field) -> Scalar | None:
        """Read a date that exists."""
        if isinstance(literal, nodes.Date):
            return self.day(literal)
        source = self.report.text(literal.span).strip('"')
        if isinstance(literal, nodes.Instant):
            self.wrong(literal, field, source[:10], safe=False)
            return None
        found = DASHED.match(source)
        self.wrong(literal, field, "-".join(found.groups()) if found else None)
        return None

    def day(self, literal: nodes.Date) -> int | None:
        """Read a date, with all its digits."""
        value = read.as_date(literal.value)
        if value is not None and len(literal.value) == 10:
            return value
        better = read.padded(literal.value)
        self.report.add(
            "RT113",
            literal.span,
            "bad_date",
            help=hint("write", word=better) if better else None,
            fix=replaced(literal.span, better),
            value=literal.value,
        )
        return None

    def time(self, literal: Element, field: Field) -> Scalar | None:
        """Read a time of the day."""
        if isinstance(literal, nodes.Time):
            value = read.as_time(literal.value)
            if value is None:
                self.report.add(
                    "RT113", literal.span, "bad_time", help=hint("time_help"), value=literal.value
                )
            return value
        held = self.held(literal)
        self.wrong(literal, field, held if read.CLOCK.match(held) else None)
        return None

    def instant(self, literal: Element, field: Field) -> Scalar | None:
        """Read an instant; a date becomes its first one in the program's zone."""
        if isinstance(literal, nodes.Instant):
            return self.moment(literal)
        if isinstance(literal, nodes.Date):
            if self.day(literal) is not None:
                better = read.with_offset(f"{literal.value}T00:00:00", self.zone)
                self.wrong(literal, field, better, safe=False)
            return None
        held = self.held(literal)
        self.wrong(literal, field, held if read.as_instant(held) is not None else None)
        return None

    def moment(self, literal: nodes.Instant) -> int | None:
        """Read an instant that exists and says where it is read."""
        value = read.as_instant(literal.value)
        if value is not None:
            return value
        better = None
        if read.OFFSET.search(literal.value) is None:
            better = read.with_offset(literal.value, self.zone)
        self.report.add(
            "RT113",
            literal.span,
            "instant_without_offset" if better else "bad_instant",
            help=hint("write", word=better) if better else hint("instant_help"),
            fix=replaced(literal.span, better, safe=False),
            value=literal.value,
        )
        return None

    def age(self, literal: Element, field: Field) -> Scalar | None:
        """Read an age; days may have been written as a duration."""
        if isinstance(literal, nodes.Age):
            return read.as_age(literal.value)
        found = AGED.match(self.held(literal))
        source = self.report.text(literal.span)
        if found:
            self.wrong(literal, field, found[1])
        elif isinstance(literal, nodes.Duration) and source.endswith("d"):
            self.wrong(literal, field, f"{source[:-1]}D" if len(source) <= 4 else None)
        elif isinstance(literal, nodes.Number) and source.isdecimal() and len(source) <= 3:
            self.wrong(literal, field, f"{source}Y", safe=False)
        else:
            self.wrong(literal, field)
        return None

    def tag(self, literal: Element, field: Field) -> Scalar | None:
        """Read a tag."""
        if isinstance(literal, nodes.Path):
            return self.tag_path(literal)
        held = read.as_tag(self.held(literal))
        self.wrong(literal, field, None if held is None else tag_text(held))
        return None

    def tag_path(self, path: nodes.Path) -> int | None:
        """Read `(gggg,eeee)`, which has the form of a path."""
        step = path.steps[0]
        if not is_tag(path) or not isinstance(step.what, nodes.Tag):
            self.attribute(path)
            return None
        value = read.as_tag(step.what.digits)
        if value is None:
            self.report.add("RT113", path.span, "bad_tag_literal", value=step.what.digits)
        return value

    def address(self, literal: Element, field: Field) -> Scalar | None:
        """Read one address."""
        interval = self.network(literal, field)
        if interval is None:
            return None
        if interval.low != interval.high:
            self.report.add("RT120", literal.span, "network_alone", help=hint("network_help"))
            return None
        return interval.low

    def network(self, literal: Element, field: Field) -> Interval | None:
        """Read an address or a network."""
        source = self.report.text(literal.span)
        if not isinstance(literal, nodes.Text):
            self.wrong(literal, field, f'"{source}"' if read.as_address(source) else None)
            return None
        if literal.folded:
            self.wrong(literal, field, source[1:])
            return None
        interval = read.as_address(literal.value)
        if interval is None:
            self.report.add("RT113", literal.span, "bad_address", value=literal.value)
        return interval

    # Patterns -----------------------------------------------------------------------------------

    def pattern(self, literal: Element, field: Field) -> Expression | None:
        """Read a pattern; those of person names never look at case."""
        if isinstance(literal, nodes.Regex):
            return self.expression(literal, field)
        if isinstance(literal, nodes.Text):
            better = None
            if literal.value.isalnum():
                better = f"/{literal.value}/{'i' if literal.folded else ''}"
            self.no_pattern(literal, better)
        elif isinstance(literal, nodes.Path) or is_keyword(literal):
            self.attribute(literal)
        else:
            self.no_pattern(literal, None)
        return None

    def expression(self, literal: nodes.Regex, field: Field) -> Expression | None:
        """Parse a pattern, and report what it holds that `matches` does not know."""
        try:
            return regex.parse(literal.pattern, folded=literal.folded or field.vr == "PN")
        except regex.Unsupported as error:
            start = min(literal.span.start + 1 + error.offset, literal.span.end - 1)
            better = without_anchors(literal)
            self.report.add(
                "RT124",
                Span(start, start + 1, literal.span.file),
                "bad_regex",
                help=hint("write", word=better) if better else None,
                fix=replaced(
                    literal.span, better, safe=is_anchored(literal.pattern) == (True, True)
                ),
                reason=error.message,
            )
            return None

    def no_pattern(self, literal: Element, better: str | None) -> None:
        """Report what stands where a pattern belongs."""
        self.report.add(
            "RT120",
            literal.span,
            "wrong_pattern",
            help=hint("write", word=better) if better else hint("pattern_help"),
            fix=replaced(literal.span, better, safe=False),
            got=KINDS.get(type(literal), phrase("kind_name")),
        )


def is_anchored(pattern: str) -> tuple[bool, bool]:
    """Whether a pattern begins and ends with an anchor."""
    return pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")


def without_anchors(literal: nodes.Regex) -> str | None:
    """Say what a pattern with anchors means where the whole value is meant."""
    first, last = is_anchored(literal.pattern)
    inner = literal.pattern[first : len(literal.pattern) - last]
    better = f"{'' if first else '.*'}{inner}{'' if last else '.*'}"
    try:
        regex.parse(better, folded=literal.folded)
    except regex.Unsupported:
        return None
    return f"/{better}/{'i' if literal.folded else ''}" if first or last else None


def is_keyword(literal: Element) -> TypeGuard[nodes.Name]:
    """Whether a bare name is an attribute's."""
    return isinstance(literal, nodes.Name) and dictionary.by_keyword(literal.text) is not None


def is_tag(right: object) -> bool:
    """Whether a right side is a tag alone, which is a literal for an AT attribute."""
    if not isinstance(right, nodes.Path) or len(right.steps) != 1:
        return False
    return isinstance(right.steps[0].what, nodes.Tag) and right.steps[0].position is None


def type_of(field: Field) -> str:
    """Say what the values of a field are."""
    name = TYPE_NAMES[field.type]
    vr = field.vr if vr_of(field) else ""
    return phrase("typed", vr=vr, type=name) if vr else name


def below(low: Scalar, high: Scalar) -> bool:
    """Whether two values of one type are in order."""
    return low <= high  # type: ignore[operator]


READERS = {
    ValueType.TEXT: Literals.text,
    ValueType.NAME: Literals.person,
    ValueType.UID: Literals.uid,
    ValueType.DECIMAL: Literals.decimal,
    ValueType.DATE: Literals.date,
    ValueType.TIME: Literals.time,
    ValueType.INSTANT: Literals.instant,
    ValueType.AGE: Literals.age,
    ValueType.TAG: Literals.tag,
    ValueType.ADDRESS: Literals.address,
}
