"""Small measurements of the core by pytest-benchmark; without its option each runs once."""

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.families import FAMILIES, rules
from bench.headers import samples
from bench.lowered import program
from roteiro.core import Matcher, build
from roteiro.core.pure import PureMatcher

RULES = 1_000
HEADERS = 20


def decided(matcher: Matcher | PureMatcher, modality: str) -> Callable[[], list[tuple[str, ...]]]:
    made = samples(HEADERS, modality)

    def all_of_them() -> list[tuple[str, ...]]:
        found = (matcher.decide(each.data, each.encoding, each.envelope) for each in made)
        return [each.decision.rules for each in found if each is not None]

    return all_of_them


@pytest.mark.parametrize("family", FAMILIES)
def test_deciding_ct(benchmark: BenchmarkFixture, family: str) -> None:
    made = program(rules(family, RULES), first=False)
    found = benchmark(decided(build(made), "CT"))
    assert len(found) == HEADERS
    assert found[:1] == decided(PureMatcher(made), "CT")()[:1]


def test_deciding_mr_in_implicit_vr(benchmark: BenchmarkFixture) -> None:
    made = program(rules("realistic", RULES), first=True)
    found = benchmark(decided(build(made), "MR"))
    assert found == decided(PureMatcher(made), "MR")()


def test_building(benchmark: BenchmarkFixture) -> None:
    made = program(rules("realistic", 100), first=True)
    matcher = benchmark(build, made)
    assert decided(matcher, "CT")() == decided(PureMatcher(made), "CT")()
