"""One destination: what to do next, and never how. Sans-I/O: events in, actions out.

Theory of operation. A destination has a window on its backlog (`window`), up to `associations`
lines (an association that is opening, open or closing) and one breaker. Deliveries leave in the
order of urgency, then arrival. The first line carries one object at a time; each object that the
peer takes lets one more line open, as long as several wait (slow open). Lines stay open for a while
when nothing waits.

Whose trouble is it?
- The destination's: no association, or one that ends under an object. The breaker opens: nothing is
  tried before `due`, then one line with one object is the probe. Any answer closes it again.
- The object's: an answer that refuses it, no presentation context, damage on disk. It is held, or
  rests until a time of its own; the others go on. When the same object sees its association end
  again and again while others are taken, it rests as well and the destination does not wait for it.
- In between: different objects in a row refused for lack of resources are the destination's.
- Nobody's: what comes of an association that leads elsewhere than the rules do now (`change`). That
  is recorded of the object and says nothing of the destination as it is declared now.

An association that other rules end counts for `associations` until it has ended, when it is to the
host and port of now: the limit spares a peer. To another place it does not, so that one that hangs
there keeps nothing from the place of now.

Rules of this file: every change of `state` goes through `TRANSITIONS`; a delivery that was taken
from the window comes back by exactly one `Record`, or is put back when nothing was tried; the clock
is read and never waited for.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import NodeSettings
from roteiro.runtime.delivery.actions import (
    Abort,
    Action,
    Connect,
    Entry,
    Record,
    Release,
    Store,
    Tell,
)
from roteiro.runtime.delivery.meter import Meter
from roteiro.runtime.delivery.pairs import Pairs, pair_of
from roteiro.runtime.delivery.retry import delay, expired
from roteiro.runtime.delivery.state import (
    TRANSITIONS,
    Breaker,
    Contexts,
    Line,
    Place,
    State,
    Trigger,
)
from roteiro.runtime.delivery.statuses import Judgement, Outcome, judge, note
from roteiro.runtime.delivery.window import Ask, Window
from roteiro.runtime.dicom import uid_name
from roteiro.runtime.events import (
    DeliveryDone,
    DeliveryFailed,
    DeliveryHeld,
    DeliveryWarned,
    DestinationRecovered,
    DestinationWaiting,
    Event,
    ObjectDamaged,
)
from roteiro.runtime.spool.contract import Delivery
from roteiro.runtime.world import Clock, Dice

KEPT_OPEN = 5.0
"""Seconds that an association stays open with nothing to send."""
STALE = 1.0
"""Seconds without traffic after which an association may have ended without our seeing it."""
REFUSERS = 3
"""Different objects refused in a row, without a success between, before the destination waits."""
SUSPECT = 2
"""Associations that ended under one object in a row before others are tried first."""
POISON = 3
"""Associations that ended under one object in a row before it is the object's trouble."""
SWEEP = 60.0
"""Seconds between two readings of the whole backlog when there seems to be nothing."""
DOUBT = Phrase("runtime.in_doubt", reason="")
"""Begins the reason of a delivery that may have arrived; it is on record and outlives us."""


class Destination:
    """See the module. Every method that reports an event gives the actions that follow."""

    def __init__(self, node: NodeSettings, clock: Clock, dice: Dice) -> None:
        """Begin with an empty window; the spool is asked by whoever holds us (`wants`, `fill`)."""
        self.node = node
        self.state = State.IDLE
        self.breaker = Breaker()
        self.window = Window()
        self.lines: dict[int, Line] = {}
        self.meter = Meter()
        self.last_success: float | None = None
        """Seconds since 1970."""
        self._clock = clock
        self._dice = dice
        self._pairs = Pairs()
        self._width = 1
        self._extra = Breaker()
        self._refusers: set[int] = set()
        self._returning: dict[int, tuple[Delivery, float | None]] = {}
        self._numbers = count(1)
        self._next_sweep = 0.0
        self._actions: list[Action] = []

    @property
    def in_flight(self) -> int:
        """Objects that are being sent now."""
        return sum(line.sending is not None for line in self.lines.values())

    def sending(self) -> list[int]:
        """Give the ids of the deliveries that are being sent now."""
        return [line.sending.id for line in self.lines.values() if line.sending is not None]

    @property
    def associations(self) -> int:
        """Associations that are open now."""
        return sum(line.open for line in self.lines.values())

    # --- the backlog -----------------------------------------------------------------------------

    def hint(self) -> None:
        """Something was committed for this destination."""
        self.window.hint()

    def wants(self) -> Ask | None:
        """Say which page of the backlog to bring with `fill`, if any."""
        return None if self.state is State.STOPPING else self.window.wants()

    def fill(self, page: Sequence[Delivery], ask: Ask) -> list[Action]:
        """Take in a page of the backlog."""
        self.window.fill(page, ask)
        if page:
            self._next_sweep = self._clock.monotonic() + SWEEP
        if self.state is State.WAITING:
            self._hold_expired(self.breaker.cause)
        return self._advance()

    # --- associations ----------------------------------------------------------------------------

    def opened(self, number: int, contexts: Contexts) -> list[Action]:
        """Note that an association was opened."""
        line = self.lines[number]
        line.contexts = contexts
        line.quiet_since = self._clock.monotonic()
        if self.state is not State.STOPPING and not line.retired:
            self._move(Trigger.OPENED)
        return self._advance()

    def refused(self, number: int, reason: str) -> list[Action]:
        """Note that an association could not be opened."""
        line = self._drop(number)
        if line.retired or self.state in (State.WAITING, State.STOPPING):
            return self._advance()
        if self._open_count():
            self._narrow()
            return self._advance()
        probe = self._next()
        if probe is not None:
            self.window.take(probe)
            self._fail(probe, reason)
        self._break(reason)
        return self._advance()

    def closed(self, number: int) -> list[Action]:
        """Note that an association that was to be released has ended."""
        self._drop(number)
        return self._advance()

    def lost(self, number: int) -> list[Action]:
        """Note that an association had ended before an object could be begun on it."""
        line = self._drop(number)
        assert line.sending is not None
        self.window.put_back(line.sending)
        if line.served == 0 and not line.retired:
            self._blame(Phrase("runtime.closed_by_peer"))
        return self._advance()

    # --- objects ---------------------------------------------------------------------------------

    def answered(self, number: int, status: int) -> list[Action]:
        """Note the status of a C-STORE response."""
        line, delivery = self._finish(number)
        line.served += 1
        line.quiet_since = self._clock.monotonic()
        judgement = judge(status, in_doubt=delivery.reason.startswith(DOUBT))
        match judgement.outcome:
            case Outcome.DONE | Outcome.WARNED:
                self._succeed(delivery, status, judgement)
            case Outcome.AGAIN:
                self._come_back(delivery, judgement.reason)
            case Outcome.HOLD:
                self._hold(delivery, judgement.reason)
        if not line.retired:
            self._learn(line, delivery, judgement)
        return self._advance()

    def broke(self, number: int, reason: str) -> list[Action]:
        """Note that an association ended under an object: nobody knows whether it arrived."""
        line = self._drop(number)
        delivery = line.sending
        assert delivery is not None
        trials = self.window.trial(delivery.id)
        if trials.broken == 0:
            trials.taken_before = self.meter.total
        trials.broken += 1
        poison = trials.broken >= POISON and self.meter.total > trials.taken_before
        due = self._later(trials.broken) if poison else None
        self._fail(delivery, _doubtful(reason), due)
        if not poison and not line.stale and not line.retired:
            self._blame(reason)
        return self._advance()

    def unwilling(self, number: int, reason: str) -> list[Action]:
        """Note that the peer does not take what the object needs."""
        _, delivery = self._finish(number)
        self._hold(delivery, reason)
        return self._advance()

    def damaged(self, number: int, *, gone: bool) -> list[Action]:
        """Note that the object is not what was kept; `gone` when the association went with it."""
        delivery = self._leave(number, gone=gone)
        event = ObjectDamaged(delivery.object, self.node.name, delivery.sop_instance)
        self._hold(delivery, Phrase("runtime.held_corrupt"), event)
        return self._advance()

    def unreadable(self, number: int, reason: str, *, gone: bool) -> list[Action]:
        """Note that the disk did not give the object; it is tried again by itself."""
        delivery = self._leave(number, gone=gone)
        trials = self.window.trial(delivery.id)
        trials.refused += 1
        words = Phrase("runtime.unreadable", reason=reason)
        self._fail(delivery, words, self._later(trials.refused))
        return self._advance()

    def recorded(self, number: int) -> list[Action]:
        """Note that the spool knows the outcome of an attempt."""
        if number in self._returning:
            self.window.put_back(*self._returning.pop(number))
        else:
            self.window.settle(number)
        return self._advance()

    # --- time and people -------------------------------------------------------------------------

    def tick(self) -> list[Action]:
        """Do what has become due."""
        return self._advance()

    def next_tick(self) -> float | None:
        """Say when, by the monotonic clock, something becomes due."""
        if self.state is State.STOPPING:
            return None
        times = [line.quiet_since + KEPT_OPEN for line in self.lines.values() if line.free]
        if self.state is State.WAITING:
            times.append(self.breaker.due)
        elif self._extra.due > self._clock.monotonic() and self.window.ready > 1:
            times.append(self._extra.due)
        if (rest := self.window.next_due()) is not None:
            times.append(rest)
        if self.window.dry:
            times.append(self._next_sweep)
        return min(times, default=None)

    def kick(self) -> list[Action]:
        """Try now what waits for its time."""
        self.window.wake_all()
        self.window.sweep()
        self.breaker.due = self._extra.due = self._clock.monotonic()
        return self._advance()

    def change(self, node: NodeSettings, *, renamed: bool = False) -> list[Action]:
        """Go on with the node as it is declared now, also after `stop`, and try it at once.

        Associations stay, up to the limit of now; those that lead elsewhere, or under another name
        of ours (`renamed`), finish their object and end.
        """
        same = not renamed and peer_of(node) == peer_of(self.node)
        self.node = node
        for line in self._present()[node.associations if same else 0 :]:
            line.retired = True
        self._width = min(self._width, node.associations) if same else 1
        self.breaker, self._extra = Breaker(), Breaker()
        self._refusers.clear()
        self._begin_anew()
        return self.kick()

    def _begin_anew(self) -> None:
        self._move(Trigger.CHANGED)
        if self._open_count():
            self._move(Trigger.OPENED)
        elif any(line.opening for line in self._present()):
            self._move(Trigger.WORK)

    def stop(self) -> list[Action]:
        """Begin nothing new; what is under way may finish."""
        self._move(Trigger.STOP)
        return self._advance()

    # --- what to do next -------------------------------------------------------------------------

    def _advance(self) -> list[Action]:
        now = self._clock.monotonic()
        self.window.wake(now)
        if self.window.dry and now >= self._next_sweep:
            self._next_sweep = now + SWEEP
            self.window.sweep()
        if self.state is State.WAITING and now >= self.breaker.due:
            self._move(Trigger.RESUMED if self._open_count() else Trigger.DUE)
        if self.state in (State.WAITING, State.STOPPING):
            self._release_free(0.0, now)
        else:
            self._use_lines(now)
            self._open_lines(now)
            self._release_free(KEPT_OPEN, now)
        self._release_retired()
        if self.state is State.STOPPING:
            self._abandon_opening()
        actions, self._actions = self._actions, []
        return actions

    def _use_lines(self, now: float) -> None:
        for line in self.lines.values():
            while line.free and (delivery := self._next()) is not None:
                self._use(line, delivery, now)

    def _use(self, line: Line, delivery: Delivery, now: float) -> None:
        assert line.contexts is not None
        pair = pair_of(delivery)
        if line.contexts.carries(*pair):
            self.window.take(delivery)
            self._pairs.used(pair)
            line.sending = delivery
            line.stale = line.served > 0 and now - line.quiet_since >= STALE
            self._actions.append(Store(line.number, delivery))
        elif pair in line.asked or line.contexts.proposed(*pair):
            self.window.take(delivery)
            names = {"sop_class": uid_name(pair[0]), "transfer_syntax": uid_name(pair[1])}
            self._hold(delivery, Phrase("runtime.no_context", **names))
        else:
            self._release(line)  # an association that proposes it takes its place

    def _open_lines(self, now: float) -> None:
        if not self.window.ready or self._occupied() >= self.node.associations:
            return
        if not self._present():
            self._move(Trigger.WORK)
            self._connect()
        elif self._room_for_more(now):
            self._connect()

    def _room_for_more(self, now: float) -> bool:
        present = self._present()
        opening = sum(line.opening for line in present)
        allowed = 1 if self._extra.failures else self._width
        return (
            self.state is State.OPEN
            and len(present) < self._width
            and opening < allowed
            and self.window.ready - opening > 1
            and now >= self._extra.due
        )

    def _connect(self) -> None:
        pairs = self._pairs.to_propose(self.window.waiting())
        line = Line(next(self._numbers), frozenset(pairs), place_of(self.node))
        self.lines[line.number] = line
        self._actions.append(Connect(line.number, pairs))

    def _release(self, line: Line) -> None:
        line.closing = True
        self._actions.append(Release(line.number))

    def _release_free(self, quiet: float, now: float) -> None:
        for line in self.lines.values():
            if line.free and line.quiet_since + quiet <= now:
                self._release(line)

    def _release_retired(self) -> None:
        for line in self.lines.values():
            if line.retired and line.quiet:
                self._release(line)

    def _abandon_opening(self) -> None:
        for line in self.lines.values():
            if line.opening:
                line.closing = True
                self._actions.append(Abort(line.number))

    def _next(self) -> Delivery | None:
        """Give the delivery to send next; a probe is not one that has made trouble before."""
        if not self.breaker.failures:
            return self.window.head()
        calm = (each for each in self.window.waiting() if not self._made_trouble(each))
        return next(calm, self.window.head())

    def _made_trouble(self, delivery: Delivery) -> bool:
        trials = self.window.trials.get(delivery.id)
        return trials is not None and (trials.refused > 0 or trials.broken >= SUSPECT)

    # --- outcomes --------------------------------------------------------------------------------

    def _learn(self, line: Line, delivery: Delivery, judgement: Judgement) -> None:
        """Note what an answer says of the destination."""
        if line.served == 1 and self._open_count() > 1:
            self._extra = Breaker()  # one more than before, and it works
        if judgement.outcome is Outcome.AGAIN:
            if len(self._refusers) < REFUSERS:
                self._refusers.add(delivery.id)
            if len(self._refusers) == REFUSERS and self.state is State.OPEN:
                self._break(judgement.reason)
            return
        if judgement.outcome is not Outcome.HOLD:
            self._refusers.clear()
            self._width = min(self._width + 1, self.node.associations)
        self._recover()

    def _succeed(self, delivery: Delivery, status: int, judgement: Judgement) -> None:
        self.meter.add(self._clock.monotonic())
        self.last_success = self._clock.now()
        facts = (self.node.name, delivery.id, delivery.sop_instance, status)
        attempts = delivery.attempts + 1
        event: Event = DeliveryDone(*facts, attempts)
        if judgement.outcome is Outcome.WARNED:
            event = DeliveryWarned(*facts, judgement.reason, attempts)
        self._actions.append(Record(Entry.DONE, delivery, note(status), (event,)))

    def _come_back(self, delivery: Delivery, reason: str) -> None:
        trials = self.window.trial(delivery.id)
        trials.broken = 0
        trials.refused += 1
        self._fail(delivery, reason, self._later(trials.refused))

    def _fail(self, delivery: Delivery, reason: str, due: float | None = None) -> None:
        """Record an attempt that failed; the delivery returns when that is written."""
        if delivery.reason.startswith(DOUBT):
            reason = _doubtful(reason)
        if expired(self.node.retry, delivery.queued, self._clock.now()):
            self._hold(delivery, reason)
            return
        attempts = delivery.attempts + 1
        self._returning[delivery.id] = replace(delivery, attempts=attempts, reason=reason), due
        facts = (self.node.name, delivery.id, delivery.sop_instance)
        event = DeliveryFailed(*facts, reason, attempts)
        self._actions.append(Record(Entry.FAILED, delivery, reason, (event,)))

    def _hold(self, delivery: Delivery, reason: str, *events: Event) -> None:
        held = DeliveryHeld(self.node.name, delivery.id, delivery.sop_instance, reason)
        self._actions.append(Record(Entry.HELD, delivery, reason, (*events, held)))

    def _hold_expired(self, reason: str) -> None:
        today = self._clock.now()
        for delivery in tuple(self.window.waiting()):
            if expired(self.node.retry, delivery.queued, today):
                self.window.take(delivery)
                self._hold(delivery, reason)

    # --- the breaker -----------------------------------------------------------------------------

    def _blame(self, reason: str) -> None:
        """Open the breaker, or open fewer lines when others still work."""
        if self._open_count():
            self._narrow()
        elif self.state not in (State.WAITING, State.STOPPING):
            self._break(reason)

    def _break(self, reason: str) -> None:
        now = self._clock.monotonic()
        if self.breaker.failures == 0:
            self.breaker.since = now
        self.breaker.failures += 1
        self.breaker.cause = reason
        self.breaker.due = self._later(self.breaker.failures)
        self._width = 1
        self._move(Trigger.FAILED)
        wait = self.breaker.due - now
        waiting = DestinationWaiting(self.node.name, reason, self.breaker.failures, wait)
        self._actions.append(Tell(waiting))
        self._hold_expired(reason)

    def _narrow(self) -> None:
        """Open no more lines for a while: the peer seems to have enough."""
        self._extra.failures += 1
        self._extra.due = self._later(self._extra.failures)
        self._width = max(1, self._open_count())

    def _recover(self) -> None:
        """Note that the peer answers: the breaker closes."""
        if self.state is State.WAITING:
            self._move(Trigger.ANSWERED)
        if self.breaker.failures:
            seconds = self._clock.monotonic() - self.breaker.since
            event = DestinationRecovered(self.node.name, self.breaker.failures, seconds)
            self._actions.append(Tell(event))
        self.breaker = Breaker()

    # --- small things ----------------------------------------------------------------------------

    def _move(self, trigger: Trigger) -> None:
        self.state = TRANSITIONS[self.state, trigger]

    def _present(self) -> list[Line]:
        """Give the lines of the node as it is declared now."""
        return [line for line in self.lines.values() if not line.retired]

    def _occupied(self) -> int:
        """Count the associations that the peer of now has with us, those that end included."""
        place = place_of(self.node)
        return sum(not line.retired or line.place == place for line in self.lines.values())

    def _open_count(self) -> int:
        return sum(line.open for line in self._present())

    def _drop(self, number: int) -> Line:
        line = self.lines.pop(number)
        if not self._present() and self.state is State.OPEN:
            self._move(Trigger.CLOSED)
        return line

    def _finish(self, number: int) -> tuple[Line, Delivery]:
        line = self.lines[number]
        delivery, line.sending = line.sending, None
        assert delivery is not None
        return line, delivery

    def _leave(self, number: int, *, gone: bool) -> Delivery:
        _, delivery = self._finish(number)
        if gone:
            self._drop(number)
        return delivery

    def _later(self, failures: int) -> float:
        wait = delay(self.node.retry, failures, self._dice.fraction())
        return self._clock.monotonic() + wait


def place_of(node: NodeSettings) -> Place:
    """Give where a node is."""
    return node.host, node.port


def peer_of(node: NodeSettings) -> tuple[Place, str]:
    """Give what an association to a node leads to."""
    return place_of(node), node.ae


def _doubtful(reason: str) -> str:
    return reason if reason.startswith(DOUBT) else Phrase("runtime.in_doubt", reason=reason)
