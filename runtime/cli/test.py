"""`roteiro test`: run the tests that rule files hold."""

from collections.abc import Sequence
from pathlib import Path

import click

from roteiro.lang.coverage import Coverage
from roteiro.lang.messages import text
from roteiro.lang.rows import WrongTable
from roteiro.lang.source import Source
from roteiro.runtime.cli.group import FINDINGS, FINE, OURS, USAGE, Refused, not_read
from roteiro.runtime.cli.output import counted, say, say_error, say_json
from roteiro.runtime.cli.rulefile import usable
from roteiro.runtime.cli.worded import command_of, format_option, option
from roteiro.runtime.coverage import Summed, lcov
from roteiro.runtime.coverpage import page
from roteiro.runtime.explain import written
from roteiro.runtime.machine import machine_words
from roteiro.runtime.rules import Rules
from roteiro.runtime.shares import run_shared
from roteiro.runtime.shown import shown
from roteiro.runtime.testing import Job, Ran, jobs_of, rows_in
from roteiro.runtime.world import processors, read_file, write_file


@command_of(
    "test",
    more=("test_exits",),
    example="roteiro test site.route -k trial --junit results.xml",
)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@option("-k", "word", metavar="WORD", help="test_word")
@option(
    "--rows",
    "tables",
    metavar="CSV",
    multiple=True,
    type=click.Path(path_type=Path),
    help="test_rows",
)
@option("-j", "jobs", metavar="N", type=click.IntRange(1), help="test_jobs")
@option("--junit", "target", metavar="PATH", type=click.Path(path_type=Path), help="test_junit")
@format_option
@option("--coverage", is_flag=True, help="test_coverage")
@option("--fail-under", "least", metavar="N", type=click.FloatRange(0, 100), help="test_least")
@option(
    "--coverage-html",
    "covered",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="test_coverage_html",
)
@option("--lcov", "trace", metavar="PATH", type=click.Path(path_type=Path), help="test_lcov")
@click.pass_obj
def command(  # noqa: PLR0913  the options of the command
    language: str,
    *,
    paths: Sequence[str],
    word: str | None,
    tables: Sequence[Path],
    jobs: int | None,
    target: Path | None,
    form: str,
    coverage: bool,
    least: float | None,
    covered: Path | None,
    trace: Path | None,
) -> int:
    """Run the tests that rule files hold."""
    measured = coverage or any(each is not None for each in (least, covered, trace))
    if tables and len(paths) > 1:
        raise Refused(USAGE, "command.rows_of_one_file", count=len(paths))
    session = Session(language, word, [table_at(path) for path in tables], measured=measured)
    session.processes = jobs or processors()
    for path in paths:
        session.run(path)
    session.check_word()
    if form == "json":
        say_json(session.document())
    else:
        session.say()
    if target is not None:
        from roteiro.runtime.cli import junit  # noqa: PLC0415  for who asks for it

        _write(target, junit.document(session.results))
    if trace is not None:
        _write(trace, lcov(session.coverage).encode())
    if covered is not None:
        _write(covered, page(session.coverage, session.sum(), language).encode())
    session.check_coverage(least)
    return session.worst


class Session:
    """The tests of all files of one call."""

    def __init__(
        self, language: str, word: str | None, tables: Sequence[Source], *, measured: bool
    ) -> None:
        """Begin without results; only tests whose name has `word` are run."""
        self._tables = tables
        self.worst = FINE
        self.results: list[Ran] = []
        self.coverage: list[Coverage] = []
        """One a file, when it is measured."""
        self.measured = measured
        self.processes = 1
        """Processes that tests are run in at the most."""
        self._files = 0
        self._seen = 0
        self._language = language
        self._word = word

    def run(self, path: str) -> None:
        """Run the tests of one file; why it cannot be used is on stderr."""
        try:
            rules = usable(path, self._language)
        except Refused as wrong:
            say_error(wrong.key, self._language, **wrong.values)
            self.worst = max(self.worst, wrong.code)
            return
        self._files += 1
        self._seen += len(rules.typed.tests)
        if not rules.typed.tests and not self._tables:
            say_error("command.no_tests", self._language, path=path)
        if self.measured:
            self.coverage.append(Coverage(rules.typed))
        self._take(rules, jobs_of(rules, self._word or ""))
        for table in self._tables:
            self._rows(rules, table)

    def _rows(self, rules: Rules, table: Source) -> None:
        """Run the tests of a table; why it is none is on stderr."""
        self._seen += 1
        try:
            self._take(rules, rows_in(rules, table, self._word or ""))
        except WrongTable as wrong:
            place = f"{shown(table.name)}:{wrong.line}"
            say_error("command.rows_wrong", self._language, place=place, why=wrong.phrase)
            self.worst = max(self.worst, USAGE)

    def _take(self, rules: Rules, jobs: Sequence[Job]) -> None:
        """Run tests and keep what came of them."""
        coverage = self.coverage[-1] if self.measured else None
        for ran in run_shared(rules, jobs, self._language, coverage, self.processes):
            self._note(ran, rules.rule_set)

    def _note(self, ran: Ran, rule_set: str) -> None:
        self.results.append(ran)
        if ran.difference is not None:
            core, reference = ran.difference
            say_error(
                "command.difference",
                self._language,
                path=shown(ran.name),
                rule_set=rule_set,
                core=written(core),
                reference=written(reference),
            )
            self.worst = max(self.worst, OURS)
        elif not ran.passed:
            self.worst = max(self.worst, FINDINGS)

    def check_word(self) -> None:
        """Take a word that no name has for a slip: nothing would ever fail."""
        if self._word is not None and self._seen and not self.results:
            say_error("command.no_such_test", self._language, word=self._word)
            self.worst = max(self.worst, USAGE)

    def check_coverage(self, least: float | None) -> None:
        """Find it a fault when fewer rules were covered than wanted, in percent."""
        if least is None:
            return
        covered = Summed.of(self.coverage).measures["rule"].percent
        if covered < least:
            say_error(
                "command.too_little_covered",
                self._language,
                covered=f"{covered:.1f}",
                least=f"{least:g}",
            )
            self.worst = max(self.worst, FINDINGS)

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(ran.passed for ran in self.results)

    def document(self) -> dict[str, object]:
        """Give the JSON document."""
        found: dict[str, object] = {
            "tests": [ran.document() for ran in self.results],
            "passed": self.passed,
            "failed": len(self.results) - self.passed,
            "files": self._files,
        }
        return (
            {**found, "coverage": Summed.of(self.coverage).document()} if self.measured else found
        )

    def say(self) -> None:
        """Print what failed, and the sum."""
        for ran in self.results:
            for line in _lines(ran, self._language):
                say(line)
        if self._files:
            say(self.sum())
        if self.measured:
            for line in Summed.of(self.coverage).lines(self._language):
                say(line)

    def sum(self) -> str:
        """Say in one line how many passed and failed."""
        files = counted("file", self._files, self._language)
        failed = len(self.results) - self.passed
        passed = counted("test_passed", self.passed, self._language)
        if not failed:
            return text("command.test_sum", self._language, files=files, found=passed)
        found = f"{counted('test_failed', failed, self._language)}, {passed}"
        return text("command.test_sum", self._language, files=files, found=found)


def _lines(ran: Ran, language: str) -> list[str]:
    """Say what failed in one test, and what to know of one that passed."""
    place = f"{ran.file}:{ran.line}"
    name = shown(ran.name)
    if ran.passed:
        noted = text("command.test_noted", language, place=place, name=name)
        return [noted, *(f"  {note}" for note in ran.notes)] if ran.notes else []
    lines = [text("command.test_failed", language, place=place, name=name)]
    if ran.error is not None:
        lines.append(f"  {ran.error}")
    for failure in ran.failures:
        lines.append("  " + text("command.test_expected", language, what=failure.expected))
        lines.append("  " + text("command.test_got", language, what=failure.got))
    if ran.rules:
        lines.append("  " + text("command.test_fired", language, rules=", ".join(ran.rules)))
    return lines


def table_at(path: Path) -> Source:
    """Read a table of tests; `Refused` when there is none."""
    try:
        return Source(str(path), read_file(path).decode("utf-8-sig"))
    except OSError as wrong:
        raise not_read(path, wrong) from None
    except UnicodeDecodeError as wrong:
        raise Refused(USAGE, "command.rows_not_utf8", path=path, at=wrong.start + 1) from None


def _write(target: Path, content: bytes) -> None:
    try:
        write_file(target, content)
    except OSError as wrong:
        raise Refused(
            FINDINGS, "command.cannot_write", path=target, why=machine_words(wrong)
        ) from None
