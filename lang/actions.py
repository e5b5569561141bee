"""Actions and verdicts become the effects of the program."""

from roteiro.core.program import Deliver, Drop, Effect, GuardVerdict, Hold, Nothing, Pass, Refuse
from roteiro.lang import nodes
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.source import Span

URGENCIES = ("stat", "normal", "low")


class Actions:
    """Types the actions of a file."""

    def __init__(self, names: Names, report: Report) -> None:
        """Resolve by `names`, report to `report`."""
        self.names = names
        self.report = report
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
        self.report.add("RT112", action.span, "unbuilt", what=action.what)
        return ()

    def send(self, action: nodes.SendTo) -> tuple[Effect, ...]:
        """Type `send to a, b`."""
        for option in action.options:
            self.report.add("RT112", option.span, "unbuilt", what=option.what)
        urgency = self.urgency(action.urgency)
        return tuple(
            Deliver(name.text, urgency=urgency)
            for name in action.destinations
            if self.destination(name)
        )

    def urgency(self, name: nodes.Name | None) -> str:
        """Check the word after `urgency`."""
        if name is None:
            return "normal"
        if name.text not in URGENCIES:
            meant = self.report.meant(name.text, URGENCIES)
            self.report.add(
                "RT108",
                name.span,
                "unknown_urgency",
                help=did_you_mean(meant) or hint("urgencies"),
                fix=replaced(name.span, meant),
                value=name.text,
            )
        return name.text

    def destination(self, name: nodes.Name) -> bool:
        """Check that a name is a node that can be sent to."""
        node = self.names.use("nodes", name, self.report)
        if not isinstance(node, nodes.Node):
            return False
        if any(entry.name.text in {"port", "url"} for entry in node.properties):
            return True
        declared = self.report.label(node.name.span, "node_here")
        self.report.add(
            "RT117",
            name.span,
            "not_a_destination",
            labels=(declared,),
            help=hint("add_port"),
            name=name.text,
        )
        return False

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
        """Type `refuse 0xNNNN`; a status of success would not refuse (PS3.7 C)."""
        if (
            verdict.status == 0
            or verdict.status >> 12 == 0xB
            or verdict.status in {1, 0x107, 0x116}
        ):
            self.report.add("RT108", verdict.span, "no_refusal", value=f"0x{verdict.status:04X}")
        return Refuse(verdict.status, verdict.reason.value if verdict.reason else "")
