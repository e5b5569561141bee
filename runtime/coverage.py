"""Coverage of rule files as people, scripts and coverage tools read it.

`lang.coverage` measures; here are the JSON member (`docs/json.md`), the lines for people, and the
LCOV trace file (`geninfo`'s format: lines are rules, branches are outcomes of conditions).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath

from roteiro.lang.coverage import KINDS, Coverage, Gap, Measure
from roteiro.lang.messages import text
from roteiro.lang.source import Source


@dataclass(frozen=True, slots=True)
class Summed:
    """What the tests of several rule files covered together."""

    measures: dict[str, Measure]
    gaps: tuple[Gap, ...]

    @classmethod
    def of(cls, parts: Sequence[Coverage]) -> "Summed":
        """Add up."""
        each = [part.measures() for part in parts]
        measures = {
            kind: Measure(
                sum(one[kind].covered for one in each), sum(one[kind].total for one in each)
            )
            for kind in KINDS
        }
        return cls(measures, tuple(gap for part in parts for gap in part.gaps()))

    def document(self) -> dict[str, object]:
        """Give the JSON member."""
        measures = {
            kind: {"covered": m.covered, "total": m.total, "percent": round(m.percent, 1)}
            for kind, m in self.measures.items()
        }
        return {**measures, "missing": [gap_document(gap) for gap in self.gaps]}

    def lines(self, language: str) -> Iterator[str]:
        """Say what is covered, then what is missing."""
        for kind, measure in self.measures.items():
            yield text(
                f"command.covered_{kind}",
                language,
                covered=measure.covered,
                total=measure.total,
                percent=f"{measure.percent:.0f}",
            )
        for gap in self.gaps:
            yield "  " + said_gap(gap, language)


def gap_document(gap: Gap) -> dict[str, object]:
    """Give the JSON entry of what is missing."""
    place = gap.source.position(gap.span.start)
    return {
        "kind": gap.kind,
        "rule": gap.rule,
        "test": None if gap.kind == "rule" else quoted(gap),
        "outcome": gap.outcome,
        "file": gap.source.name,
        "line": place.line,
        "column": place.column,
    }


def said_gap(gap: Gap, language: str) -> str:
    """Say what is missing in one line."""
    place = gap.source.position(gap.span.start)
    key = {None: gap.kind, True: "true", False: "false"}[gap.outcome]
    return text(
        f"command.gap_{key}",
        language,
        place=f"{gap.source.name}:{place.line}",
        rule=gap.rule,
        test="" if gap.kind == "rule" else quoted(gap),
    )


def said_there(gap: Gap, language: str) -> str:
    """Say what is missing, beside the line that it is missing in."""
    place = gap.source.position(gap.span.start)
    return said_gap(gap, language).removeprefix(f"{gap.source.name}:{place.line}: ")


def quoted(gap: Gap) -> str:
    """Give the test's text on one line."""
    return " ".join(gap.source.text[gap.span.start : gap.span.end].split())


# LCOV ---------------------------------------------------------------------------------------------


def lcov(parts: Iterable[Coverage]) -> str:
    """Give the trace file: a record a rule file, with its rules as functions and lines."""
    records = [record for part in parts for record in _records(part)]
    return "\n".join(["TN:", *records, ""])


def _records(coverage: Coverage) -> Iterator[str]:
    hits = sorted(coverage.hits(), key=lambda hit: (hit.span.file, hit.span.start))
    for _, group in groupby(hits, key=lambda hit: hit.span.file):
        found = list(group)
        source = found[0].source
        yield f"SF:{PurePath(source.name).as_posix()}"
        lines = [(_line(source, hit.span.start), hit) for hit in found]
        yield from (f"FN:{line},{hit.rule}" for line, hit in lines)
        yield from (f"FNDA:{hit.times},{hit.rule}" for _, hit in lines)
        yield f"FNF:{len(found)}"
        yield f"FNH:{sum(hit.times > 0 for hit in found)}"
        yield from _branches(coverage, source)
        yield from (f"DA:{line},{hit.times}" for line, hit in lines)
        yield f"LF:{len(found)}"
        yield f"LH:{sum(hit.times > 0 for hit in found)}"
        yield "end_of_record"


def _branches(coverage: Coverage, source: Source) -> Iterator[str]:
    """Give the outcomes of the conditions of one file: branch 0 is true, 1 is false."""
    taken = []
    for block, asked in enumerate(coverage.asked.values()):
        seen = set(asked.outcomes())
        for number, leaf in enumerate(asked.leaves.values()):
            if leaf.source is source:
                line = _line(source, leaf.span.start)
                for outcome in (True, False):
                    times = int((leaf, outcome) in seen)
                    taken.append(
                        (times, f"BRDA:{line},{block},{2 * number + (not outcome)},{times}")
                    )
    yield from (line for _, line in taken)
    yield f"BRF:{len(taken)}"
    yield f"BRH:{sum(times for times, _ in taken)}"


def _line(source: Source, offset: int) -> int:
    return source.position(offset).line
