"""Runs the automaton of the grammar over tokens and makes nodes as it goes.

A shift-reduce loop over the tables of `grammar`, without recursion: what is nested costs no stack.
A word is a keyword where the grammar has a use for that keyword, and a name elsewhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from roteiro.lang.grammar import ACCEPT, CALLED, END, Builder, Grammar, Row, grammar
from roteiro.lang.scan import MARK, NUMBER, PATTERN, TAG, TEXT, WORD, Token, scan

NAME, LPAR = "NAME", "_LPAR"
UNKNOWN = "?"
"""The terminal of what fits nowhere."""
LAST = Token(END, END, 0, 0, leads=False, indent=0)
CALL = re.compile(r"\s*+\(")


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a piece stopped making sense, and what would have."""

    token: Token | None
    """What could not be read; nothing at the end."""
    accepted: set[str]
    start: str
    """What the piece was read as."""


@cache
def numbers() -> re.Pattern[str]:
    """Give the expression that tells kinds of numbers apart."""
    return re.compile(grammar().numbers)


def terminals() -> dict[str, str]:
    """Give the terminals of words and marks; `CALLED` ones depend on what follows."""
    known = {**grammar().words, END: END}
    called = {word: UNKNOWN for word, terminal in known.items() if terminal in CALLED}
    return known | called


def terminal(token: Token) -> str:
    """Say what the grammar calls a token that is no keyword and no mark."""
    kind, text = token.kind, token.text
    if kind == WORD:
        return NAME
    if kind == TEXT:
        return "FOLD" if text.startswith("i") else "STRING"
    if kind == NUMBER:
        found = numbers().fullmatch(text)
        return found.lastgroup or UNKNOWN if found else UNKNOWN
    if kind == TAG:
        return "PRIVATE_TAG" if '"' in text else "TAG"
    return "REGEX" if kind == PATTERN else UNKNOWN


class Machine:
    """Reads pieces of one text; what tokens are called is remembered from piece to piece."""

    def __init__(self, text: str) -> None:
        """Begin with the keywords."""
        self.text = text
        self.grammar: Grammar = grammar()
        self.terminals = terminals()

    def name(self, token: Token) -> str:
        """Say what the grammar calls a token, and remember it."""
        called = self.terminals[token.text] = terminal(token)
        return called

    def read(self, tokens: Sequence[Token], start: str, builder: Builder) -> Any:
        """Make a node of tokens, or say where they stop making sense."""
        builder.begin()
        rows, gotos, terminals = self.grammar.rows, self.grammar.gotos, self.terminals
        states, begins, end = [self.grammar.starts[start]], [0], 0
        parts: list[Any] = []
        for token in (*tokens, LAST):
            called = terminals.get(token.text) or self.name(token)
            while True:
                row = rows[states[-1]]
                action = row.get(called)
                if action is None:
                    called = self.otherwise(row, token)
                    if called == UNKNOWN:
                        return self.failed(tokens, token, start, builder)
                    action = row[called]
                if isinstance(action, int):
                    if action == ACCEPT:
                        return parts[0]
                    states.append(action)
                    parts.append(token)
                    begins.append(token.start)
                    end = token.end
                    break
                size, origin, make = action
                if make is not None:
                    whole = make(builder, begins[-size], end, parts[-size:])
                    del parts[-size:]
                    parts.append(whole)
                if size > 1:
                    del begins[1 - size :]
                del states[-size:]
                states.append(gotos[states[-1]][origin])
        raise AssertionError  # the last token is accepted or refused

    def otherwise(self, row: Row, token: Token) -> str:
        """Say what else a token may be where it does not fit as what it seems."""
        if token.kind != WORD:
            return UNKNOWN
        keyword = self.grammar.words.get(token.text, UNKNOWN)
        if keyword in CALLED and keyword in row and CALL.match(self.text, token.end):
            return keyword
        return NAME if NAME in row else UNKNOWN

    # Failures -----------------------------------------------------------------------------------

    def failed(self, tokens: Sequence[Token], token: Token, start: str, builder: Builder) -> Any:
        """Say why a token does not fit, unless it is a tag that was a parenthesis and more."""
        number = len(tokens) if token is LAST else tokens.index(token)
        states = self.reached(tokens[:number], start)
        if token.kind == TAG and self.fits(states, LPAR):
            apart = [*tokens[:number], *split(token), *tokens[number + 1 :]]
            return self.read(apart, start, builder)
        accepted = {called for called in self.grammar.rows[states[-1]] if self.fits(states, called)}
        return Failure(None if token is LAST else token, accepted, start)

    def reached(self, tokens: Sequence[Token], start: str) -> list[int]:
        """Give the states that tokens lead to, without making anything."""
        states = [self.grammar.starts[start]]
        for token in tokens:
            self.advance(states, self.terminals[token.text], token)
        return states

    def fits(self, states: Sequence[int], called: str) -> bool:
        """Whether a terminal may follow."""
        return self.advance(list(states), called)

    def advance(self, states: list[int], called: str, token: Token | None = None) -> bool:
        """Let a terminal follow, if it may."""
        while True:
            row = self.grammar.rows[states[-1]]
            if called not in row:
                called = self.otherwise(row, token) if token else UNKNOWN
            if called == UNKNOWN:
                return False
            action = row[called]
            if isinstance(action, int):
                states.append(action)
                return True
            del states[-action.size :]
            states.append(self.grammar.gotos[states[-1]][action.origin])


def split(tag: Token) -> list[Token]:
    """Give what a tag is made of."""
    at = tag.start + 1
    inner = [
        one._replace(start=one.start + at, end=one.end + at, leads=False)
        for one in scan(tag.text[1:-1])
    ]
    first = tag._replace(kind=MARK, text="(", end=at)
    last = tag._replace(kind=MARK, text=")", start=tag.end - 1, leads=False)
    return [first, *inner, last]
