"""How long the tools take with ten thousand rules: `check` and `fmt`, whole processes.

`check` with nothing remembered, with none changed since the last time, and with one rule changed;
of tables where all rules that match count, and of one where the first does.

Run: `python -m bench.tools [--quick]`
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.commands import RUNS, Command, leave, seconds, three

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from generators.large import file

RULES = 10_000
FEW = 200
FORMAT = Command("fmt", ("fmt",), leave)
FORMATTED = Command("fmt, nothing written", ("fmt", "--check"), leave)


def changed(rule: int, path: Path, _kept: Path) -> None:
    """Change one rule that names a room, and back the next time."""
    text = path.read_text(encoding="utf-8")
    one, other = f'"ROOM{rule}A"', f'"ROOM{rule}X"'
    assert one in text or other in text
    path.write_text(text.replace(one, other) if one in text else text.replace(other, one))


def first_wins(text: str) -> str:
    """Make one table of all, of which the first rule that matches counts."""
    head, *bodies = text.split("\ntable wards_")
    rules = "".join(body[body.index("\n") : body.rindex("}")] for body in bodies)
    return f"{head}\ntable wards first {{{rules}  otherwise {{ send to vna }}\n}}\n"


def rows(count: int, folder: Path, runs: int) -> Iterator[tuple[str, float | None]]:
    """Give what was asked, and the median."""
    path, kept, text = folder / "large.route", folder / "cache", file(count)
    checks = three("check", partial(changed, count // 2))
    path.write_text(text, encoding="utf-8")
    for command in checks:
        yield command.name, seconds(command, path, kept, runs)
    seconds(FORMAT, path, kept, 1)
    yield FORMATTED.name, seconds(FORMATTED, path, kept, runs)
    path.write_text(first_wins(text), encoding="utf-8")
    for command in checks:
        yield f"{command.name}, first wins", seconds(command, path, kept, runs)


def main() -> int:
    """Print the medians."""
    parser = argparse.ArgumentParser(prog="bench.tools", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{FEW} rules, each once")
    count, runs = (FEW, 1) if parser.parse_args().quick else (RULES, RUNS)
    print(f"{count} rules, {len(file(count)) / 1e6:.2f} MB; seconds, median of {runs} processes")
    with tempfile.TemporaryDirectory() as folder:
        for name, taken in rows(count, Path(folder), runs):
            print(f"{name:36} {taken:6.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
