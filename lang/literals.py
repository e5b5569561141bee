"""Literals become values of a field's type, or findings that say why not."""

import re
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address, ip_network
from unicodedata import normalize

from roteiro.core.program import Field, Interval, Scalar, ValueType
from roteiro.lang import dictionary, nodes
from roteiro.lang.attributes import written
from roteiro.lang.report import Report, did_you_mean, hint, phrase, replaced

MAPPED = 0xFFFF_0000_0000
"""IPv4 in IPv6: ::ffff:a.b.c.d (RFC 4291 2.5.5.2)."""
DIGITS = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
DASHED = re.compile(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})\Z", re.ASCII)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\Z", re.ASCII)
WANTED = {
    ValueType.TEXT: phrase("wanted_a_text"),
    ValueType.UID: phrase("wanted_a_uid"),
    ValueType.DECIMAL: phrase("wanted_a_number"),
    ValueType.DATE: phrase("wanted_a_date"),
    ValueType.TIME: phrase("wanted_a_time"),
    ValueType.ADDRESS: phrase("wanted_an_address"),
}
KINDS = {
    nodes.Text: phrase("kind_text"),
    nodes.Number: phrase("kind_number"),
    nodes.Date: phrase("kind_date"),
    nodes.Time: phrase("kind_time"),
    nodes.Uid: phrase("kind_uid"),
}
TYPE_NAMES = {kind: phrase(f"type_{kind.value}") for kind in WANTED}
Element = nodes.Literal | nodes.Name


@dataclass(frozen=True, slots=True)
class Values:
    """The right side of a comparison, typed."""

    values: tuple[Scalar, ...] = ()
    intervals: tuple[Interval, ...] = ()


def as_address(text: str) -> Interval | None:
    """Read an address, or all of a network; IPv4 becomes its IPv6 form."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    shift = MAPPED if network.version == 4 else 0
    low = int(network.network_address) + shift
    return Interval(low, low + network.num_addresses - 1)


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def as_date(text: str) -> int | None:
    """Read `2026-01-31` as 20260131, if that day exists."""
    year, month, day = (int(part) for part in text.split("-"))
    try:
        return int(date(year, month, day).strftime("%Y%m%d").zfill(8))
    except ValueError:
        return None


def as_time(text: str) -> int | None:
    """Read `22:00:30.5` as microseconds since midnight, if the clock shows it."""
    found = CLOCK.match(text)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    fraction = found[4] or ""
    if hour > 23 or minute > 59 or second > 59 or len(fraction) > 6 or len(found[1]) != 2:
        return None
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + int(fraction.ljust(6, "0"))


def as_uid(text: str) -> str | None:
    """Read a dotted UID; leading zeros of an arc and more than 64 characters are no UID."""
    arcs = text.split(".")
    valid = all(arc == "0" or not arc.startswith("0") for arc in arcs)
    return text if valid and len(text) <= 64 and arcs[0] in {"0", "1", "2"} else None


class Literals:
    """Types literals against fields."""

    def __init__(self, report: Report, *, given: bool = False) -> None:
        """Report to `report`; `given` when the literals are of a test's object."""
        self.report = report
        self.given = given

    def scalar(self, literal: Element, field: Field) -> Scalar | None:
        """Give a literal's value as the field has values; nothing when that was reported."""
        if isinstance(literal, nodes.Unbuilt):
            self.report.add("RT112", literal.span, "unbuilt", what=literal.what)
            return None
        if isinstance(literal, nodes.Name):
            return self.named(literal, field)
        reader = READERS[field.type]
        return reader(self, literal, field)

    def named(self, name: nodes.Name, field: Field) -> Scalar | None:
        """Resolve a bare name: a UID's, and nothing else."""
        uid = dictionary.uid_of(name.text)
        if field.type is ValueType.UID and uid is not None:
            return uid
        if dictionary.by_keyword(name.text) is not None:
            self.report.add(
                "RT125", name.span, "attribute_right", help=hint("right_help"), name=name.text
            )
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
            is_text = field.type is ValueType.TEXT and uid is None
            self.wrong(name, field, f'"{name.text}"' if is_text else None)
        return None

    def wrong(self, literal: Element, field: Field, better: str | None = None) -> None:
        """Report a literal of another type, with what to write when that is plain."""
        wanted = WANTED[field.type]
        self.report.add(
            "RT120",
            literal.span,
            "wrong_given" if self.given else "wrong_type",
            help=hint("write", word=better) if better else hint("wanted_literal", wanted=wanted),
            fix=replaced(literal.span, better),
            name=written(field),
            type=type_of(field),
            got=KINDS.get(type(literal), phrase("kind_name")),
        )

    def text(self, literal: Element, field: Field) -> Scalar | None:
        """Read a text; a number or UID gets quotes."""
        if not isinstance(literal, nodes.Text):
            source = self.report.source.text[literal.span.start : literal.span.end]
            self.wrong(literal, field, f'"{source}"')
            return None
        return normalize("NFC", literal.value)

    def decimal(self, literal: Element, field: Field) -> Scalar | None:
        """Read a number; a text that holds one loses its quotes."""
        source = self.report.source.text[literal.span.start : literal.span.end]
        if isinstance(literal, nodes.Number):
            if source.endswith("iB") and field.name != "size":
                self.wrong(literal, field, f"{literal.value:f}")
                return None
            return literal.value
        held = literal.value.strip() if isinstance(literal, nodes.Text) else ""
        self.wrong(literal, field, held if DIGITS.match(held) else None)
        return None

    def uid(self, literal: Element, field: Field) -> Scalar | None:
        """Read a dotted UID; a text that holds one loses its quotes."""
        if isinstance(literal, nodes.Uid):
            value = as_uid(literal.value)
            if value is None:
                self.report.add("RT113", literal.span, "bad_uid", value=literal.value)
            return value
        held = literal.value.strip() if isinstance(literal, nodes.Text) else ""
        known = re.match(r"\d+(\.\d+){2,}\Z", held, re.ASCII) or dictionary.uid_of(held)
        self.wrong(literal, field, held if known else None)
        return None

    def date(self, literal: Element, field: Field) -> Scalar | None:
        """Read a date that exists."""
        if isinstance(literal, nodes.Date):
            value = as_date(literal.value)
            if value is None or len(literal.value) != 10:
                better = padded(literal.value)
                self.report.add(
                    "RT113",
                    literal.span,
                    "bad_date",
                    help=hint("write", word=better) if better else None,
                    fix=replaced(literal.span, better),
                    value=literal.value,
                )
                return None
            return value
        source = self.report.source.text[literal.span.start : literal.span.end].strip('"')
        found = DASHED.match(source)
        self.wrong(literal, field, "-".join(found.groups()) if found else None)
        return None

    def time(self, literal: Element, field: Field) -> Scalar | None:
        """Read a time of the day."""
        if isinstance(literal, nodes.Time):
            value = as_time(literal.value)
            if value is None:
                self.report.add(
                    "RT113", literal.span, "bad_time", help=hint("time_help"), value=literal.value
                )
            return value
        held = literal.value if isinstance(literal, nodes.Text) else ""
        self.wrong(literal, field, held if CLOCK.match(held) else None)
        return None

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
        if not isinstance(literal, nodes.Text):
            source = self.report.source.text[literal.span.start : literal.span.end]
            self.wrong(literal, field, f'"{source}"' if as_address(source) else None)
            return None
        interval = as_address(literal.value)
        if interval is None:
            self.report.add("RT113", literal.span, "bad_address", value=literal.value)
        return interval

    def refused(self, literal: Element, field: Field) -> None:
        """Refuse to compare a VR that this version does not compare."""
        self.report.add("RT112", literal.span, "unbuilt_vr", name=written(field), vr=field.vr)

    def elements(
        self, elements: tuple[nodes.Literal | nodes.Range | nodes.Name, ...], field: Field
    ) -> Values:
        """Type the elements of a set."""
        values: list[Scalar] = []
        intervals: list[Interval] = []
        for element in elements:
            if isinstance(element, nodes.Range):
                intervals.extend(self.interval(element, field))
            elif field.type is ValueType.ADDRESS and not isinstance(
                element, nodes.Name | nodes.Unbuilt
            ):
                network = self.network(element, field)
                intervals.extend([network] if network else [])
            else:
                value = self.scalar(element, field)
                values.extend([] if value is None else [value])
        return Values(tuple(dict.fromkeys(values)), tuple(intervals))

    def interval(self, written_range: nodes.Range, field: Field) -> tuple[Interval, ...]:
        """Type a range; one of times may wrap midnight and is two intervals then."""
        if field.type in {ValueType.TEXT, ValueType.UID}:
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
        source = self.report.source.text
        low, high = written_range.low.span, written_range.high.span
        better = f"{source[high.start : high.end]}..{source[low.start : low.end]}"
        self.report.add(
            "RT115",
            written_range.span,
            "reversed_range",
            help=hint("write", word=better),
            fix=replaced(written_range.span, better, safe=False),
        )


def type_of(field: Field) -> str:
    """Say what the values of a field are."""
    name = TYPE_NAMES[field.type]
    return phrase("typed", vr=field.vr, type=name) if field.vr else name


def below(low: Scalar, high: Scalar) -> bool:
    """Whether two values of one type are in order."""
    return low <= high  # type: ignore[operator]


def padded(text: str) -> str | None:
    """Give a date with the digits that it lacks, if such a day exists."""
    year, month, day = text.split("-")
    better = f"{year}-{month.zfill(2)}-{day.zfill(2)}"
    return better if better != text and as_date(better) is not None else None


READERS = {
    ValueType.TEXT: Literals.text,
    ValueType.UID: Literals.uid,
    ValueType.DECIMAL: Literals.decimal,
    ValueType.DATE: Literals.date,
    ValueType.TIME: Literals.time,
    ValueType.ADDRESS: Literals.address,
    ValueType.STATE_ONLY: Literals.refused,
}
