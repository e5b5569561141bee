"""Property: how much room the clauses are given changes no decision."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.core import build, cell_masks, clause_plan
from roteiro.core.plan import lay_out
from roteiro.core.program import (
    Among,
    Condition,
    Conjunction,
    Deliver,
    Disjunction,
    Encoding,
    Envelope,
    Every,
    Field,
    Holds,
    InState,
    Interval,
    Negation,
    Pattern,
    PatternKind,
    Program,
    Rule,
    Some,
    Source,
    State,
    Table,
    Test,
    ValueType,
)
from roteiro.core.pure import PureMatcher

from generators.engine import ENVELOPES, datasets, programs  # isort: skip

NEVER_FEW, NO_ROOM = 10**9, 1
Room = tuple[object, str, object]
ROOMS: dict[str, tuple[Room, ...]] = {
    "sets for all": ((clause_plan, "FEW", 0),),
    "no sets": ((clause_plan, "FEW", NEVER_FEW),),
    "one clause a rule": ((clause_plan, "CAPS", (1,)),),
    "two clauses a rule": ((clause_plan, "CAPS", (2,)), (clause_plan, "FEW", 0)),
    "cells far apart": (
        (clause_plan, "FEW", 0),
        (cell_masks, "BUDGET", NO_ROOM),
        (cell_masks, "WIDEST", 1 << 20),
    ),
    "no cells": ((clause_plan, "FEW", 0), (cell_masks, "BUDGET", NO_ROOM)),
}


@pytest.fixture(params=ROOMS)
def room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for where, name, value in ROOMS[request.param]:
        monkeypatch.setattr(where, name, value)
    return str(request.param)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_room_changes_no_decision(room: str, data: st.DataObject) -> None:
    program = data.draw(programs())
    slow, fast = PureMatcher(program), build(program)
    for _ in range(4):
        encoding = data.draw(st.sampled_from(list(Encoding)))
        dataset = data.draw(datasets(program, encoding))
        envelope = data.draw(ENVELOPES)
        assert fast.decide(dataset, encoding, envelope) == slow.decide(dataset, encoding, envelope)


FIELDS = (
    Field(Source.ELEMENT, ValueType.TEXT, 0x00080060, "CS"),
    Field(Source.ELEMENT, ValueType.TEXT, 0x00081010, "SH"),
    Field(Source.ELEMENT, ValueType.DECIMAL, 0x00180050, "DS"),
    Field(Source.ELEMENT, ValueType.DATE, 0x00080020, "DA"),
    Field(Source.ELEMENT, ValueType.TEXT, 0x00180015, "CS"),
    Field(Source.ELEMENT, ValueType.TEXT, 0x00080070, "LO"),
    Field(Source.ELEMENT, ValueType.DECIMAL, 0x00280010, "US"),
)
PARTS = ("HEAD", "CHEST", "KNEE")
MODALITIES = ("CT", "MR", "DX", "US")


def many(rules: int, rng: random.Random, *, first: bool) -> Program:
    """Make rules whose tests overlap: frequent texts, rare ones, ranges, states, alternatives."""
    tests: list[Test] = []

    def ask(test: Test) -> Condition:
        tests.append(test)
        return Holds(len(tests) - 1)

    def between() -> Among:
        low = Decimal(rng.randint(0, 4000)) / 10
        return Among((Decimal(rng.randint(0, 400)),), (Interval(low, low + rng.randint(0, 90)),))

    kinds = (
        lambda: ask(Some(0, Among((rng.choice(MODALITIES),)))),
        lambda: ask(Every(0, Among(tuple(rng.sample(MODALITIES, 2))))),
        lambda: ask(Some(1, Among((f"S{rng.randint(0, 99)}",), folded=(f"t{rng.randint(0, 9)}",)))),
        lambda: ask(Some(2, between())),
        lambda: ask(Every(2, between())),
        lambda: ask(Some(3, Among((), (Interval(20200101 + rng.randint(0, 900), None),)))),
        lambda: ask(InState(2, State.ABSENT | State.EMPTY)),
        lambda: ask(Some(4, Among((rng.choice(PARTS),)))),
        lambda: ask(Every(4, Among(tuple(rng.sample(PARTS, 2))))),
        lambda: ask(Some(5, Among((f"MAKER {rng.randint(0, 4)}",)))),
        lambda: ask(Some(6, Among((), (Interval(Decimal(rng.randint(0, 9) * 64), None),)))),
    )

    def part() -> Condition:
        made = rng.choice(kinds)()
        return Negation(made) if rng.random() < 0.1 else made

    def condition() -> Condition:
        parts = [part() for _ in range(rng.randint(3, 5))]
        if rng.random() < 0.3:
            parts.append(Disjunction(tuple(part() for _ in range(rng.randint(2, 4)))))
        return Conjunction(tuple(parts))

    made = tuple(
        Rule(f"t.{number}", condition(), (Deliver(f"d{number % 7}"),)) for number in range(rules)
    )
    table = Table("t", first, made, (Deliver("other"),))
    return Program(FIELDS, tuple(tests), None, (table,), "sha256:test")


def objects(rng: random.Random, explicit: object) -> bytes:
    """Encode one object: single values mostly, several now and then, none or nonsense."""
    found = b""
    thickness = (f"{rng.randint(0, 4000) / 10:g}", "4\\40.5", "", "much", f"{rng.randint(0, 400)}")
    values = {
        0x00080020: ("DA", rng.choice(("20200615", "20221231", "2020013", ""))),
        0x00080060: ("CS", rng.choice((*MODALITIES, "CT\\MR", "CT\\CT", "CT\\XA", ""))),
        0x00081010: ("SH", rng.choice((f"S{rng.randint(0, 99)}", "T3", "t4\\S7", ""))),
        0x00080070: ("LO", f"MAKER {rng.randint(0, 5)}"),
        0x00180015: ("CS", rng.choice((*PARTS, "HEAD\\NECK", ""))),
        0x00180050: ("DS", rng.choice(thickness)),
    }
    for tag, (vr, value) in sorted(values.items()):
        if rng.random() < 0.9:
            data = value.encode()
            found += explicit.element(tag, vr, data + b" " * (len(data) % 2))  # type: ignore[attr-defined]
    return found


def test_few_words_are_alive(explicit: object) -> None:
    """Selective rules: after the fields that tell most, few clauses are left for the others."""
    rng = random.Random(7)
    program = many(1500, rng, first=False)
    tests, rules = list(program.tests), []
    for number, one in enumerate(program.tables[0].rules):
        tests.append(Some(1, Among((f"S{number % 100}",))))
        condition = Conjunction((Holds(len(tests) - 1), one.condition))
        rules.append(Rule(one.name, condition, one.effects))
    table = Table("t", first=False, rules=tuple(rules), otherwise=(Deliver("other"),))
    made = Program(program.fields, tuple(tests), None, (table,), "sha256:test")
    slow, fast = PureMatcher(made), build(made)
    fired = 0
    for _ in range(40):
        data = objects(rng, explicit)
        expected = slow.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
        assert fast.decide(data, Encoding.EXPLICIT_LITTLE, Envelope()) == expected
        fired += expected.decision.rules != ("t.otherwise",)
    assert fired > 5


@pytest.mark.parametrize("first", [True, False])
def test_many_overlapping_rules(room: str, explicit: object, *, first: bool) -> None:
    rng = random.Random(5)
    program = many(400, rng, first=first)
    slow, fast = PureMatcher(program), build(program)
    seen = set()
    for _ in range(150):
        data = objects(rng, explicit)
        expected = slow.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
        assert fast.decide(data, Encoding.EXPLICIT_LITTLE, Envelope()) == expected, room
        seen.add(expected.decision.rules)
    assert len(seen) > (8 if first else 60)


def decided_alike(program: Program, data: bytes) -> tuple[str, ...]:
    """Give the rules that fire, of which both engines must say the same."""
    slow, fast = (
        engine.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
        for engine in (PureMatcher(program), build(program))
    )
    assert fast == slow
    assert slow.decision is not None
    return slow.decision.rules


def of_rules(tests: list[Test], conditions: list[Condition]) -> Program:
    """Give a program of one table `all`."""
    rules = tuple(
        Rule(f"t.{number}", condition, (Deliver("d"),))
        for number, condition in enumerate(conditions)
    )
    table = Table("t", first=False, rules=rules, otherwise=(Deliver("other"),))
    return Program(FIELDS, tuple(tests), None, (table,), "sha256:test")


def test_the_clauses_of_a_condition_may_be_the_first_set(
    explicit: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that do not ask the first field are just those of a condition on another one."""
    monkeypatch.setattr(cell_masks, "BUDGET", NO_ROOM)
    tests: list[Test] = [Some(0, Among(("CT",))), Some(4, Among(("HEAD",)))]
    made = of_rules(tests, [Holds(0), Negation(Holds(1))] * 50)
    (plan,) = lay_out(made).clauses
    assert 0 in plan.set_of
    for value, fired in (
        ("HEAD", ("t.otherwise",)),
        ("KNEE", tuple(f"t.{number}" for number in range(1, 100, 2))),
    ):
        data = explicit.element(0x00180015, "CS", value.encode())  # type: ignore[attr-defined]
        assert decided_alike(made, data) == fired


def test_the_last_of_many_fields_keeps_what_its_set_says(
    explicit: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four fields leave one word; the fifth, which half of all rules pass, comes after them."""
    monkeypatch.setattr(cell_masks, "BUDGET", NO_ROOM)
    ways = ((1, "S", 100), (5, "M", 5), (4, "P", 4), (0, "C", 2))
    tests: list[Test] = [
        Some(field, Among((f"{letter}{number}",)))
        for field, letter, count in ways
        for number in range(count)
    ]
    tests += [Some(2, Among((Decimal(number),))) for number in range(8)]

    def condition(number: int) -> Condition:
        """Twenty rules a station, side by side; the other fields tell these apart."""
        places = (number // 20, 100 + number % 5, 105 + number % 4, 109 + number % 2)
        return Conjunction((*map(Holds, places), Holds(111 + number % 8)))

    made = of_rules(tests, [condition(number) for number in range(2000)])
    (plan,) = lay_out(made).clauses
    assert {each >= 0 for each in plan.set_of[-10:]} == {True}
    for number in (0, 777, 1999):
        values = {
            0x00080060: ("CS", f"C{number % 2}"),
            0x00080070: ("LO", f"M{number % 5}"),
            0x00081010: ("SH", f"S{number // 20}"),
            0x00180015: ("CS", f"P{number % 4}"),
            0x00180050: ("DS", f"{number % 8}"),
        }
        data = b"".join(
            explicit.element(tag, vr, value.encode() + b" " * (len(value) % 2))  # type: ignore[attr-defined]
            for tag, (vr, value) in values.items()
        )
        assert decided_alike(made, data) == (f"t.{number}",)


@pytest.mark.parametrize("first", [True, False])
def test_more_clauses_than_wait_at_once(explicit: object, *, first: bool) -> None:
    """Hundreds of patterns hold, each with few clauses or with very many; some rules ask two."""
    rng = random.Random(3)
    texts = sorted({f"{rng.choice('ab')}{rng.choice('ab')}{n:03}" for n in range(500)})
    tests: list[Test] = [Some(5, Pattern(PatternKind.CONTAINS, (text,))) for text in texts]
    tests += [Some(0, Among((each,))) for each in MODALITIES]
    patterns, modalities = range(len(texts)), range(len(texts), len(tests))

    def condition(number: int) -> Condition:
        asked = [Holds(rng.choice(modalities)), Holds(number % len(texts))]
        if number % len(texts) < 100 and number % 3 == 0:
            asked.append(Holds(rng.choice(patterns[:100])))
        if number % 33 == 0:
            asked[-1] = Negation(asked[-1])
        return Conjunction(tuple(asked))

    made = of_rules(tests, [condition(number) for number in range(2500)])
    made = replace(made, tables=(replace(made.tables[0], first=first),))
    (plan,) = lay_out(made).clauses
    assert sum(each >= 0 for each in plan.alone_of) > 100
    assert sum(each < 0 for each in plan.alone_of) > 30
    for share in (0.1, 0.5, 1.0):
        held = " ".join(text for text in texts if rng.random() < share)
        data = explicit.element(0x00080060, "CS", b"CT") + explicit.element(  # type: ignore[attr-defined]
            0x00080070, "LO", held.encode() + b" " * (len(held) % 2)
        )
        fired = decided_alike(made, data)
        assert len(fired) == 1 if first else len(fired) > 20


def test_each_way_of_keeping_clauses_is_used() -> None:
    """What the other tests compare are different plans."""
    (plan,) = lay_out(many(2000, random.Random(6), first=True)).clauses
    assert plan.few_of.count([]) == len(FIELDS)
    assert any(found >= 0 for found in plan.set_of)
    assert -1 in plan.set_of
    assert sum(made.shift > 0 for made in plan.cells) >= 1
    assert any(each > -1 for each in plan.cell_sets[0])
    turns = next(made for made in plan.cells if made.shift)
    assert any(turns.turns)
