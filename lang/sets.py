"""Sets: checked by themselves where they are declared, and typed for what they are compared with.

A set's type is its VR; without one its literals decide, and for a file the attribute that it is
compared with (2e).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from roteiro.core.program import Field, ValueType
from roteiro.core.program import Source as Place
from roteiro.lang import nodes
from roteiro.lang import scalars as read
from roteiro.lang.attributes import TYPES, written
from roteiro.lang.datafiles import SetLines
from roteiro.lang.diagnostics import Label
from roteiro.lang.literals import DIGITS, DOTTED, WANTED, Element, Literals, Values
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.source import Span

WITHOUT_LITERALS = frozenset(("SQ", "OB", "OD", "OF", "OL", "OV", "OW", "UN"))
"""VRs whose values no literal can be."""
MOST = 10
"""Findings about one file at most."""
TEXTS = frozenset((ValueType.TEXT, ValueType.ADDRESS, ValueType.NAME))
MEANINGS: dict[type, frozenset[ValueType]] = {
    nodes.Text: TEXTS,
    nodes.Number: frozenset((ValueType.DECIMAL,)),
    nodes.Size: frozenset((ValueType.DECIMAL,)),
    nodes.Date: frozenset((ValueType.DATE,)),
    nodes.Time: frozenset((ValueType.TIME,)),
    nodes.Instant: frozenset((ValueType.INSTANT,)),
    nodes.Age: frozenset((ValueType.AGE,)),
    nodes.Uid: frozenset((ValueType.UID,)),
    nodes.Name: frozenset((ValueType.UID,)),
    nodes.Regex: frozenset((ValueType.TEXT,)),
    nodes.Path: frozenset((ValueType.TAG,)),
    nodes.Duration: frozenset(),
}
"""The types that a literal of a set without VR may be meant for."""
NAMED = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
PATTERN = re.compile(r"/(.+)/(i?)\Z")
DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Use:
    """One comparison with a set."""

    span: Span
    field: Field
    operator: str

    @property
    def key(self) -> tuple[object, ...]:
        """What typing the elements depends on."""
        field = self.field
        return (field.type, field.vr == "PN", field.component, field.view, self.operator)


class Sets:
    """Types the declared sets of a program."""

    def __init__(self, names: Names, report: Report, literals: Literals) -> None:
        """Resolve by `names`, type by `literals`, report to `report`."""
        self.names = names
        self.report = report
        self.literals = literals
        self.wrong: set[str] = set()
        """Sets about which something was reported: their uses are not."""
        self.typed: dict[tuple[object, ...], Values] = {}

    # Declarations -------------------------------------------------------------------------------

    def declare(self, item: nodes.SetItem) -> None:
        """Check a set by itself."""
        before = len(self.report.findings)
        if item.vr is not None and item.vr.text not in TYPES.keys() - WITHOUT_LITERALS:
            self.unknown_vr(item.vr)
        elif isinstance(item.value, nodes.SetFile):
            self.declared_file(item, item.value)
        elif self.has_empty(item.value):
            pass
        elif item.vr is not None:
            self.literals.elements(item.value.elements, pseudo(item, TYPES[item.vr.text]))
        else:
            self.of_one_kind(item, item.value)
        if len(self.report.findings) > before:
            self.wrong.add(item.name.text)

    def has_empty(self, value: nodes.SetLiteral) -> bool:
        """Report a set without elements, or with an empty text."""
        if not value.elements:
            self.report.add("RT108", value.span, "empty_set")
        empty = [one for one in value.elements if isinstance(one, nodes.Text) and not one.value]
        for element in empty:
            self.report.add("RT114", element.span, "compared_with_empty")
        return bool(empty) or not value.elements

    def unknown_vr(self, vr: nodes.Name) -> None:
        """Report a VR that there is not, or of which there are no literals."""
        if vr.text in WITHOUT_LITERALS:
            self.report.add("RT108", vr.span, "vr_without_literals", vr=vr.text)
            return
        meant = self.report.meant(vr.text, [name for name in TYPES if len(name) == 2])
        self.report.add(
            "RT108",
            vr.span,
            "unknown_vr",
            help=did_you_mean(meant),
            fix=replaced(vr.span, meant),
            value=vr.text,
        )

    def declared_file(self, item: nodes.SetItem, value: nodes.SetFile) -> None:
        """Check the lines of a file against the set's VR."""
        lines = self.names.lines(item)
        if lines is not None and not lines.texts:
            self.report.add("RT108", value.span, "empty_set_file", path=value.path.value)
        elif lines is not None and item.vr is not None:
            field = pseudo(item, TYPES[item.vr.text])
            self.of_lines(lines, Use(value.span, field, "in"), item)

    def of_one_kind(self, item: nodes.SetItem, value: nodes.SetLiteral) -> None:
        """Check that the elements of a set without VR are of one kind, and that they exist."""
        first = next(ends_of(value))
        kind = MEANINGS[type(first)]
        if not kind:
            self.report.add("RT120", first.span, "no_set_of_durations")
            return
        same = True
        for literal in ends_of(value):
            if MEANINGS[type(literal)] != kind:
                same = False
                label = self.report.label(first.span, "first_element")
                self.report.add(
                    "RT120", literal.span, "mixed_set", labels=(label,), name=item.name.text
                )
        if same and kind != TEXTS and not isinstance(first, nodes.Regex):
            self.literals.elements(value.elements, pseudo(item, next(iter(kind))))

    # Uses ---------------------------------------------------------------------------------------

    def use(self, name: nodes.Name, use: Use) -> tuple[str, Values] | None:
        """Type a declared set for a field; nothing when something was reported."""
        item = self.item(name)
        if item is None or item.name.text in self.wrong:
            return None
        kind = types_of(item, use)
        if kind is not None and use.field.type not in kind:
            self.mismatch(item, use)
            return None
        key = (item.name.text, *use.key)
        if key not in self.typed:
            values = self.values(item, use)
            if values is None:
                return None
            self.typed[key] = values
        return item.name.text, self.typed[key]

    def item(self, name: nodes.Name) -> nodes.SetItem | None:
        """Give what a name means as a set."""
        if name.text in self.names.sets or name.text not in self.names.schedules:
            item = self.names.use("sets", name, self.report)
            return item if isinstance(item, nodes.SetItem) else None
        self.names.use("schedules", name, self.report)
        helped = hint("schedule_no_set_help", name=name.text)
        self.report.add("RT104", name.span, "unknown_sets", help=helped, name=name.text)
        return None

    def mismatch(self, item: nodes.SetItem, use: Use) -> None:
        """Report a set of another type than the field's."""
        labels = [self.report.label(item.name.span, "set_here")]
        if item.vr is None and isinstance(item.value, nodes.SetLiteral):
            labels.append(self.report.label(item.value.elements[0].span, "first_element"))
        self.report.add(
            "RT120",
            use.span,
            "wrong_set",
            labels=tuple(labels),
            name=written(use.field),
            wanted=WANTED[use.field.type],
            set=item.name.text,
        )

    def values(self, item: nodes.SetItem, use: Use) -> Values | None:
        """Type the elements of a set for a field."""
        before = len(self.report.findings)
        if isinstance(item.value, nodes.SetLiteral):
            values = self.literals.elements(item.value.elements, use.field, use.operator)
        else:
            lines = self.names.lines(item)
            if lines is None:
                return None
            values = self.of_lines(lines, use, item)
        return values if len(self.report.findings) == before else None

    # Files --------------------------------------------------------------------------------------

    def of_lines(self, lines: SetLines, use: Use, item: nodes.SetItem) -> Values:
        """Type the lines of a file; what is wrong with one is reported where the set is used."""
        quiet = Report(self.report.source)
        quiet.sources = self.report.sources
        literals = Literals(quiet, zone=self.literals.zone)
        elements = tuple(
            literal_of(text, lines.span(number), use) for number, text in enumerate(lines.texts)
        )
        values = literals.elements(elements, use.field, use.operator)
        for found in quiet.findings[:MOST]:
            line = self.report.source_of(found.span).position(found.span.start).line
            self.report.add(
                found.code,
                use.span,
                "set_line",
                labels=(Label(found.source, found.span, found.message),),
                help=found.help,
                line=line,
                set=item.name.text,
            )
        return values


def pseudo(item: nodes.SetItem, kind: ValueType) -> Field:
    """Make a field for messages about a set that is compared with nothing yet."""
    vr = item.vr.text if item.vr else ""
    return Field(Place.ELEMENT, kind, vr=vr, name=f"@{item.name.text}")


def ends_of(value: nodes.SetLiteral) -> Iterator[Element]:
    """Give the literals of a set, both ends of its ranges."""
    for element in value.elements:
        if isinstance(element, nodes.Range):
            yield element.low
            yield element.high
        else:
            yield element


def types_of(item: nodes.SetItem, use: Use) -> frozenset[ValueType] | None:
    """Give the types that the elements of a set may have; nothing when it says nothing."""
    if item.vr is not None:
        kind = TYPES[item.vr.text]
        words = kind is ValueType.NAME and use.field.vr == "PN"
        return frozenset((kind, ValueType.TEXT)) if words else frozenset((kind,))
    return None if isinstance(item.value, nodes.SetFile) else MEANINGS[type(first_of(item.value))]


def first_of(value: nodes.SetLiteral) -> Element:
    """Give the first literal of a set."""
    return next(ends_of(value))


def literal_of(text: str, span: Span, use: Use) -> Element:
    """Make a literal of a line of a file, as the field that it is compared with has them."""
    if use.operator == "matches" and (found := PATTERN.match(text)):
        return nodes.Regex(found[1], found[2] == "i", span)
    for form, make in LINES.get(use.field.type, ()):
        if form.match(text):
            return make(text, span)
    return nodes.Text(text, folded=False, span=span)


def number(text: str, span: Span) -> Element:
    """Make a number of a line."""
    return nodes.Number(Decimal(text), span)


def tag(text: str, span: Span) -> Element:
    """Make a tag of a line, which has the form of a path."""
    digits = text.strip("()")
    step = nodes.Step(nodes.Tag(f"{digits[:4]},{digits[-4:]}", span), None, span)
    return nodes.Path((step,), span)


LINES: dict[ValueType, tuple[tuple[re.Pattern[str], Callable[[str, Span], Element]], ...]] = {
    ValueType.DECIMAL: ((DIGITS, number),),
    ValueType.UID: ((DOTTED, nodes.Uid), (NAMED, nodes.Name)),
    ValueType.DATE: ((DAY, nodes.Date),),
    ValueType.TIME: ((read.CLOCK, nodes.Time),),
    ValueType.INSTANT: ((read.MOMENT, nodes.Instant), (DAY, nodes.Date)),
    ValueType.AGE: ((read.AGE, nodes.Age),),
    ValueType.TAG: ((read.TAG, tag),),
}
"""How the lines of a file are read; all others are texts."""
