"""The findings of a file of which one rule changed, by two checks of a small part of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from roteiro.core.program import Deliver
from roteiro.lang import nodes
from roteiro.lang.beyond import Beyond
from roteiro.lang.check import Counts
from roteiro.lang.lint.index import common_to
from roteiro.lang.lint.meaning import within
from roteiro.lang.lint.proof import asked
from roteiro.lang.report import SUGGESTIONS
from roteiro.lang.settings import Uncarried
from roteiro.lang.source import Source
from roteiro.lang.warm.answer import Answer, Carried, Rewritten, first_places, guard_of
from roteiro.lang.warm.difference import NO_FINDINGS, Merged, Unsure, consistent, merged
from roteiro.lang.warm.edit import GONE, Edit, after, edit_of
from roteiro.lang.warm.keep import uncarried
from roteiro.lang.warm.memory import FIRST, GUARD, Memory, Places
from roteiro.lang.warm.plain import CODE, SPAN, Move, Plain, finding
from roteiro.lang.warm.related import Changed, Related, partners_of, related
from roteiro.lang.warm.rest import rest_of
from roteiro.lang.warm.sending import Sending, Way
from roteiro.lang.warm.slices import Slice, checked, rules_of, typed_at
from roteiro.lang.warm.words import Kind, Words, kind_of, queue_word

ATTEMPTS = 4
"""Slices that are tried, each with more rules."""
TOLD = frozenset(("RT302", "RT303", "RT306"))
"""Findings about a rule that is matched by others, or matches nothing."""
LARGE_RULE = 32
"""Tests of a rule that is too large to be one of many."""


def again(memory: Memory, source: Source) -> Answer | None:
    """Check a file again; nothing when it has to be checked from the beginning."""
    edit = edit_of(memory, source.text)
    if edit is None:
        return None
    try:
        return Again(memory, source, edit).answer()
    except Unsure:
        return None


@dataclass(slots=True)
class Again:
    """One check of a file of which one rule changed."""

    memory: Memory
    source: Source
    edit: Edit
    places: Places = field(init=False)
    guard: frozenset[int] = field(init=False)
    rest: Counts = field(init=False)
    """What the rules use that are left out."""

    def __post_init__(self) -> None:
        """Find the rules in the new text."""
        self.places = after(self.memory.places, self.edit, self.source.text)
        self.guard = guard_of(self.memory)
        self.rest = Counts(Counter(), Counter())

    @property
    def table(self) -> int:
        """The table of the rule."""
        return self.places.owners[self.edit.number]

    @property
    def in_guard(self) -> bool:
        """Whether the rule is one of the guard."""
        return self.edit.number in self.guard

    def answer(self) -> Answer:
        """Check both slices; give what was found, and what is to be kept."""
        facts = self.memory.facts
        if facts.tried and facts.tables[self.table][1] in {FIRST, GUARD}:
            raise Unsure
        kept, old, new = self.slices()
        self.compare(old, new)
        sound = facts.sound and new.looked.sound
        stages = (
            self.merged(facts.early, old.early, new.early),
            self.merged(facts.general, old.general, new.general) if new.tree.whole else NO_FINDINGS,
            self.merged(facts.late, old.late, new.late) if sound else NO_FINDINGS,
        )
        plain = tuple(stage.findings for stage in stages)
        consistent(*plain)
        found = tuple(finding(one, self.source) for stage in plain for one in stage)
        lasting = new.tree.whole and (sound or not facts.sound)
        memory = self.remembered(kept, old, new, plain) if lasting else None
        unserved = first_places(self.uncarried(new))
        parts = (self.places, self.guard, memory)
        rewritten = self.rewritten(new) if sound and new.tree.whole else None
        carried = self.carried(stages) if sound and new.tree.whole else None
        return Answer(found, new.read, new.tree.whole, unserved, *parts, rewritten, carried)

    def carried(self, stages: Sequence[Merged]) -> Carried:
        """Say which findings are those that were there before."""
        facts = self.memory.facts
        same, begin = list[int](), 0
        for old, stage in zip((facts.early, facts.general, facts.late), stages, strict=True):
            same += [-1 if number < 0 else begin + number for number in stage.same]
            begin += len(old)
        new = [one for stage in stages for one in stage.findings]
        return Carried(self.memory.places.text, facts.findings, new, same)

    def rewritten(self, new: Slice) -> Rewritten | None:
        """Give the new rule, typed."""
        name = self.memory.facts.tables[self.table][0]
        place = self.edit.number - self.memory.places.rules_of(self.table).start
        start = self.edit.new.start
        kept = (self.edit, self.uncarried_of_it(new), self.memory.places.text)
        if self.in_guard and new.typed.guard is not None:
            for rule in new.typed.guard.rules:
                if rule.span.start == start:
                    return Rewritten(GUARD, place, rule, *kept)
        found = typed_at(new, start)
        return None if found is None else Rewritten(name, place, found[1], *kept)

    def merged(self, whole: list[Plain], was: list[Plain], now: list[Plain]) -> Merged:
        """Give the findings of one stage."""
        return merged(whole, was, now, self.edit, self.memory.places)

    # The slices ---------------------------------------------------------------------------------

    def slices(self) -> tuple[frozenset[int], Slice, Slice]:
        """Check the old rule and the new one, with all rules that have to do with either."""
        number = -1 if self.in_guard else self.edit.number
        words = () if self.in_guard else self.memory.index.of(number)
        span = self.edit.region
        priority = self.memory.priorities[self.edit.number]
        partners = partners_of(self.memory, span.start, span.end)
        changed = Changed(number, self.table, words, (), priority, partners=partners)
        part = self.related(changed)
        for _ in range(ATTEMPTS):
            old, new = self.old(part), self.new(part)
            changed = self.told(changed, old, new)
            more = self.related(changed)
            if more.within(part):
                return part.rules, old, new
            part = part.joined(more)
        raise Unsure

    def related(self, changed: Changed) -> Related:
        """Give the rules that belong into the slices."""
        found = related(self.memory, changed)
        if found is None:
            raise Unsure
        always = self.guard | {self.edit.number}
        return found.joined(Related(always, always))

    def old(self, part: Related) -> Slice:
        """Check the old rule, with others."""
        memory = self.memory

        def beyond(counts: Counts, tree: nodes.File) -> Beyond:
            self.rest = self.left(counts)
            return rest_of(memory, memory.places, memory.priorities, tree, part, self.rest)

        found = checked(self.source.name, memory.places, part.rules, beyond)
        return self.as_expected(found, memory.places, part.rules)

    def new(self, part: Related) -> Slice:
        """Check the new rule, with the same others."""

        def beyond(_: Counts, tree: nodes.File) -> Beyond:
            priorities = self.memory.priorities[:]
            priorities[self.edit.number] = self.priority(tree)
            return rest_of(self.memory, self.places, priorities, tree, part, self.rest)

        found = checked(self.source.name, self.places, part.rules, beyond)
        return self.as_expected(found, self.places, part.rules)

    def left(self, counts: Counts) -> Counts:
        """Give what the rules use that are left out of the old program."""
        facts = self.memory.facts
        used = Counter({(kind, name): count for kind, name, count in facts.used})
        used.subtract(counts.used)
        queues = Counter(facts.queues)
        queues.subtract(counts.queues)
        if any(count < 0 for count in (*used.values(), *queues.values())):
            raise Unsure
        return Counts(+used, +queues)

    def as_expected(self, found: Slice | None, places: Places, kept: frozenset[int]) -> Slice:
        """Make sure that a slice has the rules that it should have."""
        if found is None:
            raise Unsure
        starts = {(rule.span.start, rule.span.end) for rule in rules_of(found.tree)}
        wanted = {(places.starts[number], places.ends[number]) for number in kept}
        missing = wanted - starts
        broken = sum(
            len(item.broken)
            for item in found.tree.items
            if isinstance(item, nodes.Table | nodes.Guard)
        )
        if starts - wanted or len(missing) != broken:
            raise Unsure
        new = self.edit.new
        if missing - {(new.start, new.end)} or (missing and places is not self.places):
            raise Unsure
        outside = [one for one in found.read if not within(one.span, new)]
        if outside or (found.read and places is not self.places):
            raise Unsure
        return found

    # What is known of the rule ------------------------------------------------------------------

    def priority(self, tree: nodes.File) -> int:
        """Give the priority of the new rule."""
        for rule in rules_of(tree):
            if rule.span.start == self.edit.new.start and isinstance(rule, nodes.Rule):
                return rule.priority
        return self.memory.priorities[self.edit.number]

    def told(self, changed: Changed, old: Slice, new: Slice) -> Changed:
        """Say more of the rule, now that both programs were typed."""
        if self.in_guard:
            return replace(changed, old=words_of_guard(old), new=words_of_guard(new))
        at = self.edit.new.start
        found = words_of(new, at)
        self.same_steps(changed.old, found)
        return replace(
            changed,
            new=found,
            priority=self.priority(new.tree),
            ways=ways_of(new, at),
            flipped=changed.flipped | self.flipped(old, new),
        )

    def same_steps(self, old: Sequence[int], new: Sequence[int]) -> None:
        """Make sure that nothing became more common, or less, by a step that counts."""
        if not self.memory.facts.sound or not new:
            return
        for one in {*old} ^ {*new}:
            if kind_of(one) == Kind.ASK:
                count = len(self.memory.index.having(one))
                if common_to(count) != common_to(count + (1 if one in new else -1)):
                    raise Unsure

    def flipped(self, old: Slice, new: Slice) -> frozenset[int]:
        """Give the rules that are matched by others in one of the slices only."""
        if not new.looked.sound:
            return frozenset()
        was, now = told_starts(old.late, self.edit.at), told_starts(new.late, int)
        rules = {self.places.rule_at(at) for _, at in was ^ now if at != GONE}
        return frozenset(one for one in rules if one is not None) - {self.edit.number}

    def uncarried(self, new: Slice) -> dict[str, list[int]]:
        """Give what `serve` does not carry out of the new program."""
        found = uncarried(self.uncarried_of_it(new))
        for what, starts in self.memory.facts.uncarried.items():
            rest = (self.edit.at(at) for at in starts if not self.edit.within(at))
            found.setdefault(what, []).extend(rest)
        return found

    def uncarried_of_it(self, new: Slice) -> tuple[Uncarried, ...]:
        """Give what `serve` does not carry out of the new rule."""
        begin, end = self.edit.new.start, self.edit.new.end
        found = new.typed.settings.uncarried
        return tuple(one for one in found if begin <= one.span.start < end)

    # Whether all is as assumed ------------------------------------------------------------------

    def compare(self, old: Slice, new: Slice) -> None:
        """Make sure that the whole differs by what the slices differ in."""
        facts = self.memory.facts
        errors = facts.errors - old.looked.errors + new.looked.errors
        suggested = [one.checking.report.suggested for one in (old, new)]
        if facts.suggested - suggested[0] + suggested[1] > SUGGESTIONS:
            raise Unsure
        if facts.sound != old.looked.sound and (facts.sound or facts.errors <= old.looked.errors):
            raise Unsure
        if not facts.sound and not errors:
            raise Unsure  # what waits for a program without errors can be said now
        if facts.sound and new.looked.sound != (not errors and new.tree.whole):
            raise Unsure
        if self.size(old) > LARGE_RULE:
            raise Unsure

    def size(self, part: Slice) -> int:
        """Give how many tests the old rule asks."""
        found = typed_at(part, self.edit.old.start)
        if found is None:
            return 0
        return len(asked(part.looked.program.lowered(found[1].condition)))

    # What is kept from now on -------------------------------------------------------------------

    def remembered(
        self,
        kept: frozenset[int],
        old: Slice,
        new: Slice,
        stages: tuple[list[Plain], ...],
    ) -> Memory:
        """Put together what is kept of the new text."""
        facts = self.memory.facts
        ways = {(to, tuple(via)) for to, via in facts.ways} | {*ways_of(new, self.edit.new.start)}
        made = replace(
            facts,
            errors=facts.errors - old.looked.errors + new.looked.errors,
            early=stages[0],
            general=stages[1],
            late=stages[2],
            used=[(*name, n) for name, n in (self.rest.used + new.checking.counts.used).items()],
            queues=dict(self.rest.queues + new.checking.counts.queues),
            suggested=facts.suggested
            - old.checking.report.suggested
            + new.checking.report.suggested,
            uncarried=self.uncarried(new),
            asking=self.asking(kept, old, new),
            spent=self.spent(new),
            ways=[(to, list(via)) for to, via in sorted(ways)],
        )
        priorities = self.memory.priorities[:]
        index = self.memory.index
        if not self.in_guard:
            priorities[self.edit.number] = self.priority(new.tree)
            index = index.with_words(self.edit.number, words_of(new, self.edit.new.start))
        return Memory(self.places, priorities, index, made)

    def spent(self, new: Slice) -> dict[str, int]:
        """Give what the proofs about sends to a place took at most."""
        known = Counter(self.memory.facts.spent)
        if self.in_guard:
            return dict(known)
        start = self.edit.new.start
        words = (self.memory.index.of(self.edit.number), words_of(new, start))
        known += Sending(self.memory, self.edit.number, *words, ways_of(new, start)).cost
        return dict(known | Counter(new.looked.program.spent))

    def asking(self, kept: frozenset[int], old: Slice, new: Slice) -> dict[str, int]:
        """Give how many tests the rules of a table ask at least."""
        facts = self.memory.facts
        name, kind, _ = facts.tables[self.table]
        if kind != FIRST or name not in facts.asking:
            return facts.asking
        if kept.issuperset(self.places.rules_of(self.table)):
            return facts.asking | {name: new.looked.program.asking.get(name, 0)}
        return facts.asking | {name: facts.asking[name] - self.size(old)}


def told_starts(made: Iterable[Plain], at: Move) -> set[tuple[str, int]]:
    """Give what was said of rules that others match, or nothing, and where these are."""
    return {(one[CODE], at(one[SPAN][0])) for one in made if one[CODE] in TOLD}


def words_of(part: Slice, start: int) -> list[int]:
    """Give the words of the rule of a table that begins at a place; none if it was not read."""
    found = typed_at(part, start)
    return [] if found is None else Words(part.looked).of(*found)


def ways_of(part: Slice, start: int) -> tuple[Way, ...]:
    """Give where a rule sends, and by which chains."""
    found = typed_at(part, start)
    effects = found[1].effects if found else ()
    return tuple((one.to, one.via) for one in effects if isinstance(one, Deliver))


def words_of_guard(part: Slice) -> list[int]:
    """Give the words of the guard by which its rules may have to do with those of tables."""
    guard, words = part.checking.names.guard, Words(part.looked)
    if guard is None:
        return []
    found = {queue_word(one.queue.text) for one in held(guard)}
    if part.looked.sound:
        found.update(word for rule in guard.rules for word in words.of_parts(rule))
    return sorted(one for one in found if kind_of(one) in {Kind.QUEUE, Kind.COMPOUND})


def held(guard: nodes.Guard) -> list[nodes.HoldIn]:
    """Give where the guard holds."""
    verdicts = [*(rule.verdict for rule in guard.rules), guard.otherwise]
    return [one for one in verdicts if isinstance(one, nodes.HoldIn)]
