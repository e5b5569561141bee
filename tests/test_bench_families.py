"""The rules of the bench mean the same as text, as a program, and in its C loop."""

from array import array
from dataclasses import replace

import pytest

from bench.built import loop
from bench.families import FAMILIES, rules
from bench.headers import FILL_GROUPS, SIZES, samples
from bench.lowered import program
from bench.measure import in_turns
from bench.written import file
from roteiro.core import build
from roteiro.core.measure import decide_each
from roteiro.core.pure import PureMatcher
from roteiro.lang.lower import lower
from roteiro.runtime.rules import compile_text


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("first", [True, False])
def test_the_program_is_what_the_language_makes_of_the_text(family: str, *, first: bool) -> None:
    made = rules(family, 40)
    direct = program(made, first=first)
    read = lower(compile_text(file(made, first=first), "bench").typed)
    assert replace(read, rule_set=direct.rule_set) == direct


@pytest.mark.parametrize("family", FAMILIES)
def test_rules_match_headers_and_both_engines_agree(family: str) -> None:
    made = program(rules(family, 1000), first=False)
    fast, slow = build(made), PureMatcher(made)
    decided = [fast.decide(each.data, each.encoding, each.envelope) for each in samples(40)]
    assert decided[:3] == [
        slow.decide(each.data, each.encoding, each.envelope) for each in samples(3)
    ]
    fired = [each.decision.rules for each in decided if each is not None]
    assert sum(names != ("t.otherwise",) for names in fired) > len(fired) / 10


def test_headers_are_as_large_as_they_say_and_all_different() -> None:
    for modality, size in SIZES.items():
        made = samples(50, modality)
        assert {each.elements for each in made} == {size}
        assert len({each.data for each in made}) == len(made)


def test_private_groups_name_their_makers() -> None:
    for each in samples(3):
        for group in (group for group in FILL_GROUPS if group % 2):
            assert b"MAKER %04X" % group in each.data


def test_the_loop_passes_what_the_engine_says_it_reads() -> None:
    made = samples(5)
    matcher = build(program(rules("realistic", 100), first=True))
    data = [each.data for each in made]
    taken, passed, ends, asked = (array("q", bytes(8 * len(data))) for _ in range(4))
    module = loop()
    module.extract_each(matcher, data, True, taken, passed)
    assert min(taken) > 0
    assert all(200 < count < 260 for count in passed)
    read = [matcher.decide(each.data, each.encoding, each.envelope).read for each in made]
    module.hop_each(data, read[0].last_tag, taken, ends)
    assert all(0 < each.bytes - end < 64 for each, end in zip(read, ends, strict=True))
    decide_each(matcher, [(each.data, each.encoding, each.envelope) for each in made], taken, asked)
    assert min(taken) > 0
    assert set(asked) <= {0, 1}


def test_rounds_take_turns_and_the_first_stands_apart() -> None:
    turns: list[str] = []

    def run(name: str, taken: "array[int]") -> None:
        turns.append(name)
        for place in range(len(taken)):
            taken[place] = 100 * len(turns) if name == "a" else 7

    timings = in_turns([lambda one: run("a", one), lambda one: run("b", one)], 2, 3)
    assert turns == ["a", "b"] * 3
    assert (timings[0].first, timings[0].median, timings[0].rounds) == (100, 400, 2)
    assert (timings[0].least, timings[0].greatest) == (300, 500)
    assert timings[1].median == 7
