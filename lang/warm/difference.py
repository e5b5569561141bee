"""Findings of a whole, changed by what two slices of it differ in."""

from collections import Counter
from dataclasses import dataclass

from roteiro.lang.warm.edit import GONE, Edit
from roteiro.lang.warm.memory import Places
from roteiro.lang.warm.plain import CODE, FIX, LABELS, OTHERS, SPAN, Plain, moved, name, places

FIRST_OF_ALL = "RT225"
"""A finding made once, at the first place of all."""
UNUSED, UNKNOWN = "RT221", "RT104"
OUTSIDE = frozenset((UNUSED, "RT222", FIRST_OF_ALL, "RT226", "RT321", "RT324"))
"""What may be found outside of rules because of a rule, as far as the slices show it all."""


class Unsure(Exception):  # noqa: N818  told to the one caller
    """A part may not show what a check of the whole finds."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The findings of the new whole, or of one stage of it."""

    findings: list[Plain]
    same: list[int]
    """Of each, which of the old ones it is where its lines are what they were, else -1."""


NO_FINDINGS = Merged([], [])


def merged(
    whole: list[Plain], was: list[Plain], now: list[Plain], edit: Edit, known: Places
) -> Merged:
    """Give the findings of the new whole: those of the old one, less `was`, and `now`."""
    there = Counter(map(name, now))
    gone: list[Plain] = []
    for one in was:
        here = name(moved(one, edit.at, edit.line_at))
        if there[here] > 0:
            there[here] -= 1
        else:
            gone.append(one)
    added = taken(now, there)
    sure(gone, added, known, edit)
    numbers = left(whole, gone)
    kept = [in_place(whole[number], edit) for number in numbers]
    spots = {(one[CODE], one[SPAN][0]) for one in added}
    there_too = [one for one in kept if (one[CODE], one[SPAN][0]) in spots]
    if not {*map(name, there_too)}.isdisjoint(map(name, added)):
        raise Unsure
    first, last = edit.stretch(known.text)
    same = [
        number if high <= first or (low >= last and not edit.lines) else -1
        for number, (low, high) in ((number, ends_of(whole[number])) for number in numbers)
    ]
    return Merged(kept + added, same + [-1] * len(added))


def consistent(early: list[Plain], general: list[Plain], _: list[Plain]) -> None:
    """Make sure that nothing is said of what nothing uses while a name is misspelt."""
    misspelt = any(one[CODE] == UNKNOWN for one in early)
    if misspelt and any(one[CODE] == UNUSED for one in general):
        raise Unsure


def taken(now: list[Plain], there: Counter[str]) -> list[Plain]:
    """Give the findings that the old slice has not."""
    found: list[Plain] = []
    for one in now:
        if there[name(one)] > 0:
            there[name(one)] -= 1
            found.append(one)
    return found


def left(whole: list[Plain], gone: list[Plain]) -> list[int]:
    """Give which findings of the whole stay; it must have had all that is gone."""
    count = Counter(map(name, gone))
    spots = {(one[CODE], one[SPAN][0]) for one in gone}
    kept: list[int] = []
    for number, one in enumerate(whole):
        if (one[CODE], one[SPAN][0]) in spots and count[name(one)] > 0:
            count[name(one)] -= 1
        else:
            kept.append(number)
    if any(count.values()):
        raise Unsure
    return kept


def sure(gone: list[Plain], added: list[Plain], known: Places, edit: Edit) -> None:
    """Make sure that the slices show all that matters to what is gone and added."""
    if any(one[CODE] == FIRST_OF_ALL for one in gone):
        raise Unsure
    old = ((one[CODE], known.rule_at(one[SPAN][0])) for one in gone)
    new = ((one[CODE], rule_now(one, known, edit)) for one in added)
    if any(rule is None and code not in OUTSIDE for code, rule in (*old, *new)):
        raise Unsure


def rule_now(one: Plain, known: Places, edit: Edit) -> int | None:
    """Give the rule in which a finding of the new text begins."""
    at = one[SPAN][0]
    if edit.new.start <= at <= edit.new.end:
        return edit.number
    return known.rule_at(at if at <= edit.first else at - edit.more)


def ends_of(one: Plain) -> tuple[int, int]:
    """Give the first and the last place that a finding speaks of."""
    low, high = one[SPAN]
    for label in one[LABELS]:
        low, high = min(low, label[0][0]), max(high, label[0][1])
    for fix in (one[FIX], *one[OTHERS]):
        if fix:
            low, high = min(low, fix[0][0]), max(high, fix[0][1])
    return low, high


def in_place(one: Plain, edit: Edit) -> Plain:
    """Give a finding that stays, at its place in the new text."""
    region = edit.region
    low, high = ends_of(one)
    if high <= edit.first or (low >= region.end and not edit.more and not edit.lines):
        return one
    fixes = [fix for fix in (one[FIX], *one[OTHERS]) if fix is not None]
    spoken = any(fix[1] and fix[0][0] < region.end and fix[0][1] > region.start for fix in fixes)
    made = moved(one, edit.at, edit.line_at)
    if spoken or any(GONE in span for span in places(made)):
        raise Unsure
    return made
