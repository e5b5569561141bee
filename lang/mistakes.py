"""What is told about a text that cannot be read: one finding a mistake, where it stands."""

from bisect import bisect_left
from functools import cache
from operator import attrgetter

from roteiro.lang import syntax_errors
from roteiro.lang.diagnostics import Fix
from roteiro.lang.grammar import grammar
from roteiro.lang.items import STATEMENTS, Piece
from roteiro.lang.machine import Failure
from roteiro.lang.report import Report, did_you_mean, hint, listed, replaced
from roteiro.lang.scan import OPEN, WORD, Token
from roteiro.lang.source import Span

EXACT = {
    "slip_assign": "==",
    "slip_equal": "=",
    "slip_and": "and",
    "slip_or": "or",
    "slip_not": "not",
}
"""Slips with one right spelling."""

NEXT = {"edit": STATEMENTS["transform"], "statement": STATEMENTS["profile"]}
"""What may follow what was read as a statement."""


@cache
def keywords() -> frozenset[str]:
    """Give every word that has a meaning somewhere in the grammar."""
    return frozenset(word for word in grammar().words if word[0].isalpha())


class Mistakes:
    """Reports mistakes in one file's tokens."""

    def __init__(self, report: Report, tokens: list[Token], number: int) -> None:
        """Report to `report`; the tokens are those of the program's file of this number."""
        self.report = report
        self.tokens = tokens
        self.number = number
        self.slips = 0
        """Mistakes so far of which a brace too many may be a part."""

    def place(self, token: Token) -> Span:
        """Give the place of a token."""
        return Span(token.start, token.end, self.number)

    # Where the grammar stops --------------------------------------------------------------------

    def syntax_error(self, piece: Piece, failed: Failure) -> None:
        """Report what stands where the automaton stopped."""
        found = failed.token
        if found is None:
            self.unfinished(piece, failed)
            return
        self.slips += 1
        if found.kind == OPEN:
            self.report.add("RT100", self.place(found), "open_text", help=hint("close_text"))
            return
        if found.text == "}" and failed.start in syntax_errors.OF_BODIES:
            self.report.add("RT100", self.place(found), "closes_nothing")
            return
        words = syntax_errors.expected(failed.accepted, failed.start)
        meant = self.meant(found, failed)
        slip = self.slip(found, failed)
        self.report.add(
            "RT100",
            self.place(found),
            "unexpected" if words else "unexpected_bare",
            help=did_you_mean(meant) or (hint(slip) if slip else None),
            fix=replaced(self.place(found), meant or EXACT.get(slip or "")),
            found=found.text,
            expected=listed(words, "list_or"),
        )

    def meant(self, found: Token, failed: Failure) -> str | None:
        """Give the keyword that a misspelt word was meant to be."""
        if found.kind != WORD or found.text in keywords():
            return None
        words = syntax_errors.keywords_of(failed.accepted)
        if syntax_errors.END in failed.accepted:
            words += sorted(NEXT.get(failed.start, ()))
        return self.report.meant(found.text, words)

    def slip(self, found: Token, failed: Failure) -> str | None:
        """Give the key of the remark for a common slip."""
        at = bisect_left(self.tokens, found.start, key=attrgetter("start"))
        if [token.text for token in self.tokens[max(0, at - 2) : at]] == ["is", "not"]:
            return "slip_is_not"
        return syntax_errors.slip(found.text, failed.accepted, failed.start)

    def unfinished(self, piece: Piece, failed: Failure) -> None:
        """Report a piece that ends too early."""
        if piece.opened is not None:
            self.unclosed(piece)
            return
        end = Span(piece.span.end, piece.span.end, self.number)
        words = syntax_errors.expected(failed.accepted, failed.start)
        wanted = listed(words, "list_or")
        self.slips += 1
        self.report.add("RT100", end, "unfinished", what=title(piece), expected=wanted)

    # Braces and keywords ------------------------------------------------------------------------

    def unclosed(self, piece: Piece) -> None:
        """Report a brace that nothing closes."""
        assert piece.opened is not None
        place = self.place(piece.opened)
        self.report.add("RT100", place, "unclosed", help=hint("unclosed_help"), what=title(piece))

    def unbalanced(self, piece: Piece) -> None:
        """Report braces that no part of a piece explains."""
        for brace in piece.extra:
            self.report.add("RT100", self.place(brace), "closes_nothing")
        if piece.opened is not None:
            self.unclosed(piece)

    def misspelt(self, piece: Piece) -> bool:
        """Report a keyword that was only nearly written."""
        if piece.first.text == piece.kind:
            return False
        self.slips += 1
        place = self.place(piece.first)
        self.report.add(
            "RT100",
            place,
            "unexpected_bare",
            help=did_you_mean(piece.kind),
            fix=replaced(place, piece.kind),
            found=piece.first.text,
        )
        return True

    def stray(self, piece: Piece, key: str) -> None:
        """Report what begins nothing."""
        self.slips += 1
        token = piece.first
        if token.kind == OPEN:
            self.report.add("RT100", self.place(token), "open_text", help=hint("close_text"))
        elif token.text == "}":
            self.report.add("RT100", self.place(token), "closes_nothing")
        else:
            remark = syntax_errors.slip(token.text, set())
            helped = hint(remark) if remark else None
            self.report.add("RT100", self.place(token), key, help=helped, found=token.text)

    def rule_called_otherwise(self, name: Token) -> None:
        """Report `rule otherwise { ... }`."""
        self.slips += 1
        place = self.place(name)
        self.report.add("RT100", place, "rule_otherwise", help=hint("rule_otherwise_help"))

    # Whole items --------------------------------------------------------------------------------

    def too_deep(self, place: Span, limit: int) -> None:
        """Report what is nested too deep."""
        self.report.add("RT126", place, "too_deep", limit=limit)

    def second_otherwise(self, place: Span) -> None:
        """Report an `otherwise` behind another."""
        self.report.add("RT106", place, "second_otherwise")

    def otherwise_not_last(self, place: Span) -> None:
        """Report an `otherwise` before a rule."""
        self.report.add("RT100", place, "otherwise_not_last", help=hint("otherwise_not_last_help"))

    def second_edition(self, place: Span) -> None:
        """Report a second `language N`."""
        self.report.add("RT106", place, "second_edition")

    def guard_without_otherwise(self, guard: Piece) -> None:
        """Report a guard that does not say what becomes of the rest."""
        place = self.place(guard.first)
        helped = hint("guard_otherwise_help")
        self.report.add("RT129", place, "guard_without_otherwise", help=helped)

    def no_edition(self, first: Piece | None) -> None:
        """Report a file that does not begin with its edition."""
        place = self.place(first.first) if first else Span(0, 0, self.number)
        fix = Fix(Span(place.start, place.start, self.number), "language 1\n", safe=True)
        self.report.add("RT103", place, "edition_missing", help=hint("edition_help"), fix=fix)

    def edition_unknown(self, place: Span, known: int) -> None:
        """Report an edition of another time."""
        self.report.add("RT103", place, "edition_unknown", known=known)


def title(piece: Piece) -> str:
    """Name a piece: its keyword and name."""
    return f"{piece.kind} {piece.name.text}" if piece.name else piece.kind
