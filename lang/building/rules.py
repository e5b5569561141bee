"""Rules of tables and of the guard, and what they do."""

from roteiro.lang import nodes
from roteiro.lang.building.definitions import Definitions
from roteiro.lang.building.words import LONGEST_NUMBER, small
from roteiro.lang.scan import Token
from roteiro.lang.source import Span

CANNOT_UNDERSTAND = 0xC000
"""The status that stands for one that could not be read (PS3.4 B.2.3)."""


class Rules(Definitions):
    """Makes rules."""

    def table_head(self, _place: Span, name: Token, mode: Token) -> tuple[nodes.Name, str]:
        """Make `table NAME first|all {`."""
        return self.name(name), mode.text

    def guard_head(self, _place: Span) -> bool:
        """Make `guard {`."""
        return True

    def rule(
        self,
        place: Span,
        name: Token,
        priority: Token | None,
        description: Token | None,
        condition: nodes.Condition | None,
        *actions: nodes.Action,
    ) -> nodes.Rule:
        """Make `rule NAME [priority N] ["text"] { ... }` of a table."""
        level = 0 if priority is None else self.priority(priority)
        words = self.maybe_written(description)
        return nodes.Rule(self.name(name), level, words, condition, actions, place)

    def priority(self, token: Token) -> int:
        """Read the number after `priority`."""
        number = small(token.text)
        if abs(number) >= 10**LONGEST_NUMBER:
            place = self.place(token)
            self.found("RT108", place, "priority_too_large", value=token.text)
        return number

    def otherwise(self, place: Span, *actions: nodes.Action) -> nodes.Otherwise:
        """Make `otherwise { ... }` of a table."""
        return nodes.Otherwise(actions, place)

    def guard_rule(  # noqa: PLR0913, PLR0917  a rule has these parts
        self,
        place: Span,
        name: Token,
        priority: Token | None,
        description: Token | None,
        condition: nodes.Condition,
        verdict: nodes.Verdict,
    ) -> nodes.GuardRule:
        """Make `rule NAME ["text"] { when ... verdict }` of the guard."""
        if priority is not None:
            self.found("RT100", self.place(priority), "priority_in_guard")
        words = self.maybe_written(description)
        return nodes.GuardRule(self.name(name), words, condition, verdict, place)

    def guard_otherwise(self, _place: Span, verdict: nodes.Verdict) -> nodes.Verdict:
        """Make `otherwise { verdict }` of the guard."""
        return verdict

    # Actions ------------------------------------------------------------------------------------

    def send(
        self, place: Span, names: tuple[nodes.Name, ...], *options: nodes.SendOption
    ) -> nodes.SendTo:
        """Make `send to a, b ...`."""
        return nodes.SendTo(names, options, place)

    def via(self, place: Span, names: tuple[nodes.Name, ...]) -> nodes.Via:
        """Make `via a, b`."""
        return nodes.Via(names, place)

    def batch(
        self, place: Span, by: Token, after: Token, within: Token | None, late: str | None
    ) -> nodes.BatchBy:
        """Make `batch by study after T [within W] [late new]`."""
        wait = self.duration(self.place(after), after)
        most = None if within is None else self.duration(self.place(within), within)
        return nodes.BatchBy(self.name(by), wait, most, late, place)

    def late(self, _place: Span, word: Token) -> str:
        """Make `new` or `all`."""
        return word.text

    def late_hold(self, _place: Span) -> str:
        """Make `hold` of late images."""
        return "hold"

    def during(self, place: Span, schedule: Token) -> nodes.During:
        """Make `during SCHEDULE`."""
        return nodes.During(self.name(schedule), place)

    def urgency(self, place: Span, level: Token) -> nodes.Urgency:
        """Make `urgency stat`."""
        return nodes.Urgency(self.name(level), place)

    def notify(self, place: Span, channel: Token, text: Token) -> nodes.NotifyTo:
        """Make `notify CHANNEL "message"`."""
        return nodes.NotifyTo(self.name(channel), self.written(text), place)

    def nothing(self, place: Span, reason: Token) -> nodes.NothingTo:
        """Make `nothing "reason"`."""
        return nodes.NothingTo(self.written(reason), place)

    def hold(self, place: Span, queue: Token, reason: Token | None) -> nodes.HoldIn:
        """Make `hold QUEUE ["reason"]`."""
        return nodes.HoldIn(self.name(queue), self.maybe_written(reason), place)

    def pass_on(self, place: Span, _word: Token) -> nodes.PassOn:
        """Make `pass`."""
        return nodes.PassOn(place)

    def drop(self, place: Span, reason: Token) -> nodes.DropIt:
        """Make `drop "reason"`."""
        return nodes.DropIt(self.written(reason), place)

    def refuse(self, place: Span, status: Token, reason: Token | None) -> nodes.RefuseIt:
        """Make `refuse 0xNNNN ["reason"]`."""
        return nodes.RefuseIt(self.status(status), self.maybe_written(reason), place)

    def status(self, token: Token) -> int:
        """Read a DIMSE status of four hexadecimal digits."""
        digits = token.text[2:]
        if len(digits) != 4:
            self.found("RT113", self.place(token), "bad_status", value=token.text)
            return CANNOT_UNDERSTAND
        return int(digits, 16)
