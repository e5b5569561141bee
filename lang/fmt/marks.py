"""What the syntax tree knows of the tokens: where statements begin and where a line may end."""

from collections.abc import Hashable, Iterator
from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import Any, cast

from roteiro.lang import nodes
from roteiro.lang.fmt.tokens import Choice, Token

STATEMENTS = (
    *(nodes.Property, nodes.SendTo, nodes.HoldIn, nodes.NothingTo, nodes.NotifyTo, nodes.PassOn),
    *(nodes.DropIt, nodes.RefuseIt, nodes.Rule, nodes.GuardRule, nodes.Otherwise, nodes.Given),
    *(nodes.SetEdit, nodes.RemoveEdit, nodes.BlankEdit, nodes.CopyEdit, nodes.IfEdit),
    *(nodes.EachEdit, nodes.OptionStatement, nodes.PathsStatement, nodes.ReplaceStatement),
    *(nodes.UidsStatement, nodes.DatesStatement, nodes.PrivateStatement, nodes.PixelsStatement),
    *(nodes.Never, nodes.Always, nodes.Equivalent),
)
"""Nodes whose first token begins a statement."""
EXPECTED = (nodes.Expect, nodes.ExpectedResult)
"""Nodes whose statement begins one token earlier, with `expect`."""
CHAINS: dict[type, tuple[str, int]] = {
    # nodes of several parts to what stands between them, and what breaks before what
    nodes.Or: ("or", 0),
    nodes.And: ("and", 1),
    nodes.Schedule: ("or", 0),
    nodes.Join: ("+", 2),
}
PARTS: dict[type, str] = {nodes.Schedule: "windows"}
OPTIONS = (nodes.Via, nodes.BatchBy, nodes.During, nodes.Urgency)
SETS = (nodes.SetLiteral,)


@cache
def members(kind: Hashable) -> tuple[str, ...]:
    """Give the members of a kind of node that may hold nodes."""
    plain = {"span", "operator_span"}
    return tuple(field.name for field in fields(cast("Any", kind)) if field.name not in plain)


def below(node: Any) -> Iterator[Any]:
    """Give the nodes that a node holds."""
    for name in members(cast("Hashable", type(node))):
        held = getattr(node, name)
        for one in held if type(held) is tuple else (held,):
            if type(one) is tuple:
                yield from one  # the items of a sequence
            elif hasattr(one, "span"):
                yield one


class Marks:
    """Gathers what is known of the tokens, by the offsets of the tree."""

    def __init__(self, tokens: list[Token], file: nodes.File) -> None:
        """Walk the tree."""
        self.tokens = tokens
        self.at = {token.start: number for number, token in enumerate(tokens)}
        self.starts: set[int] = {0}
        """Numbers of tokens with which a statement begins."""
        self.sets: set[int] = set()
        """Numbers of braces that open a set."""
        self.chains: list[list[int]] = []
        for item in file.items:
            self.starts.add(self.at[item.span.start])
            self.walk(item)

    def walk(self, top: Any) -> None:
        """Look at a node and all below it."""
        waiting = [top]
        while waiting:
            node = waiting.pop()
            self.look(node)
            if type(node) not in EXPECTED or type(node) is nodes.ExpectedResult:
                waiting.extend(below(node))

    def look(self, node: Any) -> None:
        """Take what one node says."""
        kind = type(node)
        if kind in STATEMENTS:
            self.starts.add(self.at[node.span.start])
        elif kind in EXPECTED:
            self.starts.add(self.at[node.span.start] - 1)
        elif kind in SETS:
            self.sets.add(self.at[node.span.start])
        elif kind is nodes.TestItem:
            self.test(node)
        elif kind is nodes.Listener and node.accept_unknown is not None:
            self.starts.add(self.at[node.accept_unknown.start])
        if kind in CHAINS:
            self.chain(node)
        elif kind is nodes.SendTo:
            self.options(node)

    def test(self, node: nodes.TestItem) -> None:
        """Mark `at` and a `given` behind the name of a file."""
        if node.at is not None:
            self.starts.add(self.at[node.at.span.start] - 1)
        if node.file is not None:
            following = self.at[node.file.span.start] + 1
            if self.tokens[following].text == "given":
                self.starts.add(following)

    def chain(self, node: Any) -> None:
        """Let lines begin with what stands between the parts of a chain."""
        word, order = CHAINS[type(node)]
        parts = getattr(node, PARTS.get(type(node), "parts"))
        choice = Choice((0, order), fill=False)
        for part, following in pairwise(parts):
            number = self.at[following.span.start]
            first = self.at[part.span.start]
            while number > first and self.tokens[number].text != word:
                number -= 1
            offer(choice, self.tokens[number])

    def options(self, node: nodes.SendTo) -> None:
        """Let lines begin with the options of a delivery."""
        choice = Choice((0, 0), fill=False)
        for option in node.options:
            offer(choice, self.tokens[self.at[option.span.start]])


def offer(choice: Choice, token: Token) -> None:
    """Let a line begin with a token."""
    choice.places.append(token)
    token.choice = choice
