"""RT601: a rule that fires in no test.

Said only of programs that have tests and whose tests give their objects by hand: `check` reads no
DICOM files. The tests are run by the reference interpreter; where that would take long nothing is
said.
"""

from typing import TYPE_CHECKING

from roteiro.core.program import Decision
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint
from roteiro.lang.source import Span

if TYPE_CHECKING:
    from roteiro.lang.selftest import FileObject

WORK = 20_000
"""Tests times rules at most."""


def look(program: Program) -> None:
    """Report the rules that no test makes fire."""
    rules = rule_places(program)
    typed = program.typed
    by_hand = all(test.file is None for test in typed.tests)
    if not typed.tests or not by_hand or len(typed.tests) * program.rules > WORK:
        return
    fired = {rule for decision in decisions(program) for rule in decision.rules}
    for name, span in rules.items():
        if name not in fired:
            program.report.add("RT601", span, "untested", help=hint("untested_help"), name=name)


def rule_places(program: Program) -> dict[str, Span]:
    """Give the rules of guard and tables by the name that decisions have for them."""
    places: dict[str, Span] = {}
    if program.names.guard is not None:
        places |= {f"guard.{rule.name.text}": rule.name.span for rule in program.names.guard.rules}
    for name, table in program.names.tables.items():
        places |= {f"{name}.{rule.name.text}": rule.name.span for rule in table.rules}
    return places


def decisions(program: Program) -> list[Decision]:
    """Give what becomes of the object of each test."""
    from roteiro.lang.reference import Reference  # noqa: PLC0415  for programs with tests only
    from roteiro.lang.selftest import run  # noqa: PLC0415  likewise

    results = run(program.typed, Reference(program.typed), no_file)
    return [result.trace.decision for result in results if result.trace is not None]


def no_file(path: str) -> "FileObject":
    """Read no file."""
    from roteiro.lang.selftest import UnusableFile  # noqa: PLC0415  see `decisions`

    raise UnusableFile(path)
