"""Write the figures of `bench/results.json` into docs/performance.md: `python -m bench.page`.

A block of the page between `<!-- figures NAME -->` and `<!-- end -->` is made of the results; the
words around it are written by people. A test asks that the page says what the results say.
"""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.goals import goals, ratio
from bench.results import known

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BLOCK = re.compile(r"(<!-- figures (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Rows = list[dict[str, Any]]
Results = dict[str, Any]


def table(head: str, rows: Iterable[Iterable[object]]) -> str:
    """Write a table of Markdown."""
    count = head.count("|") - 1
    lines = [head, "|" + "---|" * count]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def micros(timing: dict[str, float]) -> str:
    """Write a time with the rounds that were quickest and slowest."""
    low, mid, high = (timing[name] / 1000 for name in ("least", "median", "greatest"))
    return f"{mid:.2f} ({low:.2f}-{high:.2f})"


def many(times: float | None) -> str:
    """Write so many times: no digit that noise makes, and no powers of ten."""
    return "-" if times is None else f"{times:,.0f}" if times >= 100 else f"{times:.3g}"


def core(results: Results) -> str:
    """Write P7, P8 and P12."""
    rows: Rows = results["core"]["rows"]
    head = (
        "| family | objects | table | rules | matched | fired | asked Python | C loop µs | p99 | "
        "first time | `decide` µs | x of 10 | KiB |"
    )
    return table(
        head,
        (
            (
                row["family"],
                row["objects"],
                "first" if row["first"] else "all",
                f"{row['rules']:,}",
                f"{row['matched']:.0%}",
                f"{row['fired']:.1f}",
                f"{row['asked']:.0%}",
                micros(row["loop"]),
                f"{row['loop']['p99'] / 1000:.1f}",
                f"{row['loop']['first'] / 1000:.2f}",
                f"{row['decide']['median'] / 1000:.2f}",
                f"{ratio(row, results):.2f}",
                f"{row['bytes'] / 1024:,.0f}",
            )
            for row in rows
        ),
    )


def facade(results: Results) -> str:
    """Write P7 once more, through `rules.decide`."""
    rows: Rows = results["facade"]["rows"]
    return table(
        "| table | rules | `rules.decide` µs | `Matcher.decide` µs | C loop µs |",
        (
            (
                row["table"],
                f"{row['rules']:,}",
                *(micros(row[name]) for name in ("facade", "decide", "loop")),
            )
            for row in rows
        ),
    )


def peers(results: Results) -> str:
    """Write P9."""
    return table(
        "| engine | version | µs an object | x `rules.decide` | x C loop |",
        (
            (
                row["name"],
                row["version"],
                f"{row['timing']['median'] / 1000:,.1f}" if row["timing"] else "-",
                many(row["ratio"]),
                many(row["loop_ratio"]),
            )
            for row in results["peers"]["rows"]
        ),
    )


def hopping(results: Results) -> str:
    """Write P10."""
    (found,) = results["hopping"]["rows"]
    return table(
        "| headers passed | hop µs | extract µs | of it the clock | x |",
        [
            (
                f"{found['passed']:.0f}",
                micros(found["hop"]),
                micros(found["extract"]),
                f"{found['clock']['median'] / 1000:.2f}",
                f"{found['ratio']:.2f}",
            )
        ],
    )


def compiling(results: Results) -> str:
    """Write P11."""
    return table(
        "| stage or command | seconds |",
        (
            (row["what"], "no such command yet" if row["seconds"] is None else row["seconds"])
            for row in results["compiling"]["rows"]
        ),
    )


def instructions(results: Results) -> str:
    """Write the instructions of a decision."""
    return table(
        "| family | table | rules | instructions a decision |",
        (
            (row["family"], row["table"], f"{row['rules']:,}", f"{row['instructions']:,.0f}")
            for row in results["instructions"]["rows"]
        ),
    )


def receiving(results: Results) -> str:
    """Write P1 to P3."""
    return table(
        "| workload | associations | receiver | seconds | our rate, so many times |",
        (
            (
                row["workload"],
                row["associations"],
                row["receiver"],
                "missing, or did not take all"
                if row["seconds"] is None
                else f"{row['seconds']:.2f} ({row['least']:.2f}-{row['greatest']:.2f})",
                "-" if row["ratio"] is None else f"{row['ratio']:.2f}",
            )
            for row in results["receiving"]["rows"]
        ),
    )


def machine(results: Results) -> str:
    """Say where and when it was measured."""
    lines = []
    for question in sorted(QUESTIONS):
        if question in results and "machine" in results[question]:
            found, on = results[question], results[question]["machine"]
            lines.append(
                (
                    question,
                    found["day"],
                    f"`{found['commit']}`",
                    on["processor"],
                    on["cores"],
                    f"{on['memory_gib']} GiB",
                    on["python"],
                    on["gcc"],
                )
            )
    return table("| question | day | commit | processor | cores | memory | Python | gcc |", lines)


def reached(results: Results) -> str:
    """Write the goals."""
    return table("| goal | question | to reach | measured |", goals(results))


QUESTIONS: dict[str, Callable[[Results], str]] = {
    "core": core,
    "facade": facade,
    "peers": peers,
    "hopping": hopping,
    "compiling": compiling,
    "instructions": instructions,
    "receiving": receiving,
    "machine": machine,
    "goals": reached,
}
OF_ALL = frozenset(("machine", "goals"))
"""Blocks that are made of all answers."""


def filled(page: str, results: Results) -> str:
    """Put the figures into the blocks of a page."""

    def block(found: re.Match[str]) -> str:
        name = found[2]
        made = (
            QUESTIONS[name](results) if name in results or name in OF_ALL else "Not measured yet.\n"
        )
        return found[1] + "\n" + made + "\n" + found[3]

    return BLOCK.sub(block, page)


def main() -> int:
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), known()), encoding="utf-8")
    print("docs/performance.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
