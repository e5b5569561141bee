"""The verbs by which a person changes what is owed: hold, retry, release, discard.

Each is about what a filter chooses, never about everything without one; each is on stable storage,
with who asked, when it is answered. Over the control socket of a router, or on a stopped spool
(`Counterpart` then is nobody): what needs rules or destinations wants a router.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from roteiro.core.program import UNROUTED, Decision, Drop, Send
from roteiro.lang.messages import Phrase
from roteiro.runtime.control import Document, Verb
from roteiro.runtime.deciding import Redecider, not_refused
from roteiro.runtime.events import Acted, Notify
from roteiro.runtime.machine import machine_words
from roteiro.runtime.programs import Served
from roteiro.runtime.selection import BadQuestion, Chosen, Filter, choose, filter_of
from roteiro.runtime.spool.contract import Act, Damaged, Delivery, DeliveryState, Spool
from roteiro.runtime.world import World

LONGEST_REASON = 500
RELEASED = "release"
"""The rule of a delivery that a person decided."""


class Counterpart(Protocol):
    """What a running router has beside the spool."""

    def sending(self) -> frozenset[int]:
        """Give the ids of the deliveries that are under way now."""

    def kick(self, to: str) -> bool:
        """Try a destination now instead of at its next attempt."""

    def arrived(self, to: str) -> None:
        """Hear that something may be owed to a destination."""

    def withdraw(self, numbers: Iterable[int]) -> None:
        """Begin none of these deliveries: a person decided on them, and that is on record."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force."""

    served: Served
    nodes: frozenset[str]
    """Names that can be sent to."""


class Acting:
    """See the module."""

    def __init__(
        self,
        world: World,
        spool: Spool,
        notify: Notify,
        router: Counterpart | None = None,
        rules: Callable[[], Rules] | None = None,
    ) -> None:
        """Take the spool and, when one runs, the router on it."""
        self._world = world
        self._spool = spool
        self._notify = notify
        self._router = router
        self._rules = rules
        self._redecider = Redecider(world)

    def verbs(self) -> dict[str, Verb]:
        """Give the verbs by the names that the control socket has for them."""
        return {
            "queue hold": self._guarded(self.hold),
            "queue retry": self._guarded(self.retry),
            "queue release": self._guarded(self.release),
            "queue discard": self._guarded(self.discard),
        }

    def _guarded(self, verb: Callable[[Document], Awaitable[Document]]) -> Verb:
        async def answer(question: Document) -> Document:
            try:
                return await verb(question)
            except BadQuestion as wrong:
                return {"error": wrong.phrase}
            except OSError as wrong:
                return {"error": Phrase("command.act_failed", why=machine_words(wrong))}

        return answer

    # --- the verbs -------------------------------------------------------------------------------

    async def hold(self, question: Document) -> Document:
        """Stop deliveries that wait; those under way are left."""
        chosen = self._chosen(question)
        waiting = in_state(chosen.deliveries, DeliveryState.WAITING)
        free = self._free(waiting)
        act = self._act(question, default="held by a person")
        changed = await self._spool.stop([each.id for each in free], act)
        self._withdraw(changed)
        return self._answer("hold", chosen, waiting, changed, act)

    async def retry(self, question: Document) -> Document:
        """Try now what waits; held ones wait again when they were asked for."""
        chosen = self._chosen(question)
        router = self._router
        if router is None:
            raise BadQuestion(Phrase("command.needs_router", verb="queue retry"))
        named = bool(question.get("ids")) or question.get("state") == "held"
        waiting = in_state(chosen.deliveries, DeliveryState.WAITING)
        held = in_state(chosen.deliveries, DeliveryState.HELD) if named else []
        act = self._act(question, default="tried again by a person")
        changed = await self._spool.resume([each.id for each in held], act) if held else ()
        for to in sorted({each.to for each in (*waiting, *held)}):
            router.kick(to)
        mine = [each.id for each in waiting] + list(changed)
        return self._answer("retry", chosen, [*waiting, *held], mine, act)

    async def discard(self, question: Document) -> Document:
        """Owe deliveries no more and let go of what queues hold; a reason is wanted."""
        if not question.get("reason"):
            raise BadQuestion(Phrase("command.no_reason"))
        chosen, act = self._chosen(question), self._act(question)
        open_ones = [each for each in chosen.deliveries if each.state.open]
        free = self._free(open_ones)
        changed = await self._spool.discard([each.id for each in free], act)
        self._withdraw(changed)
        objects = sorted({each.object for each in chosen.held})
        gone = Decision("drop", drop=Drop(act.reason))
        let_go = await self._spool.rule(dict.fromkeys(objects, gone), "", act) if objects else ()
        return self._answer("discard", chosen, open_ones, changed, act, objects=let_go)

    async def release(self, question: Document) -> Document:
        """Decide again on held objects, or send objects to a node; held deliveries go on."""
        target = question.get("to")
        if self._rules is None or self._router is None:
            raise BadQuestion(Phrase("command.needs_router", verb="queue release"))
        rules, act = self._rules(), self._act(question, default="released by a person")
        if isinstance(target, str) and target not in rules.nodes:
            raise BadQuestion(Phrase("command.no_such_node", name=target))
        what = {name: each for name, each in question.items() if name != "to"}
        chosen = self._chosen(what)
        if isinstance(target, str):
            return await self._send(chosen, target, rules, act)
        again = in_state(chosen.deliveries, DeliveryState.HELD)
        changed = await self._spool.resume([each.id for each in again], act) if again else ()
        for to in sorted({each.to for each in again}):
            self._router.kick(to)
        released, still = await self._decide_again(chosen, rules, act)
        answer = self._answer("release", chosen, again, changed, act, objects=released)
        return {**answer, "still_held": still}

    # --- release ---------------------------------------------------------------------------------

    async def _send(self, chosen: Chosen, to: str, rules: Rules, act: Act) -> Document:
        """Send objects somewhere because a person says so."""
        assert self._router is not None
        send = Send(to, (), RELEASED, (RELEASED,))
        decision = Decision("route", sends=(send,), rules=(RELEASED,))
        objects = dict.fromkeys(chosen.objects(), decision)
        done: Sequence[str] = ()
        if objects:
            done = await self._spool.rule(objects, rules.served.rule_set, act, again=True)
        self._router.arrived(to)
        gone = len(objects) - len(done)
        return {**self._answer("release", chosen, [], [], act, objects=done), "gone": gone}

    async def _decide_again(
        self, chosen: Chosen, rules: Rules, act: Act
    ) -> tuple[list[str], list[Document]]:
        """Decide on each held object; give those that nothing holds now, and why others stay."""
        still: list[Document] = []
        decided: dict[str, Decision] = {}
        for name, queue in {each.object: each.queue for each in chosen.held}.items():
            try:
                decided[name] = await self._decision(name, rules.served, queue)
            except Damaged as wrong:
                still.append({"object": name, "queue": queue, "reason": str(wrong)})
        ruled: Sequence[str] = ()
        if decided:
            ruled = await self._spool.rule(decided, rules.served.rule_set, act)
        held = [each for name in ruled for each in self._spool.held_of_object(name)]
        for each in held:
            still.append({"object": each.object, "queue": each.queue, "reason": each.reason})
        self._hint(send for name in ruled for send in decided[name].sends)
        return sorted({*ruled}.difference(each.object for each in held)), still

    async def _decision(self, name: str, served: Served, queue: str) -> Decision:
        stored = await self._spool.open(name)
        try:
            decision = await self._redecider.decide(served, stored)
        finally:
            stored.close()
        return not_refused(decision, queue or UNROUTED)

    def _hint(self, sends: Iterable[Send]) -> None:
        assert self._router is not None
        for to in {send.to for send in sends}:
            self._router.arrived(to)

    # --- parts -----------------------------------------------------------------------------------

    def _sending(self) -> frozenset[int]:
        return self._router.sending() if self._router is not None else frozenset()

    def _withdraw(self, numbers: Sequence[int]) -> None:
        if self._router is not None:
            self._router.withdraw(numbers)

    def _free(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Give those that are not under way: what is, ends by itself in a moment."""
        sending = self._sending()
        return [each for each in deliveries if each.id not in sending]

    def _chosen(self, question: Document) -> Chosen:
        names = {*self._spool.destinations(), *(self._rules().nodes if self._rules else ())}
        what = filter_of(question, names)
        if what == Filter():
            raise BadQuestion(Phrase("command.no_filter"))
        return choose(self._spool, what, self._sending())

    def _act(self, question: Document, default: str = "") -> Act:
        reason, who = question.get("reason") or default, question.get("by")
        if not isinstance(reason, str) or len(reason) > LONGEST_REASON:
            raise BadQuestion(Phrase("command.bad_reason", most=LONGEST_REASON))
        return Act(str(who or ""), self._world.clock.now(), reason)

    def _answer(  # noqa: PLR0913
        self,
        verb: str,
        chosen: Chosen,
        meant: Sequence[Delivery],
        changed: Sequence[int],
        act: Act,
        *,
        objects: Sequence[str] = (),
    ) -> Document:
        numbers = set(changed)
        self._notify(Acted(verb, len(numbers), len(objects), act.by))
        return {
            "verb": verb,
            "by": act.by or None,
            "reason": act.reason or None,
            "deliveries": len(numbers),
            "bytes": sum(each.size for each in meant if each.id in numbers),
            "objects": len(objects),
            "sending": sum(each.id in self._sending() for each in meant if each.id not in numbers),
            "unchanged": len(chosen.deliveries) - len(numbers),
            "unknown": list(chosen.unknown),
            "more": chosen.more,
        }


def in_state(deliveries: Iterable[Delivery], state: DeliveryState) -> list[Delivery]:
    """Give those in a state."""
    return [each for each in deliveries if each.state is state]
