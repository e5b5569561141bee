"""`roteiro explain`: what becomes of objects, and why, without sending them.

Objects are DICOM files, files of DICOM JSON, and words (`Modality=CT`), which are put over each
object of a file, or alone are one.
"""

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from roteiro.core.program import UNROUTED, Decision, Envelope
from roteiro.lang.carried import Carried
from roteiro.lang.messages import Phrase, in_language
from roteiro.lang.redaction import HIDDEN
from roteiro.lang.redaction import redact as redact_trace
from roteiro.lang.report import nearest
from roteiro.runtime.cli.given import check_given, given_by, parted
from roteiro.runtime.cli.group import FINDINGS, FINE, OURS, USAGE, Refused
from roteiro.runtime.cli.objects import objects_at
from roteiro.runtime.cli.output import say, say_error, say_json
from roteiro.runtime.cli.rulefile import usable
from roteiro.runtime.cli.worded import command_of, format_option, option
from roteiro.runtime.explain import (
    OF_OBJECTS,
    Entry,
    entry_of,
    lines_of,
    result_entry,
    why_not_entry,
    without_values,
    written,
)
from roteiro.runtime.instant import micros_of
from roteiro.runtime.machine import machine_words
from roteiro.runtime.rules import Rules, Subject
from roteiro.runtime.secrets import secret_of
from roteiro.runtime.shown import shown
from roteiro.runtime.subjects import UnusableObjectError, Words, subject_of_words, subjects_of
from roteiro.runtime.whole import cut_short
from roteiro.runtime.world import read_file

TELLING = OF_OBJECTS | {"path"}
"""Placeholders of refusals that hold something of an object, or where it is."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One object: its entry, or why there is none."""

    name: str
    entry: Entry | None = None
    decision: Decision | None = None
    error: str | None = None
    difference: tuple[Decision, Decision] | None = None
    """What the core and the reference decided, when they do not agree."""
    cut_short: bool = False
    """The data set ends inside an element; the decision may not need what is missing."""

    @property
    def code(self) -> int:
        """The exit code that this object asks for."""
        if self.difference is not None:
            return OURS
        return FINE if self.error is None else FINDINGS

    def document(self) -> dict[str, object]:
        """Give the JSON entry."""
        if self.entry is None:
            return {"object": self.name, "error": self.error}
        return {"object": self.name, **self.entry}


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains objects by one rule file, all with the same association."""

    rules: Rules
    words: Words
    language: str
    whole: bool
    """Show every rule, not only those that fired."""
    unrouted: bool
    """Show every rule where none fired: people ask why not."""
    why_not: str | None = None
    """The rule of which it is asked why it did not fire."""
    redact: bool = False
    """Leave out what tells of a person or a place."""

    def explain(self, given: str) -> Iterator[Explained]:
        """Explain a file, or the files of a folder in name order; `Refused` when there is none."""
        folder = Path(given)
        with discreet(hidden=self.redact):
            found = objects_at(folder)
        for path in found:
            inside = path.relative_to(folder)
            name = posixpath.join(given, inside) if inside.parts else given
            yield from self._file(path, HIDDEN if self.redact else name)

    def explain_words(self, name: str) -> Explained:
        """Explain the object that words are."""
        try:
            subject = subject_of_words(self.words)
        except UnusableObjectError as wrong:
            raise Refused(USAGE, "command.words_unusable", why=self._why(wrong)) from None
        return self._decided(HIDDEN if self.redact else name, subject)

    def _file(self, path: Path, name: str) -> Iterator[Explained]:
        tested = self.rules.reference.interpreter.tested
        try:
            found = subjects_of(path.name, read_file(path), self.words, tested, name)
        except OSError as wrong:
            yield Explained(name, error=in_language(machine_words(wrong), self.language))
        except UnusableObjectError as wrong:
            yield Explained(name, error=in_language(self._why(wrong), self.language))
        else:
            for each, subject in found:
                yield self._decided(each, subject)

    def _why(self, wrong: UnusableObjectError) -> Phrase:
        """Say why there is no object, without its values when they are not to be shown."""
        return without_values(wrong.phrase) if self.redact else wrong.phrase

    def _decided(self, name: str, subject: Subject) -> Explained:
        judged = self.rules.judge(subject)
        decision, core = judged.trace.decision, judged.outcome
        whole = self.whole or (self.unrouted and is_unrouted(decision))
        trace = redact_trace(judged.trace) if self.redact else judged.trace
        rule_set, asked = self.rules.rule_set, self.why_not
        entry = entry_of(decision, core.read, rule_set, trace, whole=whole, asked=asked)
        if any(send.via for send in decision.sends):
            self._results(entry, decision, subject)
        if self.why_not is not None:
            found = self.rules.reference.why_not(subject, self.why_not)
            entry["why_not"] = None if found is None else why_not_entry(found)
        return Explained(
            name,
            entry,
            decision,
            difference=None if judged.agreed else (core.decision, decision),
            cut_short=cut_short(subject.data, subject.encoding),
        )

    def _results(self, entry: Entry, decision: Decision, subject: Subject) -> None:
        """Say what the chains of deliveries make of the object."""
        reference = self.rules.reference.interpreter
        secrets = secret_of(self.rules.name)
        carried = Carried(reference, subject.data, subject.encoding, subject.envelope, secrets)
        for send, written_send in zip(decision.sends, entry["sends"], strict=True):
            if send.via:
                made = result_entry(carried, send, self.language, hidden=self.redact)
                written_send["result"] = made


def is_unrouted(decision: Decision) -> bool:
    """Say whether no rule of a table said anything."""
    return decision.hold is not None and decision.hold.queue == UNROUTED


@command_of(
    "explain",
    more=("explain_objects", "explain_exits"),
    example="roteiro explain site.route study/ --calling CT1 --peer 10.0.0.7",
)
@click.argument("rules", metavar="RULES")
@click.argument("objects", metavar="OBJECT...", nargs=-1, required=True)
@option("--calling", metavar="AE", help="explain_calling")
@option("--called", metavar="AE", help="explain_called")
@option("--peer", metavar="IP", help="explain_peer")
@option("--at", metavar="INSTANT", help="explain_at")
@option("--why-not", metavar="TABLE.RULE", help="explain_why_not")
@option("--redact", is_flag=True, help="explain_redact")
@option("--trace", type=click.Choice(["all"]), help="explain_trace")
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
    why_not: str | None,
    redact: bool,
    trace: str | None,
    form: str,
) -> int:
    """Say what becomes of objects and why."""
    with discreet(hidden=redact):
        check_given(peer, at)
    program = usable(rules, language)
    _check_rule(program, why_not)
    paths, words = parted(objects)
    known = Envelope(calling_ae=calling, called_ae=called, peer=peer, at=micros_of(at))
    with discreet(hidden=redact):
        given = given_by(words, known)
    caller = given.over(known).calling_ae
    if caller is not None and turned_away(program, caller):
        say_error("command.caller_rejected", language, ae=HIDDEN if redact else caller)
    explainer = Explainer(
        program,
        given,
        language,
        trace == "all",
        unrouted=form == "text" and why_not is None,
        why_not=why_not,
        redact=redact,
    )
    run = Run(form, language)
    for path in paths:
        run.take(path, explainer)
    if not paths:
        run.note(explainer.explain_words(" ".join(words)), program.rule_set)
    if form == "json":
        say_json(run.documents)
    return run.worst


@contextmanager
def discreet(*, hidden: bool) -> Iterator[None]:
    """Refuse without what a refusal says of an object, when that is to be `hidden`."""
    try:
        yield
    except Refused as refused:
        if not hidden:
            raise
        values = {name: _without(name, each) for name, each in refused.values.items()}
        raise Refused(refused.code, refused.key, **values) from None


def _without(name: str, value: object) -> object:
    """Give a value of a refusal, a reason without its own values."""
    if isinstance(value, Phrase):
        return without_values(value)
    return HIDDEN if name in TELLING else value


def turned_away(rules: Rules, calling_ae: str) -> bool:
    """Say whether no listener of a complete rule file lets this AE title store from anywhere."""
    settings = rules.typed.settings
    known = any(node.ae == calling_ae.strip() and "store" in node.may for node in settings.nodes)
    anybody = any(item.accept_unknown for item in settings.listeners)
    return bool(settings.listeners) and not known and not anybody


@dataclass(slots=True)
class Run:
    """Prints as it goes, keeps the JSON entries and the worst exit code."""

    form: str
    language: str
    worst: int = FINE
    documents: list[object] = field(default_factory=list)

    def take(self, path: str, explainer: Explainer) -> None:
        """Explain what is at one path; what is not there is one line, and the run goes on."""
        try:
            for item in explainer.explain(path):
                self.note(item, explainer.rules.rule_set)
        except Refused as missing:
            say_error(missing.key, self.language, **missing.values)
            self.worst = max(self.worst, missing.code)

    def note(self, item: Explained, rule_set: str) -> None:
        """Print one object, or keep its entry."""
        self.worst = max(self.worst, item.code)
        self.documents.append(item.document())
        if self.form == "text":
            _print(item, self.language)
        if item.cut_short:
            say_error("command.cut_short_explained", self.language, path=shown(item.name))
        if item.difference is not None:
            _report(item, rule_set, self.language)


def _check_rule(rules: Rules, name: str | None) -> None:
    """Refuse the name of no rule."""
    names = rules.reference.rule_names()
    if name is not None and name not in names:
        meant = nearest(name, names)
        key = "command.no_such_rule_meant" if meant else "command.no_such_rule"
        raise Refused(USAGE, key, name=name, meant=meant)


def _print(item: Explained, language: str) -> None:
    """Print one object for people; why there is no decision goes to stderr."""
    if item.entry is None:
        say_error("command.not_explained", language, path=shown(item.name), why=item.error)
        return
    for line in lines_of(item.name, item.entry, language):
        say(line)


def _report(item: Explained, rule_set: str, language: str) -> None:
    """Say what to report when the core and the reference do not agree."""
    assert item.difference is not None
    core, reference = item.difference
    say_error(
        "command.difference",
        language,
        path=shown(item.name),
        rule_set=rule_set,
        core=written(core),
        reference=written(reference),
    )
