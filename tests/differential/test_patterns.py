"""Many patterns on one field, by every way that the compiled engine has for them."""

from collections import Counter
from functools import partial

import pytest
from differential.engines import engines_of
from generators.dice import Dice

from roteiro.core import artefact_literals
from roteiro.core.automaton import Code
from roteiro.core.machines_build import Budget, Built, build
from roteiro.core.program import Encoding, Envelope

PROGRAMS = 6
OBJECTS = 25
RULES = 40
HEAD = 'language 1\nnode hit { ae = "HIT" host = "127.0.0.1" port = 104 }\n'
SIGNS = ("a", "b", "a", "b", "A", "B", "\u00e9", "\u00c9", "-")
PIECES = (
    "a",
    "b",
    "[ab]",
    ".",
    ".*",
    "(ab|b)+",
    "a{1,3}",
    "[^a]",
    "(.*b|a.*)",
    "\u00e9",
    "[b\u00e9]?",
)
QUANTIFIERS = ("", "", "any ", "all ", "no ")
BUDGETS = {
    "as it is": Budget(),
    "little of all": Budget(states=40, expression_states=12, steps=6000),
    "nothing": Budget(states=0, steps=0),
}
WAYS = {
    "as it is": {"trie", "automaton", "started automaton"},
    "little of all": {"trie", "alone", "automaton", "instructions"},
    "nothing": {"alone", "instructions"},
}


def word(dice: Dice, signs: tuple[str, ...], most: int) -> str:
    return "".join(dice.choice(signs) for _ in range(1 + dice.upto(most - 1)))


def predicate(dice: Dice) -> str:
    """Write one comparison with a pattern."""
    negated = dice.choice(("", "", "not "))
    kind = dice.choice(("contains", "starts with", "ends with", "like", "matches", "matches"))
    if kind == "matches":
        text = f"/{word(dice, PIECES, 5)}/{dice.choice(('', 'i'))}"
    else:
        signs = (*SIGNS, "*", "*", "?") if kind == "like" else SIGNS
        text = f'{dice.choice(("", "i"))}"{word(dice, signs, 5)}"'
    return f"{dice.choice(QUANTIFIERS)}StationName {negated}{kind} {text}"


def program(dice: Dice) -> str:
    """Write a table of rules on one attribute."""
    rules = "\n".join(
        f"rule r{number} {{ when {predicate(dice)} send to hit }}" for number in range(RULES)
    )
    return f"{HEAD}table t all {{\n{rules}\n}}\n"


def element(tag: bytes, vr: bytes, text: str) -> bytes:
    value = text.encode()
    value += b" " * (len(value) % 2)
    return tag + vr + len(value).to_bytes(2, "little") + value


def thing(dice: Dice) -> bytes:
    """Write an object in UTF-8 with some values."""
    values = "\\".join(word(dice, SIGNS, 8) for _ in range(1 + dice.upto(2)))
    charset = element(b"\x08\x00\x05\x00", b"CS", "ISO_IR 192")
    return charset + element(b"\x08\x00\x10\x10", b"SH", values)


def ways(built: Built) -> set[str]:
    """Say by which ways a machine decides."""
    assert built.contains is not None
    found = {"trie"} if built.contains.states > 1 else set[str]()
    found |= {"alone"} if built.alone else set()
    for begin, runners in (
        ("", built.runners),
        ("started ", [runner for _, runner in built.started]),
    ):
        for runner in runners:
            found.add(begin + ("instructions" if isinstance(runner.code, Code) else "automaton"))
    return found


@pytest.mark.parametrize("name", BUDGETS)
def test_patterns_mean_the_same_by_every_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Counter[str]()

    def noted(patterns: object, expressions: object) -> Built:
        built = limited(patterns, expressions)
        taken.update(ways(built))
        return built

    limited = partial(build, budget=BUDGETS[name])
    monkeypatch.setattr(artefact_literals, "build", noted)
    fired = Counter[int]()
    for seed in range(PROGRAMS):
        dice = Dice(seed)
        engines = engines_of(program(dice))
        for _ in range(OBJECTS):
            decision = engines.agree(thing(dice), Encoding.EXPLICIT_LITTLE, Envelope())
            fired[len(decision.rules)] += 1
    assert {way for way, count in taken.items() if count} >= WAYS[name]
    assert len(fired) > 10
