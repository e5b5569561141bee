"""The metatheorems of the language (2c) on texts: what must not matter does not.

Each test makes pairs of programs, or of objects, by seeds and decides them with all three engines.
"""

import re
from collections.abc import Iterator

import pytest
from differential.engines import Engines, engines_of
from generators.dice import Dice
from generators.fields import PUBLIC
from generators.objects import Object, thing
from generators.outcomes import NODES, POOLS, SCHEDULES, actions
from generators.programs import Case, program
from metamorphic.pairs import (
    Writer,
    items_reordered,
    lengths,
    padded,
    same_conditions,
    table,
    untested_changed,
    whole,
)

from roteiro.core.program import UNREADABLE, Decision, Encoding
from roteiro.lang.fmt.run import format_source
from roteiro.lang.source import Source

ROUNDS = 60
OBJECTS = 4
OTHERWISE = "  otherwise { send to archive }"


def things(dice: Dice, writer: Writer) -> Iterator[tuple[Object, Encoding]]:
    case = Case("", writer.uses, "Europe/Lisbon")
    for _ in range(OBJECTS):
        yield thing(dice, case), dice.choice([*Encoding])


def decided(engines: Engines, made: Object, encoding: Encoding) -> Decision:
    return engines.agree(made.encoded(encoding), encoding, made.envelope)


def is_read(decision: Decision) -> bool:
    return decision.hold is None or decision.hold.queue != UNREADABLE


# Conditions ---------------------------------------------------------------------------------------


def test_laws_of_conditions_have_no_exceptions() -> None:
    both = {True: 0, False: 0}
    for seed in range(2 * ROUNDS):
        dice = Dice(seed)
        writer = Writer(dice)
        pairs = same_conditions(writer)
        rules = [
            f"  rule {side}{at} {{ when {text} send to pacs }}"
            for at, pair in enumerate(pairs)
            for side, text in zip("lr", pair, strict=True)
        ]
        engines = engines_of(whole(table(rules)))
        for made, encoding in things(dice, writer):
            fired = decided(engines, made, encoding).rules
            for at, pair in enumerate(pairs):
                holds = f"t0.l{at}" in fired
                assert holds == (f"t0.r{at}" in fired), (seed, *pair, made, encoding)
                both[holds] += 1
    assert min(both.values()) > sum(both.values()) / 10


def test_a_condition_with_a_name_stands_for_its_text() -> None:
    for seed in range(ROUNDS):
        dice = Dice(seed)
        writer = Writer(dice)
        a, b = writer.one(), writer.one()
        pairs = [("@one and @two", f"{a} and {b}"), ("not @one or @two", f"not {a} or {b}")]
        rules = [
            f"  rule {side}{at} {{ when {text} send to pacs }}"
            for at, pair in enumerate(pairs)
            for side, text in zip("lr", pair, strict=True)
        ]
        engines = engines_of(whole(f"condition one = {a}\ncondition two = {b}\n{table(rules)}"))
        for made, encoding in things(dice, writer):
            fired = decided(engines, made, encoding).rules
            for at in range(len(pairs)):
                assert (f"t0.l{at}" in fired) == (f"t0.r{at}" in fired), (seed, made, encoding)


# Tables -------------------------------------------------------------------------------------------


def effects(decision: Decision) -> object:
    """Give what a decision does, without the order and the names of its rules."""
    sends = {(send.to, send.via): (send.urgency, {*send.release}) for send in decision.sends}
    return (
        decision.verdict,
        sends,
        {*decision.holds},
        decision.hold,
        {*decision.nothing},
        {*decision.notify},
    )


def test_all_tables_do_not_care_for_order_or_repeats() -> None:
    for seed in range(ROUNDS):
        dice = Dice(seed)
        writer = Writer(dice)
        bodies = [f"{{ when {writer.one()} {actions(dice, ())} }}" for _ in range(4)]
        other = [*bodies, dice.choice(bodies)]
        dice.shuffle(other)
        pair = [
            engines_of(whole(table([f"  rule r{at} {body}" for at, body in enumerate(each)])))
            for each in (bodies, other)
        ]
        for made, encoding in things(dice, writer):
            one, two = (effects(decided(engines, made, encoding)) for engines in pair)
            assert one == two, (seed, made, encoding)


def test_neighbours_that_are_disjoint_may_be_swapped() -> None:
    for seed in range(ROUNDS):
        dice = Dice(seed)
        writer = Writer(dice)
        parting = writer.one()
        one = f"  rule one {{ when {writer.one()} and {parting} {actions(dice, ())} }}"
        two = f"  rule two {{ when {writer.one()} and not {parting} {actions(dice, ())} }}"
        pair = [
            engines_of(whole(table(rules, first=True, end=OTHERWISE)))
            for rules in ([one, two], [two, one])
        ]
        for made, encoding in things(dice, writer):
            first, second = (decided(engines, made, encoding) for engines in pair)
            assert first == second, (seed, made, encoding)


def test_a_rule_that_is_never_reached_changes_nothing() -> None:
    for seed in range(ROUNDS):
        dice = Dice(seed)
        writer = Writer(dice)
        a, b = writer.one(), writer.one()
        rules = [f"  rule a {{ when {a} send to ai }}", f"  rule b {{ when {b} send to pacs }}"]
        dead = [
            f"  rule dead {{ when {a} and {b} send to archive }}",
            f"  rule dead {{ when ({a} or {b}) and {a} send to archive }}",
            "  rule dead { when false send to archive }",
        ]
        more = [*rules, dice.choice(dead)]
        pair = [engines_of(whole(table(each, first=True, end=OTHERWISE))) for each in (rules, more)]
        for made, encoding in things(dice, writer):
            first, second = (decided(engines, made, encoding) for engines in pair)
            assert first == second, (seed, made, encoding)


# Whole programs -----------------------------------------------------------------------------------


WORDS = "|".join((*NODES, *POOLS, *SCHEDULES, "tidy", "trial", r"(?:[rgt]|set|known)\d+"))


def renamed(text: str) -> str:
    """Give other names to everything that has one."""
    return re.sub(rf"\b({WORDS})\b", r"\1_of_another_name", text)


def test_names_are_harmless() -> None:
    for seed in range(ROUNDS):
        dice = Dice(seed)
        case = program(dice)
        pair = engines_of(case.text), engines_of(renamed(case.text))
        for _ in range(OBJECTS):
            made, encoding = thing(dice, case), dice.choice([*Encoding])
            first, second = (decided(engines, made, encoding) for engines in pair)
            assert renamed(repr(first)) == repr(second), (seed, made, encoding)


def test_the_formatter_keeps_decisions() -> None:
    for seed in range(ROUNDS):
        dice = Dice(seed)
        case = program(dice)
        made_text = format_source(Source("x.route", case.text)).text
        assert made_text is not None, case.text
        pair = engines_of(case.text), engines_of(made_text)
        for _ in range(OBJECTS):
            made, encoding = thing(dice, case), dice.choice([*Encoding])
            first, second = (decided(engines, made, encoding) for engines in pair)
            assert first == second, (seed, made, encoding)


# Objects ------------------------------------------------------------------------------------------


def changed(kind: str, dice: Dice, made: Object, case: Case) -> Object:
    """Change what must not matter."""
    if kind == "untested":
        return untested_changed(dice, made, case.uses)
    changes = {
        "padding": lambda: padded(dice, made.elements),
        "lengths": lambda: lengths(made.elements),
        "order": lambda: items_reordered(dice, made.elements),
    }
    return Object(changes[kind](), made.envelope)


@pytest.mark.parametrize("kind", ["untested", "padding", "lengths", "order"])
def test_objects_that_mean_the_same_are_decided_alike(kind: str) -> None:
    """Positions see the order of items, and sizes of envelopes are not of the data set."""
    routed = 0
    for seed in range(2 * ROUNDS):
        dice = Dice(seed)
        case = program(dice, PUBLIC)
        if kind == "order" and re.search(r"\]\.", case.text):
            continue
        engines = engines_of(case.text)
        for _ in range(OBJECTS):
            made, encoding = thing(dice, case, tidy=True), dice.choice([*Encoding])
            other = changed(kind, dice, made, case)
            first, second = (decided(engines, each, encoding) for each in (made, other))
            assert first == second, (seed, case.text, made, other, encoding)
            routed += first.verdict == "route"
    assert routed > ROUNDS
