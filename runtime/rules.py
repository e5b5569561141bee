"""The Python face: a rule file becomes `Rules`, an object becomes `Decided`.

`Rules.decide` is the core's answer, `Rules.reference.decide` the reference interpreter's: the same
answer, slow and obvious. Both take the encoded data set and what is known besides it; what is not
given is absent.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from roteiro.core import Matcher, build, matcher_of
from roteiro.core.program import (
    Decision,
    Drop,
    Encoding,
    Envelope,
    Hold,
    Outcome,
    Read,
    Refuse,
    Send,
    encoding_of,
)
from roteiro.lang.coverage import rules as rule_places
from roteiro.lang.lower import lower
from roteiro.lang.messages import text
from roteiro.lang.reference import Reference
from roteiro.lang.source import Source
from roteiro.lang.trace import Trace
from roteiro.lang.typed import Typed
from roteiro.lang.whynot import WhyNot, why_not
from roteiro.runtime.compiling import compiled_once
from roteiro.runtime.dicom import read_part10, transfer_syntaxes
from roteiro.runtime.explain import Entry, entry_of
from roteiro.runtime.findings import Finding, RouteError, finding_of
from roteiro.runtime.instant import instant_of, micros_of
from roteiro.runtime.sources import Examined, examine, examine_file
from roteiro.runtime.world import read_file

UNGIVEN = "1.2.840.10008.1.2.1"
"""How a data set is read whose transfer syntax was not given: Explicit VR Little Endian."""
_Text = str | None
Given = tuple[_Text, _Text, _Text, _Text, _Text, _Text, _Text, _Text]
"""What a caller says of an object: the members of an `Envelope` up to `sop_instance`, in order."""
PEER, SYNTAX = 2, 5
"""Places of the peer's address and of the transfer syntax in what is given."""
KNOWN = 1024
"""Callers that are remembered with what was made of what they give; then all are forgotten."""
LONGEST_GIVEN = 1024
"""Characters of what is given, beyond which nothing is remembered."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of one object, and why."""

    decision: Decision
    read: Read
    """What the decision had to read."""
    _explain: Callable[[], Entry] = field(repr=False, compare=False)

    @property
    def verdict(self) -> str:
        """`route`, `hold`, `refuse` or `drop`."""
        return self.decision.verdict

    @property
    def sends(self) -> tuple[Send, ...]:
        """Deliveries that are owed: each has `to`, `via`, `rule`, `rules`, `urgency`."""
        return self.decision.sends

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Queues in which tables hold the object."""
        return self.decision.holds

    @property
    def hold(self) -> Hold | None:
        """The guard's hold, `unrouted` or `unreadable`."""
        return self.decision.hold

    @property
    def refuse(self) -> Refuse | None:
        """The guard's refusal, with the DIMSE status."""
        return self.decision.refuse

    @property
    def drop(self) -> Drop | None:
        """The guard's drop."""
        return self.decision.drop

    @property
    def nothing(self) -> tuple[str, ...]:
        """Reasons of rules that intend no delivery."""
        return self.decision.nothing

    @property
    def rules(self) -> tuple[str, ...]:
        """Rules that fired, the guard's winner first."""
        return self.decision.rules

    def explain(self) -> Entry:
        """Give the JSON entry of `roteiro explain` without `object`, traced by the reference."""
        return self._explain()


# A frozen class takes four times as long to be made by its own way as by its slots.
_blank: Callable[[type[Decided]], Decided] = Decided.__new__
_put_decision, _put_read, _put_explain = (
    Decided.__dict__[name].__set__ for name in ("decision", "read", "_explain")
)


class UnknownSyntaxError(ValueError):
    """Nobody can say how this transfer syntax encodes a data set."""

    def __init__(self, uid: str) -> None:
        """Keep the syntax."""
        super().__init__(text("command.unknown_syntax", uid=uid))
        self.uid = uid


@dataclass(frozen=True, slots=True)
class Subject:
    """An object to decide: its data set, how that is encoded, what is known besides it."""

    data: bytes
    encoding: Encoding
    envelope: Envelope


def encoding_known(transfer_syntax: str) -> Encoding:
    """Give the encoding of a transfer syntax; `UnknownSyntaxError` when nobody can say."""
    if transfer_syntax not in transfer_syntaxes():
        raise UnknownSyntaxError(transfer_syntax)
    return encoding_of(transfer_syntax)


def subject_of(data: bytes | bytearray | memoryview, known: Envelope) -> Subject:
    """Take a whole data set; `UnknownSyntaxError` when nobody can say how it is encoded."""
    encoding = encoding_known(known.transfer_syntax or UNGIVEN)
    return Subject(bytes(data), encoding, replace(known, size=len(data)))


def subject_of_file(content: bytes, known: Envelope) -> Subject:
    """Take a Part 10 file; `NotDicomError` when it is none, else as `subject_of`."""
    file = read_part10(content)
    known = replace(
        known,
        transfer_syntax=file.transfer_syntax,
        sop_class=file.sop_class,
        sop_instance=file.sop_instance,
    )
    return subject_of(memoryview(content)[file.offset :], known)


class Decider(ABC):
    """Something that decides objects."""

    __slots__ = ()

    @abstractmethod
    def decide_subject(self, subject: Subject) -> Decided:
        """Decide one object."""

    def decide(  # noqa: PLR0913  the names are the contract
        self,
        data: bytes | bytearray | memoryview,
        *,
        calling_ae: str | None = None,
        called_ae: str | None = None,
        peer: str | None = None,
        transfer_syntax: str | None = None,
        at: datetime | str | None = None,
        sop_class: str | None = None,
        sop_instance: str | None = None,
        tls_subject: str | None = None,
        listener: str | None = None,
    ) -> Decided:
        """Decide an encoded data set (without file meta).

        What is not given is absent; a data set without `transfer_syntax` is read as Explicit VR
        Little Endian. `at` is an aware `datetime` or RFC 3339 text, now when not given.
        `ValueError` when `at` is no such instant, `peer` no IP address, or nobody can say how the
        transfer syntax encodes a data set.
        """
        given = (
            calling_ae,
            called_ae,
            peer,
            tls_subject,
            listener,
            transfer_syntax,
            sop_class,
            sop_instance,
        )
        return self.decide_given(data, given, at)

    def decide_given(
        self, data: bytes | bytearray | memoryview, given: Given, at: datetime | str | None
    ) -> Decided:
        """Decide a data set by what was given besides it."""
        check_given(given[PEER], at)
        known = Envelope(*given, at=micros_of(at))
        return self.decide_subject(subject_of(data, known))

    def decide_file(  # noqa: PLR0913  the names are the contract
        self,
        path: str | Path,
        *,
        calling_ae: str | None = None,
        called_ae: str | None = None,
        peer: str | None = None,
        at: datetime | str | None = None,
        tls_subject: str | None = None,
        listener: str | None = None,
    ) -> Decided:
        """Decide a DICOM file; its UIDs come from the file meta, its size without it.

        `OSError` when it cannot be read, `ValueError` when it is no Part 10 file; else as `decide`.
        """
        check_given(peer, at)
        known = Envelope(
            calling_ae=calling_ae,
            called_ae=called_ae,
            peer=peer,
            tls_subject=tls_subject,
            listener=listener,
            at=micros_of(at),
        )
        return self.decide_subject(subject_of_file(read_file(Path(path)), known))


@dataclass(frozen=True, slots=True)
class Judged:
    """What the core made of an object, and the reference."""

    outcome: Outcome
    trace: Trace

    @property
    def agreed(self) -> bool:
        """Say whether both decided the same; if not, it is our own fault."""
        return self.outcome.decision == self.trace.decision


class ReferenceRules(Decider):
    """Rules, decided by the reference interpreter; what had to be read is the core's figure."""

    __slots__ = ("_matcher", "interpreter")

    def __init__(self, typed: Typed, matcher: Matcher) -> None:
        """Take a checked program and the same for the core."""
        self.interpreter = Reference(typed)
        self._matcher = matcher

    def decide_subject(self, subject: Subject) -> Decided:
        """See `Decider`."""
        trace = self.trace(subject)
        read = outcome_of(self._matcher, subject).read
        rule_set = self.interpreter.typed.rule_set
        explain = partial(entry_of, trace.decision, read, rule_set, trace)
        return Decided(trace.decision, read, explain)

    def trace(self, subject: Subject) -> Trace:
        """Decide one object and keep every step."""
        return self.interpreter.trace(subject.data, subject.encoding, subject.envelope)

    def why_not(self, subject: Subject, rule: str) -> WhyNot | None:
        """Say what keeps a rule from firing; nothing of an object that is unreadable."""
        reading, found = self.interpreter.read(subject.data, subject.encoding, subject.envelope)
        return None if reading.damage else why_not(self.interpreter.typed, found, rule)

    def rule_names(self) -> tuple[str, ...]:
        """Give the names of all rules, as decisions use them."""
        return tuple(name for name, _ in rule_places(self.interpreter.typed))


class Rules(Decider):
    """A rule file, ready to decide: by the core, and by `reference`."""

    __slots__ = ("_known", "findings", "matcher", "name", "reference", "rule_set", "typed")

    def __init__(
        self,
        name: str,
        typed: Typed,
        findings: tuple[Finding, ...] = (),
        matcher: Matcher | None = None,
    ) -> None:
        """Take a checked program, the warnings that it has, and its matcher if there is one."""
        self.name = name
        self.typed = typed
        self.findings = findings
        self.rule_set = typed.rule_set
        self.matcher = matcher or build(lower(typed))
        self.reference = ReferenceRules(typed, self.matcher)
        self._known: dict[Given, tuple[Encoding, object]] = {}

    def __repr__(self) -> str:
        """Show where the rules came from and which they are."""
        return f"Rules({self.name!r}, {self.rule_set})"

    def decide_subject(self, subject: Subject) -> Decided:
        """See `Decider`."""
        outcome = outcome_of(self.matcher, subject)
        return Decided(outcome.decision, outcome.read, partial(self._explain, subject, outcome))

    def decide_given(
        self, data: bytes | bytearray | memoryview, given: Given, at: datetime | str | None
    ) -> Decided:
        """See `Decider`; what is made of a caller's words is made once."""
        encoding, known = self._known.get(given) or self._learn(given, at)
        micros = micros_of(at)
        if type(data) is not bytes:
            data = bytes(data)
        outcome = self.matcher.decide_known(data, encoding, known, micros)
        made = _blank(Decided)
        _put_decision(made, outcome.decision)
        _put_read(made, outcome.read)
        _put_explain(made, partial(self._explain_given, data, given, micros, outcome))
        return made

    def _learn(self, given: Given, at: datetime | str | None) -> tuple[Encoding, object]:
        """Check and prepare what was given, and remember it."""
        check_given(given[PEER], at)
        encoding = encoding_known(given[SYNTAX] or UNGIVEN)
        known = encoding, self.matcher.known(Envelope(*given))
        if sum(len(each) for each in given if each) <= LONGEST_GIVEN:
            if len(self._known) >= KNOWN:
                self._known = {}
            self._known[given] = known
        return known

    def judge(self, subject: Subject) -> Judged:
        """Decide with the core and the reference."""
        return Judged(outcome_of(self.matcher, subject), self.reference.trace(subject))

    def _explain_given(self, data: bytes, given: Given, at: int, outcome: Outcome) -> Entry:
        return self._explain(subject_of(data, Envelope(*given, at=at)), outcome)

    def _explain(self, subject: Subject, outcome: Outcome) -> Entry:
        trace = self.reference.trace(subject)
        return entry_of(outcome.decision, outcome.read, self.rule_set, trace)


def outcome_of(matcher: Matcher, subject: Subject) -> Outcome:
    """Ask the core about a whole object."""
    outcome = matcher.decide(subject.data, subject.encoding, subject.envelope)
    assert outcome is not None  # a complete object is always settled
    return outcome


def compile_file(path: Path) -> Rules:
    """Make the rules of a file; `OSError` when it cannot be read, `RouteError` for its errors."""
    return rules_of(examine_file(path), path)


def compile_text(written: str, name: str) -> Rules:
    """Make the rules of a text; `RouteError` for its errors."""
    return rules_of(examine(Source(name, written.removeprefix("\ufeff"))))


def rules_of(examined: Examined, path: Path | None = None) -> Rules:
    """Make the rules of what was parsed and checked; `RouteError` when it has errors.

    Of a file at a `path` what was compiled before is taken.
    """
    findings = tuple(finding_of(each) for each in examined.findings)
    if examined.typed is None:
        raise RouteError(findings)
    matcher = None
    if path is not None and examined.origin is not None:
        matcher = matcher_of(compiled_once(path, examined.typed, examined.origin))
    return Rules(examined.source.name, examined.typed, findings, matcher)


def check_given(peer: str | None, at: datetime | str | None) -> None:
    """Refuse a peer that is no IP address and an instant that is none (`ValueError`)."""
    if peer is not None:
        ip_address(peer)
    if at is not None:
        instant_of(at)
