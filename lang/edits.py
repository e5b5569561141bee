"""Edits of transforms and statements of profiles, typed."""

from roteiro.core.program import Field, ValueType
from roteiro.core.program import Source as Place
from roteiro.lang import chains, functions, nodes
from roteiro.lang.attributes import written
from roteiro.lang.chainvalues import Values
from roteiro.lang.items import NESTING
from roteiro.lang.literals import type_of
from roteiro.lang.report import Report, hint
from roteiro.lang.resolve import Names
from roteiro.lang.typecheck import Typer

UNWRITTEN = frozenset((ValueType.SEQUENCE, ValueType.STATE_ONLY))
"""Types of which no value can be written down."""


class Edits:
    """Types edits."""

    def __init__(self, names: Names, typer: Typer, report: Report) -> None:
        """Resolve by `names`, type conditions by `typer`, report to `report`."""
        self.typer = typer
        self.report = report
        self.values = Values(names, report)

    def edits(
        self, written_edits: tuple[nodes.Edit, ...], depth: int = 0
    ) -> tuple[chains.Edit, ...]:
        """Type edits in order; what is wrong is reported and left out."""
        found = [self.edit(each, depth) for each in written_edits]
        return tuple(edit for edit in found if edit is not None)

    def edit(self, edit: nodes.Edit, depth: int) -> chains.Edit | None:
        """Type one edit."""
        if isinstance(edit, nodes.SetEdit):
            return self.put(edit.path, edit.value, edit)
        if isinstance(edit, nodes.CopyEdit):
            return self.copy(edit)
        if isinstance(edit, nodes.RemoveEdit | nodes.BlankEdit):
            field = self.target(edit.path)
            kind = chains.Remove if isinstance(edit, nodes.RemoveEdit) else chains.Blank
            return None if field is None else kind(field, edit.span)
        return self.block(edit, depth)

    def block(self, edit: nodes.IfEdit | nodes.EachEdit, depth: int) -> chains.Edit | None:
        """Type edits that depend on a condition, or are made in items."""
        if depth >= NESTING:
            self.report.add("RT126", edit.span, "too_deep", limit=NESTING)
            return None
        if isinstance(edit, nodes.IfEdit):
            condition = self.typer.condition(edit.condition)
            return chains.If(condition, self.edits(edit.edits, depth + 1), edit.span)
        field = self.target(edit.path, "SQ")
        inside = self.edits(edit.edits, depth + 1)
        if field is not None and field.vr != "SQ":
            helped = hint("each_help")
            name = written(field)
            self.report.add("RT120", edit.path.span, "each_plain", help=helped, name=name)
            return None
        return None if field is None else chains.Each(field, inside, edit.span)

    def put(
        self, path: nodes.Path, value: nodes.Value, edit: nodes.SetEdit | nodes.ReplaceStatement
    ) -> chains.Put | None:
        """Type `set path = value`, `replace path with value`."""
        field = self.target(path)
        if field is None or not self.is_writable(field, path):
            return None
        typed = self.values.put(value, field)
        return None if typed is None else chains.Put(*typed, edit.span)

    def is_writable(self, field: Field, path: nodes.Path) -> bool:
        """Report an attribute to which no value can be written."""
        if field.repeating:
            key = "edit_repeating"
        elif field.type in UNWRITTEN and not field.creator:
            key = "edit_sequence" if field.vr == "SQ" else "edit_bulk"
        else:
            return True
        self.report.add("RT120", path.span, key, name=written(field), vr=field.vr)
        return False

    def copy(self, edit: nodes.CopyEdit) -> chains.Copy | None:
        """Type `copy origin to target`."""
        origin, target = self.target(edit.origin), self.target(edit.target)
        if origin is None or target is None:
            return None
        private = origin.creator or target.creator
        same = origin.vr == target.vr and not origin.repeating and not target.repeating
        if private or same or functions.fits(origin.type, target.type):
            return chains.Copy(origin, target, edit.span)
        self.report.add(
            "RT120",
            edit.span,
            "copy_other",
            name=written(target),
            type=described(target),
            other=written(origin),
            got=described(origin),
        )
        return None

    def target(self, path: nodes.Path, vr: str = "UN") -> Field | None:
        """Resolve an attribute that is changed: one of the object, as a whole.

        A private one is taken for one of this VR.
        """
        field = self.values.attributes.field(path, vr)
        if field is None:
            return None
        if field.source is not Place.ELEMENT:
            key, helped = "edit_envelope", None
        elif field.position or field.component:
            key, helped = "edit_part", hint("edit_part_help")
        else:
            return field
        name = self.report.text(path.span)
        self.report.add("RT108", path.span, key, help=helped, name=name)
        return None


def described(field: Field) -> str:
    """Say what an attribute holds, its VR alone where no value of it can be written down."""
    return field.vr if field.type in UNWRITTEN else type_of(field)
