"""What deliveries carry: the object after their chains, and what that changed.

Of a chain with a profile of the standard nothing is computed until its table is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from roteiro.core.program import TRANSFORM_FAILED, Decision, Encoding, Envelope, Field, Hold, Send
from roteiro.lang import dictionary
from roteiro.lang.diagnostics import Message, message
from roteiro.lang.elements import Damaged, Reading, read
from roteiro.lang.messages import Phrase
from roteiro.lang.reference import Reference, Subject, passes
from roteiro.lang.scope import Failed, Scope
from roteiro.lang.tested import mentioned
from roteiro.lang.texts_of_values import TEXTUAL, Scribe, Unfit
from roteiro.lang.trace import cut
from roteiro.lang.transforming import Secrets, Work
from roteiro.lang.tree import DataSet, Node, parse, write
from roteiro.lang.typed import Compare, IsState
from roteiro.lang.vrs import NUMBERS


@dataclass(frozen=True, slots=True)
class Result:
    """The object of one delivery; `data_set` is nothing when it was not computed, or failed."""

    data_set: DataSet | None
    failed: Phrase | None = None
    not_computed: str | None = None
    """The profile of the standard that is not carried out yet."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An element of the top level that a chain changed; `None` is absent."""

    tag: int
    keyword: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Carried:
    """The deliveries of one object, each chain computed once."""

    reference: Reference
    data: bytes
    encoding: Encoding
    envelope: Envelope
    secrets: Secrets
    known: dict[tuple[str, ...], Result] = field(default_factory=dict)

    def result(self, send: Send) -> Result:
        """Give what a delivery carries."""
        if send.via not in self.known:
            self.known[send.via] = self.computed(send.via)
        return self.known[send.via]

    def computed(self, via: tuple[str, ...]) -> Result:
        """Carry out a chain."""
        chains = {chain.name: chain for chain in self.reference.typed.chains}
        missing = next((chains[n].standard for n in via if chains[n].standard is not None), None)
        if missing is not None:
            return Result(None, not_computed=missing)
        work = Work(self.envelope, self.reference.clock(self.envelope), self.secrets)
        try:
            data_set = parse(self.data, self.encoding)
            for name in via:
                work.chain(chains[name], data_set)
        except Damaged as damaged:
            why = Phrase("selftest.unfit_unreadable", why=damaged.damage.value)
            return Result(None, failed=why)
        except Failed as failed:
            return Result(None, failed=failed.why)
        return Result(data_set)

    def unlike(self, test: Compare | IsState | None, decision: Decision) -> Iterator[Message]:
        """Say of each delivery with a chain why a test of its result does not hold.

        Without a delivery that has a chain, nothing has the result.
        """
        assert test is not None
        sends = [send for send in decision.sends if send.via]
        if not sends:
            yield message("selftest.got_no_chain")
        for send in sends:
            result = self.result(send)
            if result.not_computed is not None:
                profile = result.not_computed
                yield message("selftest.got_not_computed", to=send.to, profile=profile)
            elif result.failed is not None:
                yield message("selftest.got_failed", to=send.to, why=result.failed)
            elif result.data_set is not None and not self.passes(test, result.data_set):
                yield got(send.to, seen(result.data_set, test.field))

    def holds(self, decision: Decision) -> list[Hold]:
        """Give what becomes of the deliveries whose chain cannot be carried out (2c)."""
        results = [self.result(send) for send in decision.sends if send.via]
        return [Hold(TRANSFORM_FAILED, each.failed) for each in results if each.failed is not None]

    def passes(self, test: Compare | IsState, data_set: DataSet) -> bool:
        """Ask a test of a transformed object."""
        found = read(write(data_set), Encoding.EXPLICIT_LITTLE, mentioned([test]))
        return found.damage is None and passes(test, self.subject(found))

    def subject(self, found: Reading) -> Subject:
        """Put together what a test of a result is asked of."""
        return self.reference.subject(found, self.envelope)

    def changes(self, result: Result) -> tuple[Changed, ...]:
        """Give the elements of the top level that a chain changed, by tag."""
        if result.data_set is None:
            return ()
        before, after = parse(self.data, self.encoding), result.data_set
        tags = sorted(tag for tag in {*before, *after} if before.get(tag) != after.get(tag))
        one, other = Scope(before), Scope(after)
        return tuple(Changed(tag, keyword(tag), shown(one, tag), shown(other, tag)) for tag in tags)


def keyword(tag: int) -> str:
    """Give the keyword of a tag; nothing of a private one."""
    attribute = dictionary.by_tag(tag)
    return "" if attribute is None else attribute.keyword


def shown(place: Scope, tag: int) -> str | None:
    """Give a value as people read it; of bulk and sequences how much there is."""
    node = place.data_set.get(tag)
    if node is None:
        return None
    if node.items is not None:
        return f"<{len(node.items)}>"
    if node.vr not in TEXTUAL and node.vr not in NUMBERS:
        return f"<{len(node.value)} B>"
    return cut("\\".join(texts(place.scribe(), node)))


def texts(scribe: Scribe, node: Node) -> tuple[str, ...]:
    """Read an element as texts."""
    try:
        return scribe.read(node)
    except Unfit:
        return ()


def seen(data_set: DataSet, asked: Field) -> str | None:
    """Give what a test of a result saw: the element, or nothing where there is none."""
    place = Scope(data_set).along(asked)
    if place is None:
        return None
    found = [shown(place, tag) for tag in place.tags(asked)]
    return "\\".join(each or "" for each in found) if found else None


def got(to: str, value: str | None) -> Message:
    """Say what a delivery carries in the place of a result."""
    if value:
        return message("selftest.got_result", to=to, value=value)
    return message(f"selftest.got_result_{'absent' if value is None else 'empty'}", to=to)


def test_text(test: Compare | IsState | None) -> str:
    """Give a test as it was written."""
    assert test is not None
    return " ".join(test.source.text[test.span.start : test.span.end].split())
