"""Text to syntax tree: the one door to the parser generator.

`items` cuts the text into pieces, each piece is parsed alone, `build` makes nodes of what parsed. A
mistake costs its piece one finding; nothing of the generator's own words reaches a message.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from roteiro.lang import items, nodes, syntax_errors
from roteiro.lang.build import Builder, TooComplex, Tree
from roteiro.lang.diagnostics import Diagnostic, Fix
from roteiro.lang.items import Piece
from roteiro.lang.report import Report, did_you_mean, hint, listed, replaced
from roteiro.lang.source import Source, Span

PLAIN = {
    # items that are one rule of the grammar
    "use": "use",
    "timezone": "timezone",
    "router": "router",
    "listener": "listener",
    "node": "node",
    "pool": "pool",
    "set": "set",
    "condition": "condition_item",
    "lookup": "lookup",
    "schedule": "schedule",
    "transform": "transform",
    "profile": "profile",
    "test": "test",
    "invariant": "invariant",
}
STARTS = (
    *("edition", *PLAIN.values(), "table_head", "guard_head"),
    *("rule", "otherwise", "guard_rule", "guard_otherwise"),
)
EDITION = 1
STRAYS = 10
"""Lines in a row that belong to nothing and are reported."""


@cache
def grammar() -> Lark:
    """Load the grammar."""
    text = files("roteiro.lang").joinpath("route.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        start=list(STARTS),
        propagate_positions=True,
        maybe_placeholders=True,
    )


@cache
def keywords() -> frozenset[str]:
    """Give every word that has a meaning somewhere in the grammar."""
    return frozenset(syntax_errors.keywords_of({one.name for one in grammar().terminals}))


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a piece stopped making sense, and what would have."""

    at: int
    accepted: set[str]
    start: str
    """What the piece was parsed as."""


def tree_of(start: str, text: str) -> Tree | Failure:
    """Parse one piece."""
    try:
        return cast("Tree", grammar().parse(text, start=start))
    except UnexpectedInput as error:
        return failure(start, text, error)


def failure(start: str, text: str, error: UnexpectedInput) -> Failure:
    """Say where the parser stopped and what it would have taken there."""
    at: int = len(text.rstrip())
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
    elif isinstance(error, UnexpectedToken) and error.token.type != "$END":
        at = at if error.token.start_pos is None else error.token.start_pos
    return Failure(at, accepted(start, text[:at]), start)


def accepted(start: str, text: str) -> set[str]:
    """Give what may follow a beginning that parsed."""
    parser = grammar().parse_interactive(text, start=start)
    try:
        for _ in parser.iter_parse():
            pass
    except UnexpectedInput:
        return set()
    return set(parser.accepts())  # type: ignore[no-untyped-call]


class Parsing:
    """One run over one file."""

    def __init__(self, source: Source, number: int) -> None:
        """Scan and cut the text of a program's file."""
        self.source = source
        self.number = number
        self.report = Report(source)
        self.tokens, self.comments = items.scan(source.text, number)
        self.pieces = items.cut(self.tokens)
        self.slips = 0
        """Mistakes so far of which a brace too many may be a part."""

    # Findings -----------------------------------------------------------------------------------

    def syntax_error(self, piece: Piece, failed: Failure) -> None:
        """Report what stands where the parser stopped."""
        at = piece.span.start + failed.at
        found = self.found(at, piece.span.end)
        if found is None:
            return self.unfinished(piece, failed)
        self.slips += 1
        if found.kind == "open":
            self.report.add("RT100", found.span, "open_text", help=hint("close_text"))
            return None
        words = syntax_errors.expected(failed.accepted, failed.start)
        meant = self.meant(found, failed.accepted)
        slip = self.slip(found, failed.accepted)
        self.report.add(
            "RT100",
            found.span,
            "unexpected" if words else "unexpected_bare",
            help=did_you_mean(meant) or (hint(slip) if slip else None),
            fix=replaced(found.span, meant) or self.slip_fix(found, slip),
            found=found.text,
            expected=listed(words, "list_or"),
        )
        return None

    def found(self, at: int, end: int) -> items.Token | None:
        """Give the token that stands at a place, or after it."""
        number = self.index(at)
        inside = number < len(self.tokens) and self.tokens[number].start < end
        return self.tokens[number] if inside else None

    def index(self, at: int) -> int:
        """Give the number of the first token that ends after a place."""
        return bisect_right(self.tokens, at, key=lambda token: token.end)

    def meant(self, found: items.Token, terminals: set[str]) -> str | None:
        """Give the keyword that a misspelt word was meant to be."""
        if found.kind != "word" or found.text in keywords():
            return None
        return self.report.meant(found.text, syntax_errors.keywords_of(terminals))

    def slip(self, found: items.Token, terminals: set[str]) -> str | None:
        """Give the key of the remark for a common slip."""
        at = self.index(found.start)
        if [token.text for token in self.tokens[max(0, at - 2) : at]] == ["is", "not"]:
            return "slip_is_not"
        return syntax_errors.slip(found.text, terminals)

    def slip_fix(self, found: items.Token, slip: str | None) -> Fix | None:
        """Give the replacement for a common slip, where there is exactly one."""
        word = {"slip_assign": "==", "slip_and": "and", "slip_or": "or", "slip_not": "not"}
        return replaced(found.span, word.get(slip or ""))

    def unfinished(self, piece: Piece, failed: Failure) -> None:
        """Report a piece that ends too early."""
        if piece.opened is not None:
            self.unclosed(piece)
            return
        end = Span(piece.span.end, piece.span.end, self.number)
        words = syntax_errors.expected(failed.accepted, failed.start)
        wanted = listed(words, "list_or")
        self.slips += 1
        self.report.add("RT100", end, "unfinished", what=self.title(piece), expected=wanted)
        return

    def unclosed(self, piece: Piece) -> None:
        """Report a brace that nothing closes."""
        assert piece.opened is not None
        self.report.add(
            "RT100",
            piece.opened.span,
            "unclosed",
            help=hint("unclosed_help"),
            what=self.title(piece),
        )

    def title(self, piece: Piece) -> str:
        """Name a piece: its keyword and name."""
        return f"{piece.kind} {piece.name.text}" if piece.name else piece.kind

    def misspelt(self, piece: Piece) -> bool:
        """Report a keyword that was only nearly written."""
        if piece.first.text == piece.kind:
            return False
        self.slips += 1
        span = piece.first.span
        self.report.add(
            "RT100",
            span,
            "unexpected_bare",
            help=did_you_mean(piece.kind),
            fix=replaced(span, piece.kind),
            found=piece.first.text,
        )
        return True

    # Pieces -------------------------------------------------------------------------------------

    def parse(self, piece: Piece, start: str, end: int | None = None) -> Any:
        """Parse and build one piece, up to `end`; nothing when it cannot be read."""
        if piece.too_deep is not None:
            self.report.add("RT126", piece.too_deep.span, "too_deep", limit=items.NESTING)
            return None
        tree = tree_of(start, self.source.text[piece.span.start : end or piece.span.end])
        if isinstance(tree, Failure):
            self.syntax_error(piece, tree)
            return None
        builder = Builder(self.report, piece.span.start, self.number)
        try:
            return builder.build(tree)
        except TooComplex as error:
            self.report.add("RT126", error.span, "too_deep", limit=items.NESTING)
            return None

    def item(self, piece: Piece) -> nodes.Item | None:
        """Read one item."""
        if self.misspelt(piece):
            return self.broken(piece)
        if piece.kind == "table":
            return self.table(piece) or self.broken(piece)
        if piece.kind == "guard":
            return self.guard(piece)
        return self.parse(piece, PLAIN[piece.kind]) or self.broken(piece)

    def broken(self, piece: Piece) -> nodes.Broken:
        """Stand for an item that could not be read."""
        name = nodes.Name(piece.name.text, piece.name.span) if piece.name else None
        return nodes.Broken(piece.kind, name, piece.span)

    def stray(self, piece: Piece, key: str) -> None:
        """Report what begins nothing."""
        self.slips += 1
        token = piece.first
        if token.kind == "open":
            self.report.add("RT100", token.span, "open_text", help=hint("close_text"))
        elif token.text == "}":
            self.report.add("RT100", token.span, "closes_nothing")
        else:
            remark = syntax_errors.slip(token.text, set())
            helped = hint(remark) if remark else None
            self.report.add("RT100", token.span, key, help=helped, found=token.text)

    def table(self, piece: Piece) -> nodes.Table | None:
        """Read a table."""
        head = self.parse(piece, "table_head", piece.head)
        parts = self.parts(piece, "rule", "otherwise")
        if head is None:
            return None
        name, mode = head
        rules = tuple(part for part in parts.read if isinstance(part, nodes.Rule))
        others = [part for part in parts.read if isinstance(part, nodes.Otherwise)]
        for again in others[1:]:
            self.report.add("RT106", again.span, "second_otherwise")
        otherwise = others[0] if others else None
        return nodes.Table(name, mode, rules, otherwise, piece.span, parts.broken)

    def guard(self, piece: Piece) -> nodes.Guard:
        """Read the guard."""
        self.parse(piece, "guard_head", piece.head)
        parts = self.parts(piece, "guard_rule", "guard_otherwise")
        rules = tuple(part for part in parts.read if isinstance(part, nodes.GuardRule))
        others = [part for part in parts.read if not isinstance(part, nodes.GuardRule)]
        for again in others[1:]:
            self.report.add("RT106", again.span, "second_otherwise")
        if not others and "otherwise" not in parts.broken and not piece.opened:
            self.report.add(
                "RT129",
                piece.first.span,
                "guard_without_otherwise",
                help=hint("guard_otherwise_help"),
            )
        otherwise = others[0] if others else nodes.PassOn(piece.span)
        return nodes.Guard(rules, otherwise, piece.span, parts.broken)

    def parts(self, piece: Piece, rule: str, otherwise: str) -> "Parts":
        """Read the rules of a table or guard."""
        read: list[Any] = []
        broken: list[str] = []
        for part in piece.parts:
            node = self.part(part, rule, otherwise)
            if node is not None:
                read.append(node)
            else:
                broken.append("otherwise" if part.kind == "otherwise" else self.rule_name(part))
        if piece.opened is not None:
            broken.append("")  # what stood behind may have been its rules too
        if not any(part.upset for part in piece.parts):
            self.unbalanced(piece)
        return Parts(tuple(read), tuple(broken))

    def unbalanced(self, piece: Piece) -> None:
        """Report braces of a table that no rule of it explains."""
        for brace in piece.extra:
            self.report.add("RT100", brace.span, "closes_nothing")
        if piece.opened is not None:
            self.unclosed(piece)

    def rule_name(self, part: Piece) -> str:
        """Give the name of a rule that could not be read."""
        return part.name.text if part.kind and part.name else ""

    def part(self, part: Piece, rule: str, otherwise: str) -> Any:
        """Read one rule, or `otherwise`."""
        if not part.kind:
            self.stray(part, "rule_expected")
            return None
        if self.misspelt(part):
            return None
        if part.kind == "rule" and part.name and part.name.text == "otherwise":
            self.slips += 1
            self.report.add(
                "RT100", part.name.span, "rule_otherwise", help=hint("rule_otherwise_help")
            )
            return None
        return self.parse(part, otherwise if part.kind == "otherwise" else rule)

    # The file -----------------------------------------------------------------------------------

    def edition(self) -> bool:
        """Check that the file begins with an edition that is known here."""
        first = self.pieces[0] if self.pieces else None
        if first is None or first.kind != "language":
            start = first.first.span if first else Span(0, 0, self.number)
            fix = Fix(Span(start.start, start.start, self.number), "language 1\n", safe=True)
            self.report.add("RT103", start, "edition_missing", help=hint("edition_help"), fix=fix)
            return True
        if self.misspelt(first):
            return True
        edition = self.parse(first, "edition")
        if edition is not None and edition != EDITION:
            self.report.add("RT103", first.span, "edition_unknown", known=EDITION)
            return False
        return True

    def file(self) -> nodes.File | None:
        """Read the file."""
        if not self.edition():
            return None
        read: list[nodes.Item] = []
        excused = False
        strays = 0
        for number, piece in enumerate(self.pieces):
            strays = 0 if piece.kind else strays + 1
            if piece.kind == "language":
                if number:
                    self.report.add("RT106", piece.span, "second_edition")
                continue
            if not piece.kind:
                if strays <= STRAYS and not (excused and piece.first.text == "}"):
                    self.stray(piece, "item_expected")
                read.append(self.broken(piece))
                continue
            slips = self.slips
            item = self.item(piece)
            excused = slips != self.slips
            if item is not None:
                read.append(item)
        span = Span(0, len(self.source.text), self.number)
        return nodes.File(EDITION, tuple(read), span, not self.report.failed)


@dataclass(frozen=True, slots=True)
class Parts:
    """The rules of a table that were read, and the names of those that were not."""

    read: tuple[Any, ...]
    broken: tuple[str, ...]


def parse(source: Source, file: int = 0) -> tuple[nodes.File | None, tuple[Diagnostic, ...]]:
    """Parse a rule file, the one of this number in its program.

    The tree holds every item that could be read, also when others could not; `None` only when the
    file is of another edition. Findings are in the order of their places.
    """
    run = Parsing(source, file)
    tree = run.file()
    return tree, run.report.in_order()
