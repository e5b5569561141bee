"""How long does the core take, and how much does it hold? P7, P8, P10, P12 of the goals.

Families of rules (`bench/families.py`), 10 to 10,000, tables `first` and `all`, on 1,000 different
headers of a CT object of 250 elements, the realistic ones on MR headers of 73, too. Microseconds a
decision from the encoded header to the rules that fire, in one C loop: the median over objects of
their medians over rounds, and the least and greatest round; `first time` is the first round, where
no text has been seen before. `python` is the part of the objects of which Python was asked
something; `matched` those that some rule wants, `fired` how many rules then; `decide` is the same
work called from Python, its `Decision` included.

Run: `python -m bench.core [--quick] [--keep] [--family NAME] [--rounds N]`
"""

import argparse
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean

from bench.built import loop
from bench.families import FAMILIES, SIZES, rules
from bench.headers import Sample, samples
from bench.lowered import program
from bench.measure import Pass, Timing, in_turns
from bench.results import arguments, keep
from roteiro.core import Matcher, build
from roteiro.core.measure import bytes_of, decide_each
from roteiro.core.program import Encoding, Program

HEADERS = 1000
OTHERWISE = ("t.otherwise",)


@dataclass(slots=True)
class Case:
    """One program and what was found of it."""

    family: str
    objects: str
    first: bool
    rules: int
    fields: int
    tests: int
    build: float
    """Seconds."""
    bytes: int
    matched: float = 0
    """Part of the objects that some rule wants."""
    fired: float = 0
    """Rules that fire, of an object, on average."""
    asked: float = 0
    """Part of the objects of which the loop asked Python something."""
    loop: Timing | None = None
    decide: Timing | None = None
    """`Matcher.decide`, called from Python."""
    extract: Timing | None = None

    @property
    def table(self) -> str:
        """Give the kind of its table."""
        return "first" if self.first else "all"


@dataclass(frozen=True, slots=True)
class Objects:
    """Headers, as the loops take them."""

    name: str
    made: list[Sample]
    data: list[bytes] = field(init=False)
    encoding: Encoding = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", [each.data for each in self.made])
        object.__setattr__(self, "encoding", self.made[0].encoding)


def in_loop(matcher: Matcher, objects: Objects, asked: "array[int]") -> Pass:
    """Decide in the C loop, and note which objects asked Python."""
    subjects = [(each.data, each.encoding, each.envelope) for each in objects.made]
    return lambda taken: decide_each(matcher, subjects, taken, asked)


def from_python(matcher: Matcher, objects: Objects) -> Pass:
    """Decide as Python calls it."""

    def run(taken: "array[int]") -> None:
        for place, each in enumerate(objects.made):
            begin = time.perf_counter_ns()
            matcher.decide(each.data, each.encoding, each.envelope)
            taken[place] = time.perf_counter_ns() - begin

    return run


def reading(matcher: Matcher, objects: Objects) -> Pass:
    """Find the tested elements, and nothing more."""
    module = loop()
    passed = array("q", bytes(8 * len(objects.data)))
    explicit = objects.encoding is Encoding.EXPLICIT_LITTLE
    return lambda taken: module.extract_each(matcher, objects.data, explicit, taken, passed)


def built(made: Program) -> tuple[Matcher, float]:
    """Build, and say how long it took."""
    begin = time.perf_counter()
    matcher = build(made)
    return matcher, time.perf_counter() - begin


def matches(case: Case, matcher: Matcher, objects: Objects) -> None:
    """Count what fires."""
    found = [matcher.decide(each.data, each.encoding, each.envelope) for each in objects.made]
    fired = [each.decision.rules for each in found if each is not None]
    assert all(fired), "a header that cannot be read decides nothing, and quickly"
    hits = [rules_ for rules_ in fired if rules_ != OTHERWISE]
    case.matched = len(hits) / len(fired)
    case.fired = mean(map(len, hits)) if hits else 0.0


@dataclass(slots=True)
class Trial:
    """One program at work."""

    case: Case
    matcher: Matcher
    objects: Objects
    asked: "array[int]"

    def passes(self) -> list[Pass]:
        """Give what takes turns: the loop, the call from Python, reading alone."""
        return [
            in_loop(self.matcher, self.objects, self.asked),
            from_python(self.matcher, self.objects),
            reading(self.matcher, self.objects),
        ]

    def settle(self, timings: list[Timing]) -> Case:
        """Put down what the passes took."""
        self.case.loop, self.case.decide, self.case.extract = timings
        self.case.asked = mean(self.asked)
        matches(self.case, self.matcher, self.objects)
        return self.case


def trial(family: str, size: int, objects: Objects, *, first: bool) -> Trial:
    """Build one program."""
    lowered = program(rules(family, size), first=first)
    matcher, spent = built(lowered)
    fields, tests = len(lowered.fields), len(lowered.tests)
    held = bytes_of(matcher)
    case = Case(family, objects.name, first, size, fields, tests, spent, held)
    return Trial(case, matcher, objects, array("q", bytes(8 * len(objects.data))))


def cases(
    family: str, objects: Objects, rounds: int, *, first: bool, sizes: Sequence[int] = SIZES
) -> list[Case]:
    """Measure one family with all its sizes in turns."""
    trials = [trial(family, size, objects, first=first) for size in sizes]
    passes = [each for one in trials for each in one.passes()]
    timings = in_turns(passes, len(objects.data), rounds)
    each = len(passes) // len(trials)
    return [
        one.settle(timings[each * place : each * (place + 1)]) for place, one in enumerate(trials)
    ]


HEAD = (
    f"{'family':12}{'of':>3}{'table':>6}{'rules':>7}{'fields':>7}{'matched':>8}{'fired':>7}"
    f"{'python':>7}{'loop us':>9}{'(rounds)':>16}{'p99':>8}{'first time':>11}{'decide':>8}"
    f"{'reading':>8}{'x of 10':>8}{'KiB':>8}{'build ms':>9}"
)


def line(case: Case, least: Case) -> str:
    """Write one row."""
    assert case.loop
    assert case.decide
    assert case.extract
    assert least.loop
    spread = f"({case.loop.least / 1000:.2f}..{case.loop.greatest / 1000:.2f})"
    return (
        f"{case.family:12}{case.objects:>3}{case.table:>6}{case.rules:>7}{case.fields:>7}{case.matched:>8.0%}"
        f"{case.fired:>7.1f}{case.asked:>7.0%}{case.loop.median / 1000:>9.2f}{spread:>16}"
        f"{case.loop.p99 / 1000:>8.1f}{case.loop.first / 1000:>11.2f}"
        f"{case.decide.median / 1000:>8.2f}{case.extract.median / 1000:>8.2f}"
        f"{case.loop.median / least.loop.median:>8.2f}{case.bytes / 1024:>8.0f}"
        f"{case.build * 1000:>9.0f}"
    )


def hop_figures(objects: Objects, rounds: int) -> dict[str, Timing | float]:
    """Hold reading against a loop that only hops (P10); both to the last tested element."""
    matcher = build(program(rules("realistic", 1000), first=True))
    module, count, explicit = loop(), len(objects.data), True
    last = matcher.decide(objects.data[0], objects.encoding, objects.made[0].envelope).read.last_tag
    ends, passed = (array("q", bytes(8 * count)) for _ in range(2))

    def hop(taken: "array[int]") -> None:
        module.hop_each(objects.data, last, taken, ends)

    def read(taken: "array[int]") -> None:
        module.extract_each(matcher, objects.data, explicit, taken, passed)

    hopped, extracted, clock = in_turns([hop, read, module.clock_each], count, rounds)
    net = (extracted.median - clock.median) / (hopped.median - clock.median)
    return {
        "hop": hopped,
        "extract": extracted,
        "clock": clock,
        "ratio": net,
        "passed": mean(passed),
    }


def families(chosen: str | None, objects: list[Objects], rounds: int) -> Iterator[Case]:
    """Measure and print family after family."""
    print(HEAD)
    for each in objects:
        for family in FAMILIES if chosen is None else (chosen,):
            if each.name == "MR" and family != "realistic":
                continue
            for first in (True, False):
                found = cases(family, each, rounds, first=first)
                for case in found:
                    print(line(case, found[0]), flush=True)
                yield from found


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.core", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="CT only, few rounds: under a minute")
    parser.add_argument("--keep", action="store_true", help="put the figures into results.json")
    parser.add_argument("--family", choices=list(FAMILIES))
    parser.add_argument("--rounds", type=int)
    said = arguments(parser)
    rounds = said.rounds or (4 if said.quick else 12)
    objects = [Objects("CT", samples(HEADERS))]
    if not said.quick:
        objects.append(Objects("MR", samples(HEADERS, "MR")))
    size = mean(map(len, objects[0].data)) - 1024
    print(f"{HEADERS} CT headers of {objects[0].made[0].elements} elements, {size:.0f} bytes")
    hopping = hop_figures(objects[0], 20 * rounds)
    print(
        "P10 reading / hopping over {passed:.0f} headers: {extract} / {hop} us, "
        "the clock {clock}: x{ratio:.2f}".format(**hopping)
    )
    found = list(families(said.family, objects, rounds))
    if said.keep:
        keep("hopping", [hopping])
        keep("core", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
