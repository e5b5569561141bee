"""Conditions become clauses: each rule fires when one of its clauses holds.

A clause is a set of literals that all must hold. A literal is an `int`: twice the number of what it
asks, plus one when it is negated. What it asks is a test of the program, or, from `len(tests)` on,
a virtual boolean: a part of a condition whose clauses would be more than `CAP`. Virtual booleans
are computed by `Step`s over the tests, in order, so that the whole stays linear in the program.

Nothing here recurses: a condition may nest deeper than Python can call.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from math import prod

from roteiro.core.program import (
    Condition,
    Conjunction,
    Disjunction,
    Holds,
    Negation,
)

CAP = 32
"""Clauses that one rule may have (language.md, section 4)."""

Clause = frozenset[int]
Clauses = tuple[Clause, ...]
Places = tuple[int, ...]

ALWAYS: Clauses = (frozenset(),)
NEVER: Clauses = ()


class Kind(IntEnum):
    """What a node of the negation normal form is."""

    LITERAL = 0
    AND = 1
    OR = 2


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a condition; parts are numbers of nodes made before."""

    kind: Kind
    literal: int = 0
    parts: tuple[int, ...] = ()


@dataclass(slots=True)
class Forest:
    """The conditions of a scope in negation normal form, equal parts made once.

    `clauses[n]` are the clauses of node n, at most `cap`; `virtuals` are the nodes that became
    virtual booleans, in the order of their numbers.
    """

    tests: int
    cap: int = CAP
    nodes: list[Node] = field(default_factory=list)
    clauses: list[Clauses] = field(default_factory=list)
    virtuals: list[int] = field(default_factory=list)
    _known: dict[Node, int] = field(default_factory=dict)
    _virtual_of: dict[int, int] = field(default_factory=dict)
    _seen: dict[tuple[int, bool], int] = field(default_factory=dict)
    _kept: list[Condition] = field(default_factory=list)
    _places: Places | None = None

    def add(self, condition: Condition, places: Places | None = None) -> Clauses:
        """Give the clauses of one condition; `places` are the numbers of the tests it numbers."""
        plain = _plain(condition, places)
        return self.clauses[self.normal(condition, places)] if plain is None else plain

    def normal(self, root: Condition, places: Places | None = None) -> int:
        """Push negations to the leaves; parts are made before what they are parts of."""
        if places is not self._places:
            self._seen, self._places = {}, places
        self._kept.append(root)  # what `_seen` knows by identity must stay alive
        waiting = [(root, False)]
        while waiting:
            condition, negated = waiting[-1]
            if (id(condition), negated) in self._seen:
                waiting.pop()
                continue
            parts = _parts(condition, negated=negated)
            missing = [part for part in parts if (id(part[0]), part[1]) not in self._seen]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            made = [self._seen[id(part), turned] for part, turned in parts]
            self._seen[id(condition), negated] = self._make(condition, made, negated=negated)
        return self._seen[id(root), False]

    def _make(self, condition: Condition, parts: list[int], *, negated: bool) -> int:
        match condition:
            case Holds(test):
                place = test if self._places is None else self._places[test]
                return self._node(Node(Kind.LITERAL, 2 * place + negated))
            case Negation():
                return parts[0]
            case Conjunction():
                return self._join(Kind.OR if negated else Kind.AND, parts)
            case Disjunction():
                return self._join(Kind.AND if negated else Kind.OR, parts)

    def _join(self, kind: Kind, parts: list[int]) -> int:
        distinct = tuple(sorted(set(parts)))
        return distinct[0] if len(distinct) == 1 else self._node(Node(kind, 0, distinct))

    def _node(self, node: Node) -> int:
        if (known := self._known.get(node)) is not None:
            return known
        number = self._known[node] = len(self.nodes)
        self.nodes.append(node)
        self.clauses.append(self._clauses(number, node))
        return number

    def _clauses(self, number: int, node: Node) -> Clauses:
        match node.kind:
            case Kind.LITERAL:
                return (frozenset((node.literal,)),)
            case Kind.AND:
                return self._product(node.parts)
            case Kind.OR:
                return self._sum(number, node.parts)

    def _sum(self, number: int, parts: tuple[int, ...]) -> Clauses:
        found = dict.fromkeys(clause for part in parts for clause in self.clauses[part])
        if len(found) > self.cap:
            return self._virtual(number)
        return ALWAYS if frozenset() in found else tuple(found)

    def _product(self, parts: tuple[int, ...]) -> Clauses:
        """Multiply the parts; the widest become virtual until the product fits."""
        choices = {part: self.clauses[part] for part in parts}
        for part in sorted(parts, key=lambda part: len(self.clauses[part]), reverse=True):
            if prod(map(len, choices.values())) <= self.cap:
                break
            choices[part] = self._virtual(part)
        if not all(choices.values()):
            return NEVER
        fixed = frozenset().union(*(first for first, *rest in choices.values() if not rest))
        found: Iterable[Clause] = (fixed,)
        for options in choices.values():
            if len(options) > 1:
                found = dict.fromkeys(one | other for one in found for other in options)
        return tuple(clause for clause in found if _consistent(clause))

    def _virtual(self, node: int) -> Clauses:
        if node not in self._virtual_of:
            self._virtual_of[node] = len(self.virtuals)
            self.virtuals.append(node)
        return (frozenset((2 * (self.tests + self._virtual_of[node]),)),)


def _parts(condition: Condition, *, negated: bool) -> list[tuple[Condition, bool]]:
    match condition:
        case Holds():
            return []
        case Negation(part):
            return [(part, not negated)]
        case Conjunction(parts) | Disjunction(parts):
            return [(part, negated) for part in parts]


def _consistent(clause: Clause) -> bool:
    return not any(literal ^ 1 in clause for literal in clause)


def _plain(condition: Condition, places: Places | None) -> Clauses | None:
    """Give the clause of some tests that must hold, or not, which is what most rules ask.

    Nothing when a condition is anything else. No part of these can become a virtual boolean.
    """
    parts = condition.parts if isinstance(condition, Conjunction) else (condition,)
    found = set()
    for part in parts:
        negated = isinstance(part, Negation)
        held = part.part if isinstance(part, Negation) else part
        if not isinstance(held, Holds):
            return None
        found.add(2 * (held.test if places is None else places[held.test]) + negated)
    clause = frozenset(found)
    return (clause,) if _consistent(clause) else NEVER
