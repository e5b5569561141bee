"""The documents of `status` and `queue list`: facts of a running router (`docs/json.md`)."""

from collections.abc import Sequence

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import NodeSettings, Settings
from roteiro.runtime.association.listener import Listener, Visit
from roteiro.runtime.control import Document
from roteiro.runtime.delivery.dispatch import Dispatcher
from roteiro.runtime.delivery.status import DestinationStatus
from roteiro.runtime.disk import disk_entry
from roteiro.runtime.instant import rfc3339
from roteiro.runtime.selection import MOST, BadQuestion, choose, filter_of
from roteiro.runtime.spool.contract import Backlog, Delivery, HeldObject, Spool
from roteiro.runtime.spool.room import SpoolRoom
from roteiro.runtime.world import Clock

DEFAULT_LIMIT = 1000


def instant(seconds: float | None) -> str | None:
    """Give a time of day as RFC 3339, UTC, where there is one."""
    return None if seconds is None else rfc3339(seconds)


def destination_entry(status: DestinationStatus, node: NodeSettings | None) -> dict[str, object]:
    """Give one destination; `node` is `None` for a name that the rules no longer have."""
    return {
        "name": status.to,
        "ae": node and node.ae,
        "host": node and node.host,
        "port": node and node.port,
        "state": status.state,
        "cause": status.cause or None,
        "waiting": status.waiting,
        "waiting_bytes": status.waiting_bytes,
        "sending": status.in_flight,
        "resting": status.resting,
        "held": status.held,
        "delivered": status.delivered,
        "associations": status.associations,
        "oldest": instant(status.oldest),
        "oldest_age_s": status.oldest_age and round(status.oldest_age, 3),
        "last_success": instant(status.last_success),
        "failures": status.failures,
        "next_attempt": instant(status.next_attempt),
        "rate_per_s": round(status.rate, 3),
        "members": list(status.members),
        "gathering": status.gathering,
        "shut": [{"schedule": each.schedule, "opens": instant(each.opens)} for each in status.shut],
    }


def oldest_held(backlog: Backlog | None, now: float) -> dict[str, object]:
    """Give how long the oldest held delivery has been owed."""
    since = None if backlog is None else backlog.oldest_held
    passed = None if since is None else age(now, since)
    return {"oldest_held": instant(since), "oldest_held_age_s": passed}


def delivery_entry(delivery: Delivery, *, now: float, sending: bool) -> Document:
    """Give one delivery; it is `sending` when it is under way now."""
    return {
        "id": delivery.id,
        "to": delivery.to,
        "state": "sending" if sending else delivery.state.value,
        "rule": delivery.rule,
        "urgency": delivery.urgency,
        "queued": instant(delivery.queued),
        "age_s": age(now, delivery.queued),
        "attempts": delivery.attempts,
        "reason": delivery.reason or None,
        "sop_class": delivery.sop_class,
        "sop_instance": delivery.sop_instance,
        "transfer_syntax": delivery.transfer_syntax,
        "size": delivery.size,
        "study": delivery.study or None,
        "series": delivery.series or None,
        "object": delivery.object,
    }


def held_entry(held: HeldObject, *, now: float) -> Document:
    """Give one object that a queue holds."""
    return {
        "object": held.object,
        "queue": held.queue,
        "reason": held.reason or None,
        "since": instant(held.since),
        "age_s": age(now, held.since),
        "sop_class": held.sop_class,
        "sop_instance": held.sop_instance,
        "size": held.size,
        "study": held.study or None,
        "series": held.series or None,
    }


def age(now: float, then: float) -> float:
    """Give seconds that passed; a clock that was set back makes it 0, not negative."""
    return round(max(0.0, now - then), 3)


class Reporter:
    """Answers the verbs of the control socket."""

    def __init__(  # noqa: PLR0913, PLR0917  the parts that are reported on
        self,
        clock: Clock,
        spool: Spool,
        settings: Settings,
        rule_set: str,
        dispatcher: Dispatcher,
        listeners: Sequence[Listener],
        leaving: Sequence[Listener] = (),
        room: SpoolRoom | None = None,
    ) -> None:
        """Take what is reported on; `leaving` accept no more and still have associations."""
        self._clock = clock
        self._spool = spool
        self._settings = settings
        self._rule_set = rule_set
        self._dispatcher = dispatcher
        self._listeners = listeners
        self._leaving = leaving
        self._room = room

    def status(self, question: Document) -> Document:  # noqa: ARG002  every verb has one
        """Answer `status`."""
        nodes = {node.name: node for node in self._settings.nodes}
        now, backlogs = self._clock.now(), self._spool.destinations()
        return {
            "router": {"ae": self._settings.router.ae, "rule_set": self._rule_set},
            "time": instant(now),
            "disk": self._room and disk_entry(self._room.report),
            "listeners": [listener_entry(item) for item in self._listeners],
            "associations": [
                visit_entry(visit, now)
                for item in (*self._listeners, *self._leaving)
                for visit in item.associations()
            ],
            "destinations": [
                destination_entry(item, nodes.get(item.to))
                | oldest_held(backlogs.get(item.to), now)
                for item in self._dispatcher.status()
            ],
            "queues": self._queues(now),
        }

    def _queues(self, now: float) -> list[Document]:
        ages = self._spool.queue_ages()
        return [
            {
                "queue": name,
                "objects": count,
                "oldest": instant(ages.get(name)),
                "oldest_age_s": age(now, ages[name]) if name in ages else None,
            }
            for name, count in sorted(self._spool.queues().items())
        ]

    def queue(self, question: Document) -> Document:
        """Answer `queue list`: deliveries, and what queues hold unless a node is asked for."""
        limit = question.get("limit", DEFAULT_LIMIT)
        if not isinstance(limit, int) or not 0 < limit <= MOST:
            return {"error": Phrase("command.bad_limit", most=MOST)}
        names = {*(node.name for node in self._settings.nodes), *self._spool.destinations()}
        return listed(self._spool, question, names, self._dispatcher.sending(), self._clock.now())


def listed(
    spool: Spool, question: Document, names: set[str], sending: frozenset[int], now: float
) -> Document:
    """Give the document of `queue list`."""
    limit = question.get("limit", DEFAULT_LIMIT)
    assert isinstance(limit, int)
    try:
        chosen = choose(spool, filter_of(question, names), sending, limit)
    except BadQuestion as wrong:
        return {"error": wrong.phrase}
    deliveries = [
        delivery_entry(each, now=now, sending=each.id in sending) for each in chosen.deliveries
    ]
    return {"deliveries": deliveries, "held": [held_entry(each, now=now) for each in chosen.held]}


def listener_entry(listener: Listener) -> Document:
    """Give one listener."""
    return {
        "name": listener.settings.name,
        "address": listener.settings.address,
        "port": listener.port,
        "associations": len(listener.associations()),
    }


def visit_entry(visit: Visit, now: float) -> Document:
    """Give one running association."""
    return {
        "listener": visit.listener,
        "node": visit.node or None,
        "calling_ae": visit.calling_ae,
        "called_ae": visit.called_ae,
        "address": visit.address,
        "since": instant(visit.since),
        "age_s": age(now, visit.since),
        "objects": visit.objects,
        "bytes": visit.bytes,
    }
