"""How many instructions does one decision take? Steadier than seconds where others work beside us.

Callgrind counts what runs inside the engine's C function from bytes to fired rules, Python's part
too where a value asks for it; every object is decided once before, uncounted. Needs valgrind: where
it is missing, the answer is that it is missing. Hardware counters (`perf`) are often hidden from
virtual machines, so they are not used.

Run: `python -m bench.instructions [--quick] [--keep] [--family NAME] [--rules N]`
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from array import array
from dataclasses import dataclass
from pathlib import Path

from bench.built import ROOT, loop
from bench.core import Objects, in_loop
from bench.families import FAMILIES, rules
from bench.headers import samples
from bench.lowered import program
from bench.results import arguments, keep
from roteiro.core import build

OBJECTS = 200
SIZES = (10, 10_000)
COUNTED = "*counted_decide*"


@dataclass(frozen=True, slots=True)
class Row:
    """Instructions of one decision."""

    family: str
    table: str
    rules: int
    instructions: float


def work(family: str, size: int, *, first: bool) -> None:
    """Decide all objects twice, the second time counted; this runs inside valgrind."""
    objects = Objects("CT", samples(OBJECTS))
    matcher = build(program(rules(family, size), first=first))
    envelopes = [each.envelope for each in objects.made]
    code = int(objects.encoding)
    taken, asked = (array("q", bytes(8 * OBJECTS)) for _ in range(2))
    in_loop(matcher, objects, asked)(taken)
    loop().count_each(matcher, objects.data, envelopes, code)


def counted(family: str, size: int, *, first: bool) -> Row:
    """Count the instructions of one pass."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        words = ["valgrind", "--tool=callgrind", f"--toggle-collect={COUNTED}", "-q"]
        words += [f"--callgrind-out-file={out}", sys.executable, "-m", "bench.instructions"]
        words += ["--inside", "--family", family, "--rules", str(size)]
        words += ["--first"] if first else []
        subprocess.run(words, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(errors="replace"), re.M)
    assert found is not None
    return Row(family, "first" if first else "all", size, int(found[1]) / OBJECTS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.instructions", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ten rules only")
    parser.add_argument("--keep", action="store_true", help="put the figures into results.json")
    parser.add_argument("--family", choices=list(FAMILIES))
    parser.add_argument("--rules", type=int, choices=(10, 100, 1_000, 10_000))
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    said = arguments(parser)
    family = said.family or "realistic"
    if said.inside:
        work(family, said.rules, first=said.first)
        return 0
    if shutil.which("valgrind") is None:
        print("valgrind is not installed: no instructions were counted")
        return 0
    sizes = (said.rules,) if said.rules else SIZES[:1] if said.quick else SIZES
    rows = []
    print(f"{'family':12}{'table':>6}{'rules':>7}{'instructions a decision':>26}")
    for first in (True, False):
        for size in sizes:
            rows.append(row := counted(family, size, first=first))
            text = f"{row.family:12}{row.table:>6}{row.rules:>7}{row.instructions:>26.0f}"
            print(text, flush=True)
    if said.keep:
        keep("instructions", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
