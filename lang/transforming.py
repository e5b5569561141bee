"""Transforms and profiles at work: edits on a data set, from left to right.

Total, as 2c says: what cannot be done ends in `Failed`, and that delivery is held. A plain
interpreter of `chains`, to be compared with; it reads and writes trees. Secrets are asked from
outside.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from roteiro.core.program import Envelope, Field, State
from roteiro.core.program import Source as Place
from roteiro.lang import chains, computing, persons
from roteiro.lang.attributes import written
from roteiro.lang.clock import Clock
from roteiro.lang.dictionary import uid_type
from roteiro.lang.elements import Damaged
from roteiro.lang.envelope import member
from roteiro.lang.messages import Phrase
from roteiro.lang.pixels import blocked
from roteiro.lang.reference import Subject, holds
from roteiro.lang.scope import Failed, Scope
from roteiro.lang.tested import BLOCKS, mentioned
from roteiro.lang.texts_of_values import Scribe, Unfit
from roteiro.lang.tree import DataSet, Node, every, items_of
from roteiro.lang.typed import Condition
from roteiro.lang.views import Value
from roteiro.lang.vrs import UNSPLIT

Secrets = Callable[[str], bytes]
"""Takes `env:NAME` or `file:PATH`; raises `OSError` when there is none."""


@dataclass(slots=True)
class Work:
    """One object on its way through a chain."""

    envelope: Envelope
    clock: Clock
    secrets: Secrets
    kept: frozenset[tuple[int, str]] = frozenset()
    """Attributes that a profile keeps."""

    def chain(self, chain: chains.Chain, data_set: DataSet) -> None:
        """Carry out a transform or a profile; `Failed` when that cannot be done."""
        assert chain.standard is None, "what is not computed is not asked for"
        self.kept = frozenset(
            (each.tag, each.creator)
            for edit in chain.edits
            if isinstance(edit, chains.Keep)
            for each in edit.fields
        )
        try:
            self.edits(chain.edits, Scope(data_set))
        except Unfit as unfit:
            raise Failed(unfit.phrase) from None
        except OSError:
            raise Failed(Phrase("selftest.unfit_secret")) from None

    def edits(self, edits: tuple[chains.Edit, ...], scope: Scope) -> None:
        """Carry out edits in order."""
        for edit in edits:
            EDITS[type(edit)](self, edit, scope)

    # Edits --------------------------------------------------------------------------------------

    def put(self, edit: chains.Put, scope: Scope) -> None:
        """`set field = value`."""
        values = self.value(edit.value, scope)
        if isinstance(edit.value, chains.Written) and edit.field.vr not in UNSPLIT:
            values = tuple(edit.value.text.split("\\"))  # a literal may be of several values
        self.write(edit.field, scope, lambda place: place.scribe().write(values, edit.field))

    def write(self, target: Field, scope: Scope, made: Callable[[Scope], Node]) -> None:
        """Put an element where a field says."""
        if self.is_kept(target):
            return
        place = scope.along(target)
        if place is None:
            raise Unfit("unfit_item", name=target.name)
        tag = place.tag(target.tag, target.creator)
        if tag is None:
            tag = target.tag | self.block(target, place) << 8
        place.data_set[tag] = made(place)

    def block(self, target: Field, place: Scope) -> int:
        """Give a block of a private creator, reserved now if need be."""
        found = place.blocks(target.tag, target.creator)
        if found:
            return found[0]
        group = target.tag & 0xFFFF0000
        block = next((each for each in BLOCKS if group | each not in place.data_set), None)
        if block is None:
            raise Unfit("unfit_block", name=target.name)
        creator = Field(Place.ELEMENT, target.type, group | block, "LO", target.name)
        place.data_set[group | block] = place.scribe().write((target.creator,), creator)
        return block

    def remove(self, edit: chains.Remove, scope: Scope) -> None:
        """`remove field`."""
        place = scope.along(edit.field)
        if place is not None and not self.is_kept(edit.field):
            for tag in place.tags(edit.field):
                del place.data_set[tag]

    def blank(self, edit: chains.Blank, scope: Scope) -> None:
        """`blank field`: there, without a value."""
        vr = edit.field.vr.partition(" ")[0] or "UN"
        items: list[DataSet] | None = [] if vr == "SQ" else None
        if edit.field.repeating:
            for tag in scope.tags(edit.field):
                scope.data_set[tag] = Node(vr, b"", items)
            return
        self.write(edit.field, scope, lambda _: Node(vr, b"", items))

    def copy(self, edit: chains.Copy, scope: Scope) -> None:
        """`copy origin to target`; what is absent removes the target."""
        place = scope.along(edit.origin)
        tags = place.tags(edit.origin) if place is not None else []
        if place is None or not tags:
            self.remove(chains.Remove(edit.target, edit.span), scope)
            return
        node = place.data_set[tags[0]]
        if node.vr == edit.target.vr or edit.target.creator:
            self.write(edit.target, scope, lambda _: deepcopy(node))
            return
        values = place.scribe().read(node)
        self.write(edit.target, scope, lambda there: there.scribe().write(values, edit.target))

    def branch(self, edit: chains.If, scope: Scope) -> None:
        """`if condition { edits }`."""
        if self.holds(edit.condition, scope):
            self.edits(edit.edits, scope)

    def holds(self, condition: Condition, scope: Scope) -> bool:
        """Ask a condition in a data set as it is now."""
        elements = scope.elements(mentioned([condition]), self.clock)
        return holds(condition, Subject(elements, self.envelope))

    def each(self, edit: chains.Each, scope: Scope) -> None:
        """`each sequence { edits }`."""
        place = scope.along(edit.field)
        for tag in place.tags(edit.field) if place is not None else []:
            assert place is not None
            node = place.data_set[tag] = self.opened(place.data_set[tag], edit.field)
            for item in node.items or ():
                self.edits(edit.edits, Scope(item, place, tag))

    def opened(self, node: Node, field: Field) -> Node:
        """Read the items of a sequence that came without its VR (PS3.5 6.2.2)."""
        if node.vr != "UN" or node.items is not None:
            return node
        try:
            return Node("SQ", items=items_of(node.value))
        except Damaged:
            raise Unfit("unfit_items", name=written(field)) from None

    # Statements of profiles ---------------------------------------------------------------------

    def keep(self, edit: chains.Keep, scope: Scope) -> None:
        """`keep`: taken in before the others."""

    def hash_uids(self, edit: chains.HashUids, scope: Scope) -> None:
        """`uids hash`: every UID that the standard does not register."""
        secret = self.secrets(edit.secret.place)
        scribe = scope.scribe()
        for data_set, tag in every(scope.data_set):
            node = data_set[tag]
            if node.vr == "UI" and (tag, "") not in self.kept:
                uids = [
                    uid if uid_type(uid) else computing.uid_hashed(secret, uid)
                    for uid in scribe.read(node)
                ]
                raw = "\\".join(uids).encode("ascii", "replace")
                node.value = raw + b"\0" * (len(raw) % 2)

    def shift_dates(self, edit: chains.ShiftDates, scope: Scope) -> None:
        """`dates shift`: every DA and DT of every level by as many days."""
        per = self.texts(edit.per, scope)
        if not per:
            raise Unfit("unfit_per", name=edit.per.name)
        days = computing.shift_of(self.secrets(edit.secret.place), "\\".join(per), edit.days)
        scribe = scope.scribe()
        for data_set, tag in every(scope.data_set):
            node = data_set[tag]
            if node.vr in {"DA", "DT"} and (tag, "") not in self.kept:
                moved = "\\".join(computing.shifted(text, days) for text in scribe.read(node))
                raw = moved.encode("ascii", "replace")
                node.value = raw + b" " * (len(raw) % 2)

    def remove_private(self, edit: chains.RemovePrivate, scope: Scope) -> None:
        """`private remove`: elements of odd groups; what is kept keeps its creator."""
        kept = {(each.tag, each.creator) for each in edit.keep} | self.kept
        self.strip(scope.data_set, scope.scribe(), {key for key in kept if key[1]})

    def strip(self, data_set: DataSet, scribe: Scribe, kept: set[tuple[int, str]]) -> None:
        """Remove private elements of one level, and of the items below."""
        place = Scope(data_set)
        stay: set[int] = set()
        for tag, creator in kept:
            for block in place.blocks(tag, creator):
                if tag | block << 8 in data_set:
                    stay |= {tag | block << 8, tag & 0xFFFF0000 | block}
        for tag in list(data_set):
            if tag >> 16 & 1 and tag not in stay:
                del data_set[tag]
            else:
                for item in data_set[tag].items or ():
                    self.strip(item, scribe, kept)

    def block_pixels(self, edit: chains.BlockPixels, scope: Scope) -> None:
        """`pixels block`: black boxes in every frame."""
        if self.holds(edit.condition, scope):
            blocked(scope.data_set, edit.boxes)

    def is_kept(self, target: Field) -> bool:
        """Say whether a profile keeps an attribute."""
        return (target.tag, target.creator) in self.kept

    # Values -------------------------------------------------------------------------------------

    def value(self, value: chains.Value, scope: Scope) -> computing.Texts:
        """Compute the right side of an edit."""
        match value:
            case chains.Written(text):
                return (text,) if text else ()
            case chains.ValueOf(source):
                return self.texts(source, scope)
            case chains.Joined(parts):
                return computing.joined([self.value(part, scope) for part in parts])
            case chains.Apply(function, arguments):
                return self.applied(function, arguments, scope)

    def texts(self, source: Field, scope: Scope) -> computing.Texts:
        """Give the values of a field as texts."""
        if source.source is not Place.ELEMENT:
            return shown(member(source, self.envelope))
        place = scope.along(source)
        tags = place.tags(source) if place is not None else []
        if place is None or not tags:
            return ()
        found = tuple(text for tag in tags for text in place.scribe().read(place.data_set[tag]))
        if source.component:
            found = tuple(
                filter(None, (persons.component(text, source.component) for text in found))
            )
        return found[source.position - 1 : source.position] if source.position else found

    def applied(
        self,
        function: str,
        arguments: "tuple[chains.Value | chains.LookupTable | chains.Secret | int, ...]",
        scope: Scope,
    ) -> computing.Texts:
        """Apply a function of 2f.9."""
        if function == "coalesce":
            found = (self.operand(each, scope) for each in arguments)
            return next((texts for texts in found if texts), ())
        if function == "lookup":
            return self.looked_up(arguments, scope)
        first, rest = self.operand(arguments[0], scope), arguments[1:]
        known = [self.plain(each) for each in rest]
        return tuple(filter(None, (computing.FUNCTIONS[function](text, *known) for text in first)))

    def plain(self, argument: object) -> object:
        """Give an argument that is no value of the object."""
        match argument:
            case chains.Secret(place):
                return self.secrets(place)
            case chains.Written(text):
                return text
        return argument

    def operand(self, argument: object, scope: Scope) -> computing.Texts:
        """Give an argument that is a value."""
        assert isinstance(argument, chains.Written | chains.ValueOf | chains.Joined | chains.Apply)
        return self.value(argument, scope)

    def looked_up(self, arguments: "tuple[object, ...]", scope: Scope) -> computing.Texts:
        """`lookup(@table, x [, else])`; a miss without `else` cannot be carried out."""
        table, *others = arguments
        assert isinstance(table, chains.LookupTable)
        keys = self.operand(others[0], scope)
        missing = [key for key in keys if key not in table.rows]
        if keys and not missing:
            return tuple(table.rows[key] for key in keys)
        if len(others) > 1:
            return self.operand(others[1], scope)
        if missing:
            raise Unfit("unfit_lookup", name=table.name, value=missing[0])
        raise Unfit("unfit_lookup_blank", name=table.name)


def shown(value: Value) -> computing.Texts:
    """Give the values of a member of the envelope as texts."""
    return tuple(str(each) for each in value.values) if value.state is State.VALUED else ()


EDITS: dict[type, Callable[..., None]] = {
    chains.Put: Work.put,
    chains.Remove: Work.remove,
    chains.Blank: Work.blank,
    chains.Copy: Work.copy,
    chains.If: Work.branch,
    chains.Each: Work.each,
    chains.Keep: Work.keep,
    chains.HashUids: Work.hash_uids,
    chains.ShiftDates: Work.shift_dates,
    chains.RemovePrivate: Work.remove_private,
    chains.BlockPixels: Work.block_pixels,
}
