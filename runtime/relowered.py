"""Puts another rule into a program that is known by numbers (`lowered`)."""

import json
from array import array
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, get_args

from roteiro.core.clause_plan import fit
from roteiro.core.clauses import Clauses, Forest
from roteiro.core.program import (
    FALSE,
    Among,
    Condition,
    Effect,
    Every,
    Field,
    Guard,
    GuardRule,
    GuardVerdict,
    Program,
    Rule,
    Some,
    Table,
    Test,
)
from roteiro.core.validate import check_scope
from roteiro.lang.frozen import read
from roteiro.lang.lower import Shared
from roteiro.lang.source import Source
from roteiro.lang.typed import TypedGuardRule, TypedRule
from roteiro.lang.warm.answer import Rewritten
from roteiro.lang.warm.memory import GUARD
from roteiro.lang.warm.plain import of_value
from roteiro.runtime.artefacts import Unserved
from roteiro.runtime.lowered import Act, Lowered, Part, Unusual, keys, text, visits


@dataclass(frozen=True, slots=True)
class Ready:
    """A program whose rules are known by their clauses, ready to be laid out."""

    program: Program
    clauses: list[Clauses]
    lowered: Lowered


def ready(lowered: Lowered, new: Rewritten, rule_set: str) -> Ready:
    """Put another rule into a program. Raises `Unusual`, `ProgramError`."""
    number = _place(lowered, new)
    condition, made = _lower(new.rule)
    changed = replace(
        lowered,
        rule_set=rule_set,
        fields=lowered.fields[:],
        tests=lowered.tests[:],
        done=lowered.done[:],
        names=lowered.names[:],
        acts=lowered.acts[:],
        priorities=lowered.priorities[:],
        visits=lowered.visits[:],
        clauses=lowered.clauses[:],
    )
    numbers = _numbers(changed, made)
    changed.names[number] = new.rule.name
    changed.acts[number] = _known(changed.done, text(_act(new.rule)))
    changed.priorities[number] = new.rule.priority if isinstance(new.rule, TypedRule) else 0
    changed.visits[number] = array("I", map(numbers.__getitem__, visits(condition)))
    changed.clauses[number] = with_numbers(_clauses(condition, made), numbers)
    return renumbered(changed)


def _place(lowered: Lowered, new: Rewritten) -> int:
    for part in lowered.parts:
        if part.name == new.table and part.begin + new.place < part.end:
            return part.begin + new.place
    raise Unusual


def _lower(rule: TypedRule | TypedGuardRule) -> tuple[Condition, Shared]:
    """Lower one rule, and see that engines can rely on what it asks."""
    shared = Shared()
    condition = shared.condition(rule.condition)
    check_scope(tuple(shared.fields), tuple(shared.tests), 0)
    return condition, shared


def _act(rule: TypedRule | TypedGuardRule) -> Act:
    return rule.effects if isinstance(rule, TypedRule) else rule.verdict


def _clauses(condition: Condition, made: Shared) -> Clauses:
    forest = Forest(len(made.tests))
    found = forest.add(condition)
    if forest.virtuals:
        raise Unusual
    return found


def _numbers(changed: Lowered, made: Shared) -> list[int]:
    """Give the numbers of the tests of a rule among all; what is new comes to the end."""
    fields = [_known(changed.fields, text(field)) for field in made.fields]
    known = {test: place for place, test in enumerate(changed.tests)}
    numbers = []
    for test in made.tests:
        told = text(replace(test, field=fields[test.field]))
        if told not in known:
            known[told] = len(changed.tests)
            changed.tests.append(told)
        numbers.append(known[told])
    return numbers


def _known(texts: list[str], one: str) -> int:
    """Give the place of a text, at the end when it is new."""
    if one not in texts:
        texts.append(one)
    return texts.index(one)


def with_numbers(clauses: Clauses, numbers: list[int]) -> Clauses:
    """Give clauses by other numbers of their tests."""
    return tuple(
        frozenset([2 * numbers[literal >> 1] | literal & 1 for literal in clause])
        for clause in clauses
    )


def renumbered(lowered: Lowered) -> Ready:
    """Give everything the number that it would have if all were lowered: by its first use."""
    order = [
        part.begin + place
        for part in lowered.parts
        for place in keys(lowered.priorities[part.begin : part.end])
    ]
    used = list(dict.fromkeys(chain.from_iterable(lowered.visits[rule] for rule in order)))
    numbers = [0] * len(lowered.tests)
    for place, test in enumerate(used):
        numbers[test] = place
    written_tests = json.loads(f"[{','.join(lowered.tests[test] for test in used)}]")
    tests = [_test(made) for made in written_tests]
    asked = list(dict.fromkeys(test.field for test in tests))
    places = {field: place for place, field in enumerate(asked)}
    tests = [_of_field(test, places[test.field]) for test in tests]
    fields = [lowered.fields[field] for field in asked]
    if used != list(range(len(lowered.tests))):
        lowered.clauses = [with_numbers(each, numbers) for each in lowered.clauses]
        lowered.visits = [array("I", map(numbers.__getitem__, each)) for each in lowered.visits]
        lowered.tests = [text(test) for test in tests]
    lowered.fields = fields
    if not fit(_by_number(lowered, order)):
        raise Unusual
    program = _program(lowered, order, tuple(map(_field, fields)), tuple(tests))
    return Ready(program, _by_number(lowered, order), lowered)


def _of_field(test: Test, field: int) -> Test:
    return test if test.field == field else replace(test, field=field)


def _test(made: list[Any]) -> Test:
    """Make a test; those that compare with values, which are most, without a detour."""
    kind, asked, match = made[0], made[1], made[2]
    if kind in COMPARING and match[0] == Among.__name__ and not match[2]:
        values, folded = match[1], match[3]
        if all(type(value) is str for value in chain(values, folded)):
            return COMPARING[kind](asked, Among(tuple(values), (), tuple(folded)))
    found: Test = read(TESTS[kind], made)
    return found


COMPARING: dict[str, type[Some | Every]] = {"Some": Some, "Every": Every}


def _field(told: str) -> Field:
    found: Field = read(Field, json.loads(told))
    return found


TESTS = {kind.__name__: kind for kind in get_args(Test)}


def _by_number(lowered: Lowered, order: list[int]) -> list[Clauses]:
    """Give the clauses by number: those of a part, then of what it does otherwise none."""
    found: list[Clauses] = []
    for part in lowered.parts:
        found += [lowered.clauses[rule] for rule in order[part.begin : part.end]]
        found.append(())
    return found


def _program(
    lowered: Lowered, order: list[int], fields: tuple[Field, ...], tests: tuple[Test, ...]
) -> Program:
    """Make the program; the conditions of its rules are known otherwise."""
    guard, tables = None, []
    for part in lowered.parts:
        rules = [
            (f"{part.name}.{lowered.names[rule]}", lowered.acts[rule])
            for rule in order[part.begin : part.end]
        ]
        if part.name == GUARD:
            verdicts = [_verdict(told) if told[1] == '"' else None for told in lowered.done]
            guard = _guard(part, rules, verdicts)
        else:
            tables.append(_table(part, rules, lowered))
    return Program(fields, tests, guard, tuple(tables), lowered.rule_set, lowered.zone)


def _guard(part: Part, rules: list[tuple[str, int]], done: list[GuardVerdict | None]) -> Guard:
    def does(act: int) -> GuardVerdict:
        found = done[act]
        if found is None:
            raise Unusual
        return found

    made = tuple(GuardRule(name, FALSE, does(act)) for name, act in rules)
    return Guard(made, does(part.otherwise))


def _table(part: Part, rules: list[tuple[str, int]], lowered: Lowered) -> Table:
    acts = {
        act: _effects(lowered.done[act]) for act in {part.otherwise, *(act for _, act in rules)}
    }
    made = tuple(Rule(name, FALSE, acts[act]) for name, act in rules)
    return Table(part.name, part.first, made, acts[part.otherwise])


def _verdict(told: str) -> GuardVerdict:
    made = json.loads(told)
    found: GuardVerdict = read(VERDICTS[made[0]], made)
    return found


VERDICTS = {kind.__name__: kind for kind in get_args(GuardVerdict)}


def _effects(told: str) -> tuple[Effect, ...]:
    found: tuple[Effect, ...] = read(tuple[Effect, ...], json.loads(told))
    return found


# What `serve` does not carry out ------------------------------------------------------------------


def moved(
    old: tuple[Unserved, ...], lowered: Lowered, new: Rewritten, source: Source
) -> tuple[Unserved, ...]:
    """Give what `serve` does not carry out of the new text, and note where it stands there.

    Raises `Unusual`.
    """
    found = [
        (new.edit.at(at), one.what)
        for at, one in zip(lowered.unserved, old, strict=True)
        if not new.edit.within(at)
    ]
    if any(at < 0 for at, _ in found):
        raise Unusual
    found += [(one.span.start, of_value(one.what)) for one in new.uncarried]
    found.sort(key=lambda one: one[0])
    lowered.unserved = array("I", (at for at, _ in found))
    return tuple(_unserved(at, what, source) for at, what in found)


def _unserved(at: int, what: object, source: Source) -> Unserved:
    place = source.position(at)
    return Unserved(0, place.line, place.column, what)
