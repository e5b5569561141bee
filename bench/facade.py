"""P7 once more, as a program calls it: `roteiro.compile(...)`, then `rules.decide(...)`.

The `realistic` rules as text, through parser, checks and lint; 1,000 CT headers of 250 elements.

Run: `python -m bench.facade [--quick] [--keep]`
"""

import argparse
import sys
import time
from array import array
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.core import HEADERS, Objects, from_python, in_loop
from bench.families import rules
from bench.headers import samples
from bench.lowered import program
from bench.measure import Pass, Timing, in_turns
from bench.results import arguments, keep
from bench.written import file
from roteiro.core import build
from roteiro.runtime.rules import Rules, compile_text

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One table."""

    table: str
    rules: int
    facade: Timing
    decide: Timing
    loop: Timing


def called(compiled: Rules, objects: Objects) -> Pass:
    """Decide through the Python face."""

    def run(taken: "array[int]") -> None:
        for place, each in enumerate(objects.made):
            begin = time.perf_counter_ns()
            compiled.decide(each.data, calling_ae=each.envelope.calling_ae, at=AT)
            taken[place] = time.perf_counter_ns() - begin

    return run


def row(count: int, objects: Objects, rounds: int, *, first: bool) -> Row:
    """Measure one table in the three ways."""
    made = rules("realistic", count)
    matcher = build(program(made, first=first))
    compiled = compile_text(file(made, first=first), "bench")
    passes = [
        called(compiled, objects),
        from_python(matcher, objects),
        in_loop(matcher, objects, array("q", bytes(8 * len(objects.data)))),
    ]
    return Row("first" if first else "all", count, *in_turns(passes, len(objects.data), rounds))


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.facade", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 rules, few headers")
    parser.add_argument("--keep", action="store_true", help="put the figures into results.json")
    said = arguments(parser)
    count, headers, rounds = (100, 50, 2) if said.quick else (10_000, HEADERS, 12)
    objects = Objects("CT", samples(headers))
    rows = [row(count, objects, rounds, first=first) for first in (True, False)]
    print(f"{'table':6}{'rules':>7}{'rules.decide us':>22}{'Matcher.decide':>22}{'C loop':>22}")
    for each in rows:
        print(
            f"{each.table:6}{each.rules:>7}{each.facade!s:>22}{each.decide!s:>22}{each.loop!s:>22}"
        )
    if said.keep:
        keep("facade", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
