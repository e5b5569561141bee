"""What rules cost, for people: a table of the guard and the tables, and what it comes to."""

from collections.abc import Iterator

from roteiro.lang.messages import text
from roteiro.runtime.cli.table import Cell, heads, table
from roteiro.runtime.cost import Apart, FileCost, PartCost
from roteiro.runtime.shown import shown

TESTS = 3
"""Tests of a part that are named."""


def lines_of(cost: FileCost, language: str) -> Iterator[str]:
    """Say what the rules of a file cost."""
    yield text("command.cost_of", language, file=shown(cost.file))
    total = text("command.cost_total", language)
    rows = [_row(part, part.name or total) for part in (*cost.parts, cost.total)]
    yield from (f"  {line}" for line in table(heads("command.cost_heads", language), rows))
    limit = cost.clause_limit
    yield from (f"  {_apart(each, limit, language)}" for each in cost.total.apart)
    yield f"  {_sum(cost, language)}"
    if cost.total.needs_all:
        yield "  " + text("command.cost_needs_all", language)


def _row(part: PartCost, name: str) -> list[Cell]:
    return [
        name,
        part.rules,
        part.clauses,
        part.most,
        part.tags,
        part.last_tag or "-",
        part.nesting,
        part.text_tests,
        part.pattern_states,
    ]


def _apart(apart: Apart, limit: int, language: str) -> str:
    """Say which part of a rule is computed apart."""
    tests = ", ".join(f"`{shown(test)}`" for test in apart.tests[:TESTS])
    return text(
        "command.cost_apart",
        language,
        place=f"{shown(apart.file)}:{apart.line}",
        rule=apart.rule,
        tests=tests + (", …" if len(apart.tests) > TESTS else ""),
        limit=limit,
    )


def _sum(cost: FileCost, language: str) -> str:
    total = cost.total
    return text(
        "command.cost_sum" if total.last_tag else "command.cost_sum_untagged",
        language,
        tag=total.last_tag,
        texts=total.text_tests,
        nested=total.nested_tests,
        words=total.words * total.fields,
        bytes=cost.index_bytes,
    )
