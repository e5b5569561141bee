"""Tests as rows of a table: a CSV file whose columns are attributes and expectations.

The first column is the name of each test. The others are what words may give (`lang.words`), `file`
(a DICOM file, relative to the table), `at` (an instant), and `expect.send`, `expect.exactly`,
`expect.no_send`, `expect.rule`, `expect.hold`, `expect.refuse`, `expect.drop`, `expect.nothing` and
`expect.pass`. An empty cell says nothing; `empty` and `absent` are what they are in a `test`, and
`"empty"`, quotes included, is the text. Each row becomes a test like those of the language.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import StringIO
from itertools import accumulate

from roteiro.core.program import QUEUES, Field, Hold
from roteiro.lang.coverage import rules
from roteiro.lang.messages import Phrase
from roteiro.lang.report import nearest, phrase, show
from roteiro.lang.source import Source, Span
from roteiro.lang.typed import Assigned, Expectation, Typed, TypedTest
from roteiro.lang.words import Word, WrongWord, assigned, field_of

TOLD = re.compile(r"sep=([^\n\"])\n", re.IGNORECASE)
"""A first line by which spreadsheets tell what separates cells."""
BETWEEN = re.compile(r"[\s,;]+")
STATUS = re.compile(r"0x[0-9A-Fa-f]{4}")
YES = "yes"
EXPECT = "expect."
OTHERS = ("file", "at")
QUOTED = re.compile(r'"(.*)"', re.DOTALL)


class WrongTable(Exception):  # noqa: N818  it says what is wrong with the table
    """The table cannot be read, or a column is nothing that a test has."""

    def __init__(self, line: int, key: str, **values: object) -> None:
        """Keep where and why."""
        super().__init__(key)
        self.line = line
        self.phrase = Phrase(f"selftest.{key}", **values)


class WrongCell(Exception):  # noqa: N818  it says what is wrong with a cell
    """A cell holds what its column cannot have."""

    def __init__(self, key: str, **values: object) -> None:
        """Keep why."""
        super().__init__(key)
        self.phrase = Phrase(f"selftest.{key}", **{k: show(v) for k, v in values.items()})


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that is no test, and why."""

    name: str
    line: int
    why: Phrase


@dataclass(frozen=True, slots=True)
class Known:
    """What expectations may name."""

    destinations: Mapping[str, tuple[str, ...]]
    """What each stands for: a `copy` pool for its members."""
    rules: frozenset[str]
    queues: frozenset[str]


def known_of(typed: Typed) -> Known:
    """Gather destinations, rules and queues of a program."""
    settings = typed.settings
    plain = [node.name for node in settings.nodes if node.port is not None]
    plain += (pool.name for pool in settings.pools)
    verdicts: list[object] = []
    if typed.guard is not None:
        verdicts = [*(rule.verdict for rule in typed.guard.rules), typed.guard.otherwise]
    for table in typed.tables:
        verdicts += [effect for rule in table.rules for effect in rule.effects]
        verdicts += table.otherwise or ()
    queues = {verdict.queue for verdict in verdicts if isinstance(verdict, Hold)}
    return Known(
        {name: (name,) for name in plain} | {pool.name: pool.members for pool in settings.copies},
        frozenset(name for name, _ in rules(typed)),
        frozenset(queues | QUEUES),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """What all rows of a table share."""

    source: Source
    header: list[str]
    fields: Mapping[str, Field]
    """Those of the columns that say what is given."""
    known: Known


def _twice(name: str) -> Phrase:
    return Phrase("selftest.row_named_twice", name=show(name))


# The table ----------------------------------------------------------------------------------------


def rows_of(source: Source, typed: Typed) -> Iterator[TypedTest | WrongRow]:
    """Give the tests of a table, in order; `WrongTable` when its header is none."""
    source = Source(source.name, source.text.replace("\r\n", "\n").replace("\r", "\n"))
    whole = list(_records(source)) or [(1, [])]
    records = _named(*whole[0], whole[1:])
    line, header = next(records)
    table = _Table(source, header, _fields(line, header[1:]), known_of(typed))
    seen = set[str]()
    starts = [0, *accumulate(len(one) + 1 for one in source.text.split("\n"))]
    for at, cells in records:
        name = cells[0]
        try:
            test = _test(table, starts[at - 1], cells)
            yield WrongRow(name, at, _twice(name)) if name in seen else test
            seen.add(name)
        except WrongCell as wrong:
            yield WrongRow(name, at, wrong.phrase)
        except WrongWord as wrong:
            yield WrongRow(name, at, wrong.why)


def _records(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Give the records that are not blank, with the line on which each begins."""
    told = TOLD.match(source.text)
    text = source.text[told.end() :] if told else source.text
    separator = told[1] if told else separator_of(text.partition("\n")[0])
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 1 if told else 0
    line = 1 + before
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1 + before
    except csv.Error:
        raise WrongTable(line, "rows_no_csv") from None


def separator_of(header: str) -> str:
    """Give what separates cells: in some countries `;`, because their numbers have commas."""
    return ";" if header.count(";") > header.count(",") else ","


def _named(
    line: int, header: list[str], records: list[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    """Give header and records without columns that have neither a name nor cells."""
    width = max(len(cells) for cells in (header, *(cells for _, cells in records)))
    nameless = {at for at in range(1, width) if not "".join(header[at : at + 1])}
    for at in sorted(nameless & set(range(len(header)))):
        if any("".join(cells[at : at + 1]) for _, cells in records):
            raise WrongTable(line, "rows_column_without_name", number=at + 1)
    for number, cells in ((line, header), *records):
        yield number, [one for at, one in enumerate(cells) if one or at not in nameless]


def _fields(line: int, columns: list[str]) -> dict[str, Field]:
    """Give the fields of columns, by name.

    Refuse a column that is nothing or is there twice, and a table that expects nothing.
    """
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise WrongTable(line, "rows_column_twice", name=show(twice))
    found = {name: _field(line, name) for name in columns}
    if not any(name.startswith(EXPECT) for name in columns):
        raise WrongTable(line, "rows_expect_nothing")
    return {name: field for name, field in found.items() if field is not None}


def _field(line: int, name: str) -> Field | None:
    """Give the field of a column, if it is one of an object."""
    expects = name.startswith(EXPECT)
    if name in OTHERS or (expects and name.removeprefix(EXPECT) in KINDS):
        return None
    if expects:
        close = nearest(name.removeprefix(EXPECT), KINDS)
        meant = EXPECT + close if close else None
        key = "rows_no_expectation_meant" if meant else "rows_no_expectation"
        raise WrongTable(line, key, name=show(name), meant=meant)
    try:
        return field_of(name)
    except WrongWord as wrong:
        key = "rows_no_column_help" if wrong.helped else "rows_no_column"
        raise WrongTable(line, key, why=wrong.why, help=wrong.helped) from None


def _test(table: _Table, start: int, cells: list[str]) -> TypedTest:
    """Make the test of a row, which begins at `start`."""
    header = table.header
    if not cells[0]:
        raise WrongCell("row_without_name")
    if len(cells) > len(header):
        raise WrongCell("row_too_long", cells=len(cells), columns=len(header))
    given = {name: cell for name, cell in zip(header[1:], cells[1:], strict=False) if cell}
    span = Span(start, start + 1)
    expectations = tuple(
        each
        for name, cell in given.items()
        if name.startswith(EXPECT)
        for each in _expectations(name.removeprefix(EXPECT), cell, table.known, span)
    )
    if not expectations:
        raise WrongCell("row_expects_nothing")
    return TypedTest(
        cells[0],
        _path(given["file"]) if "file" in given else None,
        _given(given, table.fields, span),
        _instant(given["at"]) if "at" in given else None,
        expectations,
        span,
        table.source,
    )


# Cells --------------------------------------------------------------------------------------------


def _given(
    cells: Mapping[str, str], fields: Mapping[str, Field], span: Span
) -> tuple[Assigned, ...]:
    """Give what a row says of the object."""
    words = [Word(key, _value(cell)) for key, cell in cells.items() if key in fields]
    return tuple(replace(each, span=span) for each in assigned(words, fields))


def _value(cell: str) -> str | None:
    """Give the value of a cell as words have it."""
    if cell in {"empty", "absent"}:
        return "" if cell == "empty" else None
    found = QUOTED.fullmatch(cell)
    return found[1] if found else cell


def _path(cell: str) -> str:
    if "\0" in cell:
        raise WrongWord(phrase("path_with_nul"))
    return cell


def _instant(cell: str) -> str:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise WrongCell("row_no_instant", value=cell)
    return cell


# Expectations -------------------------------------------------------------------------------------


def _expectations(kind: str, cell: str, known: Known, span: Span) -> Iterator[Expectation]:
    """Give what a cell expects."""
    yield from KINDS[kind](kind.replace("_", " "), cell, known, span)


def _sent(kind: str, cell: str, known: Known, span: Span) -> Iterator[Expectation]:
    """Expect destinations, all in one."""
    names = _names(cell)
    for name in names:
        _check_name(name, known.destinations, "row_no_destination")
    meant = (one for name in names for one in known.destinations[name])
    yield Expectation(kind, tuple(dict.fromkeys(meant)), None, None, span)


def _fired(kind: str, cell: str, known: Known, span: Span) -> Iterator[Expectation]:
    """Expect that rules fired."""
    for name in _names(cell):
        _check_name(name, known.rules, "row_no_rule")
        yield Expectation(kind, (name,), None, None, span)


def _held(kind: str, cell: str, known: Known, span: Span) -> Iterator[Expectation]:
    """Expect that queues hold it."""
    for name in _names(cell):
        _check_name(name, known.queues, "row_no_queue")
        yield Expectation(kind, (name,), None, None, span)


def _refused(kind: str, cell: str, _known: Known, span: Span) -> Iterator[Expectation]:
    """Expect a status."""
    if not STATUS.fullmatch(cell):
        raise WrongCell("row_no_status", value=cell)
    yield Expectation(kind, (), int(cell, 16), None, span)


def _so(kind: str, cell: str, _known: Known, span: Span) -> Iterator[Expectation]:
    """Expect what needs no name."""
    if cell != YES:
        raise WrongCell("row_no_yes", name=EXPECT + kind, value=cell)
    yield Expectation(kind, (), None, None, span)


def _names(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in BETWEEN.split(cell) if name))


def _check_name(name: str, names: Iterable[str], key: str) -> None:
    if name not in names:
        meant = nearest(name, sorted(names))
        raise WrongCell(f"{key}_meant" if meant else key, name=name, meant=meant)


KINDS: Mapping[str, Callable[[str, str, Known, Span], Iterator[Expectation]]] = {
    "send": _sent,
    "exactly": _sent,
    "no_send": _sent,
    "rule": _fired,
    "hold": _held,
    "refuse": _refused,
    "drop": _so,
    "nothing": _so,
    "pass": _so,
}
"""Expectations, by what stands behind `expect.`."""
