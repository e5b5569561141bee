"""From tests to rules to decisions: clauses, tables, the guard, and programs made to be hard."""

import itertools
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core import build
from roteiro.core.clause_plan import SPREAD
from roteiro.core.clauses import CAP, Forest
from roteiro.core.plan import lay_out
from roteiro.core.program import (
    FALSE,
    TRUE,
    Among,
    Condition,
    Conjunction,
    Deliver,
    Disjunction,
    Drop,
    Encoding,
    Envelope,
    Every,
    Field,
    Guard,
    GuardRule,
    Hold,
    Holds,
    InState,
    Interval,
    Negation,
    Nothing,
    Pass,
    Program,
    Refuse,
    Rule,
    Send,
    Some,
    Source,
    State,
    Table,
    ValueType,
)
from roteiro.core.pure import PureMatcher

COUNT = 12
TAGS = [0x00090000 + place for place in range(COUNT)]
FIELDS = tuple(Field(Source.ELEMENT, ValueType.DECIMAL, tag, "US") for tag in TAGS)
ONES = tuple(Some(place, Among((Decimal(1),))) for place in range(COUNT))
A, B, C = Holds(0), Holds(1), Holds(2)


def no(condition: Condition) -> Negation:
    return Negation(condition)


def every(*parts: Condition) -> Conjunction:
    return Conjunction(parts)


def some(*parts: Condition) -> Disjunction:
    return Disjunction(parts)


def tabled(*tables: Table, guard: Guard | None = None) -> Program:
    return Program(FIELDS, ONES, guard, tables, "sha256:test")


def rule(name: str, condition: Condition, *effects: object) -> Rule:
    return Rule(name, condition, effects or (Deliver("d"),))  # type: ignore[arg-type]


def truth(condition: Condition, bits: tuple[bool, ...]) -> bool:
    match condition:
        case Holds(test):
            return bits[test]
        case Negation(part):
            return not truth(part, bits)
        case Conjunction(parts):
            return all(truth(part, bits) for part in parts)
        case Disjunction(parts):
            return any(truth(part, bits) for part in parts)


@pytest.fixture
def dataset(explicit: object) -> Callable[..., bytes]:
    """Give a data set in which exactly these tests hold."""

    def make(*holding: int) -> bytes:
        return b"".join(
            explicit.element(TAGS[place], "US", b"\1\0" if place in holding else b"\0\0")
            for place in range(COUNT)
        )

    return make


def decide(program: Program, data: bytes) -> object:
    slow = PureMatcher(program).decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
    fast = build(program).decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
    assert slow == fast
    assert fast is not None
    return fast.decision


# --- conditions ----------------------------------------------------------------------------------


def odd(first: int, last: int) -> Condition:
    """Give a condition whose clauses double with each test: an odd number of them holds."""
    if first == last:
        return Holds(first)
    rest = odd(first + 1, last)
    return some(every(Holds(first), no(rest)), every(no(Holds(first)), rest))


CONDITIONS = {
    "true": TRUE,
    "false": FALSE,
    "not false": no(FALSE),
    "one": A,
    "not one": no(A),
    "a contradiction": every(A, no(A)),
    "a tautology": some(A, no(A)),
    "nested": every(some(A, every(B, no(C))), no(some(Holds(3), no(Holds(4))))),
    "odd of 12": odd(0, 11),
    "not odd of 12": no(odd(0, 11)),
    "product of sums": Conjunction(
        tuple(some(Holds(2 * place), Holds(2 * place + 1)) for place in range(6))
    ),
    "sum of products": Disjunction(
        tuple(every(Holds(a), Holds(b)) for a, b in itertools.combinations(range(10), 2))
    ),
    "wide and narrow": every(A, no(B), Disjunction(tuple(map(Holds, range(12)))), some(C, no(A))),
    "deep": every(some(every(some(every(some(A, B), C), Holds(3)), Holds(4)), Holds(5)), Holds(6)),
}


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS.keys())
def test_conditions_by_truth_table(dataset: Callable[..., bytes], condition: Condition) -> None:
    program = tabled(Table("t", False, (rule("t.r", condition),)))
    matcher = build(program)
    clauses = Forest(COUNT).add(condition)
    assert len(clauses) <= CAP
    for bits in itertools.product((False, True), repeat=COUNT):
        data = dataset(*(place for place in range(COUNT) if bits[place]))
        outcome = matcher.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
        assert outcome is not None
        assert (outcome.decision.rules == ("t.r",)) == truth(condition, bits), bits


def test_a_condition_deeper_than_python_can_call() -> None:
    condition: Condition = A
    for _ in range(20_001):
        condition = Negation(condition)
    for _ in range(20_000):
        condition = Conjunction((condition, Disjunction((condition, B))))
    assert build(tabled(Table("t", True, (rule("t.r", condition),))))


def test_shared_parts_stay_one() -> None:
    """A condition that is a graph of n parts would be a tree of 2**n."""
    condition: Condition = some(A, B)
    for place in range(60):
        condition = some(every(condition, Holds(place % 12)), every(condition, no(C)))
    (plan,) = lay_out(tabled(Table("t", True, (rule("t.r", condition),)))).clauses
    assert sum(end - begin for begin, end in plan.live) <= 64
    assert len(plan.steps) < 1000


def adversarial(rules: int) -> Program:
    """Every rule is over the cap, each in its own way."""
    rng = random.Random(7)
    made = []
    for number in range(rules):
        picked = rng.sample(range(COUNT), COUNT)
        sums = [some(Holds(a), no(Holds(b))) for a, b in itertools.pairwise(picked)]
        made.append(rule(f"t.{number}", every(*sums[: rng.randint(6, 10)]), Deliver(f"d{number}")))
    return tabled(Table("t", False, tuple(made)))


def test_plans_are_linear() -> None:
    def size(program: Program) -> int:
        (plan,) = lay_out(program).clauses
        return (
            len(plan.rules)
            + len(plan.steps)
            + len(plan.operands)
            + sum(map(len, plan.postings))
            + sum(map(len, plan.mentions))
        )

    small, large = size(adversarial(50)), size(adversarial(500))
    assert large < 12 * small
    (plan,) = lay_out(adversarial(500)).clauses
    assert len(plan.rules) <= 500 * SPREAD + CAP + 64
    assert sum(map(len, plan.sets)) <= large * 16


def test_adversarial_rules(dataset: Callable[..., bytes]) -> None:
    program = adversarial(60)
    fast, slow = build(program), PureMatcher(program)
    rng = random.Random(8)
    for _ in range(200):
        data = dataset(*rng.sample(range(COUNT), rng.randint(0, COUNT)))
        outcome = fast.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
        assert outcome == slow.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())


@pytest.mark.parametrize("first", [True, False])
def test_two_thousand_rules(explicit: object, *, first: bool) -> None:
    station = Field(Source.ELEMENT, ValueType.TEXT, 0x00081010, "SH")
    rows = Field(Source.ELEMENT, ValueType.DECIMAL, 0x00280010, "US")
    tests: list[Some | Every | InState] = []
    rules = []
    for number in range(2000):
        tests.append(Some(0, Among((f"S{number // 2}",))))
        tests.append(Some(1, Among((), (Interval(Decimal(number), Decimal(number + 900)),))))
        tests.append(Every(1, Among((Decimal(number),))))
        last = len(tests)
        condition = some(every(Holds(last - 3), Holds(last - 2)), Holds(last - 1))
        rules.append(Rule(f"t.{number}", condition, (Deliver(f"d{number % 7}"),)))
    table = Table("t", first, tuple(rules), (Deliver("other"),))
    program = Program((station, rows), tuple(tests), None, (table,), "sha256:test")
    fast, slow = build(program), PureMatcher(program)
    seen = set()
    for number in range(0, 3000, 131):
        data = explicit.element(0x00081010, "SH", f"S{number // 2}".encode())
        data += explicit.element(0x00280010, "US", explicit.numbers("H", number + 3))
        outcome = fast.decide(data, explicit.encoding, Envelope())
        assert outcome == slow.decide(data, explicit.encoding, Envelope())
        seen.add(outcome.decision.rules)
    assert len(seen) > 10
    assert ("t.otherwise",) in seen


def test_one_field_asked_in_every_way(explicit: object) -> None:
    """Conditions on one field: states, wanted and unwanted tests, of one value and of all."""
    field = Field(Source.ELEMENT, ValueType.DECIMAL, TAGS[0], "IS")
    tests = (
        Some(0, Among((Decimal(1),))),
        Some(0, Among((Decimal(2),))),
        Every(0, Among((), (Interval(Decimal(1), Decimal(2)),))),
        InState(0, State.VALUED),
        InState(0, State.ABSENT | State.EMPTY),
        InState(0, State.INVALID | State.EMPTY),
    )
    literals = [Holds(place) for place in range(6)] + [no(Holds(place)) for place in range(6)]
    rules = [
        rule(f"t.{number}", every(*parts))
        for number, parts in enumerate(itertools.combinations(literals, 3))
    ]
    program = Program((field,), tests, None, (Table("t", False, tuple(rules)),), "sha256:test")
    values = (None, b"", b"1", b"2", b"3", b"1\\2", b"1\\3", b"2\\2", b"x", b"1\\x", b"\\1\\")
    for value in values:
        decide(program, b"" if value is None else explicit.element(TAGS[0], "IS", value))


# --- tables and decisions ------------------------------------------------------------------------


def test_first_takes_the_least_key(dataset: Callable[..., bytes]) -> None:
    table = Table("t", True, (rule("t.a", A), rule("t.b", some(A, B)), rule("t.c", TRUE)))
    assert decide(tabled(table), dataset(0)).rules == ("t.a",)
    assert decide(tabled(table), dataset(1)).rules == ("t.b",)
    assert decide(tabled(table), dataset()).rules == ("t.c",)


def test_all_takes_every_rule(dataset: Callable[..., bytes]) -> None:
    table = Table("t", False, (rule("t.a", A), rule("t.b", some(A, B)), rule("t.c", C)))
    assert decide(tabled(table), dataset(0)).rules == ("t.a", "t.b")
    assert decide(tabled(table), dataset(0, 2)).rules == ("t.a", "t.b", "t.c")


@pytest.mark.parametrize("first", [True, False])
def test_otherwise_fires_when_nothing_did(dataset: Callable[..., bytes], *, first: bool) -> None:
    program = tabled(Table("t", first, (rule("t.a", A),), (Deliver("rest"),)))
    assert decide(program, dataset(0)).rules == ("t.a",)
    assert decide(program, dataset()).sends == (Send("rest", (), "t.otherwise", ("t.otherwise",)),)


def test_no_rule_is_held_unrouted(dataset: Callable[..., bytes]) -> None:
    for program in (tabled(), tabled(Table("t", False, ())), tabled(Table("t", True, ()))):
        decision = decide(program, dataset())
        assert decision.verdict == "hold"
        assert decision.hold == Hold("unrouted", "no rule matched")


VERDICTS = (Pass(), Refuse(0x0124, "no"), Drop("no"), Hold("q", "why"))


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: type(verdict).__name__.lower())
@pytest.mark.parametrize("by_rule", [True, False])
def test_guard(dataset: Callable[..., bytes], verdict: object, *, by_rule: bool) -> None:
    rules = (GuardRule("guard.a", A, verdict), GuardRule("guard.b", TRUE, Drop("never")))
    guard = Guard(rules if by_rule else (GuardRule("guard.a", B, Drop("never")),), verdict)
    decision = decide(tabled(Table("t", False, (rule("t.r", A),)), guard=guard), dataset(0))
    winner = "guard.a" if by_rule else "guard.otherwise"
    if isinstance(verdict, Pass):
        assert (decision.verdict, decision.rules) == ("route", (winner, "t.r"))
        return
    assert decision.rules == (winner,)
    assert verdict in (decision.refuse, decision.drop, decision.hold)
    assert decision.verdict == type(verdict).__name__.lower()
    assert not decision.sends


def test_sends_of_one_destination_and_chain_are_one(dataset: Callable[..., bytes]) -> None:
    one = Table(
        "one",
        False,
        (
            rule("one.a", A, Deliver("x", (), "low"), Deliver("y", ("edit",))),
            rule("one.b", A, Deliver("x", (), "low"), Deliver("x", ("edit",))),
        ),
    )
    two = Table("two", True, (rule("two.a", A, Deliver("x", (), "stat"), Deliver("y", ("edit",))),))
    assert decide(tabled(one, two), dataset(0)).sends == (
        Send("x", (), "one.a", ("one.a", "one.b", "two.a"), "stat"),
        Send("y", ("edit",), "one.a", ("one.a", "two.a")),
        Send("x", ("edit",), "one.b", ("one.b",)),
    )


def test_holds_and_nothing(dataset: Callable[..., bytes]) -> None:
    held = Table(
        "t",
        False,
        (
            rule("t.a", A, Hold("q", "why"), Hold("p", "")),
            rule("t.b", A, Hold("q", "why"), Hold("q", "else")),
            rule("t.c", B, Nothing("known"), Nothing("known")),
            rule("t.d", C, Deliver("d")),
        ),
    )
    holds = (Hold("q", "why"), Hold("p", ""), Hold("q", "else"))
    decision = decide(tabled(held), dataset(0))
    assert (decision.verdict, decision.hold, decision.holds) == ("hold", None, holds)
    decision = decide(tabled(held), dataset(0, 2))
    assert (decision.verdict, decision.holds) == ("route", holds)
    decision = decide(tabled(held), dataset(1))
    assert (decision.verdict, decision.nothing, decision.hold) == ("route", ("known",), None)


def test_one_rule_with_many_clauses_fires_once(dataset: Callable[..., bytes]) -> None:
    condition = Disjunction(tuple(map(Holds, range(12))))
    program = tabled(Table("t", False, (rule("t.a", condition), rule("t.b", condition))))
    assert decide(program, dataset(*range(12))).rules == ("t.a", "t.b")


def test_many_tables(dataset: Callable[..., bytes]) -> None:
    tables = [
        Table(f"t{place}", place % 2 == 0, (rule(f"t{place}.r", Holds(place % COUNT)),) * 3)
        for place in range(100)
    ]
    decision = decide(tabled(*tables), dataset(3, 4))
    tables_of_four = [f"t{place}.r" for place in range(100) if place % COUNT == 4]
    assert [name for name in decision.rules if name in tables_of_four] == tables_of_four


def test_caches_that_overflow_do_no_harm(explicit: object) -> None:
    field = Field(Source.ELEMENT, ValueType.TEXT, 0x00081010, "SH")
    titles = Field(Source.ENVELOPE, ValueType.TEXT, name="calling_ae")
    tests = (*(Some(0, Among((f"é{bit}",))) for bit in range(14)), Some(1, Among(("A7",))))
    rules = tuple(rule(f"t.{place}", Holds(place)) for place in range(len(tests)))
    program = Program((field, titles), tests, None, (Table("t", False, rules),), "sha256:test")
    fast, slow = build(program), PureMatcher(program)
    charset = explicit.element(0x00080005, "CS", b"ISO_IR 192")
    for number in range(9000):
        words = [f"é{bit}" for bit in range(14) if number >> bit & 1] or ["-"]
        data = charset + explicit.element(0x00081010, "SH", "\\".join(words).encode())
        envelope = Envelope(calling_ae=f"A{number}")
        outcome = fast.decide(data, explicit.encoding, envelope)
        if number % 211 == 0:
            assert outcome == slow.decide(data, explicit.encoding, envelope)


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(6)), st.integers(0, 2**6 - 1))
def test_all_tables_do_not_depend_on_order(order: list[int], bits: int) -> None:
    """Metatheorem of language.md 2c: the sends of an `all` table are a sum."""
    data = b"".join(
        TAGS[place].to_bytes(4, "big")[1::-1]
        + TAGS[place].to_bytes(4, "big")[:1:-1]
        + b"US\2\0"
        + (b"\1\0" if bits >> place & 1 else b"\0\0")
        for place in range(6)
    )
    rules = [rule(f"t.{place}", Holds(place), Deliver(f"d{place % 3}")) for place in range(6)]
    program = tabled(Table("t", False, tuple(rules)))
    shuffled = replace(program, tables=(Table("t", False, tuple(rules[place] for place in order)),))

    def sent(of: Program) -> set[tuple[str, frozenset[str]]]:
        return {(send.to, frozenset(send.rules)) for send in decide(of, data).sends}

    assert sent(program) == sent(shuffled)


def test_many_values_and_many_tests_do_not_multiply(explicit: object) -> None:
    """30,000 values that each hit 4,000 tests: noted by cell, they are asked once."""
    words = Field(Source.ELEMENT, ValueType.TEXT, 0x00081010, "SH")
    numbers = Field(Source.ELEMENT, ValueType.DECIMAL, 0x00200013, "IS")
    tests: list[Some | Every] = []
    for number in range(2000):
        quantifier = Every if number % 2 else Some
        tests.append(quantifier(0, Among(("A", f"B{number}"))))
        low, high = Decimal(-number), Decimal(number + 1)
        tests.append(quantifier(1, Among((), (Interval(low, high),))))
    rules = tuple(rule(f"t.{place}", Holds(place)) for place in range(len(tests)))
    table = Table("t", False, rules)
    program = Program((words, numbers), tuple(tests), None, (table,), "sha256:test")
    matcher = build(program)
    data = explicit.element(0x00081010, "SH", b"A\\" * 30_000)
    data += explicit.element(0x00200013, "IS", b"0\\1\\" * 15_000)
    for _ in range(100):  # half a second; two minutes if each value asked each test
        outcome = matcher.decide(data, explicit.encoding, Envelope())
    assert outcome is not None
    assert len(outcome.decision.rules) == len(tests)


def test_threads_share_a_matcher(explicit: object) -> None:
    """The slow path runs Python, where threads change: each decision has its own memory."""
    field = Field(Source.ELEMENT, ValueType.TEXT, 0x00081010, "SH")
    tests = tuple(Some(0, Among((f"é{number}",))) for number in range(64))
    rules = tuple(rule(f"t.{place}", Holds(place)) for place in range(64))
    program = Program((field,), tests, None, (Table("t", False, rules),), "sha256:test")
    matcher = build(program)
    charset = explicit.element(0x00080005, "CS", b"ISO_IR 192")

    def ask(worker: int) -> list[tuple[str, ...]]:
        found = []
        for number in range(2000):
            padding = " " * (worker + 8 * number)
            text = f"é{(number + worker) % 64}{padding}".encode()[:2000]
            data = charset + explicit.element(0x00081010, "SH", text)
            outcome = matcher.decide(data, explicit.encoding, Envelope())
            assert outcome is not None
            found.append(outcome.decision.rules)
        return found

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as workers:
            answers = list(workers.map(ask, range(4)))
    finally:
        sys.setswitchinterval(before)
    for worker, found in enumerate(answers):
        assert found == [(f"t.{(number + worker) % 64}",) for number in range(2000)]
