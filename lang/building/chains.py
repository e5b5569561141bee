"""Transforms and profiles."""

import re

from roteiro.lang import nodes
from roteiro.lang.building.rules import Rules
from roteiro.lang.building.words import small
from roteiro.lang.scan import Token
from roteiro.lang.source import Span


class Chains(Rules):
    """Makes what changes an object on its way."""

    def transform(self, place: Span, name: Token, *edits: nodes.Edit) -> nodes.Transform:
        """Make `transform NAME { edits }`."""
        return nodes.Transform(self.name(name), edits, place)

    def transform_head(self, _place: Span, name: Token) -> nodes.Name:
        """Make `transform NAME {`."""
        return self.name(name)

    def set_edit(self, place: Span, path: nodes.Path, value: nodes.Value) -> nodes.SetEdit:
        """Make `set path = value`."""
        return nodes.SetEdit(path, value, place)

    def remove_edit(self, place: Span, path: nodes.Path) -> nodes.RemoveEdit:
        """Make `remove path`."""
        return nodes.RemoveEdit(path, place)

    def blank_edit(self, place: Span, path: nodes.Path) -> nodes.BlankEdit:
        """Make `blank path`."""
        return nodes.BlankEdit(path, place)

    def copy_edit(self, place: Span, origin: nodes.Path, target: nodes.Path) -> nodes.CopyEdit:
        """Make `copy path to path`."""
        return nodes.CopyEdit(origin, target, place)

    def if_edit(self, place: Span, condition: nodes.Condition, *edits: nodes.Edit) -> nodes.IfEdit:
        """Make `if condition { edits }`."""
        return self.nested(nodes.IfEdit(condition, edits, place), (condition, *edits))

    def if_head(self, _place: Span, condition: nodes.Condition) -> nodes.Condition:
        """Make `if condition {`."""
        return condition

    def each_edit(self, place: Span, path: nodes.Path, *edits: nodes.Edit) -> nodes.EachEdit:
        """Make `each path { edits }`."""
        return self.nested(nodes.EachEdit(path, edits, place), edits)

    def each_head(self, _place: Span, path: nodes.Path) -> nodes.Path:
        """Make `each path {`."""
        return path

    def join(self, place: Span, *parts: nodes.Value) -> nodes.Join:
        """Make `a + b`."""
        return nodes.Join(parts, place)

    def call(
        self,
        place: Span,
        function: Token,
        *arguments: nodes.Value | nodes.SetRef | nodes.Secret | None,
    ) -> nodes.Call:
        """Make `upper(x)`; without arguments it is given one that is not there."""
        given = tuple(one for one in arguments if one is not None)
        return nodes.Call(self.name(function), given, place)

    # Profiles -----------------------------------------------------------------------------------

    def profile(
        self,
        place: Span,
        name: Token,
        extends: tuple[nodes.Name, ...] | None,
        *statements: nodes.ProfileStatement,
    ) -> nodes.Profile:
        """Make `profile NAME [extends a.b] { statements }`."""
        return nodes.Profile(self.name(name), extends or (), statements, place)

    def profile_head(
        self, _place: Span, name: Token, extends: tuple[nodes.Name, ...] | None
    ) -> tuple[nodes.Name, tuple[nodes.Name, ...]]:
        """Make `profile NAME [extends a.b] {`."""
        return self.name(name), extends or ()

    def extends(self, _place: Span, *names: Token) -> tuple[nodes.Name, ...]:
        """Make `extends a.b`."""
        return tuple(map(self.name, names))

    def option(self, place: Span, names: tuple[nodes.Name, ...]) -> nodes.OptionStatement:
        """Make `option a, b`."""
        return nodes.OptionStatement(names, place)

    def keep(self, place: Span, paths: tuple[nodes.Path, ...]) -> nodes.PathsStatement:
        """Make `keep path, path`."""
        return nodes.PathsStatement("keep", paths, place)

    def remove(self, place: Span, paths: tuple[nodes.Path, ...]) -> nodes.PathsStatement:
        """Make `remove path, path`."""
        return nodes.PathsStatement("remove", paths, place)

    def blank(self, place: Span, paths: tuple[nodes.Path, ...]) -> nodes.PathsStatement:
        """Make `blank path, path`."""
        return nodes.PathsStatement("blank", paths, place)

    def replace(self, place: Span, path: nodes.Path, value: nodes.Value) -> nodes.ReplaceStatement:
        """Make `replace path with value`."""
        return nodes.ReplaceStatement(path, value, place)

    def uids(self, place: Span, secret: nodes.Secret) -> nodes.UidsStatement:
        """Make `uids hash secret("...")`."""
        return nodes.UidsStatement(secret, place)

    def dates(
        self, place: Span, within: Token, per: nodes.Path, secret: nodes.Secret
    ) -> nodes.DatesStatement:
        """Make `dates shift within T per PATH secret("...")`."""
        most = self.duration(self.place(within), within)
        return nodes.DatesStatement(most, per, secret, place)

    def private(self, place: Span, kept: tuple[nodes.Path, ...] | None) -> nodes.PrivateStatement:
        """Make `private remove [except path, path]`."""
        return nodes.PrivateStatement(kept or (), place)

    def pixels(
        self, place: Span, boxes: tuple[nodes.Box, ...], condition: nodes.Condition
    ) -> nodes.PixelsStatement:
        """Make `pixels block BOX, BOX when condition`."""
        return nodes.PixelsStatement(boxes, condition, place)

    def boxes(self, _place: Span, *tokens: Token) -> tuple[nodes.Box, ...]:
        """Make `512x80+0+0, 10x10+0+0`."""
        return tuple(map(self.box, tokens))

    def box(self, token: Token) -> nodes.Box:
        """Make `512x80+0+0`."""
        width, height, left, top = (small(digits) for digits in re.split("[x+]", token.text))
        return nodes.Box(width, height, left, top, self.place(token))
