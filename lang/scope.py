"""The data set in which edits read and write: the object, or one item of a sequence."""

from dataclasses import dataclass

from roteiro.core.program import Encoding, Field
from roteiro.lang.clock import Clock
from roteiro.lang.elements import read
from roteiro.lang.messages import Phrase
from roteiro.lang.raw import CHARACTER_SET, PIXEL_REPRESENTATION, TIMEZONE_OFFSET
from roteiro.lang.tested import BLOCKS, Level
from roteiro.lang.texts_of_values import Scribe
from roteiro.lang.tree import DataSet, Node, terms_of, write
from roteiro.lang.values import Elements

INHERITED = {CHARACTER_SET: "CS", TIMEZONE_OFFSET: "SH", PIXEL_REPRESENTATION: "US"}


class Failed(Exception):  # noqa: N818  it says what could not be done
    """A chain could not be carried out on an object."""

    def __init__(self, why: Phrase) -> None:
        """Keep why."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Scope:
    """The data set in which edits read and write: the object, or one item of a sequence."""

    data_set: DataSet
    around: "Scope | None" = None
    sequence: int = 0

    def elements(self, level: Level, clock: Clock) -> Elements:
        """Give what a level asks of this data set, as conditions see it."""
        kept = {*level.plain, *(tag >> 16 for tag, _ in level.private)}
        raw = write(self.data_set, lambda tag: tag in kept or tag >> 16 in kept)
        found = read(raw, Encoding.EXPLICIT_LITTLE, level)
        if found.damage is not None:
            raise Failed(Phrase("selftest.unfit_unreadable", why=found.reason))
        around = self.around
        outer = around.elements(Level.of(INHERITED), clock) if around is not None else None
        return Elements(found.elements, clock, outer, self.sequence)

    def scribe(self) -> Scribe:
        """Give who reads and writes texts here."""
        terms = terms_of(self.data_set)
        if not terms and self.around is not None:
            return self.around.scribe()
        return Scribe(terms or ("",))

    def along(self, target: Field) -> "Scope | None":
        """Follow a path to the item that holds the attribute; nothing when an item is missing."""
        scope: Scope | None = self
        for step in target.steps:
            tag = scope.tag(step.tag, step.creator) if scope is not None else None
            node = scope.data_set.get(tag) if scope is not None and tag is not None else None
            items = (node.items if node is not None else None) or []
            scope = (
                Scope(items[step.item - 1], scope, tag or 0) if step.item <= len(items) else None
            )
        return scope

    def tag(self, tag: int, creator: str) -> int | None:
        """Give the tag of an attribute; of a private one the lowest block that holds it."""
        if not creator:
            return tag
        found = [tag | block << 8 for block in self.blocks(tag, creator)]
        return next((each for each in found if each in self.data_set), None)

    def blocks(self, tag: int, creator: str) -> list[int]:
        """Give the blocks of a private creator in the tag's group."""
        group = tag & 0xFFFF0000
        return [
            block
            for block in BLOCKS
            if (node := self.data_set.get(group | block)) is not None
            and self.scribe().read(Node("LO", node.value)) == (creator,)
        ]

    def tags(self, target: Field) -> list[int]:
        """Give the tags that are there of an attribute; of a repeating group up to 16."""
        if target.repeating:
            places = [target.tag + (place << 17) for place in range(16)]
            return [tag for tag in places if tag in self.data_set]
        tag = self.tag(target.tag, target.creator)
        return [tag] if tag is not None and tag in self.data_set else []
