"""Rules of a large file that were read before and need not be read again.

A cache holds what is known of each rule of a file, by the digest of its text: that it can be read
alone and without a finding, and where its braces are. Its head and its last brace then stand for
the rule, whatever its length, and its node is made when somebody asks for one of its parts.

What is known holds wherever the rule stands, provided that its lines begin to the right of itself
and of its table: what cuts a text into pieces looks at nothing else of it. Where a known rule turns
out to be part of something else, the file is read again without the cache.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from itertools import pairwise
from struct import Struct
from typing import Any, Protocol

from roteiro.lang import nodes
from roteiro.lang.grammar import Builder
from roteiro.lang.items import SHAPES, STRAYING, Piece
from roteiro.lang.machine import Machine
from roteiro.lang.report import Report
from roteiro.lang.scan import MARK, Token, scan
from roteiro.lang.source import Source, Span

LARGE = 64 * 1024
"""Characters from which on remembering rules is worth it."""
BEGIN = re.compile(r"^[ \t]*+(?=rule[ \t]++[A-Za-z_])", re.MULTILINE)
"""Where a rule seems to begin: first on its line, so neither in a text nor in a comment."""
RECORD = Struct("<16s3I")
LIMIT = 2**32 - 1
SUM, NAME, VERSION = 16, 16, 8
KEPT = 2
"""How many times the rules of a text are kept at most."""
READERS = (
    *("route.lark", "scan.py", "items.py", "grammar.py", "generator.py", "machine.py", "known.py"),
    *("building/words.py", "building/conditions.py", "building/definitions.py"),
    *("building/rules.py",),
)
"""The files of this package that decide what is known of a rule."""


class Cache(Protocol):
    """Keeps bytes by key; it may forget them, and gives nothing else."""

    def get(self, key: str) -> bytes | None:
        """Give what was put last."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Keep some bytes."""
        ...


class Stale(Exception):  # noqa: N818  told to the one caller
    """A known rule is part of something that it was not part of."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of the text of a rule; places count from its beginning."""

    brace: int
    end: int
    """Behind its last brace."""
    least: int
    """The smallest indent of its lines but the first."""


# Keeping ------------------------------------------------------------------------------------------


@cache
def version() -> bytes:
    """Name what reads rules, so that what another version knew is forgotten."""
    found = blake2b(digest_size=VERSION)
    for name in READERS:
        found.update(files("roteiro.lang").joinpath(name).read_bytes())
    return found.digest()


def digest(text: str, size: int, key: bytes = b"") -> bytes:
    """Name a piece of text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size, key=key).digest()


def packed(shapes: Mapping[bytes, Shape]) -> bytes:
    """Write what is known, behind a sum that says whether it is whole."""
    body = b"".join(
        RECORD.pack(name, one.brace, one.end, one.least) for name, one in shapes.items()
    )
    return blake2b(body, digest_size=SUM, key=version()).digest() + body


def unpacked(data: bytes) -> dict[bytes, Shape]:
    """Read what is known; nothing if it is not whole, or of another version."""
    given, body = data[:SUM], data[SUM:]
    if blake2b(body, digest_size=SUM, key=version()).digest() != given or len(body) % RECORD.size:
        return {}
    return {name: Shape(*places) for name, *places in RECORD.iter_unpack(body)}


# Nodes that are made later ------------------------------------------------------------------------


def unread(read: Callable[[Span], nodes.Rule]) -> type[nodes.Rule]:
    """Give the class of rules of which only the name and the place are known.

    Asked for anything else such a rule is read, and is a `nodes.Rule` from then on.
    """

    class Unread(nodes.Rule):
        __slots__ = ()
        __qualname__ = nodes.Rule.__qualname__

        def __getattr__(self, name: str) -> Any:
            if name not in nodes.Rule.__slots__:
                raise AttributeError(name)
            become(self, read(self.span))
            return getattr(self, name)

        def __eq__(self, other: object) -> bool:
            become(self, read(self.span))
            return self == other

        def __hash__(self) -> int:
            become(self, read(self.span))
            return hash(self)

    return Unread


def become(rule: nodes.Rule, whole: nodes.Rule) -> None:
    """Make a rule what it is."""
    for field in fields(nodes.Rule):
        object.__setattr__(rule, field.name, getattr(whole, field.name))
    object.__setattr__(rule, "__class__", nodes.Rule)


# One file -----------------------------------------------------------------------------------------


class Known:
    """What is known of the rules of one file, and what is learned of them."""

    def __init__(self, source: Source, file: int, cache: Cache) -> None:
        """Look up what the cache knows; `file` is the file's number in its program."""
        self.text = source.text
        self.cache = cache
        self.key = f"rules-{digest(source.name, NAME, version()).hex()}"
        self.before = unpacked(cache.get(self.key) or b"")
        starts = [found.end() for found in BEGIN.finditer(self.text)]
        self.stops = dict(pairwise(starts))
        """Where rules seem to begin, and the next ones; the last of all is never known."""
        self.names = {
            start: digest(self.text[start:stop].rstrip(), NAME)
            for start, stop in self.stops.items()
        }
        self.stubs = {
            start: self.before[name] for start, name in self.names.items() if name in self.before
        }
        """The rules that are known, by their beginnings."""
        self.used = 0
        self.learned: dict[bytes, Shape] = {}
        self.kind = unread(self.read)
        self.machine = Machine(source.text)
        self.builder = Builder(Report(source, file), file)

    def forget(self) -> None:
        """Read the file as if nothing were known."""
        self.stubs = {}
        self.used = 0
        self.learned = {}

    # Reading ------------------------------------------------------------------------------------

    def tokens(self) -> list[Token]:
        """Scan what is not known; of a known rule give its head and its last brace."""
        found: list[Token] = []
        at = 0
        for start, shape in self.stubs.items():
            if at < start:
                found += scan(self.text, at, start)
            found += scan(self.text, start, start + shape.brace + 1)
            end = start + shape.end
            found.append(Token(MARK, "}", end - 1, end, leads=False, indent=found[-1].indent))
            at = self.stops[start]
        return found + scan(self.text, at)

    def rule(self, part: Piece, table: Piece) -> bool:
        """Whether a rule that was cut out of a table is known."""
        shape = self.stubs.get(part.span.start)
        if shape is None:
            return False
        if shape.least <= margin(part, table):
            del self.before[self.names[part.span.start]]
            raise Stale
        if part.span.end != part.span.start + shape.end:
            raise Stale
        self.used += 1
        return True

    def check(self) -> None:
        """Make sure that every rule that is known was found where it should be."""
        if self.used != len(self.stubs):
            raise Stale

    def unread(self, name: nodes.Name, place: Span) -> nodes.Rule:
        """Give a known rule, which is read when it is looked at."""
        rule = object.__new__(self.kind)
        object.__setattr__(rule, "name", name)
        object.__setattr__(rule, "span", place)
        return rule

    def read(self, place: Span) -> nodes.Rule:
        """Read a known rule."""
        tokens = scan(self.text, place.start, place.end)
        made = self.machine.read(tokens, "rule", self.builder)
        assert isinstance(made, nodes.Rule)
        return made

    # Learning -----------------------------------------------------------------------------------

    def learn(self, part: Piece, table: Piece, tokens: Sequence[Token]) -> None:
        """Remember a rule of a table that was read without a finding, if it stands by itself."""
        start = part.span.start
        if part.end == len(tokens) or self.stops.get(start) != tokens[part.end].start:
            return
        inner = tokens[part.begin + 1 : part.end]
        leading = [token for token in inner if token.leads and token.kind in STRAYING]
        least = min((token.indent for token in leading), default=LIMIT)
        brace = next(token.start for token in inner if token.text == "{")
        shape = Shape(brace - start, part.span.end - start, least)
        plain = least > margin(part, table) and not any(one.text in SHAPES for one in leading)
        if plain and part.span.end < LIMIT:
            self.learned[self.names[start]] = shape

    def keep(self) -> None:
        """Put what is known into the cache, if any of it is new.

        Rules of earlier texts are kept too, until they are too many.
        """
        if not self.learned:
            return
        known = self.before | self.learned
        if len(known) > KEPT * len(self.names):
            known = {name: known[name] for name in self.names.values() if name in known}
        self.cache.put(self.key, packed(known))


def margin(part: Piece, table: Piece) -> int:
    """Give the indent that the lines of a rule must be beyond."""
    return max(part.first.indent, table.first.indent)
