"""Plain tables for people: columns aligned, numbers to the right."""

from collections.abc import Sequence

from roteiro.lang.messages import text

Cell = str | int | float


def heads(key: str, language: str) -> list[str]:
    """Give the column heads that a text of the catalogue names, separated by `|`."""
    return [head.strip() for head in text(key, language).split("|")]


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """Give the lines of a table; no lines when there are no rows."""
    if not rows:
        return []
    texts = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *texts, strict=True)]
    right = [not isinstance(cell, str) for cell in rows[0]]
    return [
        "  ".join(
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, numeric in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in (list(head), *texts)
    ]


def shown(cell: Cell) -> str:
    """Give a cell's text."""
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def duration(seconds: object) -> str:
    """Give a time span as people say it: `45 s`, `3 min`, `2 h`, `5 d`; `-` when there is none."""
    if not isinstance(seconds, int | float):
        return "-"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
