"""A decision as scripts read it (`docs/json.md`) and as people read it.

The text form is made of the JSON entry and nothing else, so the two cannot tell different stories.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import NotRequired, TypedDict, TypeVar

from roteiro.core.program import TRANSFORM_FAILED, Batch, Decision, Hold, Read, Send
from roteiro.lang.carried import Carried
from roteiro.lang.coverage import Leaf
from roteiro.lang.messages import Phrase, in_language, text
from roteiro.lang.redaction import HIDDEN
from roteiro.lang.selftest import worded
from roteiro.lang.trace import RuleTrace, TestTrace, Trace
from roteiro.lang.whynot import WhyNot
from roteiro.runtime.shown import shown

Way = TypeVar("Way")

WIDEST = 44
"""Columns that the tests of a rule are padded to, so that the values stand below each other."""
CHANGES = 24
"""Elements that a chain changes of which people see the values."""
ANSWERS = {True: "yes", False: "no"}
OF_OBJECTS = frozenset(("value", "char"))
"""Placeholders of reasons that hold something of the object."""
UNITS = ((3600, "h"), (60, "min"), (1, "s"))


class Batched(TypedDict):
    """When a batch is released; `within_s` and `late` are there when they were written."""

    by: str
    after_s: float
    within_s: NotRequired[float]
    late: NotRequired[str]


class ReleaseEntry(TypedDict):
    """One way in which a delivery may start."""

    batch: Batched | None
    during: str | None


class ChangedEntry(TypedDict):
    """An element of the top level that a chain changes; null is absent."""

    tag: str
    keyword: str
    before: str | None
    after: str | None


class ResultEntry(TypedDict):
    """What a chain makes of the object; `reason` says why nothing is known of it."""

    computed: bool
    changes: list[ChangedEntry]
    reason: str | None


class SendEntry(TypedDict):
    """One delivery that is owed; `result` is there when it has a chain."""

    to: str
    via: list[str]
    rule: str
    rules: list[str]
    urgency: str
    batch: Batched | None
    during: str | None
    release: list[ReleaseEntry]
    result: NotRequired[ResultEntry]


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


class NotifyEntry(TypedDict):
    """A message to people."""

    channel: str
    message: str


class ChangeEntry(TypedDict):
    """A test that would have to come out as `needed`."""

    test: str
    needed: bool


class WhyNotEntry(TypedDict):
    """What keeps a rule from firing: `change` is the fewest tests, null when no change helps."""

    rule: str
    fires: bool
    winner: str | None
    change: list[ChangeEntry] | None


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
    notify: NotRequired[list[NotifyEntry]]
    """There when some rule notifies."""
    why_not: NotRequired[WhyNotEntry | None]
    """There when it was asked for; null of an object that is unreadable."""


def entry_of(  # noqa: PLR0913  what is known of a decision
    decision: Decision,
    read: Read,
    rule_set: str,
    trace: Trace,
    *,
    whole: bool = False,
    asked: str | None = None,
) -> Entry:
    """Make the entry of a decision.

    `whole` keeps the rules that did not fire too, `asked` is one of them to keep.
    """
    refuse, drop = decision.refuse, decision.drop
    entry = Entry(
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
        trace=[_rule(rule) for rule in trace.selected(everything=whole, why_not=asked)],
    )
    if decision.notify:
        entry["notify"] = [
            NotifyEntry(channel=each.channel, message=each.message) for each in decision.notify
        ]
    return entry


def result_entry(carried: Carried, send: Send, language: str, *, hidden: bool) -> ResultEntry:
    """Make the entry of what a chain makes of the object; values `hidden` for sharing."""
    result = carried.result(send)
    if result.not_computed is not None:
        reason = text("command.not_computed", language, profile=result.not_computed)
        return ResultEntry(computed=False, changes=[], reason=reason)
    if result.failed is not None:
        why = without_values(result.failed) if hidden else result.failed
        reason = text("command.chain_failed", language, queue=TRANSFORM_FAILED, why=why)
        return ResultEntry(computed=False, changes=[], reason=reason)
    changes = [
        ChangedEntry(
            tag=_tag(each.tag) or "",
            keyword=each.keyword,
            before=HIDDEN if hidden and each.before else each.before,
            after=HIDDEN if hidden and each.after else each.after,
        )
        for each in carried.changes(result)
    ]
    return ResultEntry(computed=True, changes=changes, reason=None)


def without_values(why: Phrase) -> Phrase:
    """Give a reason without what it says of the object."""
    values = {name: HIDDEN if name in OF_OBJECTS else each for name, each in why.values.items()}
    return Phrase(why.key, **values)


def why_not_entry(found: WhyNot) -> WhyNotEntry:
    """Make the entry of what keeps a rule from firing."""
    change = None
    if found.changes is not None:
        change = [
            ChangeEntry(test=_source_of(each.test), needed=each.needed) for each in found.changes
        ]
    return WhyNotEntry(rule=found.rule, fires=found.fires, winner=found.winner, change=change)


def _source_of(test: Leaf) -> str:
    return test.source.text[test.span.start : test.span.end]


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
        batch=_batch(agreed([way.batch for way in send.release])),
        during=agreed([way.during for way in send.release]),
        release=[ReleaseEntry(batch=_batch(way.batch), during=way.during) for way in send.release],
    )


def agreed(ways: list[Way | None]) -> Way | None:
    """Give what all ways say, nothing when they differ."""
    return ways[0] if all(way == ways[0] for way in ways) else None


def whole(seconds: float) -> float:
    """Give whole seconds without a fraction, as people write them."""
    return int(seconds) if seconds == int(seconds) else seconds


def _batch(batch: Batch | None) -> Batched | None:
    if batch is None:
        return None
    entry = Batched(by=batch.by, after_s=whole(batch.after))
    if batch.within is not None:
        entry["within_s"] = whole(batch.within)
    if batch.late != "new":
        entry["late"] = batch.late
    return entry


def _hold(hold: Hold) -> HoldEntry:
    return HoldEntry(queue=hold.queue, reason=hold.reason)


def _tag(tag: int | None) -> str | None:
    return None if tag is None else f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _rule(rule: RuleTrace) -> RuleEntry:
    tests = [_test(inner) for test in rule.tests for inner in test.with_inner()]
    return RuleEntry(rule=rule.rule, result=rule.result, tests=tests)


def _test(test: TestTrace) -> TestEntry:
    return TestEntry(test=test.test, state=test.state, values=list(test.values), result=test.result)


def lines_of(name: str, entry: Entry, language: str) -> Iterator[str]:
    """Give the text form: what was decided, what is owed, and which tests said so."""
    yield shown(name)
    yield from (f"  {line}" for line in outcome_lines(entry, language))
    for rule in entry["trace"]:
        yield f"  {_heading(rule, entry['rules'], language)}"
        yield from _tests(rule, language)
    if entry.get("why_not"):
        yield from (f"  {line}" for line in why_not_lines(entry["why_not"], language))
    if entry["read"]["last_tag"] is not None:
        yield "  " + text("command.explain_read", language, **entry["read"])


def why_not_lines(found: WhyNotEntry | None, language: str) -> Iterator[str]:
    """Say what keeps a rule from firing."""
    if found is None:
        return
    change = found["change"]
    key = "impossible" if change is None else "fires" if found["fires"] else "changes"
    yield text(f"command.why_not_{key}", language, rule=found["rule"])
    if found["winner"] is not None:
        yield "  " + text("command.why_not_winner", language, winner=found["winner"])
    for each in change or ():
        key = "command.why_not_true" if each["needed"] else "command.why_not_false"
        yield "  " + text(key, language, test=shown(" ".join(each["test"].split())))


def outcome_lines(entry: Entry, language: str) -> Iterator[str]:
    """Say what becomes of the object, a line for each thing that does."""
    for send in entry["sends"]:
        yield _send_line(send, language)
        yield from _result_lines(send, language)
    refuse, drop = entry["refuse"], entry["drop"]
    if refuse is not None:
        yield _because("refuse", refuse["reason"], language, status=refuse["status"])
    if drop is not None:
        yield _because("drop", drop["reason"], language)
    for hold in [*entry["holds"], *([entry["hold"]] if entry["hold"] else [])]:
        yield _because("hold", hold["reason"], language, queue=hold["queue"])
    for reason in entry["nothing"]:
        yield _because("nothing", reason, language)
    for message in entry.get("notify", ()):
        yield _because("notify", message["message"], language, channel=message["channel"])


def _result_lines(send: SendEntry, language: str) -> Iterator[str]:
    """Say what the chain of a delivery changes."""
    result = send.get("result")
    if result is None:
        return
    if result["reason"] is not None:
        yield f"  {result['reason']}"
    for each in result["changes"][:CHANGES]:
        before, after = (
            text("command.no_element", language) if value is None else shown(value)
            for value in (each["before"], each["after"])
        )
        yield f"  {each['keyword'] or each['tag']}: {before} -> {after}"
    if len(result["changes"]) > CHANGES:
        yield "  " + text("command.more_changes", language, count=len(result["changes"]) - CHANGES)


def _send_line(send: SendEntry, language: str) -> str:
    line = text("command.explain_send", language, to=send["to"])
    if send["via"]:
        line += text("command.explain_via", language, via=", ".join(send["via"]))
    if send["urgency"] != "normal":
        line += text("command.explain_urgency", language, urgency=send["urgency"])
    line += text("command.explain_by", language, rules=", ".join(send["rules"]))
    ways = ways_text(send["release"], language)
    return f"{line}: {ways}" if ways else line


def ways_text(ways: list[ReleaseEntry], language: str) -> str:
    """Say when a delivery may start; nothing when it may at once."""
    if any(way["batch"] is None and way["during"] is None for way in ways):
        return ""
    return text("command.explain_or", language).join(_way(way, language) for way in ways)


def _way(way: ReleaseEntry, language: str) -> str:
    """Say how a delivery may start: when its schedule is open, when its batch is complete."""
    parts = []
    if way["during"] is not None:
        parts.append(text("command.explain_during", language, schedule=way["during"]))
    if way["batch"] is not None:
        parts.append(_batch_text(way["batch"], language))
    return ", ".join(parts)


def _batch_text(batch: Batched, language: str) -> str:
    key = f"command.explain_batch_{batch['by']}"
    line = text(key, language, after=lasting(batch["after_s"]))
    if "within_s" in batch:
        line += text("command.explain_within", language, within=lasting(batch["within_s"]))
    if "late" in batch:
        line += text(f"command.explain_late_{batch['late']}", language)
    return line


def lasting(seconds: float) -> str:
    """Write how long something lasts, in the largest unit that it is a whole number of."""
    size, unit = next((each for each in UNITS if seconds % each[0] == 0), UNITS[-1])
    return f"{seconds / size:g} {unit}"


def _because(what: str, reason: str, language: str, **values: str) -> str:
    line = text(f"command.explain_{what}", language, **values)
    return f"{line}: {shown(in_language(worded(reason), language))}" if reason else line


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
