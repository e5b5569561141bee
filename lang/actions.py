"""Actions and verdicts become the effects of the program."""

from decimal import Decimal
from typing import TypeVar

from roteiro.core.program import (
    Batch,
    Deliver,
    Drop,
    Effect,
    GuardVerdict,
    Hold,
    Nothing,
    Notify,
    Pass,
    Refuse,
    Release,
)
from roteiro.lang import nodes
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.source import Span
from roteiro.lang.uncarried import Carriage

NO_REFUSAL = frozenset((0x0000, 0x0001, 0x0107, 0x0116, 0xFE00, 0xFF00, 0xFF01))
"""Statuses of success, warning, cancel and pending (PS3.7 C.1)."""
WARNING = 0xB
"""First digit of the other warnings."""
URGENCIES = ("stat", "normal", "low")
SAME_URGENCY = {
    **dict.fromkeys(("high", "urgent", "emergency", "alta", "urgente"), "stat"),
    **dict.fromkeys(("medium", "routine", "media", "média", "rotina"), "normal"),
    "baixa": "low",
}
"""What others call an urgency, and its name here."""
BATCHED_BY = ("study", "series")
OPTIONS: dict[type, str] = {
    nodes.Via: "via",
    nodes.BatchBy: "batch",
    nodes.During: "during",
    nodes.Urgency: "urgency",
}
LONGEST = Decimal(10 * 366 * 86400)
"""Seconds of the longest duration that makes sense here."""
Option = TypeVar("Option", nodes.Via, nodes.BatchBy, nodes.During, nodes.Urgency)


class Actions:
    """Types the actions of a program."""

    def __init__(self, names: Names, report: Report, carriage: Carriage) -> None:
        """Resolve by `names`, report to `report`, tell `carriage` what was written."""
        self.names = names
        self.report = report
        self.carriage = carriage
        self.queues: list[nodes.Name] = []
        """Every queue that was named, in order."""

    def effects(self, actions: tuple[nodes.Action, ...], span: Span) -> tuple[Effect, ...]:
        """Type the actions of a rule; one without any is an error."""
        if not actions:
            self.report.add("RT119", span, "no_action", help=hint("no_action_help"))
        effects: list[Effect] = []
        for action in actions:
            effects.extend(self.effect(action))
        return tuple(dict.fromkeys(effects))

    def effect(self, action: nodes.Action) -> tuple[Effect, ...]:
        """Type one action."""
        if isinstance(action, nodes.SendTo):
            return self.send(action)
        if isinstance(action, nodes.HoldIn):
            return (self.hold(action),)
        if isinstance(action, nodes.NothingTo):
            return (Nothing(action.reason.value),)
        self.carriage.note("action", "notify", "", "`notify`", action.span)
        return (Notify(action.channel.text, action.message.value),)

    # Sending ------------------------------------------------------------------------------------

    def send(self, action: nodes.SendTo) -> tuple[Effect, ...]:
        """Type `send to a, b` and its options."""
        self.options(action)
        via = option_of(action, nodes.Via)
        urgency = option_of(action, nodes.Urgency)
        chain = self.chain(via.names) if via else ()
        release = Release(
            self.batch(option_of(action, nodes.BatchBy)),
            self.during(option_of(action, nodes.During)),
        )
        level = self.urgency(urgency.level) if urgency else "normal"
        return tuple(
            Deliver(name, chain, level, release)
            for written in action.destinations
            for name in self.destination(written)
        )

    def options(self, action: nodes.SendTo) -> None:
        """Report an option that is written twice, and remember what `serve` does not carry."""
        first: dict[type, nodes.SendOption] = {}
        for option in action.options:
            word = OPTIONS[type(option)]
            self.carriage.note("send", word, "", f"`{word}`", option.span)
            if isinstance(option, nodes.BatchBy):
                self.carriage.note("send", "late", option.late or "new", "`late`", option.span)
            if type(option) in first:
                label = self.report.label(first[type(option)].span, "first_here")
                self.report.add("RT108", option.span, "second_option", labels=(label,), option=word)
            first.setdefault(type(option), option)

    def chain(self, names: tuple[nodes.Name, ...]) -> tuple[str, ...]:
        """Resolve transforms and profiles."""
        for name in names:
            self.names.use("chains", name, self.report)
        return tuple(name.text for name in names)

    def batch(self, option: nodes.BatchBy | None) -> Batch | None:
        """Type `batch by study after T [within W] [late L]`."""
        if option is None:
            return None
        self.one_of(option.by, BATCHED_BY, "unknown_batch", "batches")
        for wait in (option.after, option.within):
            if wait is not None and not 0 < wait.seconds <= LONGEST:
                self.report.add("RT108", wait.span, "bad_wait", value=wait.value)
        within = option.within
        if within is not None and within.seconds < option.after.seconds:
            self.report.add("RT108", within.span, "within_before_after", help=hint("within_help"))
        return Batch(
            option.by.text,
            float(option.after.seconds),
            float(within.seconds) if within is not None else None,
            option.late or "new",
        )

    def during(self, option: nodes.During | None) -> str | None:
        """Resolve `during SCHEDULE`."""
        if option is None:
            return None
        self.names.use("schedules", option.schedule, self.report)
        return option.schedule.text

    def urgency(self, name: nodes.Name) -> str:
        """Check the word after `urgency`."""
        meant = SAME_URGENCY.get(name.text.casefold())
        if meant is None:
            self.one_of(name, URGENCIES, "unknown_urgency", "urgencies")
        else:
            helped = hint("urgency_meant", word=meant)
            self.report.add("RT108", name.span, "unknown_urgency", help=helped, value=name.text)
        return name.text

    def one_of(self, name: nodes.Name, words: tuple[str, ...], key: str, helped: str) -> None:
        """Report a word that is none of some."""
        if name.text not in words:
            meant = self.report.meant(name.text, words)
            self.report.add(
                "RT108",
                name.span,
                key,
                help=did_you_mean(meant) or hint(helped),
                fix=replaced(name.span, meant),
                value=name.text,
            )

    def destination(self, name: nodes.Name) -> tuple[str, ...]:
        """Give what a name stands for as a destination; a `copy` pool for its members (2e)."""
        found = self.names.use("destinations", name, self.report)
        if isinstance(found, nodes.Pool):
            return tuple(dict.fromkeys(members_of(found)))
        if not isinstance(found, nodes.Node):
            return ()
        if receives(found):
            return (name.text,)
        not_a_destination(name, found, self.report)
        return ()

    # Holding, dropping, refusing ----------------------------------------------------------------

    def hold(self, action: nodes.HoldIn) -> Hold:
        """Type `hold QUEUE`, which makes the queue."""
        self.queues.append(action.queue)
        return Hold(action.queue.text, action.reason.value if action.reason else "")

    def verdict(self, verdict: nodes.Verdict) -> GuardVerdict:
        """Type a verdict of the guard."""
        if isinstance(verdict, nodes.HoldIn):
            return self.hold(verdict)
        if isinstance(verdict, nodes.DropIt):
            return Drop(verdict.reason.value)
        if isinstance(verdict, nodes.RefuseIt):
            return self.refuse(verdict)
        return Pass()

    def refuse(self, verdict: nodes.RefuseIt) -> Refuse:
        """Type `refuse 0xNNNN`; a status that says go on would not refuse (PS3.7 C)."""
        if verdict.status >> 12 == WARNING or verdict.status in NO_REFUSAL:
            self.report.add("RT108", verdict.span, "no_refusal", value=f"0x{verdict.status:04X}")
        return Refuse(verdict.status, verdict.reason.value if verdict.reason else "")


def option_of(action: nodes.SendTo, kind: type[Option]) -> Option | None:
    """Give the option of a kind; of several the first."""
    return next((option for option in action.options if isinstance(option, kind)), None)


def members_of(pool: nodes.Pool) -> tuple[str, ...]:
    """Give the destinations of a send to a pool: the members of a `copy` pool, else itself."""
    if pool.kind == "copy":
        return tuple(member.text for member in pool.members)
    return (pool.name.text,)


def receives(node: nodes.Node) -> bool:
    """Whether a node can be sent to."""
    return any(entry.name.text in {"port", "url"} for entry in node.properties)


def not_a_destination(name: nodes.Name, node: nodes.Node, report: Report) -> None:
    """Report a node that cannot be sent to."""
    declared = report.label(node.name.span, "node_here")
    report.add(
        "RT117",
        name.span,
        "not_a_destination",
        labels=(declared,),
        help=hint("add_port"),
        name=name.text,
    )
