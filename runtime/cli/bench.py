"""`roteiro bench`: how long a rule file takes to decide, and how much it reads for that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from roteiro.core.program import Envelope
from roteiro.lang.messages import text
from roteiro.lang.selftest import UnusableFile
from roteiro.runtime.cli.given import check_given, given_by, parted
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.objects import objects_at
from roteiro.runtime.cli.output import counted, say, say_error, say_json
from roteiro.runtime.cli.rulefile import usable
from roteiro.runtime.cli.worded import command_of, format_option, option
from roteiro.runtime.cost import FileCost, cost_of
from roteiro.runtime.instant import micros_of
from roteiro.runtime.machine import machine_words
from roteiro.runtime.rules import Rules, Subject
from roteiro.runtime.shown import shown
from roteiro.runtime.subjects import UnusableObjectError, Words, subject_of_words, subjects_of
from roteiro.runtime.testing import subject_of
from roteiro.runtime.timing import Reading, Timing, reading_of, timing_of
from roteiro.runtime.world import SystemClock, read_file


@command_of(
    "bench",
    more=("bench_objects", "bench_exits"),
    example="roteiro bench site.route study/ --most-us 20",
)
@click.argument("rules", metavar="RULES")
@click.argument("objects", metavar="OBJECT...", nargs=-1)
@option("--calling", metavar="AE", help="explain_calling")
@option("--called", metavar="AE", help="explain_called")
@option("--peer", metavar="IP", help="explain_peer")
@option("--at", metavar="INSTANT", help="explain_at")
@option(
    "--seconds",
    metavar="S",
    type=click.FloatRange(0, 3600),
    default=1.0,
    show_default=True,
    help="bench_seconds",
)
@option("--most-us", "most", metavar="N", type=click.FloatRange(0), help="bench_most")
@format_option
@click.pass_obj
def command(  # noqa: PLR0913  the options of the command
    language: str,
    *,
    rules: str,
    objects: Sequence[str],
    calling: str | None,
    called: str | None,
    peer: str | None,
    at: str | None,
    seconds: float,
    most: float | None,
    form: str,
) -> int:
    """Time the decisions of a rule file."""
    check_given(peer, at)
    program = usable(rules, language)
    known = Envelope(calling_ae=calling, called_ae=called, peer=peer, at=micros_of(at))
    gathered = Gathered(program, language)
    paths, words = parted(objects)
    gathered.take(paths, given_by(words, known), words=bool(words))
    if not gathered.subjects:
        raise Refused(max(gathered.worst, USAGE), "command.bench_no_objects", path=rules)
    found = Found.of(rules, program, gathered.subjects, seconds)
    if form == "json":
        say_json(found.document())
    else:
        for line in found.lines(language):
            say(line)
    return max(gathered.worst, found.over(most, language))


class Gathered:
    """The objects to decide."""

    def __init__(self, rules: Rules, language: str) -> None:
        """Begin without objects."""
        self.rules = rules
        self.language = language
        self.subjects: list[Subject] = []
        self.worst = FINE

    def take(self, paths: Sequence[str], given: Words, *, words: bool) -> None:
        """Read files and folders, or make one object of words, or take those of the tests."""
        for path in paths:
            try:
                for each in objects_at(Path(path)):
                    self.read(each, given)
            except Refused as missing:
                self.note(missing.code, missing.key, **missing.values)
        if not paths and words:
            self.subjects.append(self.worded(given))
        elif not paths:
            self.subjects += self.of_tests()

    def read(self, path: Path, given: Words) -> None:
        """Read the objects of a file; what is none is one line, and the others are decided."""
        tested = self.rules.reference.interpreter.tested
        try:
            found = subjects_of(path.name, read_file(path), given, tested, str(path))
        except OSError as wrong:
            why: object = machine_words(wrong)
        except UnusableObjectError as wrong:
            why = wrong.phrase
        else:
            self.subjects += [subject for _, subject in found]
            return
        self.note(FINDINGS, "command.not_explained", path=shown(str(path)), why=why)

    def worded(self, given: Words) -> Subject:
        """Make the object that words are."""
        try:
            return subject_of_words(given)
        except UnusableObjectError as wrong:
            raise Refused(USAGE, "command.words_unusable", why=wrong.phrase) from None

    def of_tests(self) -> Iterator[Subject]:
        """Give the objects of the rule file's own tests."""
        for test in self.rules.typed.tests:
            try:
                yield subject_of(test, self.language)
            except UnusableFile as wrong:
                self.note(FINDINGS, "command.not_explained", path=shown(test.name), why=wrong)

    def note(self, code: int, key: str, **values: object) -> None:
        """Say why something is left out."""
        say_error(key, self.language, **values)
        self.worst = max(self.worst, code)


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured."""

    rules: str
    rule_set: str
    cost: FileCost
    bytes: int
    """Of the engine's arrays."""
    reading: Reading
    timing: Timing

    @classmethod
    def of(cls, path: str, rules: Rules, subjects: Sequence[Subject], seconds: float) -> "Found":
        """Measure."""
        from roteiro.core.measure import bytes_of  # noqa: PLC0415  needs the engine

        reads = [rules.decide_subject(subject).read for subject in subjects]
        timing = timing_of(rules, subjects, seconds, SystemClock())
        cost = cost_of(path, rules.typed)
        return cls(path, rules.rule_set, cost, bytes_of(rules.matcher), reading_of(reads), timing)

    def document(self) -> dict[str, object]:
        """Give the JSON document."""
        total, reading, timing = self.cost.total, self.reading, self.timing
        return {
            "rules": self.rules,
            "rule_set": self.rule_set,
            "size": {
                "rules": total.rules,
                "clauses": total.clauses,
                "fields": total.fields,
                "text_tests": total.text_tests,
                "pattern_states": total.pattern_states,
                "bytes": self.bytes,
            },
            "objects": timing.objects,
            "rounds": timing.rounds,
            "read": {
                "tags": reading.tags,
                "last_tag": tag_of(reading.last_tag),
                "bytes": reading.bytes,
                "median_bytes": reading.median_bytes,
            },
            "ns": {
                "median": timing.median,
                "p99": timing.p99,
                "slowest": timing.slowest,
                "mean": timing.mean,
            },
            "per_second": timing.per_second,
        }

    def lines(self, language: str) -> Iterator[str]:
        """Say it for people."""
        total, reading, timing = self.cost.total, self.reading, self.timing
        yield text(
            "command.bench_size",
            language,
            file=shown(self.rules),
            rules=total.rules,
            clauses=total.clauses,
            fields=total.fields,
            bytes=self.bytes,
        )
        tag = tag_of(reading.last_tag)
        yield text(
            "command.bench_read" if tag else "command.bench_read_nothing",
            language,
            objects=counted("object", timing.objects, language),
            tag=tag,
            tags=reading.tags,
            bytes=reading.bytes,
            median=f"{reading.median_bytes:.0f}",
        )
        yield text(
            "command.bench_time",
            language,
            median=micros(timing.median),
            p99=micros(timing.p99),
            slowest=micros(timing.slowest),
            rate=f"{timing.per_second:.0f}",
        )

    def over(self, most: float | None, language: str) -> int:
        """Give the exit code; a median over the budget is said."""
        if most is None or self.timing.median <= most * 1000:
            return FINE
        took, most_shown = micros(self.timing.median), f"{most:g}"
        say_error("command.bench_over", language, median=took, most=most_shown)
        return FINDINGS


def micros(nanos: float) -> str:
    """Write nanoseconds as microseconds."""
    return f"{nanos / 1000:.2f}"


def tag_of(tag: int | None) -> str | None:
    """Write a tag."""
    return None if tag is None else f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
