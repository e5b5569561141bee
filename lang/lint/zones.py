"""RT225: local times are compared and the program does not say in which zone."""

import re
from collections.abc import Iterator

from roteiro.core.program import Source, ValueType, View
from roteiro.lang import typed
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint
from roteiro.lang.source import Span

DEFAULT = 'timezone "UTC"\n'
EDITION = re.compile(r"^\ufeff?[ \t]*language[ \t]+\d+[^\n]*\n", re.MULTILINE)


def look(program: Program) -> None:
    """Report the first place where the zone counts, if none is said."""
    if program.names.timezone is not None:
        return
    places = [span for span in (*schedules(program), *compared(program)) if span.file == 0]
    if places:
        first = min(places, key=lambda span: span.start)
        helped = hint("no_timezone_help")
        program.report.add("RT225", first, "no_timezone", help=helped, fix=inserted(program))


def schedules(program: Program) -> Iterator[Span]:
    """Give the schedules that are used, and not always open."""
    used = program.names.used.keys() | program.beyond.used
    for name, item in program.names.schedules.items():
        if item.windows and ("schedules", name) in used:
            yield item.name.span


def compared(program: Program) -> Iterator[Span]:
    """Give the tests that read the zone: elapsed days, and date-times, which may lack an offset."""
    for leaf in program.leaves.values():
        if isinstance(leaf, typed.Compare):
            elapsed = leaf.field.view is View.DAYS_SINCE
            instant = leaf.field.type is ValueType.INSTANT
            if elapsed or (instant and leaf.field.source is Source.ELEMENT):
                yield leaf.span


def inserted(program: Program) -> Fix | None:
    """Say the zone that is meant without `timezone`, behind the edition."""
    edition = EDITION.search(program.report.source.text)
    return Fix(Span(edition.end(), edition.end()), DEFAULT, safe=False) if edition else None
