"""Text to syntax tree.

`items` cuts the text into pieces, each piece is read alone by the automaton of the grammar. A
mistake costs its piece one finding; nothing of the generator's own words reaches a message.
"""

from dataclasses import dataclass
from typing import Any, cast

from roteiro.lang import items, nodes
from roteiro.lang.building.conditions import NESTING, TooComplex
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.grammar import ITEMS, Builder
from roteiro.lang.items import STATEMENTS, Piece
from roteiro.lang.machine import Failure, Machine
from roteiro.lang.mistakes import Mistakes
from roteiro.lang.recovery import Recovery
from roteiro.lang.report import Report
from roteiro.lang.scan import Token, scan
from roteiro.lang.source import Source, Span

EDITION = 1
STRAYS = 10
"""Lines in a row that belong to nothing and are reported."""
PARTS = {"table": ("rule", "otherwise"), "guard": ("guard_rule", "guard_otherwise")}
"""How the rules of a table and of the guard are read."""


class Parsing:
    """One run over one file."""

    def __init__(
        self,
        source: Source,
        number: int,
        tokens: list[Token],
        plain: tuple[Piece, ...] | None = None,
    ) -> None:
        """Cut the tokens of a program's file, unless they were cut by braces alone."""
        self.source = source
        self.number = number
        self.report = Report(source, number)
        self.tokens = tokens
        self.to_the_end = plain is None
        self.pieces = items.cut(self.tokens, number) if plain is None else plain
        self.mistakes = Mistakes(self.report, self.tokens, number)
        self.machine = Machine(source.text)
        self.builder = Builder(self.report, number)

    # Pieces -------------------------------------------------------------------------------------

    def read(self, begin: int, end: int, start: str) -> Any:
        """Read some tokens: a node, a failure, or nothing when they are nested too deep."""
        try:
            made = self.machine.read(self.tokens[begin:end], start, self.builder)
        except TooComplex as error:
            self.mistakes.too_deep(error.span, NESTING)
            return None
        if not isinstance(made, Failure):
            self.builder.tell()
        return made

    def parse(self, piece: Piece, start: str, end: int | None = None) -> Any:
        """Read one piece, up to `end`; nothing when it cannot be read."""
        if piece.too_deep is not None:
            self.mistakes.too_deep(self.mistakes.place(piece.too_deep), NESTING)
            return None
        made = self.read(piece.begin, end or piece.end, start)
        if isinstance(made, Failure):
            self.mistakes.syntax_error(piece, made)
            return None
        return made

    # Items --------------------------------------------------------------------------------------

    def item(self, piece: Piece) -> nodes.Item:
        """Read one item."""
        made: nodes.Item | None
        if self.mistakes.misspelt(piece):
            made = None
        elif piece.kind == "table":
            made = self.table(piece)
        elif piece.kind == "guard":
            made = self.guard(piece)
        elif piece.kind in STATEMENTS:
            made = self.chain(piece)
        else:
            made = self.parse(piece, ITEMS[piece.kind])
        return made or self.broken(piece)

    def broken(self, piece: Piece) -> nodes.Broken:
        """Stand for an item that could not be read."""
        name = piece.name
        called = nodes.Name(name.text, self.mistakes.place(name)) if name else None
        return nodes.Broken(piece.kind, called, piece.span)

    def table(self, piece: Piece) -> nodes.Table | None:
        """Read a table."""
        head = self.parse(piece, "table_head", piece.head)
        parts = self.parts(piece, *PARTS["table"])
        if head is None:
            return None
        name, mode = head
        rules = tuple(part for part in parts.read if isinstance(part, nodes.Rule))
        others = [part for part in parts.read if isinstance(part, nodes.Otherwise)]
        for again in others[1:]:
            self.mistakes.second_otherwise(again.span)
        otherwise = others[0] if others else None
        return nodes.Table(name, mode, rules, otherwise, piece.span, parts.broken)

    def guard(self, piece: Piece) -> nodes.Guard:
        """Read the guard."""
        self.parse(piece, "guard_head", piece.head)
        parts = self.parts(piece, *PARTS["guard"])
        rules = tuple(part for part in parts.read if isinstance(part, nodes.GuardRule))
        others = [part for part in parts.read if not isinstance(part, nodes.GuardRule)]
        for again in others[1:]:
            self.mistakes.second_otherwise(again.span)
        if not others and "otherwise" not in parts.broken and not piece.opened:
            self.mistakes.guard_without_otherwise(piece)
        otherwise = others[0] if others else nodes.PassOn(piece.span)
        return nodes.Guard(rules, otherwise, piece.span, parts.broken)

    # Rules --------------------------------------------------------------------------------------

    def parts(self, piece: Piece, rule: str, otherwise: str) -> "Parts":
        """Read the rules of a table or guard."""
        read: list[Any] = []
        broken: list[str] = []
        for part in piece.parts:
            if self.given_up:
                break
            node = self.part(part, rule, otherwise)
            if node is not None:
                read.append(node)
            else:
                broken.append("otherwise" if part.kind == "otherwise" else rule_name(part))
        if piece.opened is not None:
            broken.append("")  # what stood behind may have been its rules too
        if not any(part.upset for part in piece.parts):
            self.mistakes.unbalanced(piece)
            self.otherwise_last(piece)
        return Parts(tuple(read), tuple(broken))

    def otherwise_last(self, piece: Piece) -> None:
        """Report an `otherwise` that a rule follows, where the braces say what is in the table."""
        kinds = [part.kind for part in piece.parts]
        if "otherwise" not in kinds or piece.opened is not None or piece.extra:
            return
        first = kinds.index("otherwise")
        if "rule" in kinds[first:]:
            self.mistakes.otherwise_not_last(piece.parts[first].span)

    def part(self, part: Piece, rule: str, otherwise: str) -> Any:
        """Read one rule, or `otherwise`."""
        if not part.kind:
            self.mistakes.stray(part, "rule_expected")
            return None
        if self.mistakes.misspelt(part):
            return None
        if part.kind == "rule" and part.name and part.name.text == "otherwise":
            self.mistakes.rule_called_otherwise(part.name)
            return None
        return self.parse(part, otherwise if part.kind == "otherwise" else rule)

    # Transforms and profiles --------------------------------------------------------------------

    def chain(self, piece: Piece) -> nodes.Transform | nodes.Profile | None:
        """Read a transform or profile: whole if it can be, else statement by statement."""
        if piece.too_deep is not None:
            self.mistakes.too_deep(self.mistakes.place(piece.too_deep), NESTING)
            return None
        made = self.read(piece.begin, piece.end, piece.kind)
        if isinstance(made, Failure):
            return Recovery(self.read, self.mistakes, piece.kind).item(piece, made)
        return cast("nodes.Transform | nodes.Profile | None", made)

    # The file -----------------------------------------------------------------------------------

    @property
    def given_up(self) -> bool:
        """Whether there is a mistake, and nobody wants to hear of more."""
        return not self.to_the_end and self.report.failed

    def fails_at(self, at: int) -> bool:
        """Whether the item in which a place is, or the rule, cannot be read."""
        piece = around(at, self.pieces)
        if piece is None or piece.kind in {"", "language"}:
            return False
        part = around(at, piece.parts)
        if part is not None:
            self.part(part, *PARTS[piece.kind])
        elif not piece.parts:
            self.item(piece)
        return self.report.failed

    def edition(self) -> bool:
        """Check that the file begins with an edition that is known here."""
        first = self.pieces[0] if self.pieces else None
        if first is None or first.kind != "language":
            self.mistakes.no_edition(first)
            return True
        if self.mistakes.misspelt(first):
            return True
        edition = self.parse(first, "edition")
        if edition is not None and edition != EDITION:
            self.mistakes.edition_unknown(first.span, EDITION)
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
            if self.given_up:
                break
            strays = 0 if piece.kind else strays + 1
            if piece.kind == "language":
                if number:
                    self.mistakes.second_edition(piece.span)
                continue
            if not piece.kind:
                if strays <= STRAYS and not (excused and piece.first.text == "}"):
                    self.mistakes.stray(piece, "item_expected")
                read.append(self.broken(piece))
                continue
            slips = self.mistakes.slips
            read.append(self.item(piece))
            excused = slips != self.mistakes.slips
        span = Span(0, len(self.source.text), self.number)
        return nodes.File(EDITION, tuple(read), span, not self.report.failed)


@dataclass(frozen=True, slots=True)
class Parts:
    """The rules of a table that were read, and the names of those that were not."""

    read: tuple[Any, ...]
    broken: tuple[str, ...]


def around(at: int, pieces: tuple[Piece, ...]) -> Piece | None:
    """Give the piece in which a place is."""
    return next((one for one in pieces if one.span.start <= at < one.span.end), None)


def rule_name(part: Piece) -> str:
    """Give the name of a rule that could not be read."""
    return part.name.text if part.kind and part.name else ""


def parse(
    source: Source, file: int = 0, tokens: list[Token] | None = None
) -> tuple[nodes.File | None, tuple[Diagnostic, ...]]:
    """Parse a rule file, the one of this number in its program.

    The tree holds every item that could be read, also when others could not; `None` only when the
    file is of another edition. Findings are in the order of their places. With some of the `tokens`
    of the text nothing else of it is read.
    """
    given = scan(source.text) if tokens is None else tokens
    run = Parsing(source, file, given)
    tree = run.file()
    findings = run.report.in_order()
    if run.report.failed and items.balanced(given):
        pieces = items.cut(given, file, plain=True)  # what looks wrong may be none
        first = next(one for one in findings if one.level is Level.ERROR)
        if Parsing(source, file, given, pieces).fails_at(first.span.start):
            return tree, findings
        plain = Parsing(source, file, given, pieces)
        again = plain.file()
        if not plain.report.failed:
            return again, plain.report.in_order()
    return tree, findings
