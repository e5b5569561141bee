"""Fields and tests by number, those of the object first, then those inside `has (...)`.

A scope is what a condition is read in: the object, or the items that a test of a sequence asks.
Each has fields of its own, which read one level of the data, and tests of its own; both are
numbered through all scopes.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from roteiro.core.cells import Ordered, Range, Tree, constants, plant, ranges
from roteiro.core.clauses import Places
from roteiro.core.decision import conditions
from roteiro.core.levels import Levels
from roteiro.core.machines_build import ExpressionsOf, PatternOf
from roteiro.core.names import folded
from roteiro.core.program import (
    Among,
    Condition,
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
)
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
    ValueType.NAME: 1,
    ValueType.INSTANT: 3,
}
"""Value types as `values.Kind`."""
CLASS_BITS = {
    name: 1 << place
    for place, name in enumerate(
        ("text", "decimal", "DA", "TM", "UI", "DT", "AS", "AT", "SQ", "bulk")
    )
}
"""Classes of VRs as `tags.VrClass`."""

ItemTest = SomeItem | EveryItem
ValueTest = Some | Every | ItemTest


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
    exact: dict[bytes, list[int]] = field(default_factory=dict)
    folded: dict[bytes, list[int]] = field(default_factory=dict)
    """Exact texts after case folding."""
    names: dict[bytes, list[int]] = field(default_factory=dict)
    """Of a person name: keys as `values.hit_names` makes them."""
    shapes: dict[tuple[int, ...], int] = field(default_factory=dict)
    """Which groups a literal has, by number."""
    constants: list[Ordered] = field(default_factory=list)
    ranges: list[tuple[Range, int]] = field(default_factory=list)
    """Of an ordered type: cells, and the test that takes them."""
    tree: Tree | None = None
    patterns: list[PatternOf] = field(default_factory=list)
    folded_patterns: list[PatternOf] = field(default_factory=list)
    """Those that are compared with the folded value."""
    expressions: list[ExpressionsOf] = field(default_factory=list)
    scope: int = 0
    """Of a sequence: in which its items are asked; 0 when they are not."""
    items: list[list[tuple[int, bool]]] = field(default_factory=list)
    """By condition of that scope: the tests that ask it, and whether of all items."""


@dataclass(slots=True)
class Scope:
    """Where conditions are read; `fields` and `tests` are ranges of numbers."""

    level: Level
    fields: range
    tests: range
    numbers: dict[ValueTest, int]
    asked: tuple[Test, ...]
    conditions: Sequence[tuple[Condition, Places | None]]
    """Of each rule, or what is asked of items; the places among `asked` of the tests it numbers."""


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
    rules = [(condition, None) for condition in conditions(program)]
    waiting = deque([_add(scopes, program.fields, program.tests, rules, top)])
    while waiting:
        scope = waiting.popleft()
        for place, tests in _sequences(scope).items():
            waiting.append(_add_items(scopes, scope, place, tests))
    return scopes


def _sequences(scope: Scope) -> dict[int, list[ItemTest]]:
    """Give what is asked of items, by the field of the sequence."""
    found: dict[int, list[ItemTest]] = {}
    for test in scope.numbers:
        if isinstance(test, SomeItem | EveryItem):
            found.setdefault(test.field, []).append(test)
    return found


def _add_items(scopes: Scopes, scope: Scope, place: int, tests: list[ItemTest]) -> Scope:
    """Add the scope of one sequence's items: all that is asked of them, together."""
    row = scopes.rows[scope.fields[place]]
    row.scope = len(scopes.made)
    inner = _way(scope.level, row.asked).entries[keys_of(row.asked)[0]].inner
    assert inner is not None
    fields: dict[Field, int] = {}
    asked: dict[Test, int] = {}
    rules: dict[Inside, Places] = {}
    items: dict[Inside, list[tuple[int, bool]]] = {}
    for test in tests:
        if test.inside not in rules:
            rules[test.inside] = _joined(test.inside, fields, asked)
        ask = scope.numbers[test], isinstance(test, EveryItem)
        items.setdefault(test.inside, []).append(ask)
    row.items = list(items.values())
    numbered = [(inside.condition, places) for inside, places in rules.items()]
    return _add(scopes, tuple(fields), tuple(asked), numbered, inner)


def _joined(inside: Inside, fields: dict[Field, int], asked: dict[Test, int]) -> Places:
    """Add the fields and tests of one condition; give the places of its tests."""
    places = []
    for test in inside.tests:
        field_place = fields.setdefault(inside.fields[test.field], len(fields))
        places.append(asked.setdefault(replace(test, field=field_place), len(asked)))
    return tuple(places)


def _way(level: Level, item: Field) -> Level:
    """Give the level that the last step of a field leads to."""
    for step in item.steps:
        inner = level.entries[key_of(step.tag, step.creator)].inner
        assert inner is not None
        level = inner
    return level


def _add(
    scopes: Scopes,
    fields: tuple[Field, ...],
    tests: tuple[Test, ...],
    rules: Sequence[tuple[Condition, Places | None]],
    level: Level,
) -> Scope:
    first, begin = len(scopes.rows), len(scopes.every)
    scopes.rows += [_row(scopes.levels, item, level) for item in fields]
    numbers: dict[ValueTest, int] = {}
    for test in tests:
        if not isinstance(test, InState):
            numbers.setdefault(test, begin + len(numbers))
    scopes.every += [isinstance(test, Every) for test in numbers]
    fields_range = range(first, len(scopes.rows))
    tests_range = range(begin, len(scopes.every))
    made = Scope(level, fields_range, tests_range, numbers, tests, rules)
    scopes.made.append(made)
    _place_literals(scopes.rows[first:], numbers)
    return made


def _row(levels: Levels, item: Field, level: Level) -> FieldRow:
    kind = KINDS[item.type]
    if item.source is not Source.ELEMENT:
        return FieldRow(item, kind, item.name, 0, [], [], "", "", "", 0)
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
    )


def _place_literals(rows: list[FieldRow], numbers: dict[ValueTest, int]) -> None:
    """Give each field of a scope the literals of its tests."""
    among: dict[int, list[tuple[int, Among]]] = {}
    for test, place in numbers.items():
        if isinstance(test, SomeItem | EveryItem):
            continue
        row = rows[test.field]
        if isinstance(test.match, Among) and row.asked.type is ValueType.NAME:
            _place_names(row, place, test.match)
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


def _place_names(row: FieldRow, place: int, match: Among) -> None:
    """Give a field of names its literals by the groups that they have (13.2)."""
    for literal in match.folded:
        groups = {number: group for number, group in enumerate(literal.split("=")) if group}
        shape = row.shapes.setdefault(tuple(groups), len(row.shapes))
        key = shape.to_bytes(4, "little") + b"".join(
            b"=" + group.encode() for group in groups.values()
        )
        tests = row.names.setdefault(key, [])
        if place not in tests[-1:]:
            tests.append(place)


def _plant(row: FieldRow, matches: list[tuple[int, Among]]) -> None:
    """Give a field of an ordered type its constants and the tree of its ranges."""
    row.constants = constants(match for _, match in matches)
    row.ranges = [
        (reach, test) for test, match in matches for reach in ranges(match, row.constants)
    ]
    row.tree = plant(2 * len(row.constants) + 1, row.ranges)
