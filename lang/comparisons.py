"""Comparisons, typed: what may be asked of which attribute, and what the right side means."""

import re
from dataclasses import replace
from itertools import islice

from roteiro.core.program import Field, Interval, ValueType, View
from roteiro.core.program import Source as Place
from roteiro.lang import dictionary, impossible, names_of_people, nodes, typed
from roteiro.lang.attributes import LOCAL_TIME, Attributes, vr_of, written
from roteiro.lang.diagnostics import Fix, Label
from roteiro.lang.impossible import Reason
from roteiro.lang.literals import ORDERED, Element, Literals, Values, is_tag
from roteiro.lang.privates import vr_for
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.schedules import openings
from roteiro.lang.sets import Sets, Use
from roteiro.lang.source import Span

ORDERS = frozenset(("<", "<=", ">", ">="))
TEXTUAL = frozenset(("contains", "starts with", "ends with", "like"))
ON_TEXTS = TEXTUAL | {"matches"}
MOST = 10
"""Warnings about the literals of one comparison at most."""
UNASKED = frozenset((ValueType.SEQUENCE, ValueType.STATE_ONLY))
DOTTED = re.compile(r"\d+(\.\d+){2,}\Z", re.ASCII)


class Comparisons:
    """Types comparisons, and reports what is wrong with them."""

    def __init__(self, names: Names, report: Report, attributes: Attributes) -> None:
        """Resolve by `names` and `attributes`, report to `report`."""
        self.names = names
        self.report = report
        self.attributes = attributes
        zone = names.timezone.zone.value if names.timezone else "UTC"
        self.literals = Literals(report, zone=zone)
        self.sets = Sets(names, report, self.literals)
        self.windows: dict[str, tuple[Interval, ...]] = {}
        self.doubts: dict[tuple[object, ...], tuple[Reason, ...]] = {}
        """What is odd about sets, by set and what it is compared with."""

    def compare(self, node: nodes.Comparison) -> typed.Compare | None:
        """Type a comparison; nothing when something was reported."""
        if is_clock(node.path):
            return self.clock(node)
        field = self.left(node)
        if field is None:
            self.right_alone(node)
            return None
        if not self.operator_fits(node, field):
            return None
        right = self.right(node, field)
        if right is None:
            return None
        return self.made(node, field, right)

    def made(self, node: nodes.Comparison, field: Field, right: Values) -> typed.Compare:
        """Put a comparison together."""
        return typed.Compare(
            field,
            node.quantifier,
            node.operator,
            node.negated,
            right.values,
            right.intervals,
            node.span,
            self.report.source_of(node.span),
            right.folded,
            right.expressions,
        )

    # Left sides ---------------------------------------------------------------------------------

    def left(self, node: nodes.Comparison) -> Field | None:
        """Give what is compared; nothing when that was reported."""
        field = self.attributes.field(node.path, vr_for(node, self.names.sets), node.span)
        if field is None:
            return None
        if node.function == "count":
            return self.counted(node, field)
        if node.function is not None:
            return self.days_since(node, field)
        if field.type in UNASKED:
            key = "sequence_compared" if field.type is ValueType.SEQUENCE else "bulk_compared"
            helped = hint(f"{key}_help", name=written(field))
            self.report.add("RT120", node.span, key, help=helped, name=written(field), vr=field.vr)
            return None
        if field.type is ValueType.NAME and node.operator in ON_TEXTS:
            field = replace(field, type=ValueType.TEXT, component=names_of_people.WHOLE)
        return field if self.asks_once(node, field) else None

    def asks_once(self, node: nodes.Comparison, field: Field) -> bool:
        """Report a quantifier before a position, which is one value."""
        if not field.position or node.quantifier is None:
            return True
        word = Span(node.span.start, node.path.span.start, node.span.file)
        fix = Fix(word, "", safe=True) if node.quantifier != "no" else None
        self.report.add(
            "RT111",
            node.span,
            "position_with_quantifier",
            help=hint("position_with_no" if fix is None else "position_alone"),
            fix=fix,
            word=node.quantifier,
            name=written(field),
        )
        return False

    def counted(self, node: nodes.Comparison, field: Field) -> Field | None:
        """Give the number of an element's values."""
        if self.is_part(node, field):
            return None
        return replace(field, type=ValueType.DECIMAL, view=View.COUNT)

    def days_since(self, node: nodes.Comparison, field: Field) -> Field | None:
        """Give the days since an element's dates."""
        if self.is_part(node, field):
            return None
        if field.vr == "DA":
            return replace(field, type=ValueType.DECIMAL, view=View.DAYS_SINCE)
        meant = field.name.removesuffix("Time") if field.vr == "DT" else ""
        known = dictionary.by_keyword(meant)
        better = meant if known is not None and known.vr == "DA" else None
        last = node.path.steps[-1].span
        self.report.add(
            "RT111",
            node.path.span,
            "days_since_plain",
            help=did_you_mean(better),
            fix=replaced(last, better, safe=False),
            name=written(field),
            vr=field.vr,
        )
        return None

    def is_part(self, node: nodes.Comparison, field: Field) -> bool:
        """Report what is no whole element, of which no function is asked."""
        if field.source is Place.ELEMENT and not field.position and not field.component:
            return False
        self.report.add(
            "RT111", node.path.span, "function_of_part", name=written(field), word=node.function
        )
        return True

    # The clock ----------------------------------------------------------------------------------

    def clock(self, node: nodes.Comparison) -> typed.Compare | None:
        """Type `clock.local in @schedule`."""
        second = node.path.steps[1].what if len(node.path.steps) == 2 else None
        if not isinstance(second, nodes.Name) or second.text != LOCAL_TIME.name:
            self.attributes.field(node.path)
            return None
        plain = node.operator == "in" and node.function is None and node.quantifier is None
        if not plain or not isinstance(node.right, nodes.SetRef):
            self.report.add("RT111", node.span, "clock_alone", help=hint("clock_help"))
            return None
        windows = self.schedule(node.right.name)
        if windows is None:
            return None
        return self.made(node, LOCAL_TIME, Values(intervals=windows))

    def schedule(self, name: nodes.Name) -> tuple[Interval, ...] | None:
        """Give when a schedule is open."""
        if name.text in self.names.sets and name.text not in self.names.schedules:
            self.names.use("sets", name, self.report)
            helped = hint("set_no_schedule_help", name=name.text)
            self.report.add("RT104", name.span, "unknown_schedules", help=helped, name=name.text)
            return None
        item = self.names.use("schedules", name, self.report)
        if not isinstance(item, nodes.Schedule):
            return None
        if name.text not in self.windows:
            self.windows[name.text] = openings(item)
        return self.windows[name.text]

    # Operators ----------------------------------------------------------------------------------

    def operator_fits(self, node: nodes.Comparison, field: Field) -> bool:
        """Refuse operators that a type has not."""
        key = misuse(node.operator, field)
        if key is None:
            return True
        better = self.under(node) if key == "no_text_of_uid" else None
        helped = {
            "no_text_of_uid": hint("write", word=better) if better else hint("under_help"),
            "no_under": hint("no_under_help"),
        }
        self.report.add(
            "RT111",
            node.operator_span,
            key,
            help=helped.get(key),
            fix=replaced(through(node.operator_span, node.right.span), better, safe=False),
            name=written(field),
            operator=node.operator,
        )
        return False

    def under(self, node: nodes.Comparison) -> str | None:
        """Give what was meant by a text that a UID starts with."""
        right = node.right
        if node.operator not in {"starts with", "like"} or not isinstance(right, nodes.Text):
            return None
        root = right.value.removesuffix("*").rstrip(".")
        negation = "not " if node.negated else ""
        return f"{negation}under {root}" if DOTTED.match(root) else None

    # Right sides --------------------------------------------------------------------------------

    def right_alone(self, node: nodes.Comparison) -> None:
        """Remember the set of a comparison whose left side was reported."""
        if isinstance(node.right, nodes.SetRef):
            self.names.use("sets", node.right.name, self.report)

    def right(self, node: nodes.Comparison, field: Field) -> Values | None:
        """Type the right side as the operator wants it; nothing when that was reported."""
        right = node.right
        if isinstance(right, nodes.SetLiteral | nodes.SetRef | nodes.Range):
            return self.several(node, field, right)
        if isinstance(right, nodes.Path) and not (field.type is ValueType.TAG and is_tag(right)):
            self.literals.attribute(right)
            return None
        if node.operator == "in":
            self.one_in(node, right)
            return None
        if isinstance(right, nodes.Regex) and node.operator != "matches":
            self.pattern_elsewhere(node, field, right)
            return None
        if isinstance(right, nodes.Text) and not right.value:
            self.empty(node, right)
            return None
        values = self.literals.one(right, field, node.operator)
        if values is not None:
            self.warn(node, field, values)
        return values

    def pattern_elsewhere(self, node: nodes.Comparison, field: Field, right: nodes.Regex) -> None:
        """Report a pattern whose operator takes none."""
        if field.type is not ValueType.TEXT and field.type is not ValueType.NAME:
            self.literals.wrong(right, field)
            return
        better = None
        if node.operator in {"==", "in", "like"}:
            better = "not matches" if node.negated else "matches"
        self.report.add(
            "RT111",
            node.operator_span,
            "pattern_elsewhere",
            help=hint("write", word=better or "matches"),
            fix=replaced(node.operator_span, better),
            operator="!=" if node.negated and node.operator == "==" else node.operator,
        )

    def empty(self, node: nodes.Comparison, right: nodes.Text) -> None:
        """Report a comparison with `""`, which no value equals."""
        state = "valued" if node.negated else "blank"
        better = f"{self.report.text(node.path.span)} is {state}"
        plain = node.operator == "==" and node.quantifier is None
        self.report.add(
            "RT114",
            right.span,
            "empty_pattern" if node.operator in ON_TEXTS else "compared_with_empty",
            help=hint("write", word=better) if plain else None,
            fix=replaced(node.span, better, safe=False) if plain else None,
        )

    def one_in(self, node: nodes.Comparison, right: Element) -> None:
        """Report `in` with one value."""
        better = "!=" if node.negated else "=="
        if isinstance(right, nodes.Regex):
            better = "not matches" if node.negated else "matches"
        self.report.add(
            "RT111",
            right.span,
            "in_one",
            help=hint("write", word=f"{better} {self.report.text(right.span)}"),
            fix=replaced(node.operator_span, better, safe=False),
        )

    def several(
        self,
        node: nodes.Comparison,
        field: Field,
        right: nodes.SetLiteral | nodes.SetRef | nodes.Range,
    ) -> Values | None:
        """Type a set or a range."""
        one_only = node.operator in ORDERS or node.operator == "=="
        if one_only or (node.operator != "in" and isinstance(right, nodes.Range)):
            self.not_with_set(node)
            return None
        if isinstance(right, nodes.SetRef):
            return self.named_set(node, field, right)
        if isinstance(right, nodes.Range):
            right = nodes.SetLiteral((right,), right.span)
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
            if isinstance(element, nodes.Text) and not element.value:
                self.empty(node, element)
                return None
            if isinstance(element, nodes.Range) and node.operator != "in":
                self.not_with_set(node)
                return None
            if isinstance(element, nodes.Regex) and node.operator != "matches":
                self.pattern_elsewhere(node, field, element)
                return None
        before = len(self.report.findings)
        values = self.literals.elements(right.elements, field, node.operator)
        if len(self.report.findings) > before:
            return None
        self.warn(node, field, values)
        return values

    def named_set(self, node: nodes.Comparison, field: Field, right: nodes.SetRef) -> Values | None:
        """Type a declared set for a field."""
        found = self.sets.use(right.name, Use(right.span, field, node.operator))
        if found is None:
            return None
        name, values = found
        if values.intervals and node.operator != "in":
            self.not_with_set(node)
            return None
        role = field.name if field.name in impossible.ROLES else ""
        key = (name, vr_of(field), field.view, field.component, role, node.operator)
        if key not in self.doubts:
            doubtful = impossible.reasons(values, field, node.operator)
            self.doubts[key] = tuple(islice(doubtful, MOST))
        for span, value, reason in self.doubts[key]:
            label = self.report.label(span, "this_element")
            self.doubt(right.span, self.shown(span, value), reason, field, labels=(label,))
        return values

    # Literals that match nothing ----------------------------------------------------------------

    def warn(self, node: nodes.Comparison, field: Field, values: Values) -> None:
        """Report literals that no valid value can match."""
        reasons = impossible.reasons(values, field, node.operator)
        for span, value, reason in islice(reasons, MOST):
            better = impossible.mended(value, field, node.operator) if value else None
            fix = replaced(span, better, safe=False)
            self.doubt(span, self.shown(span, value), reason, field, fix=fix)

    def shown(self, span: Span, value: str) -> str:
        """Give a literal as a message shows it."""
        return value or self.report.text(span)

    def doubt(  # noqa: PLR0913  a finding has these parts
        self,
        span: Span,
        value: str,
        reason: str,
        field: Field,
        *,
        labels: tuple[Label, ...] = (),
        fix: Fix | None = None,
    ) -> None:
        """Report a literal that no valid value can match."""
        vr = vr_of(field)
        self.report.add(
            "RT121",
            span,
            "impossible" if vr else "impossible_of",
            labels=labels,
            help=hint("impossible_help", reason=reason),
            fix=fix,
            name=written(field),
            vr=vr,
            value=value,
        )


def is_clock(path: nodes.Path) -> bool:
    """Whether a path asks the clock."""
    first = path.steps[0].what
    return isinstance(first, nodes.Name) and first.text == "clock"


def through(first: Span, last: Span) -> Span:
    """Give the place from one to another."""
    return Span(first.start, last.end, first.file)


def misuse(operator: str, field: Field) -> str | None:
    """Say what is wrong with an operator for a type."""
    if operator in ORDERS and field.type not in ORDERED:
        return "no_order"
    if operator in ON_TEXTS and field.type is not ValueType.TEXT:
        return "no_text_of_uid" if field.type is ValueType.UID else "no_text"
    if operator == "under" and field.type is not ValueType.UID:
        return "no_under"
    return None
