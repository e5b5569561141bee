"""Runs the tests of a rule file: by the reference, and by the core where the object has bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from roteiro.core.program import Decision
from roteiro.lang.messages import in_language, text
from roteiro.lang.render.text import said
from roteiro.lang.rows import WrongRow, rows_of
from roteiro.lang.selftest import (
    FileObject,
    Outside,
    Seen,
    TestResult,
    UnusableFile,
    object_of_test,
    run_one,
)
from roteiro.lang.source import Source
from roteiro.lang.typed import TypedTest
from roteiro.runtime.dicom import NotDicomError, read_part10
from roteiro.runtime.machine import machine_words
from roteiro.runtime.rules import Rules, Subject, UnknownSyntaxError, encoding_known
from roteiro.runtime.secrets import secret_of
from roteiro.runtime.world import read_file


@dataclass(frozen=True, slots=True)
class Failed:
    """An expectation that was not met."""

    line: int
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one test."""

    file: str
    line: int
    name: str
    error: str | None = None
    """Why it could not run, or why what it says is worth nothing."""
    failures: tuple[Failed, ...] = ()
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What is as expected, and will not go on as people think."""
    difference: tuple[Decision, Decision] | None = None
    """What the core and the reference decided, when they do not agree."""

    @property
    def passed(self) -> bool:
        """Whether it ran, every expectation was met, and core and reference agree."""
        return self.error is None and not self.failures

    def document(self) -> dict[str, object]:
        """Give the JSON entry."""
        return {
            "file": self.file,
            "line": self.line,
            "name": self.name,
            "passed": self.passed,
            "error": self.error,
            "failures": [
                {"line": each.line, "expected": each.expected, "got": each.got}
                for each in self.failures
            ],
            "rules": list(self.rules),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Job:
    """A test to run; a row of a table may be none."""

    test: TypedTest | WrongRow
    file: str
    """Where it stands."""
    beside: str
    """The rule file that files of secrets lie beside."""


def jobs_of(rules: Rules, word: str) -> list[Job]:
    """Give the tests whose names have `word` in any case, in the order of the file."""
    named = [test for test in rules.typed.tests if word.casefold() in test.name.casefold()]
    return [Job(test, test.source.name, test.source.name) for test in named]


def rows_in(rules: Rules, table: Source, word: str) -> list[Job]:
    """Give the tests of a table in the same way; `WrongTable` when it is none."""
    named = [row for row in rows_of(table, rules.typed) if word.casefold() in row.name.casefold()]
    return [Job(row, table.name, rules.name) for row in named]


def run_tests(
    rules: Rules, jobs: Iterable[Job], language: str, seen: Seen | None = None
) -> Iterator[Ran]:
    """Run tests one after the other."""
    for job in jobs:
        if isinstance(job.test, WrongRow):
            why = in_language(job.test.why, language)
            yield Ran(job.file, job.test.line, job.test.name, error=why)
        else:
            yield _run(rules, job.test, job.beside, language, seen)


def _run(rules: Rules, test: TypedTest, beside: str, language: str, seen: Seen | None) -> Ran:
    """Run one test; files of secrets lie `beside` the rule file that asks for them."""
    outside = Outside(partial(_opened, language=language), secret_of(beside), seen)
    result = run_one(test, rules.reference.interpreter, outside)
    name, line = test.source.name, test.source.position(test.span.start).line
    if result.trace is None:
        (problem,) = result.failures
        return Ran(name, line, test.name, error=said(problem.expected, language))
    difference = _difference(rules, test, result.trace.decision, language)
    return Ran(
        name,
        line,
        test.name,
        error=text("command.differs", language) if difference else None,
        failures=tuple(_failures(result, language)),
        rules=result.trace.decision.rules,
        notes=tuple(_notes(result, language)),
        difference=difference,
    )


def _notes(result: TestResult, language: str) -> Iterator[str]:
    for each in result.stopped:
        yield text("selftest.got_failed", language, to=each.to, why=each.why)


def _failures(result: TestResult, language: str) -> Iterator[Failed]:
    position = result.test.source.position
    for failure in result.failures:
        assert failure.got is not None  # the test ran
        expected, got = said(failure.expected, language), said(failure.got, language)
        yield Failed(position(failure.span.start).line, expected, got)


def _difference(
    rules: Rules, test: TypedTest, decided: Decision, language: str
) -> tuple[Decision, Decision] | None:
    """Ask the core about the same object."""
    core = rules.decide_subject(subject_of(test, language)).decision
    return None if core == decided else (core, decided)


def subject_of(test: TypedTest, language: str) -> Subject:
    """Give the object of a test, which could be made once already."""
    made = object_of_test(test, partial(_opened, language=language))
    return Subject(made.data, made.encoding, made.envelope)


def _opened(path: str, language: str) -> FileObject:
    """Read a DICOM file for a test."""
    try:
        content = read_file(Path(path))
        meta = read_part10(content)
        encoding_known(meta.transfer_syntax)
    except OSError as wrong:
        raise UnusableFile(in_language(machine_words(wrong), language)) from None
    except NotDicomError as wrong:
        raise UnusableFile(text(f"runtime.part10_{wrong.cause.value}", language)) from None
    except UnknownSyntaxError as wrong:
        raise UnusableFile(text("command.unknown_syntax", language, uid=wrong.uid)) from None
    return FileObject(
        content[meta.offset :], meta.transfer_syntax, meta.sop_class, meta.sop_instance
    )
