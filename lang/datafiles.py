"""Set and lookup files: their text becomes values with places, or findings that say why not.

A set file has one value a line, trimmed; empty lines and lines that begin with `#` are passed over.
A lookup file is CSV with a header (RFC 4180); the columns of keys and values are found by name.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from unicodedata import normalize

from roteiro.lang import nodes
from roteiro.lang.report import Report, hint, listed
from roteiro.lang.source import Source, Span

BLANKS = " \t\r\f\v"
MOST = 10
"""Findings of one file at most."""


@dataclass(frozen=True, slots=True)
class SetLines:
    """The values of a set file, in order, and where each stands."""

    texts: tuple[str, ...]
    starts: tuple[int, ...]
    file: int
    """The file's number: findings point into it like into a rule file."""

    def span(self, number: int) -> Span:
        """Give the place of a value; the first has number 0."""
        start = self.starts[number]
        return Span(start, start + len(self.texts[number]), self.file)


def lines_of(text: str, file: int) -> SetLines:
    """Read the text of a set file."""
    texts: list[str] = []
    starts: list[int] = []
    at = 0
    for line in text.split("\n"):
        value = line.strip(BLANKS)
        if value and line[0] != "#":
            texts.append(value)
            starts.append(at + line.index(value))
        at += len(line) + 1
    return SetLines(tuple(texts), tuple(starts), file)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where keys and values stand in each row."""

    key: int
    value: int


class LookupReader:
    """Reads one lookup file."""

    def __init__(self, item: nodes.Lookup, source: Source, file: int, report: Report) -> None:
        """Read `source`, the file of that number, for `item`; report to `report`."""
        self.item = item
        self.source = source
        self.file = file
        self.report = report
        self.wrong = 0

    def rows(self) -> dict[str, str]:
        """Give what the rows say; what is wrong with one is reported, and it is left out."""
        found: dict[str, str] = {}
        first: dict[str, int] = {}
        records = self.records()
        header = next(records, (1, []))
        columns = self.columns(*header)
        if columns is None:
            return found
        for line, cells in records:
            pair = self.pair(line, cells, columns)
            if pair is None:
                continue
            key, value = pair
            if key in found:
                self.twice(line, first[key], key)
            else:
                found[key], first[key] = value, line
        return found

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Give the records that are not blank, with the line on which each begins."""
        reader = csv.reader(StringIO(self.source.text, newline="\n"), strict=True)
        line = 1
        try:
            for record in reader:
                cells = [normalize("NFC", cell.strip(BLANKS)) for cell in record]
                if any(cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error:
            self.bad(line, "lookup_no_csv")

    def columns(self, line: int, header: list[str]) -> Columns | None:
        """Find the columns that the item names."""
        places = [self.column(line, header, name) for name in (self.item.key, self.item.value)]
        key, value = places
        return None if key is None or value is None else Columns(key, value)

    def column(self, line: int, header: list[str], name: nodes.Name) -> int | None:
        """Find one column by its name."""
        if header.count(name.text) == 1:
            return header.index(name.text)
        helped = hint("lookup_columns", words=listed([f"`{each}`" for each in header], "list_and"))
        if len(header) == 1:
            helped = hint("lookup_commas")
        key = "lookup_column_twice" if name.text in header else "lookup_no_column"
        label = self.report.label(self.place(line), "lookup_header")
        self.report.add("RT130", name.span, key, labels=(label,), help=helped, name=name.text)
        return None

    def pair(self, line: int, cells: list[str], columns: Columns) -> tuple[str, str] | None:
        """Take key and value of a row."""
        if len(cells) <= max(columns.key, columns.value):
            self.bad(line, "lookup_short_row")
            return None
        key = cells[columns.key]
        if not key:
            self.bad(line, "lookup_no_key", name=self.item.key.text)
            return None
        return key, cells[columns.value]

    def twice(self, line: int, first: int, key: str) -> None:
        """Report a key that is there again, and say so where it is written another way."""
        written = [self.source.line(each) for each in (line, first)]
        other = any(key not in each and normalize("NFC", each) != each for each in written)
        self.bad(line, "lookup_twice_nfc" if other else "lookup_twice", first, name=key)

    def bad(self, line: int, key: str, first: int | None = None, *, name: str = "") -> None:
        """Report a row."""
        self.wrong += 1
        if self.wrong > MOST:
            return
        labels = () if first is None else (self.report.label(self.place(first), "first_here"),)
        self.report.add("RT130", self.place(line), key, labels=labels, name=name)

    def place(self, line: int) -> Span:
        """Give the place of a line."""
        start = self.source.start(line)
        return Span(start, start + len(self.source.line(line)), self.file)
