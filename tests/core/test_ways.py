"""Patterns that lead straight to clauses, and those that are counted: decisions are the same."""

import random

import pytest

from roteiro.core import build, flat
from roteiro.core.plan import lay_out
from roteiro.core.program import (
    Among,
    Condition,
    Conjunction,
    Deliver,
    Encoding,
    Envelope,
    Every,
    Field,
    Holds,
    Negation,
    Pattern,
    PatternKind,
    Program,
    Rule,
    Some,
    Source,
    Table,
    Test,
    ValueType,
)
from roteiro.core.pure import PureMatcher

TEXT = Field(Source.ELEMENT, ValueType.TEXT, 0x00081030, "LO")
PART = Field(Source.ELEMENT, ValueType.TEXT, 0x00180015, "CS")
LETTERS = "abcdAB"
KINDS = (PatternKind.CONTAINS, PatternKind.STARTS, PatternKind.ENDS, PatternKind.LIKE)
DIRECT, COUNTED = 1 << 16, 0
RULES = 1_200


def drawn(rng: random.Random, sizes: tuple[int, int]) -> str:
    return "".join(rng.choices(LETTERS, k=rng.randint(*sizes)))


def pattern(rng: random.Random) -> Pattern:
    """Draw what one test asks of a text: one literal or two, letters alike or not."""
    kind = rng.choice(KINDS)
    texts = [drawn(rng, (1, 2)) for _ in range(rng.choice((1, 1, 1, 2)))]
    if kind is PatternKind.LIKE:
        texts = [f"{text}*{drawn(rng, (1, 2))}" for text in texts]
    if rng.random() < 0.4:
        return Pattern(kind, (), tuple(sorted({text.casefold() for text in texts})))
    return Pattern(kind, tuple(sorted({*texts})))


def program(rng: random.Random) -> Program:
    """Make rules of which many share a test, some want two, and some none."""
    tests: list[Test] = [Some(1, Among(("HEAD",)))]
    tests += [rng.choice((Some, Some, Every))(0, pattern(rng)) for _ in range(260)]
    tests.append(Some(0, Among(("ab", "ba"))))
    rare, common, many = range(1, 110), range(110, 240), range(240, len(tests))

    def condition(number: int) -> Condition:
        parts: list[Condition] = [Holds(rng.choice(many if number % 3 == 0 else rare))]
        if number % 7 == 0:
            parts.append(Holds(rng.choice(common)))
        if number % 11 == 0:
            parts.append(Negation(Holds(rng.choice(common))))
        if number % 2 == 0:
            parts.append(Holds(0))
        return Conjunction(tuple(parts))

    rules = tuple(Rule(f"t.{n}", condition(n), (Deliver("d"),)) for n in range(RULES))
    table = Table("t", first=False, rules=rules, otherwise=(Deliver("other"),))
    return Program((TEXT, PART), tuple(tests), None, (table,), "sha256:test")


MADE = program(random.Random(11))
SLOW = PureMatcher(MADE)


@pytest.fixture(params=[DIRECT, COUNTED], ids=["direct", "counted"])
def fast(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(flat, "WAYS", request.param)
    return build(MADE)


def test_what_is_asked_has_lists_of_all_lengths() -> None:
    """Else the tests below could not fail."""
    (plan,) = lay_out(MADE).clauses
    alone = [len(plan.postings[condition]) for condition in plan.alone_of if condition >= 0]
    assert min(alone) < 8 < max(alone)
    assert sum(condition < 0 for condition in plan.alone_of) > 20
    assert not plan.steps


@pytest.mark.parametrize("values", [1, 2, 3])
def test_patterns_lead_to_the_same_rules(fast: object, explicit: object, values: int) -> None:
    rng = random.Random(values)
    seen = set()
    for _ in range(60):
        texts = ["ab" if rng.random() < 0.1 else drawn(rng, (0, 12)) for _ in range(values)]
        text = "\\".join(texts).encode()
        data = explicit.element(0x00081030, "LO", text + b" " * (len(text) % 2))  # type: ignore[attr-defined]
        data += explicit.element(0x00180015, "CS", rng.choice((b"HEAD", b"CHEST ")))  # type: ignore[attr-defined]
        said = Encoding.EXPLICIT_LITTLE, Envelope()
        expected = SLOW.decide(data, *said)
        assert fast.decide(data, *said) == expected  # type: ignore[attr-defined]
        seen.add(expected.decision.rules)
    assert len(seen) > 40
    assert max(map(len, seen)) > 200


def test_a_value_that_is_too_long_leaves_nothing_for_the_next_object(explicit: object) -> None:
    """It comes behind one that matches; what that one hit belongs to no other object."""
    made = Program(
        (TEXT,),
        (Some(0, Pattern(PatternKind.CONTAINS, ("ab",))),),
        None,
        (
            Table(
                "t",
                first=False,
                rules=(Rule("t.0", Holds(0), (Deliver("d"),)),),
                otherwise=(Deliver("other"),),
            ),
        ),
        "sha256:test",
    )
    compiled = build(made)
    for text in (b"xabx", b"ab\\" + b"c" * 70_001, b"xbax", b"ab\\zz "):
        data = explicit.element(0x00081030, "UC", text)  # type: ignore[attr-defined]
        said = Encoding.EXPLICIT_LITTLE, Envelope()
        assert compiled.decide(data, *said) == PureMatcher(made).decide(data, *said)
