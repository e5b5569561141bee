"""Runs the `test` items of a rule file by the reference interpreter.

A test gives an object, by hand or as a file of which some elements are replaced, and says what it
expects. Reading files is not ours: `read_file` does it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any

from roteiro.core.program import (
    NO_RULE,
    TRANSFORM_FAILED,
    UNROUTED,
    Decision,
    Encoding,
    Envelope,
    Hold,
    Pass,
    Source,
    ValueType,
    encoding_of,
)
from roteiro.lang.attributes import written
from roteiro.lang.carried import Carried, test_text
from roteiro.lang.diagnostics import Message, message
from roteiro.lang.elements import Damaged
from roteiro.lang.given import Unwritable, object_of, replaced
from roteiro.lang.messages import Phrase
from roteiro.lang.overlay import MissingItem, overlaid
from roteiro.lang.reference import Reference, Subject
from roteiro.lang.source import Span
from roteiro.lang.trace import Trace
from roteiro.lang.transforming import Secrets
from roteiro.lang.tree import DataSet, parse, write
from roteiro.lang.typed import Assigned, Expectation, Typed, TypedTest

SENDS = ("send", "exactly")
"""Expectations that a delivery is decided."""
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


@dataclass(frozen=True, slots=True)
class Object:
    """The object of a test, as an engine takes it."""

    data: bytes
    encoding: Encoding
    envelope: Envelope


def no_secret(place: str) -> bytes:
    """Know no secret."""
    raise OSError(place)


@dataclass(frozen=True, slots=True)
class Outside:
    """What running a test wants from outside."""

    read_file: ReadFile
    secrets: Secrets = no_secret
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met; or, without `got`, why the test could not run."""

    expected: Message
    got: Message | None
    span: Span


@dataclass(frozen=True, slots=True)
class Stopped:
    """A delivery that was decided as expected, and whose chain cannot be carried out."""

    to: str
    why: Phrase


@dataclass(frozen=True, slots=True)
class TestResult:
    """What came of one test."""

    __test__ = False  # not a test of pytest's

    test: TypedTest
    failures: tuple[Failure, ...]
    trace: Trace | None
    """Why the object was decided as it was; nothing when the test could not run."""
    stopped: tuple[Stopped, ...] = ()
    """Deliveries that are sent as expected, and held since their chain cannot be carried out."""

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.failures


def run(
    typed: Typed, reference: Reference, read_file: ReadFile, wanted: str = ""
) -> tuple[TestResult, ...]:
    """Run the tests whose names contain `wanted`, in order."""
    tests = [test for test in typed.tests if wanted in test.name]
    return tuple(run_one(test, reference, Outside(read_file)) for test in tests)


def run_one(test: TypedTest, reference: Reference, outside: Outside) -> TestResult:
    """Run one test."""
    try:
        made = object_of_test(test, outside.read_file)
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
    except MissingItem as missing:
        name = written(missing.given.field)
        problem = message("selftest.no_item", name=name, there=missing.there)
        return TestResult(test, (Failure(problem, None, missing.given.span),), None)
    return judged(test, reference, made, outside)


def judged(test: TypedTest, reference: Reference, made: Object, outside: Outside) -> TestResult:
    """Decide the object of a test and compare with what is expected."""
    reading, subject = reference.read(made.data, made.encoding, made.envelope)
    trace = reference.trace_of(reading, subject)
    if outside.seen is not None and reading.damage is None:
        outside.seen(subject, trace.decision)
    got = described(trace.decision)
    carried = Carried(reference, made.data, made.encoding, made.envelope, outside.secrets)
    failures = []
    for each in test.expectations:
        if each.kind == "result":
            failures += [
                Failure(expected(each), why, each.span)
                for why in carried.unlike(each.result, trace.decision)
            ]
        elif not is_met(each, trace.decision, reference.typed, carried):
            failures.append(Failure(expected(each), got, each.span))
    stopped = () if failures else stopped_of(test, trace.decision, carried)
    return TestResult(test, tuple(failures), trace, stopped)


def stopped_of(test: TypedTest, decision: Decision, carried: Carried) -> tuple[Stopped, ...]:
    """Give what a test says is sent and is held instead; nothing when it expects that too."""
    wanted = {name for each in test.expectations if each.kind in SENDS for name in each.names}
    if any(TRANSFORM_FAILED in each.names for each in test.expectations):
        return ()
    found = [(send.to, carried.result(send)) for send in decision.sends if send.via]
    return tuple(
        Stopped(to, result.failed)
        for to, result in found
        if to in wanted and result.failed is not None
    )


# The object ---------------------------------------------------------------------------------------


def object_of_test(test: TypedTest, read_file: ReadFile) -> Object:
    """Make the object of a test: what is given, over what a file holds.

    `UnusableFile` when there is no such file, or it is cut and elements of it are to be replaced;
    `Unwritable` when what is given has no place.
    """
    file = None
    if test.file is not None:
        file = read_file(str(PurePath(test.source.name).parent / test.file))
    envelope = replace(envelope_of(test.given, file), at=instant_of(test))
    elements = [given for given in test.given if given.field.source is Source.ELEMENT]
    if file is None:
        return Object(write(put_over(None, elements)), Encoding.EXPLICIT_LITTLE, envelope)
    encoding = encoding_of(file.transfer_syntax)
    if not elements:
        return Object(file.data, encoding, envelope)
    try:
        data_set = parse(file.data, encoding)
    except Damaged as damaged:
        raise UnusableFile(damaged.damage.value) from None
    return Object(write(put_over(data_set, elements)), Encoding.EXPLICIT_LITTLE, envelope)


def put_over(data_set: DataSet | None, elements: list[Assigned]) -> DataSet:
    """Put elements over the object of a file, if there is one.

    A table (`lang.rows`) gives parts of items, and private elements of any type, too.
    """
    if any(each.field.steps or each.field.vr == "UN" for each in elements):
        return overlaid(data_set or {}, elements)
    return object_of(elements) if data_set is None else replaced(data_set, elements)


def instant_of(test: TypedTest) -> int | None:
    """Give the instant of a test; without `at` it is not known, so that no test hangs on today."""
    if test.at is None:
        return None
    since = datetime.fromisoformat(test.at) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)


def envelope_of(given: Iterable[Assigned], file: FileObject | None) -> Envelope:
    """Make the envelope: what is given, else the file's, else the UIDs of the data set given."""
    envelope = Envelope()
    texts = {
        each.field.tag: each.values[0]
        for each in given
        if each.field.source is Source.ELEMENT and each.values and not each.field.steps
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


# Expectations -------------------------------------------------------------------------------------


def is_met(expectation: Expectation, decision: Decision, typed: Typed, carried: Carried) -> bool:
    """Say whether a decision is as expected."""
    sent = {send.to for send in decision.sends}
    names = set(expectation.names)
    held = [*decision.holds, *([decision.hold] if decision.hold else [])]
    if TRANSFORM_FAILED in names:
        held += carried.holds(decision)
    checks: dict[str, Callable[[], bool]] = {
        "exactly": lambda: sent == names,
        "send": lambda: all(_sent_by(name, expectation.via, decision) for name in names),
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


def _sent_by(name: str, via: tuple[str, ...] | None, decision: Decision) -> bool:
    """Say whether a destination gets a delivery, by this chain when one is expected."""
    return any(send.to == name and via in {None, send.via} for send in decision.sends)


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
    if expectation.kind == "result":
        return message("selftest.want_result", test=test_text(expectation.result))
    key = expectation.kind.replace(" ", "_")
    if expectation.via is not None:
        via = quoted(expectation.via)
        return message("selftest.want_send_via", names=quoted(expectation.names), via=via)
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
        queue, reason = decision.hold.queue, worded(decision.hold.reason)
        key = "got_hold_by" if decision.rules else "got_hold"
        return message(f"selftest.{key}", queues=quoted((queue,)), reason=reason, rules=rules)
    sends = quoted(send.to for send in decision.sends)
    queues = quoted(hold.queue for hold in decision.holds)
    rules = quoted(rule for rule in decision.rules if not rule.startswith("guard."))
    key = ("got_sends" if sends else "got_no_send") + ("_and_holds" if queues else "")
    return message(f"selftest.{key}", names=sends, queues=queues, rules=rules)


def worded(reason: str) -> str:
    """Give a reason as people read it: ours in their language, a rule's as it is written."""
    return Phrase("selftest.no_rule") if reason == NO_RULE else reason


def quoted(names: Iterable[str]) -> str:
    """Put names in backticks."""
    return ", ".join(f"`{name}`" for name in names)
