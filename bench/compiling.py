"""How long from the text of ten thousand rules to an engine, and where does the time go? P11.

The stages are timed inside one fresh process each, cold; the commands as whole processes: `cold`
without anything kept, `unchanged` a second time, `one edit` after one rule was changed. Commands
show all that they find; `prepare` is what `serve` and `reload` do before they run by rules, in a
process of its own, which shows nothing. A command that is not there is named as missing.

Run: `python -m bench.compiling [--quick] [--keep]`
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.commands import RUNS, Command, seconds, three
from bench.families import rules
from bench.results import arguments, keep
from bench.written import file

RULES = 10_000
STAGES = """
import json, sys, time
begin = time.perf_counter()
def lap():
    global begin
    now = time.perf_counter()
    took, begin = now - begin, now
    return took
from roteiro.core import lay, matcher_of
from roteiro.lang.check import check_loaded
from roteiro.lang.load import load
from roteiro.lang.lower import lower
from roteiro.lang.source import Source
from roteiro.runtime.artefacts import Sources, joined_with, taken
from roteiro.runtime.compiling import site_from
from roteiro.runtime.garbage import collecting_later
from datetime import date
from pathlib import Path
took = {"import": lap()}
source = Source("bench.route", Path(sys.argv[1]).read_text(encoding="utf-8"))
with collecting_later():
    loaded = load(source)
    took["parse"] = lap()
    typed, findings = check_loaded(loaded, date(2026, 3, 2))
    took["check and lint"] = lap()
made = lower(typed)
took["lower"] = lap()
parts = lay(made).parts
took["lay out"] = lap()
data = joined_with(parts, site_from(typed), Sources((), silent=False))
took["write"] = lap()
matcher_of(taken(data))
took["look at and take"] = lap()
print(json.dumps(took))
"""


def edit(path: Path, _kept: Path) -> None:
    """Change one rule in the middle: where it sends."""
    text = path.read_text(encoding="utf-8")
    place = text.index("rule r5000 " if "rule r5000 " in text else "rule r5 ")
    begin = text.index("send to d", place) + len("send to d")
    other = str((int(text[begin]) + 1) % 10)
    path.write_text(text[:begin] + other + text[begin + 1 :], encoding="utf-8")


PREPARE = """
import sys
from pathlib import Path
from roteiro.runtime.compiling import compile_rules
assert compile_rules(Path(sys.argv[1]), sys.argv[1]).artefact is not None
"""


def commands(output: Path) -> tuple[Command, ...]:
    """Give what is timed; compiled rules are written to `output`."""
    prepare = three("", edit, name="prepare")
    return (
        *three("check", edit),
        *three("compile", edit, "-o", str(output)),
        *(replace(each, words=(), program=("-c", PREPARE)) for each in prepare),
    )


def stages(path: Path, runs: int) -> dict[str, float]:
    """Time the stages, each the median of fresh processes."""
    found: list[dict[str, float]] = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", STAGES, path], capture_output=True, text=True, check=True
        )
        found.append(json.loads(done.stdout))
    return {name: median(each[name] for each in found) for name in found[0]}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.compiling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 rules, each once")
    parser.add_argument("--keep", action="store_true", help="put the figures into results.json")
    said = arguments(parser)
    count, runs = (100, 1) if said.quick else (RULES, RUNS)
    with tempfile.TemporaryDirectory() as folder:
        path, kept = Path(folder) / "rules.route", Path(folder) / "cache"
        kept.mkdir()
        path.write_text(file(rules("realistic", count), first=False), encoding="utf-8")
        print(f"{count} rules, {path.stat().st_size / 1e6:.2f} MB; seconds, median of {runs}")
        parts = stages(path, runs)
        parts["all stages"] = sum(parts.values())
        timed = commands(path.with_suffix(".compiled"))
        found = parts | {each.name: seconds(each, path, kept, runs) for each in timed}
    for name, taken in found.items():
        print(f"{name:24}" + ("  no such command" if taken is None else f"{taken:10.3f}"))
    if said.keep:
        keep("compiling", [{"what": name, "seconds": taken} for name, taken in found.items()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
