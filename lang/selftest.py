"""Runs the `test` items of a rule file by the reference interpreter.

A test gives an object, by hand or as a file of which some elements are replaced, and says what it
expects. Reading files is not ours: `read_file` does it.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any

from roteiro.core.program import (
    NO_RULE,
    UNROUTED,
    Decision,
    Encoding,
    Envelope,
    Field,
    Hold,
    Pass,
    Source,
    ValueType,
    encoding_of,
)
from roteiro.lang.charset import CODECS, WHOLE
from roteiro.lang.diagnostics import Message, message
from roteiro.lang.elements import Reading, read
from roteiro.lang.raw import CHARACTER_SET
from roteiro.lang.reference import Reference, Subject
from roteiro.lang.source import Span
from roteiro.lang.tested import needs
from roteiro.lang.trace import Trace
from roteiro.lang.typed import Assigned, Expectation, Typed, TypedTest
from roteiro.lang.values import Elements
from roteiro.lang.vrs import NUMBERS, SHORT, UNSPLIT

UTF_8 = "ISO_IR 192"
SOP_CLASS = 0x00080016
SOP_INSTANCE = 0x00080018


@dataclass(frozen=True, slots=True)
class FileObject:
    """A DICOM file as a test reads it."""

    data: bytes
    """The data set, without file meta."""
    transfer_syntax: str
    sop_class: str | None
    sop_instance: str | None


class UnusableFile(Exception):  # noqa: N818  it says what the file is
    """What `read_file` raises for a file that cannot be read or is no DICOM file."""


Seen = Callable[[Subject, Decision], None]
"""What wants to know of each object that was decided."""
ReadFile = Callable[[str], FileObject]
"""Takes a path, that of the test's rule file before it; raises `UnusableFile`."""


class Unwritable(Exception):  # noqa: N818  it says what the value is
    """A given value has no place in its VR."""

    def __init__(self, given: Assigned) -> None:
        """Keep what was given."""
        super().__init__()
        self.given = given


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met; or, without `got`, why the test could not run."""

    expected: Message
    got: Message | None
    span: Span


@dataclass(frozen=True, slots=True)
class TestResult:
    """What came of one test."""

    __test__ = False  # not a test of pytest's

    test: TypedTest
    failures: tuple[Failure, ...]
    trace: Trace | None
    """Why the object was decided as it was; nothing when the test could not run."""

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.failures


def run(
    typed: Typed, reference: Reference, read_file: ReadFile, wanted: str = ""
) -> tuple[TestResult, ...]:
    """Run the tests whose names contain `wanted`, in order."""
    tests = [test for test in typed.tests if wanted in test.name]
    return tuple(run_one(test, reference, read_file) for test in tests)


def run_one(
    test: TypedTest, reference: Reference, read_file: ReadFile, seen: Seen | None = None
) -> TestResult:
    """Run one test; `seen` is given what was decided, when it could be read."""
    try:
        trace = _traced(test, reference, read_file, seen)
    except UnusableFile as unusable:
        problem = message("selftest.no_file", path=test.file, why=unusable)
        return TestResult(test, (Failure(problem, None, test.span),), None)
    except Unwritable as unwritable:
        given = unwritable.given
        value = "\\".join(given.values or ())
        problem = message(
            "selftest.no_value", name=given.field.name, vr=given.field.vr, value=value
        )
        return TestResult(test, (Failure(problem, None, given.span),), None)
    got = described(trace.decision)
    failures = [
        Failure(expected(each), got, each.span)
        for each in test.expectations
        if not is_met(each, trace.decision, reference.typed)
    ]
    return TestResult(test, tuple(failures), trace)


# The object ---------------------------------------------------------------------------------------


def _traced(test: TypedTest, reference: Reference, read_file: ReadFile, seen: Seen | None) -> Trace:
    """Decide the object of a test."""
    reading, subject = _subject(test, reference, read_file)
    trace = reference.trace_of(reading, subject)
    if seen is not None and reading.damage is None:
        seen(subject, trace.decision)
    return trace


def _subject(test: TypedTest, reference: Reference, read_file: ReadFile) -> tuple[Reading, Subject]:
    """Make the object of a test: what is given, over what a file holds."""
    file = None
    if test.file is not None:
        file = read_file(str(PurePath(test.source.name).parent / test.file))
    elements = [given for given in test.given if given.field.source is Source.ELEMENT]
    envelope = replace(envelope_of(test.given, file), at=instant_of(test))
    written = encode(elements)
    if file is None:
        reading = read(written, Encoding.EXPLICIT_LITTLE, reference.tested)
        return reading, reference.subject(reading, envelope)
    given_level = needs(given.field for given in elements)
    by_hand = read(written, Encoding.EXPLICIT_LITTLE, given_level)
    reading = read(file.data, encoding_of(file.transfer_syntax), reference.tested)
    subject = Replaced(
        Elements(reading.elements, reference.clock(envelope)),
        envelope,
        replaced=frozenset(given.field.tag for given in elements),
        by_hand=Elements(by_hand.elements, reference.clock(envelope)),
    )
    return by_hand if by_hand.damage else reading, subject


def instant_of(test: TypedTest) -> int | None:
    """Give the instant of a test; without `at` it is not known, so that no test hangs on today."""
    if test.at is None:
        return None
    since = datetime.fromisoformat(test.at) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Replaced(Subject):
    """A file's object, some elements of which a test gives by hand."""

    replaced: frozenset[int] = frozenset()
    by_hand: Elements = field(default_factory=lambda: Elements({}))

    def element(self, asked: Field) -> Elements:
        """Say where an element is read: each half has its own character set."""
        return self.by_hand if asked.tag in self.replaced else self.elements


def envelope_of(given: Iterable[Assigned], file: FileObject | None) -> Envelope:
    """Make the envelope: what is given, else the file's, else the UIDs of the data set given."""
    envelope = Envelope()
    texts = {
        each.field.tag: each.values[0]
        for each in given
        if each.field.source is Source.ELEMENT and each.values
    }
    if file is not None:
        envelope = Envelope(
            transfer_syntax=file.transfer_syntax,
            sop_class=file.sop_class,
            sop_instance=file.sop_instance,
            size=len(file.data),
        )
    envelope = replace(
        envelope,
        sop_class=texts.get(SOP_CLASS, envelope.sop_class),
        sop_instance=texts.get(SOP_INSTANCE, envelope.sop_instance),
    )
    members: dict[str, Any] = {
        each.field.name: member_of(each) for each in given if each.field.source is Source.ENVELOPE
    }
    return replace(envelope, **members)


def member_of(given: Assigned) -> str | int | None:
    """Give a member of the envelope: `None` is absent, no value is empty."""
    if given.values is None:
        return None
    text = "".join(given.values[:1])
    if given.field.type is not ValueType.DECIMAL:
        return text
    try:
        return int(text)
    except ValueError:
        raise Unwritable(given) from None


# An encoder for what is given ---------------------------------------------------------------------


def encode(given: list[Assigned]) -> bytes:
    """Write a data set in explicit little endian; text that is not ASCII is UTF-8 by default."""
    terms = [each.values for each in given if each.field.tag == CHARACTER_SET]
    texts = [value for each in given for value in each.values or ()]
    codec = codec_of(terms[0]) if terms else "utf_8"
    parts = {each.field.tag: encoded(each, codec) for each in given if each.values is not None}
    if not terms and not all(text.isascii() for text in texts):
        parts[CHARACTER_SET] = header(CHARACTER_SET, "CS", UTF_8.encode("ascii"))
    return b"".join(parts[tag] for tag in sorted(parts))


def codec_of(terms: tuple[str, ...] | None) -> str:
    """Give the codec of a given Specific Character Set; ASCII when it is not a plain one."""
    term = terms[0] if terms and len(terms) == 1 else ""
    return WHOLE.get(term) or CODECS.get(term.removeprefix("ISO_IR "), "ascii")


def encoded(given: Assigned, codec: str) -> bytes:
    """Write one element."""
    vr, values = given.field.vr, given.values or ()
    if vr == "US or SS":
        vr = "SS" if any(value.startswith("-") for value in values) else "US"
    if vr in NUMBERS:
        return header(given.field.tag, vr, binary(given, vr))
    if values and (" or " in vr or (vr in UNSPLIT and len(values) > 1)):
        raise Unwritable(given)
    vr = vr.rpartition(" or ")[2]
    raw = "\\".join(values).encode(codec, "replace")
    raw += (b"\0" if vr == "UI" else b" ") * (len(raw) % 2)
    if vr in SHORT and len(raw) > 0xFFFE:
        raise Unwritable(given)
    return header(given.field.tag, vr, raw)


def binary(given: Assigned, vr: str) -> bytes:
    """Write binary numbers."""
    letter, _ = NUMBERS[vr]
    number = float if vr in {"FL", "FD"} else int
    try:
        return b"".join(struct.pack(f"<{letter}", number(value)) for value in given.values or ())
    except (ValueError, OverflowError, struct.error):
        raise Unwritable(given) from None


def header(tag: int, vr: str, raw: bytes) -> bytes:
    """Write an element in explicit little endian (PS3.5 7.1.2)."""
    start = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode("ascii"))
    length = struct.pack("<H" if vr in SHORT else "<2xI", len(raw))
    return start + length + raw


# Expectations -------------------------------------------------------------------------------------


def is_met(expectation: Expectation, decision: Decision, typed: Typed) -> bool:
    """Say whether a decision is as expected."""
    sent = {send.to for send in decision.sends}
    names = set(expectation.names)
    held = [*decision.holds, *([decision.hold] if decision.hold else [])]
    checks: dict[str, Callable[[], bool]] = {
        "exactly": lambda: sent == names,
        "send": lambda: names <= sent,
        "no send": lambda: not names & sent,
        "rule": lambda: names <= set(decision.rules),
        "hold": lambda: any(
            hold.queue in names and _said(expectation, hold.reason) for hold in held
        ),
        "refuse": lambda: (
            decision.refuse is not None
            and decision.refuse.status == expectation.status
            and _said(expectation, decision.refuse.reason)
        ),
        "drop": lambda: decision.drop is not None and _said(expectation, decision.drop.reason),
        "nothing": lambda: not sent and bool(decision.nothing),
        "pass": lambda: lets_in(typed, decision),
    }
    return checks[expectation.kind]()


def _said(expectation: Expectation, reason: str) -> bool:
    """Say whether the reason is the one expected; without one, any."""
    return expectation.reason is None or expectation.reason == reason


def lets_in(typed: Typed, decision: Decision) -> bool:
    """Say whether the guard lets the object in; one that is unreadable is not."""
    if typed.guard is None:
        return decision.hold in (None, Hold(UNROUTED, NO_RULE))
    verdicts = {f"guard.{rule.name}": rule.verdict for rule in typed.guard.rules}
    verdicts["guard.otherwise"] = typed.guard.otherwise
    return isinstance(verdicts.get(next(iter(decision.rules), "")), Pass)


def expected(expectation: Expectation) -> Message:
    """Say in words what a test expects."""
    key = expectation.kind.replace(" ", "_")
    if expectation.reason is not None:
        key += "_because"
    elif not expectation.names and key == "exactly":
        key = "exactly_none"
    return message(
        f"selftest.want_{key}",
        names=quoted(expectation.names),
        status=f"0x{expectation.status or 0:04X}",
        reason=expectation.reason or "",
    )


def described(decision: Decision) -> Message:
    """Say in words what became of the object."""
    rules = quoted(decision.rules)
    if decision.refuse is not None:
        status = f"0x{decision.refuse.status:04X}"
        reason = decision.refuse.reason
        return message("selftest.got_refuse", status=status, reason=reason, rules=rules)
    if decision.drop is not None:
        return message("selftest.got_drop", reason=decision.drop.reason, rules=rules)
    if decision.hold is not None:
        queue, reason = decision.hold.queue, decision.hold.reason
        key = "got_hold_by" if decision.rules else "got_hold"
        return message(f"selftest.{key}", queues=quoted((queue,)), reason=reason, rules=rules)
    sends = quoted(send.to for send in decision.sends)
    queues = quoted(hold.queue for hold in decision.holds)
    key = ("got_sends" if sends else "got_no_send") + ("_and_holds" if queues else "")
    return message(f"selftest.{key}", names=sends, queues=queues, rules=rules)


def quoted(names: Iterable[str]) -> str:
    """Put names in backticks."""
    return ", ".join(f"`{name}`" for name in names)
