"""Which of the fixes of some findings can be made at once, and what the text is afterwards.

A fix may take what another one needs, and may uncover what another one mends: so fixes are made in
rounds, and after each round the text is examined again. `Fixer` decides, whoever calls it examines.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from roteiro.lang.diagnostics import Diagnostic, Fix, Level, Message
from roteiro.lang.source import Source

ROUNDS = 20
"""Rounds at most; a fix that another one takes back would go on for ever."""

SYNTAX = frozenset(("RT100", "RT103", "RT126"))
"""Codes of errors for which a part of a text cannot be read."""

Key = tuple[str, Message]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a text."""

    source: Source
    findings: tuple[Diagnostic, ...]

    @property
    def own(self) -> list[Diagnostic]:
        """Give what lies in the text itself, what it uses left out."""
        return [each for each in self.findings if each.source is self.source]

    @property
    def errors(self) -> Counter[Key]:
        """Count the errors by what they say, wherever they stand."""
        return Counter(key(each) for each in self.findings if each.level is Level.ERROR)


Examine = Callable[[Source], Seen]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What became of a text."""

    seen: Seen
    """The text at the end, and what is left in it."""
    made: tuple[Diagnostic, ...]
    """What was mended, in the order in which it was; places are those of their round."""


def key(finding: Diagnostic) -> Key:
    """Give what a finding says, wherever it stands."""
    return finding.code, finding.message


def mended(text: str, fixes: Iterable[Fix]) -> str:
    """Make fixes that do not touch each other."""
    for fix in sorted(fixes, key=lambda fix: fix.span.start, reverse=True):
        text = text[: fix.span.start] + fix.text + text[fix.span.end :]
    return text


def apart(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Give findings whose fixes do not touch each other, the first in the text before others."""
    chosen: list[Diagnostic] = []
    end = -1
    for finding in sorted(findings, key=span_of):
        start, stop = span_of(finding)
        if start > end:
            chosen.append(finding)
            end = stop
    return chosen


def span_of(finding: Diagnostic) -> tuple[int, int]:
    """Give the place of a finding's fix."""
    assert finding.fix is not None
    return finding.fix.span.start, finding.fix.span.end


class Fixer:
    """Mends one text."""

    def __init__(self, examine: Examine, *, unsafe: bool) -> None:
        """Examine with `examine`; make fixes that may change a meaning only when asked."""
        self.examine = examine
        self.unsafe = unsafe
        self.refused: set[Key] = set()
        """Findings whose fix made matters worse."""
        self.made: list[Diagnostic] = []

    def run(self, source: Source) -> Fixed:
        """Mend in rounds until nothing is left that can be mended."""
        seen = self.examine(source)
        rounds = 0
        while rounds < ROUNDS and (chosen := apart(self.fixable(seen))):
            after = self.round(seen, chosen)
            rounds += after is not seen
            seen = after
        return Fixed(seen, tuple(self.made))

    def fixable(self, seen: Seen) -> list[Diagnostic]:
        """Give the findings that may be mended."""
        return [
            each
            for each in seen.own
            if each.fix is not None
            and (each.fix.safe or self.unsafe)
            and key(each) not in self.refused
        ]

    def round(self, seen: Seen, chosen: Sequence[Diagnostic]) -> Seen:
        """Make some fixes together; where that makes matters worse, make a part of them.

        A fix that makes matters worse alone is refused for good.
        """
        after = self.attempt(seen, chosen)
        if after is not None:
            return after
        if len(chosen) == 1:
            self.refused.add(key(chosen[0]))
        elif chosen:
            # later ones first: what they change leaves the places of the others as they are
            half = len(chosen) // 2
            after = self.round(seen, chosen[half:])
            if after is not seen:
                return after
            return self.round(seen, chosen[:half])
        return seen

    def attempt(self, seen: Seen, chosen: Sequence[Diagnostic]) -> Seen | None:
        """Make some fixes, if the text is the better for it."""
        text = mended(seen.source.text, (each.fix for each in chosen if each.fix is not None))
        if text == seen.source.text:
            return None
        after = self.examine(Source(seen.source.name, text))
        if worse(seen, after):
            return None
        self.made += chosen
        return after


def worse(before: Seen, after: Seen) -> bool:
    """Whether an error is new.

    In a text that cannot be read to its end, what is mended uncovers errors that nobody could see:
    those of syntax when there are not more of them, others when there are fewer of syntax.
    """
    new = after.errors - before.errors
    was, still = syntax(before.errors), syntax(after.errors)
    if was and still <= was:
        return still == was and syntax(new) < new.total()
    return bool(new)


def syntax(errors: Counter[Key]) -> int:
    """Count the errors for which a part of a text cannot be read."""
    return sum(count for (code, _), count in errors.items() if code in SYNTAX)
