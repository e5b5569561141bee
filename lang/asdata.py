"""Literals as a data set holds them: the text of a value, before it is encoded (PS3.5 6.2).

Tests give such values, transforms write them.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from roteiro.core.program import Field, Scalar, ValueType
from roteiro.lang import nodes
from roteiro.lang.literals import Element, Literals
from roteiro.lang.report import Report, hint, replaced

BARE: dict[type, tuple[str, ValueType]] = {
    # a private element is written with the VR and type of its literal (2f.0)
    nodes.Text: ("LO", ValueType.TEXT),
    nodes.Number: ("DS", ValueType.DECIMAL),
    nodes.Date: ("DA", ValueType.DATE),
    nodes.Time: ("TM", ValueType.TIME),
    nodes.Instant: ("DT", ValueType.INSTANT),
    nodes.Age: ("AS", ValueType.AGE),
    nodes.Uid: ("UI", ValueType.UID),
    nodes.Name: ("UI", ValueType.UID),
}


class Writer:
    """Turns literals into what a data set holds."""

    def __init__(self, report: Report) -> None:
        """Report to `report`."""
        self.report = report
        self.literals = Literals(report, given=True)

    def value(self, literal: Element, field: Field) -> str | None:
        """Give a literal as a value of a field; nothing when it is none, which was reported."""
        if not self.plain(literal):
            return None
        if field.type is ValueType.NAME and isinstance(literal, nodes.Text):
            return literal.value
        value = self.literals.scalar(literal, field)
        return None if value is None else written_as(literal, value)

    def plain(self, literal: Element) -> bool:
        """Report what compares values and is none: a text whose case is folded, a pattern."""
        folded = isinstance(literal, nodes.Text) and literal.folded
        if not folded and not isinstance(literal, nodes.Regex):
            return True
        better = None
        if isinstance(literal, nodes.Text):
            better = self.report.text(literal.span).removeprefix("i")
        self.report.add(
            "RT120",
            literal.span,
            "no_value",
            help=hint("write", word=better) if better else None,
            fix=replaced(literal.span, better),
            value=self.report.text(literal.span),
        )
        return False


def written_as(literal: Element, value: Scalar) -> str:
    """Write a literal; `value` is what it stands for."""
    writer = WRITERS.get(type(literal))
    if writer is not None:
        return writer(literal)
    if isinstance(literal, nodes.Path) and isinstance(value, int):
        return f"{value:08X}"  # a tag
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def date_text(literal: nodes.Date) -> str:
    """Write DA."""
    return literal.value.replace("-", "")


def time_text(literal: nodes.Time) -> str:
    """Write TM, to the second at least."""
    clock, _, fraction = literal.value.partition(".")
    digits = clock.replace(":", "").ljust(6, "0")
    return f"{digits}.{fraction.ljust(6, '0')}" if fraction.strip("0") else digits


def instant_text(literal: nodes.Instant) -> str:
    """Write DT with the offset that was written."""
    day, _, rest = literal.value.partition("T")
    at = next((at for at, char in enumerate(rest) if char in "Z+-"), len(rest))
    time = time_text(nodes.Time(rest[:at], literal.span))
    return f"{day.replace('-', '')}{time}{rest[at:].replace('Z', '+0000').replace(':', '')}"


def age_text(literal: nodes.Age) -> str:
    """Write AS with its three digits."""
    return literal.value.zfill(4)


WRITERS: dict[type, Callable[[Any], str]] = {
    nodes.Text: lambda literal: literal.value,
    nodes.Date: date_text,
    nodes.Time: time_text,
    nodes.Instant: instant_text,
    nodes.Age: age_text,
}


def with_vr(field: Field, literal: Element) -> Field:
    """Give a private element the VR of what is written to it; other fields have one."""
    if not field.creator or type(literal) not in BARE:
        return field
    vr, kind = BARE[type(literal)]
    return replace(field, vr=vr, type=kind)
