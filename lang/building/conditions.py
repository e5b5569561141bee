"""Conditions."""

from operator import itemgetter
from typing import Any, TypeVar

from roteiro.lang import nodes
from roteiro.lang.building.words import Words
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.scan import Token
from roteiro.lang.source import Span

NESTING = 64
"""Levels of conditions in conditions, and of edits in edits."""
STATES = ("absent", "empty", "blank", "valued", "invalid")
Operand = tuple[str | None, nodes.Path, str | None]
"""A quantifier, a path, and what is asked of it: `count` or `days since`."""
Operator = tuple[str, bool, Span]
"""An operator without its negation, whether it is negated, and where it stands."""
Whole = TypeVar("Whole", bound=nodes.Condition | nodes.IfEdit | nodes.EachEdit)


class TooComplex(Exception):  # noqa: N818  a finding, told to the one caller
    """Something is nested too deep; `span` says where."""

    def __init__(self, span: Span) -> None:
        """Keep the place."""
        super().__init__()
        self.span = span


class Conditions(Words):
    """Makes conditions, not nested too deep."""

    def __init__(self, report: Report, file: int) -> None:
        """Begin with nothing nested."""
        super().__init__(report, file)
        self.depths: dict[int, tuple[int, Span]] = {}
        """By identity: how many levels a node of the piece has, and where the innermost is."""

    def begin(self) -> None:
        """Begin another piece: the nodes of the one before are out of reach."""
        super().begin()
        self.depths.clear()

    def nested(self, whole: Whole, parts: tuple[Any, ...]) -> Whole:
        """Note that a node holds others, and refuse it when they are nested too deep."""
        known = [self.depths[id(part)] for part in parts if id(part) in self.depths]
        depth, innermost = max(known, key=itemgetter(0), default=(0, whole.span))
        if depth == NESTING:
            raise TooComplex(innermost)
        self.depths[id(whole)] = (depth + 1, innermost)
        return whole

    def or_(self, place: Span, *parts: nodes.Condition) -> nodes.Or:
        """Make `a or b`."""
        return self.nested(nodes.Or(parts, place), parts)

    def and_(self, place: Span, *parts: nodes.Condition) -> nodes.And:
        """Make `a and b`."""
        return self.nested(nodes.And(parts, place), parts)

    def not_(self, place: Span, _word: Token, part: nodes.Condition) -> nodes.Not:
        """Make `not a`."""
        return self.nested(nodes.Not(part, place), (part,))

    def true_(self, place: Span) -> nodes.Constant:
        """Make `true`."""
        return nodes.Constant(value=True, span=place)

    def false_(self, place: Span) -> nodes.Constant:
        """Make `false`."""
        return nodes.Constant(value=False, span=place)

    def condition_ref(self, place: Span, name: Token) -> nodes.ConditionRef:
        """Make `@name` as a condition."""
        return nodes.ConditionRef(self.name(name), place)

    def set_ref(self, place: Span, name: Token) -> nodes.SetRef:
        """Make `@name` on the right."""
        return nodes.SetRef(self.name(name), place)

    # Tests of attributes ------------------------------------------------------------------------

    def comparison(
        self, place: Span, operand: Operand, operator: Operator, right: Any
    ) -> nodes.Comparison:
        """Make `[quantifier] path operator right`."""
        quantifier, path, function = operand
        word, negated, where = operator
        right = bare_name(right)
        return nodes.Comparison(quantifier, path, function, word, negated, right, place, where)

    def operand(self, _place: Span, quantifier: str | None, path: nodes.Path) -> Operand:
        """Make `[any|all|no] path`."""
        return quantifier, path, None

    def count(self, _place: Span, path: nodes.Path) -> Operand:
        """Make `count(path)`."""
        return None, path, "count"

    def days_since(self, _place: Span, path: nodes.Path) -> Operand:
        """Make `days since path`."""
        return None, path, "days since"

    def quantifier(self, _place: Span, word: Token) -> str:
        """Make `any`, `all` or `no`."""
        return word.text

    def operator(self, place: Span, mark: Token) -> Operator:
        """Make `==` and its like."""
        return ("==", True, place) if mark.text == "!=" else (mark.text, False, place)

    def word_operator(self, place: Span, negation: Token | None, word: Token) -> Operator:
        """Make `[not] in` and its like."""
        text = word.text + " with" if word.text in {"starts", "ends"} else word.text
        return text, negation is not None, place

    def state_test(self, place: Span, path: nodes.Path, state: Token) -> nodes.StateTest:
        """Make `path is STATE`."""
        if state.text not in STATES:
            meant = self.report.meant(state.text, STATES)
            where = self.place(state)
            self.found(
                "RT100",
                where,
                "unknown_state",
                help=did_you_mean(meant) or hint("states"),
                fix=replaced(where, meant),
                state=state.text,
            )
        return nodes.StateTest(path, state.text, place)

    def sequence_test(
        self, place: Span, quantifier: str | None, path: nodes.Path, condition: nodes.Condition
    ) -> nodes.SequenceTest:
        """Make `[any|all|no] S has ( ... )`; without a word it is `any`."""
        test = nodes.SequenceTest(quantifier or "any", path, condition, place)
        return self.nested(test, (condition,))


def bare_name(right: Any) -> Any:
    """Take a path that is one name for the name."""
    if isinstance(right, nodes.Path) and len(right.steps) == 1:
        step = right.steps[0]
        if isinstance(step.what, nodes.Name) and step.position is None:
            return step.what
    return right
