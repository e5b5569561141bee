"""Fields and tests by number, those of the object first, then those inside `has (...)`.

A scope is what a condition is read in: the object, or the items that a test of a sequence asks.
Each has fields of its own, which read one level of the data, and tests of its own; both are
numbered through all scopes.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from roteiro.core.cells import Ordered, Range, Tree, constants, plant, ranges
from roteiro.core.clauses import Forest
from roteiro.core.levels import Levels
from roteiro.core.machines_build import ExpressionsOf, PatternOf
from roteiro.core.names import folded
from roteiro.core.program import (
    TRUE,
    Among,
    Every,
    EveryItem,
    Field,
    Inside,
    InState,
    Matches,
    Pattern,
    Program,
    Some,
    SomeItem,
    Source,
    Test,
    ValueType,
    View,
)
from roteiro.core.pure_matches import Predicate, predicate
from roteiro.core.tested import Level, key_of, keys_of
from roteiro.core.vrs import TEXT, default_vr, expected

KINDS = {
    ValueType.STATE_ONLY: 0,
    ValueType.SEQUENCE: 0,
    ValueType.TEXT: 1,
    ValueType.UID: 1,
    ValueType.DECIMAL: 2,
    ValueType.DATE: 3,
    ValueType.TIME: 3,
    ValueType.AGE: 3,
    ValueType.TAG: 3,
    ValueType.ADDRESS: 4,
    ValueType.NAME: 0,
    ValueType.INSTANT: 0,
}
"""Value types as `values.Kind`; of some only the states are known to the compiled part."""
CLASS_BITS = {
    name: 1 << place
    for place, name in enumerate(
        ("text", "decimal", "DA", "TM", "UI", "DT", "AS", "AT", "SQ", "bulk")
    )
}
"""Classes of VRs as `tags.VrClass`."""
GENERAL_TYPES = frozenset((ValueType.NAME, ValueType.INSTANT))

ValueTest = Some | Every | SomeItem | EveryItem


@dataclass(slots=True)
class FieldRow:
    """How one field is read, and its literals; tests by number."""

    asked: Field
    kind: int
    name: str
    """Of the member of the envelope, or of the clock; else empty."""
    level: int
    """Of the data set that the last step of its way leads to."""
    slots: list[int]
    """Where in that data set; several for repeating groups."""
    steps: list[tuple[int, int]]
    """The way: slot and item, from 1, of each sequence."""
    vr: str
    signed_vr: str
    text_vr: str
    classes: int
    is_general: bool
    """Whether Python decides its tests (`general`)."""
    exact: dict[bytes, list[int]] = field(default_factory=dict)
    folded: dict[bytes, list[int]] = field(default_factory=dict)
    """Exact texts after case folding."""
    constants: list[Ordered] = field(default_factory=list)
    ranges: list[tuple[Range, int]] = field(default_factory=list)
    """Of an ordered type: cells, and the test that takes them."""
    tree: Tree | None = None
    patterns: list[PatternOf] = field(default_factory=list)
    folded_patterns: list[PatternOf] = field(default_factory=list)
    """Those that are compared with the folded value."""
    expressions: list[ExpressionsOf] = field(default_factory=list)
    predicates: list[tuple[int, bool, Predicate]] = field(default_factory=list)
    """Of a general field: test, whether all values must match, what tells."""
    items: list[tuple[int, bool, int]] = field(default_factory=list)
    """Of a sequence: test, whether all items must satisfy, the scope of the items."""


@dataclass(slots=True)
class Scope:
    """Where a condition is read; `fields` and `tests` are ranges of numbers."""

    level: Level
    fields: range
    tests: range
    numbers: dict[ValueTest, int]
    forest: Forest
    root: int
    """The node of the condition in the forest; -1 for the object, which has rules instead."""
    asked: tuple[Test, ...]


@dataclass(slots=True)
class Scopes:
    """All scopes of a program."""

    levels: Levels
    rows: list[FieldRow] = field(default_factory=list)
    every: list[bool] = field(default_factory=list)
    """By test: whether all values must match."""
    made: list[Scope] = field(default_factory=list)


def number_scopes(program: Program, top: Level, levels: Levels) -> Scopes:
    """Give every field and every test of values a number."""
    scopes = Scopes(levels)
    whole = Inside(program.fields, program.tests, TRUE)
    waiting = deque([_add(scopes, whole, top, has_condition=False)])
    while waiting:
        scope = waiting.popleft()
        for test, inside, level, number in _insides(scopes, scope):
            row = scopes.rows[scope.fields[test.field]]
            row.items.append((number, isinstance(test, EveryItem), len(scopes.made)))
            waiting.append(_add(scopes, inside, level, has_condition=True))
    return scopes


def _insides(scopes: Scopes, scope: Scope) -> Iterator[tuple[ValueTest, Inside, Level, int]]:
    for test, number in scope.numbers.items():
        if isinstance(test, SomeItem | EveryItem):
            item = scopes.rows[scope.fields[test.field]].asked
            inner = _way(scope.level, item).entries[keys_of(item)[0]].inner
            assert inner is not None
            yield test, test.inside, inner, number


def _way(level: Level, item: Field) -> Level:
    """Give the level that the last step of a field leads to."""
    for step in item.steps:
        inner = level.entries[key_of(step.tag, step.creator)].inner
        assert inner is not None
        level = inner
    return level


def _add(scopes: Scopes, inside: Inside, level: Level, *, has_condition: bool) -> Scope:
    first, begin = len(scopes.rows), len(scopes.every)
    fields, tests = inside.fields, inside.tests
    scopes.rows += [_row(scopes.levels, item, level) for item in fields]
    numbers: dict[ValueTest, int] = {}
    for test in tests:
        if not isinstance(test, InState):
            numbers.setdefault(test, begin + len(numbers))
    scopes.every += [isinstance(test, Every) for test in numbers]
    forest = Forest(len(tests))
    root = forest.normal(inside.condition) if has_condition else -1
    fields_range = range(first, len(scopes.rows))
    made = Scope(level, fields_range, range(begin, len(scopes.every)), numbers, forest, root, tests)
    scopes.made.append(made)
    _place_literals(scopes.rows[first:], numbers)
    return made


def _row(levels: Levels, item: Field, level: Level) -> FieldRow:
    kind = KINDS[item.type]
    if item.source is not Source.ELEMENT:
        return FieldRow(item, kind, item.name, 0, [], [], "", "", "", 0, is_general=False)
    text_vr = item.vr if item.vr in TEXT and not item.creator else ""
    signed_vr = default_vr(item.vr, signed=True)
    classes = sum(CLASS_BITS[name] for name in expected(item))
    steps: list[tuple[int, int]] = []
    for step in item.steps:
        key = key_of(step.tag, step.creator)
        steps.append((levels.places[levels.numbers[id(level)]][key], step.item))
        inner = level.entries[key].inner
        assert inner is not None
        level = inner
    number = levels.numbers[id(level)]
    slots = [levels.places[number][key] for key in keys_of(item)]
    return FieldRow(
        item,
        kind,
        "",
        number,
        slots,
        steps,
        default_vr(item.vr),
        signed_vr,
        text_vr,
        classes,
        is_general=_is_general(item),
    )


def _is_general(item: Field) -> bool:
    return (
        item.position > 0
        or bool(item.component)
        or item.view is not View.VALUES
        or item.type in GENERAL_TYPES
    )


def _place_literals(rows: list[FieldRow], numbers: dict[ValueTest, int]) -> None:
    """Give each field of a scope the literals of its tests."""
    among: dict[int, list[tuple[int, Among]]] = {}
    for test, place in numbers.items():
        if isinstance(test, SomeItem | EveryItem):
            continue
        row = rows[test.field]
        if row.is_general:
            told = predicate(test.match, row.asked.type)
            row.predicates.append((place, isinstance(test, Every), told))
        elif isinstance(test.match, Among) and row.kind != KINDS[ValueType.TEXT]:
            among.setdefault(test.field, []).append((place, test.match))
        else:
            _place_texts(row, place, test.match)
    for asked, matches in among.items():
        _plant(rows[asked], matches)


def _place_texts(row: FieldRow, place: int, match: Among | Pattern | Matches) -> None:
    if isinstance(match, Matches):
        row.expressions.append((place, match.expressions))
        return
    if isinstance(match, Pattern):
        for patterns, texts in (
            (row.patterns, match.texts),
            (row.folded_patterns, match.folded),
        ):
            if texts:
                patterns.append((place, match.kind, texts))
        return
    assert isinstance(match, Among)
    for text in dict.fromkeys(match.folded):
        row.folded.setdefault(text.encode(), []).append(place)
    for value in dict.fromkeys(match.values):
        if folded(str(value)) not in match.folded:  # or a value would be counted twice
            row.exact.setdefault(str(value).encode(), []).append(place)


def _plant(row: FieldRow, matches: list[tuple[int, Among]]) -> None:
    """Give a field of an ordered type its constants and the tree of its ranges."""
    row.constants = constants(match for _, match in matches)
    row.ranges = [
        (reach, test) for test, match in matches for reach in ranges(match, row.constants)
    ]
    row.tree = plant(2 * len(row.constants) + 1, row.ranges)
