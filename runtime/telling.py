"""The documents of `why`, `queue show` and `ledger verify` (`docs/json.md`)."""

from collections.abc import Sequence
from dataclasses import asdict

from roteiro.lang.messages import Phrase
from roteiro.runtime.acting import Counterpart
from roteiro.runtime.control import Document, Verb
from roteiro.runtime.instant import rfc3339
from roteiro.runtime.selection import BadQuestion, choose, filter_of
from roteiro.runtime.spool.contract import (
    DestinationCounts,
    HeldObject,
    Ledger,
    Life,
    LifeOfDelivery,
    SourceCounts,
    Spool,
    Step,
)
from roteiro.runtime.world import Clock

LIMIT = 1000
"""Objects whose lives one answer tells."""


def step_entry(step: Step) -> Document:
    """Give something that was tried or done."""
    return {
        "at": rfc3339(step.at),
        "what": step.what,
        "by": step.by or None,
        "reason": step.detail or None,
    }


def delivery_life(life: LifeOfDelivery, *, sending: bool) -> Document:
    """Give one delivery with its attempts and what persons did."""
    return {
        "id": life.id,
        "to": life.to,
        "via": life.chain.split(",") if life.chain else [],
        "rule": life.rule,
        "urgency": life.urgency,
        "state": "sending" if sending else life.state.value,
        "queued": rfc3339(life.queued),
        "changed": rfc3339(life.changed),
        "failed_attempts": life.attempts,
        "reason": life.reason or None,
        "by": life.by or None,
        "steps": [step_entry(step) for step in life.steps],
    }


def hold_entry(held: HeldObject) -> Document:
    """Give a queue that holds the object."""
    return {"queue": held.queue, "reason": held.reason or None, "since": rfc3339(held.since)}


def life_entry(life: Life, sending: frozenset[int]) -> Document:
    """Give all that is known of one object."""
    return {
        "object": life.object,
        "bytes": "lost" if life.lost else "here" if life.bytes_here else "gone",
        "sop_class": life.sop_class,
        "sop_instance": life.sop_instance,
        "study": life.study or None,
        "series": life.series or None,
        "transfer_syntax": life.transfer_syntax,
        "size": life.size,
        "digest": f"sha256:{life.digest}",
        "received": rfc3339(life.received),
        "calling_ae": life.calling_ae,
        "address": life.peer,
        "decided": {
            "fate": life.fate,
            "rules": list(life.rules),
            "rule_set": life.rule_set,
            "reason": life.reason or None,
        },
        "repeats": life.repeats or None,
        "differs": life.differs or None,
        "deliveries": [delivery_life(each, sending=each.id in sending) for each in life.deliveries],
        "holds": [hold_entry(each) for each in life.holds],
        "steps": [step_entry(step) for step in life.steps],
    }


def source_entry(counts: SourceCounts) -> Document:
    """Give what one source sent."""
    return asdict(counts)


def destination_entry(counts: DestinationCounts) -> Document:
    """Give what one destination is owed."""
    reasons = [{"reason": reason, **asdict(count)} for reason, count in counts.reasons]
    return {**asdict(counts), "reasons": reasons}


def ledger_document(ledger: Ledger, now: float) -> Document:
    """Give the ledger."""
    return {
        "time": rfc3339(now),
        "since": rfc3339(ledger.since),
        "rebuilt": ledger.rebuilt,
        "adds_up": not ledger.wrong,
        "sources": [source_entry(each) for each in ledger.sources],
        "destinations": [destination_entry(each) for each in ledger.destinations],
        "wrong": [asdict(each) for each in ledger.wrong],
    }


class Telling:
    """Answers what people ask about the past and the present; changes nothing."""

    def __init__(
        self, clock: Clock, spool: Spool, router: Counterpart | None = None, rules: str = ""
    ) -> None:
        """Take the spool, the router on it when one runs, and the path of its rules."""
        self._clock = clock
        self._spool = spool
        self._router = router
        self._rules = rules

    def verbs(self) -> dict[str, Verb]:
        """Give the verbs by the names that the control socket has for them."""
        return {"why": self.why, "queue show": self.show, "ledger": self.ledger}

    def why(self, question: Document) -> Document:
        """Answer `why`: the lives of a study, a series, an instance or an object."""
        uid, limit = question.get("uid"), question.get("limit", LIMIT)
        if not isinstance(uid, str) or not uid or not isinstance(limit, int) or limit < 1:
            return {"error": Phrase("command.bad_uid")}
        found = self._spool.lives(uid, min(limit, LIMIT) + 1)
        return self._lives(found[: min(limit, LIMIT)], more=len(found) > limit) | {"uid": uid}

    def show(self, question: Document) -> Document:
        """Answer `queue show`: the lives of the objects that a filter means."""
        try:
            what = filter_of(question, self._spool.destinations())
        except BadQuestion as wrong:
            return {"error": wrong.phrase}
        if what.empty:
            return {"error": Phrase("command.no_filter")}
        chosen = choose(self._spool, what, self._sending(), LIMIT)
        wanted = () if what.state or what.to else what.ids  # those that are settled too
        found = {
            life.object: life
            for each in (*chosen.objects(), *wanted)
            for life in self._spool.lives(each, LIMIT)
        }
        lives = sorted(found.values(), key=lambda life: life.received)
        more = chosen.more or len(lives) > LIMIT
        return self._lives(lives[:LIMIT], more=more) | {"unknown": list(chosen.unknown)}

    async def ledger(self, question: Document) -> Document:  # noqa: ARG002  every verb has one
        """Answer `ledger verify`."""
        return ledger_document(await self._spool.ledger(self._sending()), self._clock.now())

    def _lives(self, found: Sequence[Life], *, more: bool) -> dict[str, object]:
        since, rebuilt = self._spool.since()
        sending = self._sending()
        return {
            "since": rfc3339(since),
            "rebuilt": rebuilt,
            "rules": self._rules or None,
            "objects": [life_entry(life, sending) for life in found],
            "more": more,
        }

    def _sending(self) -> frozenset[int]:
        return self._router.sending() if self._router is not None else frozenset()
