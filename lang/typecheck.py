"""Conditions, typed: what may be asked of which attribute, and what the right side means."""

from dataclasses import dataclass

from roteiro.core.program import BLANK, Field, State, ValueType
from roteiro.core.program import Source as Place
from roteiro.lang import impossible, nodes, typed
from roteiro.lang.attributes import TYPES, Attributes, written
from roteiro.lang.items import NESTING
from roteiro.lang.literals import WANTED, Literals, Values
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.source import Span

OTHER_VRS = frozenset(
    ("AS", "AT", "DT", "OB", "OD", "OF", "OL", "OV", "OW", "PN", "SQ", "UN"),
)
ORDERS = frozenset(("<", "<=", ">", ">="))
TEXTUAL = frozenset(("contains", "starts with", "ends with", "like"))
ORDERED = frozenset((ValueType.DECIMAL, ValueType.DATE, ValueType.TIME))
STATES = {
    "absent": State.ABSENT,
    "empty": State.EMPTY,
    "blank": BLANK,
    "valued": State.VALUED,
    "invalid": State.INVALID,
}
LARGEST = 20_000
"""Tests that a condition may hold, its `@names` replaced by what they stand for."""
NEVER = typed.Constant(False)  # noqa: FBT003
"""Stands for a condition that was reported."""


@dataclass(slots=True)
class Measure:
    """How large a condition is, its `@names` replaced by what they stand for."""

    tests: int = 0
    height: int = 0


class Typer:
    """Types the conditions of a file."""

    def __init__(self, names: Names, report: Report) -> None:
        """Resolve by `names`, report to `report`."""
        self.names = names
        self.report = report
        self.attributes = Attributes(report)
        self.literals = Literals(report)
        self.wrong_sets: set[str] = set()
        self.open: list[str] = []
        """Conditions whose definitions are being typed."""
        self.definitions: dict[str, tuple[typed.Condition, Measure]] = {}

    def condition(self, node: nodes.Condition | None) -> typed.Condition:
        """Type a condition; a rule without one always holds."""
        if node is None:
            return typed.Constant(True)  # noqa: FBT003
        return self.part(node, Measure(), 0)

    def part(self, node: nodes.Condition, measure: Measure, depth: int) -> typed.Condition:
        """Type a part of a condition, `depth` parts below its top."""
        measure.height = max(measure.height, depth)
        if isinstance(node, nodes.And):
            return typed.And(tuple(self.part(part, measure, depth + 1) for part in node.parts))
        if isinstance(node, nodes.Or):
            return typed.Or(tuple(self.part(part, measure, depth + 1) for part in node.parts))
        if isinstance(node, nodes.Not):
            return typed.Not(self.part(node.part, measure, depth + 1))
        if isinstance(node, nodes.ConditionRef):
            return self.reference(node, measure, depth)
        measure.tests += 1
        return self.leaf(node) or NEVER

    def reference(self, node: nodes.ConditionRef, measure: Measure, depth: int) -> typed.Condition:
        """Put a condition's definition where its name stands."""
        item = self.names.use("conditions", node.name, self.report)
        if not isinstance(item, nodes.ConditionItem):
            return NEVER
        name = item.name.text
        if name in self.open:
            circle = " -> ".join((*self.open[self.open.index(name) :], name))
            self.report.add("RT118", node.span, "condition_cycle", circle=circle)
            return NEVER
        if name not in self.definitions and len(self.open) <= NESTING:
            self.define(item)
        condition, size = self.definitions.get(name, (NEVER, Measure(0, NESTING)))
        measure.tests += size.tests
        measure.height = max(measure.height, depth + size.height + 1)
        return condition if self.fits(node, measure) else NEVER

    def define(self, item: nodes.ConditionItem) -> None:
        """Type a condition's definition, once."""
        measure = Measure()
        self.open.append(item.name.text)
        condition = self.part(item.condition, measure, 0)
        self.open.pop()
        self.definitions[item.name.text] = condition, measure

    def fits(self, node: nodes.ConditionRef, measure: Measure) -> bool:
        """Report a condition that grew too large or too deep."""
        if measure.height > NESTING:
            self.report.add("RT126", node.span, "too_deep", limit=NESTING)
        elif measure.tests > LARGEST:
            self.report.add("RT126", node.span, "too_large", limit=LARGEST)
        else:
            return True
        measure.height, measure.tests = 0, 0  # reported; what uses this is not
        return False

    def leaf(
        self, node: nodes.Comparison | nodes.StateTest | nodes.Constant | nodes.Unbuilt
    ) -> typed.Condition | None:
        """Type a test."""
        if isinstance(node, nodes.Constant):
            return typed.Constant(node.value)
        if isinstance(node, nodes.Unbuilt):
            self.report.add("RT112", node.span, "unbuilt", what=node.what)
            return None
        if isinstance(node, nodes.StateTest):
            field = self.attributes.field(node.path)
            if field is None or node.state not in STATES:
                return None
            return typed.IsState(field, STATES[node.state], node.span, self.report.source)
        return self.comparison(node)

    def comparison(self, node: nodes.Comparison) -> typed.Compare | None:
        """Type a comparison."""
        field = self.attributes.field(node.path)
        if field is None:
            self.right_alone(node)
            return None
        if field.type is ValueType.STATE_ONLY:
            self.report.add(
                "RT112",
                node.span,
                "unbuilt_vr",
                help=hint("unbuilt_vr_help"),
                name=written(field),
                vr=field.vr,
            )
            return None
        if not self.operator_fits(node, field):
            return None
        right = self.right(node, field)
        if right is None:
            return None
        impossible.look(self.report, node, field, right)
        return typed.Compare(
            field,
            node.quantifier,
            node.operator,
            node.negated,
            right.values,
            right.intervals,
            node.span,
            self.report.source,
        )

    def right_alone(self, node: nodes.Comparison) -> None:
        """Remember the set of a comparison whose left side was reported."""
        first = node.path.steps[0].what
        clock = isinstance(first, nodes.Name) and first.text == "clock"
        if isinstance(node.right, nodes.SetRef) and not clock:
            self.names.use("sets", node.right.name, self.report)

    def operator_fits(self, node: nodes.Comparison, field: Field) -> bool:
        """Refuse operators that a type has not."""
        uid = field.type is ValueType.UID
        if node.operator in ORDERS and field.type not in ORDERED:
            key = "no_order"
        elif node.operator in TEXTUAL and field.type is not ValueType.TEXT:
            key = "no_text_of_uid" if uid else "no_text"
        else:
            return True
        self.report.add(
            "RT111",
            node.operator_span,
            key,
            help=hint("under_help") if key == "no_text_of_uid" else None,
            name=written(field),
            operator=node.operator,
        )
        return False

    # Right sides --------------------------------------------------------------------------------

    def right(self, node: nodes.Comparison, field: Field) -> Values | None:
        """Type the right side as the operator wants it; nothing when that was reported."""
        right = node.right
        if isinstance(right, nodes.Path):
            self.report.add(
                "RT125",
                right.span,
                "attribute_right",
                help=hint("right_help"),
                name=self.source(right.span),
            )
            return None
        if isinstance(right, nodes.SetLiteral | nodes.SetRef | nodes.Range):
            return self.several(node, field, right)
        if node.operator == "in":
            self.one_in(node, right)
            return None
        if isinstance(right, nodes.Text) and not right.value and self.empty(node, right):
            return None
        value = self.literals.scalar(right, field)
        return None if value is None else Values((value,))

    def source(self, span: Span) -> str:
        """Give the text at a place."""
        return self.report.source.text[span.start : span.end]

    def empty(self, node: nodes.Comparison, right: nodes.Text) -> bool:
        """Report a comparison with `""`, which no value equals."""
        path = self.source(node.path.span)
        better = f"not {path} is blank" if node.negated else f"{path} is blank"
        plain = node.operator == "==" and node.quantifier is None
        self.report.add(
            "RT114",
            right.span,
            "empty_pattern" if node.operator in TEXTUAL else "compared_with_empty",
            help=hint("write", word=better) if plain else None,
            fix=replaced(node.span, better, safe=False) if plain else None,
        )
        return True

    def one_in(self, node: nodes.Comparison, right: nodes.Literal | nodes.Name) -> None:
        """Report `in` with one value."""
        better = "!=" if node.negated else "=="
        self.report.add(
            "RT111",
            right.span,
            "in_one",
            help=hint("write", word=f"{better} {self.source(right.span)}"),
            fix=replaced(node.operator_span, better),
        )

    def several(
        self,
        node: nodes.Comparison,
        field: Field,
        right: nodes.SetLiteral | nodes.SetRef | nodes.Range,
    ) -> Values | None:
        """Type a set or a range."""
        if node.operator in ORDERS | {"=="} or (
            node.operator in TEXTUAL and isinstance(right, nodes.Range)
        ):
            self.not_with_set(node)
            return None
        if isinstance(right, nodes.Range):
            intervals = self.literals.interval(right, field)
            return Values((), intervals) if intervals else None
        if isinstance(right, nodes.SetRef):
            return self.named_set(node, field, right)
        return self.set_values(node, field, right)

    def not_with_set(self, node: nodes.Comparison) -> None:
        """Report an operator that takes one value and got several."""
        better = ("not in" if node.negated else "in") if node.operator == "==" else None
        self.report.add(
            "RT111",
            node.operator_span,
            "not_with_set",
            help=hint("write", word=better) if better else None,
            fix=replaced(node.operator_span, better),
            operator="!=" if node.negated and node.operator == "==" else node.operator,
        )

    def set_values(
        self, node: nodes.Comparison, field: Field, right: nodes.SetLiteral
    ) -> Values | None:
        """Type the elements of a set for a field."""
        if not right.elements:
            self.report.add("RT108", right.span, "empty_set")
            return None
        for element in right.elements:
            if isinstance(element, nodes.Text) and not element.value and self.empty(node, element):
                return None
        values = self.literals.elements(right.elements, field)
        if node.operator in TEXTUAL and values.intervals:
            self.not_with_set(node)
            return None
        return values

    def named_set(self, node: nodes.Comparison, field: Field, right: nodes.SetRef) -> Values | None:
        """Type a declared set for a field."""
        item = self.names.use("sets", right.name, self.report)
        if not isinstance(item, nodes.SetItem) or isinstance(item.value, nodes.Unbuilt):
            return None
        if item.name.text in self.wrong_sets:
            return None
        kind = types_of(item)
        if kind is not None and field.type not in kind:
            declared = self.report.label(item.name.span, "set_here")
            self.report.add(
                "RT120",
                right.span,
                "wrong_set",
                labels=(declared,),
                name=written(field),
                wanted=WANTED[field.type],
                set=item.name.text,
            )
            return None
        return self.set_values(node, field, item.value)

    def declare(self, item: nodes.SetItem) -> None:
        """Check a set by itself, and remember one that is wrong: its uses are not reported."""
        before = len(self.report.findings)
        self.declared(item)
        if len(self.report.findings) > before:
            self.wrong_sets.add(item.name.text)

    def declared(self, item: nodes.SetItem) -> None:
        """Check that the elements of a set are of its VR, or of one kind."""
        if isinstance(item.value, nodes.Unbuilt):
            self.report.add("RT112", item.value.span, "unbuilt", what=item.value.what)
        elif not item.value.elements:
            self.report.add("RT108", item.value.span, "empty_set")
        elif item.vr is not None:
            self.of_vr(item.vr, item, item.value)
        else:
            self.of_one_kind(item, item.value)

    def of_vr(self, vr: nodes.Name, item: nodes.SetItem, value: nodes.SetLiteral) -> None:
        """Check the elements of a set against its VR."""
        if vr.text in TYPES:
            field = Field(Place.ELEMENT, TYPES[vr.text], vr=vr.text, name=f"@{item.name.text}")
            self.literals.elements(value.elements, field)
        elif vr.text in OTHER_VRS:
            self.report.add("RT112", vr.span, "unbuilt_vr", name=f"@{item.name.text}", vr=vr.text)
        else:
            meant = self.report.meant(vr.text, TYPES)
            self.report.add(
                "RT108",
                vr.span,
                "unknown_vr",
                help=did_you_mean(meant),
                fix=replaced(vr.span, meant),
                value=vr.text,
            )

    def of_one_kind(self, item: nodes.SetItem, value: nodes.SetLiteral) -> None:
        """Check that the elements of a set are of one kind."""
        kind = kind_of(value)
        for element in value.elements:
            ends = (element.low, element.high) if isinstance(element, nodes.Range) else (element,)
            for literal in ends:
                if isinstance(literal, nodes.Unbuilt):
                    self.report.add("RT112", literal.span, "unbuilt", what=literal.what)
                elif kind is not None and MEANINGS[type(literal)] != kind:
                    self.report.add("RT120", literal.span, "mixed_set", name=item.name.text)


MEANINGS: dict[type, frozenset[ValueType]] = {
    nodes.Text: frozenset((ValueType.TEXT, ValueType.ADDRESS)),
    nodes.Number: frozenset((ValueType.DECIMAL,)),
    nodes.Date: frozenset((ValueType.DATE,)),
    nodes.Time: frozenset((ValueType.TIME,)),
    nodes.Uid: frozenset((ValueType.UID,)),
    nodes.Name: frozenset((ValueType.UID,)),
}


def first_of(value: nodes.SetLiteral) -> nodes.Literal | nodes.Name | None:
    """Give the first literal of a set."""
    if not value.elements:
        return None
    first = value.elements[0]
    return first.low if isinstance(first, nodes.Range) else first


def types_of(item: nodes.SetItem) -> frozenset[ValueType] | None:
    """Give the types that the elements of a set may have."""
    if item.vr is not None:
        return frozenset((TYPES[item.vr.text],)) if item.vr.text in TYPES else None
    return kind_of(item.value) if isinstance(item.value, nodes.SetLiteral) else None


def kind_of(value: nodes.SetLiteral) -> frozenset[ValueType] | None:
    """Give the types that the first literal of a set may have; nothing when it says nothing."""
    return MEANINGS.get(type(first_of(value)))
