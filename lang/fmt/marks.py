"""What the syntax tree knows of the tokens: where statements begin and where a line may end."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import Any, cast

from roteiro.lang import nodes
from roteiro.lang.fmt.tokens import Choice, Token

STATEMENTS = (
    *(nodes.Property, nodes.HoldIn, nodes.NothingTo, nodes.NotifyTo, nodes.PassOn),
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
    """What is known of the tokens, by their numbers; it holds for any layout of them."""

    def __init__(self, tokens: Sequence[Token], file: nodes.File) -> None:
        """Walk the tree."""
        self.tokens = tokens
        self.at = {token.start: token.number for token in tokens}
        self.starts: set[int] = {0}
        """Where a statement begins."""
        self.sets: set[int] = set()
        """Braces that open a set."""
        self.chains: list[tuple[int, list[int]]] = []
        """What breaks before what, and the tokens that stand between the parts of a chain."""
        for item in file.items:
            self.starts.add(self.at[item.span.start])
            self.walk(item)

    def offer(self, tokens: Sequence[Token]) -> None:
        """Let lines begin with the tokens of chains."""
        for order, numbers in self.chains:
            choice = Choice((0, order), fill=False)
            for number in numbers:
                offer(choice, tokens[number])

    def walk(self, top: Any) -> None:
        """Look at a node and all below it."""
        waiting = [top]
        while waiting:
            node = waiting.pop()
            look = LOOKS.get(type(node))
            if look is not None:
                look(self, node)
            if type(node) is not nodes.Expect:
                waiting.extend(below(node))

    def statement(self, node: Any) -> None:
        """Take the first token of a statement."""
        self.starts.add(self.at[node.span.start])

    def expected(self, node: Any) -> None:
        """Take `expect`, which stands before what is expected."""
        self.starts.add(self.at[node.span.start] - 1)

    def set_literal(self, node: nodes.SetLiteral) -> None:
        """Take the brace of a set."""
        self.sets.add(self.at[node.span.start])

    def listener(self, node: nodes.Listener) -> None:
        """Take `accept unknown`, which is a statement."""
        if node.accept_unknown is not None:
            self.starts.add(self.at[node.accept_unknown.start])

    def test(self, node: nodes.TestItem) -> None:
        """Take `at`, and a `given` behind the name of a file."""
        if node.at is not None:
            self.starts.add(self.at[node.at.span.start] - 1)
        if node.file is not None:
            following = self.at[node.file.span.start] + 1
            if self.tokens[following].text == "given":
                self.starts.add(following)

    def chain(self, node: Any) -> None:
        """Take what stands between the parts of a chain."""
        word, order = CHAINS[type(node)]
        found: list[int] = []
        for part, following in pairwise(getattr(node, PARTS.get(type(node), "parts"))):
            number = self.at[following.span.start]
            first = self.at[part.span.start]
            while number > first and self.tokens[number].text != word:
                number -= 1
            found.append(number)
        self.chains.append((order, found))

    def send(self, node: nodes.SendTo) -> None:
        """Take a delivery and its options."""
        self.statement(node)
        self.chains.append((0, [self.at[option.span.start] for option in node.options]))


LOOKS: dict[type, Callable[[Marks, Any], None]] = {
    **dict.fromkeys(STATEMENTS, Marks.statement),
    **dict.fromkeys(CHAINS, Marks.chain),
    **dict.fromkeys(EXPECTED, Marks.expected),
    nodes.SetLiteral: Marks.set_literal,
    nodes.Listener: Marks.listener,
    nodes.TestItem: Marks.test,
    nodes.SendTo: Marks.send,
}


def offer(choice: Choice, token: Token) -> None:
    """Let a line begin with a token."""
    choice.places.append(token)
    token.choice = choice
