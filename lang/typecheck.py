"""Conditions, typed: `and`, `or`, `not`, `has`, and the names that stand for conditions."""

from dataclasses import dataclass

from roteiro.core.program import BLANK, State, ValueType
from roteiro.lang import nodes, typed
from roteiro.lang.attributes import Attributes, written
from roteiro.lang.comparisons import Comparisons
from roteiro.lang.items import NESTING
from roteiro.lang.report import Report, hint
from roteiro.lang.resolve import Names

STATES = {
    "absent": State.ABSENT,
    "empty": State.EMPTY,
    "blank": BLANK,
    "valued": State.VALUED,
    "invalid": State.INVALID,
}
LARGEST = 20_000
"""Tests that a condition may hold, its `@names` replaced by what they stand for."""
DEEPEST_HAS = 4
"""`has` inside `has` (2e)."""
NEVER = typed.Constant(False)  # noqa: FBT003
"""Stands for a condition that was reported."""


@dataclass(slots=True)
class Measure:
    """How large a condition is, its `@names` replaced by what they stand for."""

    tests: int = 0
    height: int = 0
    nesting: int = 0
    """`has` inside `has`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part stands: how deep below the top, and in how many `has`."""

    depth: int = 0
    inside: int = 0

    @property
    def below(self) -> "Place":
        """The place of its parts."""
        return Place(self.depth + 1, self.inside)


class Typer:
    """Types the conditions of a program."""

    def __init__(self, names: Names, report: Report) -> None:
        """Resolve by `names`, report to `report`."""
        self.names = names
        self.report = report
        self.attributes = Attributes(report)
        self.comparisons = Comparisons(names, report, self.attributes)
        self.open: list[str] = []
        """Conditions whose definitions are being typed."""
        self.definitions: dict[str, tuple[typed.Condition, Measure]] = {}

    def declare(self, item: nodes.SetItem) -> None:
        """Check a set by itself; the uses of one that is wrong are not reported."""
        self.comparisons.sets.declare(item)

    def condition(self, node: nodes.Condition | None) -> typed.Condition:
        """Type a condition; a rule without one always holds."""
        if node is None:
            return typed.Constant(True)  # noqa: FBT003
        return self.part(node, Measure(), Place())

    def part(self, node: nodes.Condition, measure: Measure, place: Place) -> typed.Condition:
        """Type a part of a condition."""
        measure.height = max(measure.height, place.depth)
        if isinstance(node, nodes.And):
            return typed.And(tuple(self.part(one, measure, place.below) for one in node.parts))
        if isinstance(node, nodes.Or):
            return typed.Or(tuple(self.part(one, measure, place.below) for one in node.parts))
        if isinstance(node, nodes.Not):
            return typed.Not(self.part(node.part, measure, place.below))
        if isinstance(node, nodes.ConditionRef):
            return self.reference(node, measure, place)
        measure.tests += 1
        if isinstance(node, nodes.SequenceTest):
            return self.has(node, measure, place) or NEVER
        return self.leaf(node) or NEVER

    # Names --------------------------------------------------------------------------------------

    def reference(
        self, node: nodes.ConditionRef, measure: Measure, place: Place
    ) -> typed.Condition:
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
        measure.height = max(measure.height, place.depth + size.height + 1)
        measure.nesting = max(measure.nesting, place.inside + size.nesting)
        return condition if self.fits(node, item, measure) else NEVER

    def define(self, item: nodes.ConditionItem) -> None:
        """Type a condition's definition, once."""
        measure = Measure()
        self.open.append(item.name.text)
        condition = self.part(item.condition, measure, Place())
        self.open.pop()
        self.definitions[item.name.text] = condition, measure

    def fits(self, node: nodes.ConditionRef, item: nodes.ConditionItem, measure: Measure) -> bool:
        """Report a condition that grew too large or too deep."""
        if measure.height > NESTING:
            self.report.add("RT126", node.span, "too_deep", limit=NESTING)
        elif measure.tests > LARGEST:
            self.report.add("RT126", node.span, "too_large", limit=LARGEST)
        elif measure.nesting > DEEPEST_HAS:
            label = self.report.label(item.name.span, "defined_here")
            self.report.add(
                "RT404", node.span, "nested_has_by_name", labels=(label,), limit=DEEPEST_HAS
            )
        else:
            return True
        measure.height, measure.tests, measure.nesting = 0, 0, 0  # reported; what uses this is not
        return False

    # Tests --------------------------------------------------------------------------------------

    def has(self, node: nodes.SequenceTest, measure: Measure, place: Place) -> typed.Has | None:
        """Type `any S has (...)`; what stands in it is read in the item."""
        inside = place.inside + 1
        if inside > DEEPEST_HAS:
            self.report.add("RT404", node.span, "nested_has", limit=DEEPEST_HAS)
            return None
        measure.nesting = max(measure.nesting, inside)
        field = self.attributes.field(node.path, "SQ")
        condition = self.part(node.condition, measure, Place(place.depth + 1, inside))
        if field is None:
            return None
        if field.type is not ValueType.SEQUENCE:
            helped = hint("has_of_plain_help")
            self.report.add(
                "RT111", node.path.span, "has_of_plain", help=helped, name=written(field)
            )
            return None
        source = self.report.source_of(node.span)
        return typed.Has(field, node.quantifier, condition, node.span, source)

    def leaf(
        self, node: nodes.Comparison | nodes.StateTest | nodes.Constant
    ) -> typed.Compare | typed.IsState | typed.Constant | None:
        """Type a test that has no condition in it; nothing when it was reported."""
        if isinstance(node, nodes.Constant):
            return typed.Constant(node.value)
        if isinstance(node, nodes.StateTest):
            return self.state(node)
        return self.comparisons.compare(node)

    def state(self, node: nodes.StateTest) -> typed.IsState | None:
        """Type `path is STATE`."""
        field = self.attributes.field(node.path, whole=node.span)
        if field is None or node.state not in STATES:
            return None
        source = self.report.source_of(node.span)
        return typed.IsState(field, STATES[node.state], node.span, source)
