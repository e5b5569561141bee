"""Checked programs made by hand, for tests that need no text."""

from roteiro.core.program import Effect, Field, Interval, Scalar, Source, State, ValueType
from roteiro.lang import source, typed
from roteiro.lang.settings import Settings

TEXTS = "AE CS SH LO ST LT UC UT UR"
NUMBERS = "DS IS US SS UL SL UV SV FL FD"
TYPES = {
    **dict.fromkeys(TEXTS.split(" "), ValueType.TEXT),
    **dict.fromkeys(NUMBERS.split(" "), ValueType.DECIMAL),
    "US or SS": ValueType.DECIMAL,
    "DA": ValueType.DATE,
    "TM": ValueType.TIME,
    "UI": ValueType.UID,
}
TEXT = source.Source("hand.route", "a test of the program")
SPAN = source.Span(2, 6)


def element(tag: int, vr: str, kind: ValueType | None = None) -> Field:
    return Field(Source.ELEMENT, kind or TYPES.get(vr, ValueType.STATE_ONLY), tag, vr, vr)


def member(name: str, kind: ValueType) -> Field:
    return Field(Source.ENVELOPE, kind, name=name)


def compare(
    field: Field,
    operator: str,
    *values: Scalar,
    quantifier: str | None = None,
    negated: bool = False,
    intervals: tuple[Interval, ...] = (),
) -> typed.Compare:
    return typed.Compare(field, quantifier, operator, negated, values, intervals, SPAN, TEXT)


def is_state(field: Field, states: State) -> typed.IsState:
    return typed.IsState(field, states, SPAN, TEXT)


def rule(
    name: str, condition: typed.Condition, *effects: Effect, priority: int = 0
) -> typed.TypedRule:
    return typed.TypedRule(name, None, priority, condition, effects, SPAN)


def table(
    name: str,
    *rules: typed.TypedRule,
    first: bool = False,
    otherwise: tuple[Effect, ...] | None = None,
) -> typed.TypedTable:
    return typed.TypedTable(name, first, rules, otherwise, SPAN)


def program(
    *tables: typed.TypedTable,
    guard: typed.TypedGuard | None = None,
    tests: tuple[typed.TypedTest, ...] = (),
) -> typed.Typed:
    return typed.Typed(Settings(), guard, tables, tests, "sha256:0")
