"""A decision as scripts read it (`docs/json.md`) and as people read it.

The text form is made of the JSON entry and nothing else, so the two cannot tell different stories.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TypedDict

from roteiro.core.program import Decision, Hold, Read, Send
from roteiro.lang.messages import text
from roteiro.lang.report import escape
from roteiro.lang.trace import RuleTrace, Trace

WIDEST = 44
"""Columns that the tests of a rule are padded to, so that the values stand below each other."""
ANSWERS = {True: "yes", False: "no"}


class Batched(TypedDict):
    """When a batch is released."""

    by: str
    after_s: float


class ReleaseEntry(TypedDict):
    """One way in which a delivery may start."""

    batch: Batched | None
    during: str | None


class SendEntry(TypedDict):
    """One delivery that is owed."""

    to: str
    via: list[str]
    rule: str
    rules: list[str]
    urgency: str
    batch: Batched | None
    during: str | None
    release: list[ReleaseEntry]


class HoldEntry(TypedDict):
    """A queue and why."""

    queue: str
    reason: str


class RefuseEntry(TypedDict):
    """A DIMSE status as `0xNNNN` and why."""

    status: str
    reason: str


class DropEntry(TypedDict):
    """Why it is dropped."""

    reason: str


class ReadEntry(TypedDict):
    """What the decision had to read."""

    tags: int
    last_tag: str | None
    bytes: int


class TestEntry(TypedDict):
    """One test as written, what it saw, and whether it held."""

    test: str
    state: str
    values: list[str]
    result: bool


class RuleEntry(TypedDict):
    """One rule, whether its condition held, and its tests."""

    rule: str
    result: bool
    tests: list[TestEntry]


class Entry(TypedDict):
    """The entry of one object, without `object`."""

    verdict: str
    sends: list[SendEntry]
    holds: list[HoldEntry]
    hold: HoldEntry | None
    refuse: RefuseEntry | None
    drop: DropEntry | None
    nothing: list[str]
    rules: list[str]
    rule_set: str
    read: ReadEntry
    trace: list[RuleEntry]


def entry_of(
    decision: Decision, read: Read, rule_set: str, trace: Trace, *, whole: bool = False
) -> Entry:
    """Make the entry of a decision; `whole` keeps the rules that did not fire too."""
    refuse, drop = decision.refuse, decision.drop
    return Entry(
        verdict=decision.verdict,
        sends=[_send(send) for send in decision.sends],
        holds=[_hold(hold) for hold in decision.holds],
        hold=_hold(decision.hold) if decision.hold else None,
        refuse=RefuseEntry(status=f"0x{refuse.status:04X}", reason=refuse.reason)
        if refuse
        else None,
        drop=DropEntry(reason=drop.reason) if drop else None,
        nothing=list(decision.nothing),
        rules=list(decision.rules),
        rule_set=rule_set,
        read=ReadEntry(tags=read.tags, last_tag=_tag(read.last_tag), bytes=read.bytes),
        trace=[_rule(rule) for rule in trace.selected(everything=whole)],
    )


def written(decision: Decision) -> str:
    """Write a decision on one line, for a report of our own fault."""
    return json.dumps(asdict(decision), ensure_ascii=False)


def _send(send: Send) -> SendEntry:
    return SendEntry(
        to=send.to,
        via=list(send.via),
        rule=send.rule,
        rules=list(send.rules),
        urgency=send.urgency,
        batch=None,
        during=None,
        release=[ReleaseEntry(batch=None, during=None)],
    )


def _hold(hold: Hold) -> HoldEntry:
    return HoldEntry(queue=hold.queue, reason=hold.reason)


def _tag(tag: int | None) -> str | None:
    return None if tag is None else f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _rule(rule: RuleTrace) -> RuleEntry:
    tests = [
        TestEntry(test=test.test, state=test.state, values=list(test.values), result=test.result)
        for test in rule.tests
    ]
    return RuleEntry(rule=rule.rule, result=rule.result, tests=tests)


def lines_of(name: str, entry: Entry, language: str) -> Iterator[str]:
    """Give the text form: what was decided, what is owed, and which tests said so."""
    yield shown(name)
    yield from (f"  {line}" for line in outcome_lines(entry, language))
    for rule in entry["trace"]:
        yield f"  {_heading(rule, entry['rules'], language)}"
        yield from _tests(rule, language)
    if entry["read"]["last_tag"] is not None:
        yield "  " + text("command.explain_read", language, **entry["read"])


def outcome_lines(entry: Entry, language: str) -> Iterator[str]:
    """Say what becomes of the object, a line for each thing that does."""
    for send in entry["sends"]:
        yield _send_line(send, language)
    refuse, drop = entry["refuse"], entry["drop"]
    if refuse is not None:
        yield _because("refuse", refuse["reason"], language, status=refuse["status"])
    if drop is not None:
        yield _because("drop", drop["reason"], language)
    for hold in [*entry["holds"], *([entry["hold"]] if entry["hold"] else [])]:
        yield _because("hold", hold["reason"], language, queue=hold["queue"])
    for reason in entry["nothing"]:
        yield _because("nothing", reason, language)


def shown(written: str) -> str:
    """Make a text fit for a terminal: what cannot be printed is escaped."""
    return "".join(char if char.isprintable() else escape(char) for char in written)


def _send_line(send: SendEntry, language: str) -> str:
    line = text("command.explain_send", language, to=send["to"])
    if send["via"]:
        line += text("command.explain_via", language, via=", ".join(send["via"]))
    if send["urgency"] != "normal":
        line += text("command.explain_urgency", language, urgency=send["urgency"])
    return line + text("command.explain_by", language, rules=", ".join(send["rules"]))


def _because(what: str, reason: str, language: str, **values: str) -> str:
    line = text(f"command.explain_{what}", language, **values)
    return f"{line}: {shown(reason)}" if reason else line


def _heading(rule: RuleEntry, fired: list[str], language: str) -> str:
    how = "fired" if rule["rule"] in fired else "passed_by"
    return text(f"command.explain_{how}", language, rule=rule["rule"])


def _tests(rule: RuleEntry, language: str) -> Iterator[str]:
    """Give the tests of a rule below each other: held or not, as written, what was seen."""
    answers = {held: text(f"command.{word}", language) for held, word in ANSWERS.items()}
    width = max(map(len, answers.values()))
    tests = [(" ".join(test["test"].split()), test) for test in rule["tests"]]
    column = min(WIDEST, max((len(written) for written, _ in tests), default=0))
    for written, test in tests:
        answer = answers[test["result"]]
        yield f"    {answer:{width}}  {shown(written):{column}}  {_seen(test)}"


def _seen(test: TestEntry) -> str:
    if not test["values"]:
        return test["state"]
    values = ", ".join(f'"{shown(value)}"' for value in test["values"])
    return f"{test['state']} {values}"
