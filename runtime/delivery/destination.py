"""One destination: what to do next, and never how. Sans-I/O: events in, actions out.

Theory of operation. A destination is a node. It has a backlog (its own queue and those of its
pools, `backlog`), up to `associations` lines (an association that is opening, open or closing) and
one breaker. The backlog says what is next. The first line carries one object at a time; what the
peer takes and refuses says how many lines there may be (`width`). Lines stay open for a while when
nothing waits.

Whose trouble is it?
- The destination's: no association, or one that ends under an object. The breaker opens: nothing is
  tried before `due`, then one line with one object is the probe. Any answer closes it again. When
  the wait between probes cannot get longer, the destination is dead.
- The object's: an answer that refuses it, no presentation context, damage on disk. It is held, or
  rests until a time of its own; the others go on. When the same object sees its association end
  again and again while others are taken, it rests as well and the destination does not wait for it.
  What is refused for lack of resources for a day, while others are taken, is held.
- The object's too: a fault of ours in handling it. At the third it is held (`marks`).
- In between: different objects in a row refused for lack of resources, or that come to a fault of
  ours, are the destination's.
- Nobody's: what comes of an association that leads elsewhere than the rules do now (`change`). That
  is recorded of the object and says nothing of the destination as it is declared now.

An association that other rules end counts for `associations` until it has ended, when it is to the
host and port of now: the limit spares a peer. To another place it does not, so that one that hangs
there keeps nothing from the place of now.

Rules of this file: every change of `state` goes through `TRANSITIONS`; a delivery that was taken
from the backlog comes back by exactly one `Record`, or is put back when nothing was tried; the
clock is read and never waited for.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count, islice

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import NodeSettings
from roteiro.runtime.delivery.actions import (
    Abort,
    Action,
    Connect,
    Entry,
    Nudge,
    Record,
    Release,
    Start,
    Store,
    Tell,
)
from roteiro.runtime.delivery.backlog import Backlog, Queue
from roteiro.runtime.delivery.batches import AskGathered, Whole
from roteiro.runtime.delivery.doubt import doubtful, in_doubt, still_doubtful
from roteiro.runtime.delivery.hours import ALWAYS, Hours
from roteiro.runtime.delivery.marks import TIMES
from roteiro.runtime.delivery.meter import Meter
from roteiro.runtime.delivery.pace import Bucket, Pace, bucket_of
from roteiro.runtime.delivery.pairs import Pairs, pair_of
from roteiro.runtime.delivery.retry import dead, delay, expired
from roteiro.runtime.delivery.state import (
    LEFT_ALONE,
    TRANSITIONS,
    Breaker,
    Contexts,
    Line,
    Place,
    State,
    Trigger,
)
from roteiro.runtime.delivery.statuses import Judgement, Outcome, judge, note
from roteiro.runtime.delivery.width import Width
from roteiro.runtime.delivery.window import SIZE, Ask, Window
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
from roteiro.runtime.spool.contract import Delivery, Gathering, Lane
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
POSTPONED = 5.0
"""Seconds until a delivery is looked at again that waits for its turn to be handled alone."""
REFUSED_HOURS = 24
"""Hours in which an object is refused, while others are taken, before a person has to look."""


class Destination:
    """See the module. Every method that reports an event gives the actions that follow."""

    def __init__(
        self,
        node: NodeSettings,
        clock: Clock,
        dice: Dice,
        *,
        queues: Sequence[Queue] = (),
        hours: Hours = ALWAYS,
    ) -> None:
        """Begin with nothing; the spool is asked by whoever holds us (`wants`, `named`, `fill`).

        The first of `queues` is the node's own.
        """
        self.node = node
        self.state = State.IDLE
        self.breaker = Breaker()
        self.backlog = Backlog(node.name, clock, queues or (Queue(Window(node.name)),), hours)
        self.pace: Pace | None = None
        """What bytes have to wait for."""
        self.lines: dict[int, Line] = {}
        self.meter = Meter()
        self.last_success: float | None = None
        """Seconds since 1970."""
        self._clock = clock
        self._dice = dice
        self._pairs = Pairs()
        self._width = Width(node.associations)
        self._objects: Bucket | None = None
        self._extra = Breaker()
        self._refusers: set[int] = set()
        self._returning: dict[int, tuple[Delivery, float | None]] = {}
        self._numbers = count(1)
        self._seen = self._outlook()
        self._actions: list[Action] = []
        self._pace_by(node)

    @property
    def in_flight(self) -> int:
        """Objects that are being sent now."""
        return sum(line.sending is not None for line in self.lines.values())

    def sending(self) -> list[Delivery]:
        """Give the deliveries that are being sent now."""
        return [line.sending for line in self.lines.values() if line.sending is not None]

    @property
    def associations(self) -> int:
        """Associations that are open now."""
        return sum(line.open for line in self.lines.values())

    @property
    def fit(self) -> bool:
        """Whether it may be tried now."""
        return self.state not in LEFT_ALONE and self.state is not State.STOPPING

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against it."""
        return self.fit and not self.breaker.failures

    @property
    def dead(self) -> bool:
        """Whether it was found dead, and has not answered since."""
        return dead(self.node.retry, self.breaker.failures)

    @property
    def shown(self) -> State:
        """How it stands, as people see it: dead until it answers, also when nobody tries it."""
        return State.DEAD if self.state is State.IDLE and self.dead else self.state

    # --- the backlog -----------------------------------------------------------------------------

    def hint(self) -> None:
        """Something was committed for this destination."""
        self.backlog.hint()

    def wants(self) -> Ask | AskGathered | None:
        """Say what to bring of the backlog, with `named`, `fill` or `gathered`, if anything."""
        return None if self.state is State.STOPPING else self.backlog.wants()

    def named(self, lanes: Sequence[Lane], ask: Ask) -> list[Action]:
        """Learn which lanes a queue has."""
        self.backlog.named(lanes, ask)
        return self._advance()

    def fill(self, page: Sequence[Delivery], ask: Ask) -> list[Action]:
        """Take in a page of the backlog."""
        self.backlog.fill(page, ask)
        if page and ask.to != self.node.name:
            self._nudge()
        if self.state in LEFT_ALONE:
            self._hold_expired(self.breaker.cause)
        return self._advance()

    def gathered(self, found: Sequence[Gathering], ask: AskGathered) -> list[Action]:
        """Learn what was gathered for batches."""
        self._actions += [Start(whole) for whole in self.backlog.gathered(found, ask)]
        return self._advance()

    def started(self, whole: Whole) -> list[Action]:
        """Note that it is on record that a batch may start."""
        self.backlog.started(whole)
        return self._advance()

    def unstarted(self, whole: Whole) -> list[Action]:
        """Note that this could not be written; it is tried again."""
        self.backlog.unstarted(whole)
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
        if line.retired or self.state in LEFT_ALONE or self.state is State.STOPPING:
            return self._advance()
        if self._open_count():
            self._narrow()
            return self._advance()
        probe = self._next()
        if probe is not None:
            self.backlog.take(probe)
            self._fail(probe, reason)
        self._break(reason)
        return self._advance()

    def unfit(self, number: int, reason: str) -> list[Action]:
        """Note that the peer took us and none of the contexts: what was asked for is held."""
        line = self._drop(number)
        if line.retired or self.state is State.STOPPING:
            return self._advance()
        for delivery in [each for each in self.backlog.waiting() if pair_of(each) in line.asked]:
            self.backlog.take(delivery)
            self._hold(delivery, reason)
        self._blame(reason)
        return self._advance()

    def closed(self, number: int) -> list[Action]:
        """Note that an association that was to be released has ended."""
        self._drop(number)
        return self._advance()

    def lost(self, number: int) -> list[Action]:
        """Note that an association had ended before an object could be begun on it."""
        line = self._drop(number)
        assert line.sending is not None
        self.backlog.put_back(line.sending)
        if line.served == 0 and not line.retired:
            self._blame(Phrase("runtime.closed_by_peer"))
        return self._advance()

    # --- objects ---------------------------------------------------------------------------------

    def answered(self, number: int, status: int) -> list[Action]:
        """Note the status of a C-STORE response."""
        line, delivery = self._finish(number)
        line.served += 1
        line.quiet_since = self._clock.monotonic()
        judgement = judge(status, in_doubt=in_doubt(delivery.reason))
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
        trials = self.backlog.trial(delivery.id)
        if trials.broken == 0:
            trials.broken_after = self.meter.total
        trials.broken += 1
        poison = trials.broken >= POISON and self.meter.total > trials.broken_after
        due = self._later(trials.broken) if poison else None
        self._fail(delivery, doubtful(reason, self._as_member(delivery)), due)
        if not poison and not line.stale and not line.retired:
            self._blame(reason)
        return self._advance()

    def unwilling(self, number: int, reason: str) -> list[Action]:
        """Note that the peer does not take what the object needs."""
        _, delivery = self._finish(number)
        self._hold(delivery, reason)
        return self._advance()

    def withdrawn(self, number: int) -> list[Action]:
        """Note that a person stopped the delivery before it was begun: the spool has that."""
        _, delivery = self._finish(number)
        return self.recorded(delivery.id)

    def postponed(self, number: int) -> list[Action]:
        """Note that the delivery waits until another one that made trouble was handled."""
        _, delivery = self._finish(number)
        self.backlog.put_back(delivery, self._clock.monotonic() + POSTPONED)
        return self._advance()

    def faulted(self, number: int, reason: str, times: int) -> list[Action]:
        """Note a fault of ours in handling an object, by which its association ended as well.

        That is the object's trouble, until different objects in a row come to it.
        """
        line = self._drop(number)
        delivery = line.sending
        assert delivery is not None
        if times >= TIMES:
            self._hold(delivery, Phrase("runtime.held_faulty", times=times, reason=reason))
        else:
            why = doubtful(reason, self._as_member(delivery))
            self._fail(delivery, why, self._later(times))
        self._refusers.add(delivery.id)
        if len(self._refusers) >= REFUSERS and not line.retired:
            self._refusers.clear()
            self._blame(reason)
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
        trials = self.backlog.trial(delivery.id)
        trials.unread += 1
        words = Phrase("runtime.unreadable", reason=reason)
        self._fail(delivery, words, self._later(trials.unread))
        return self._advance()

    def recorded(self, number: int) -> list[Action]:
        """Note that the spool knows the outcome of an attempt."""
        if number in self._returning:
            self.backlog.put_back(*self._returning.pop(number))
        else:
            self.backlog.settle(number)
        return self._advance()

    # --- time and people -------------------------------------------------------------------------

    def tick(self) -> list[Action]:
        """Do what has become due."""
        return self._advance()

    def next_tick(self) -> float | None:
        """Say when, by the monotonic clock, something becomes due."""
        if self.state is State.STOPPING:
            return None
        now = self._clock.monotonic()
        times = [line.quiet_since + KEPT_OPEN for line in self.lines.values() if line.free]
        times += self.backlog.times()
        if self.state in LEFT_ALONE:
            times.append(self.breaker.due)
        elif self._extra.due > now and self.backlog.ready(2) > 1:
            times.append(self._extra.due)
        if self._objects is not None and (wait := self._objects.wait(1, now)):
            times.append(now + wait)
        return min(times, default=None)

    def kick(self) -> list[Action]:
        """Try now what waits for its time."""
        self.backlog.wake_all()
        self.breaker.due = self._extra.due = self._clock.monotonic()
        return self._advance()

    def queue(self, queues: Sequence[Queue], hours: Hours) -> None:
        """Be sent from these queues, and by these schedules, from now on."""
        self.backlog.queues, self.backlog.hours = queues, hours

    def change(self, node: NodeSettings, *, renamed: bool = False) -> list[Action]:
        """Go on with the node as it is declared now, also after `stop`, and try it at once.

        Associations stay, up to the limit of now; those that lead elsewhere, or under another name
        of ours (`renamed`), finish their object and end.
        """
        same = not renamed and peer_of(node) == peer_of(self.node)
        if node.rate != self.node.rate:
            self._pace_by(node)
        self.node = node
        for line in self._present()[node.associations if same else 0 :]:
            line.retired = True
        self._width.bound(node.associations)
        if not same:
            self._width.restart()
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
        self.backlog.look()
        if self.state in LEFT_ALONE and now >= self.breaker.due:
            self._move(Trigger.RESUMED if self._open_count() else Trigger.DUE)
        if self.fit:
            self._release_surplus()
            self._use_lines(now)
            self._open_lines(now)
            self._release_free(KEPT_OPEN, now)
        else:
            self._release_free(0.0, now)
        self._release_retired()
        if self.state is State.STOPPING:
            self._abandon_opening()
        if self._seen != (outlook := self._outlook()):
            self._seen = outlook
            self._nudge()
        actions, self._actions = self._actions, []
        return actions

    def _nudge(self) -> None:
        if self.backlog.shared:
            self._actions.append(Nudge())

    def _outlook(self) -> tuple[bool, bool, bool]:
        """Give what decides what other members of our pools may take."""
        return self.fit, self.healthy, self.dead

    def _use_lines(self, now: float) -> None:
        for line in self.lines.values():
            while line.free and self._allowed(now) and (delivery := self._next()) is not None:
                self._use(line, delivery, now)

    def _allowed(self, now: float) -> bool:
        """Say whether the rate of the node lets one more object go."""
        return self._objects is None or not self._objects.wait(1, now)

    def _use(self, line: Line, delivery: Delivery, now: float) -> None:
        assert line.contexts is not None
        pair = pair_of(delivery)
        if line.contexts.carries(*pair):
            self.backlog.begin(delivery)
            self._pairs.used(pair)
            if self._objects is not None:
                self._objects.take(1, now)
            line.sending = delivery
            line.stale = line.served > 0 and now - line.quiet_since >= STALE
            self._actions.append(Store(line.number, delivery))
        elif pair in line.asked or line.contexts.proposed(*pair):
            self.backlog.take(delivery)
            names = {"sop_class": uid_name(pair[0]), "transfer_syntax": uid_name(pair[1])}
            self._hold(delivery, Phrase("runtime.no_context", **names))
        else:
            self._release(line)  # an association that proposes it takes its place

    def _open_lines(self, now: float) -> None:
        if self._occupied() >= self.node.associations:
            return
        if not self._allowed(now) or not self.backlog.ready(1):
            return
        if not self._present():
            self._move(Trigger.WORK)
            self._connect()
        elif self._room_for_more(now):
            self._connect()

    def _room_for_more(self, now: float) -> bool:
        present = self._present()
        opening = sum(line.opening for line in present)
        allowed = 1 if self._extra.failures else self._width.now
        return (
            self.state is State.OPEN
            and len(present) < self._width.now
            and opening < allowed
            and self.backlog.ready(opening + 2) - opening > 1
            and now >= self._extra.due
        )

    def _connect(self) -> None:
        pairs = self._pairs.to_propose(islice(self.backlog.waiting(), SIZE))
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

    def _release_surplus(self) -> None:
        """End the quiet ones of more associations than there may be."""
        surplus = sum(line.open for line in self._present()) - self._width.now
        for line in [line for line in self.lines.values() if line.free][: max(0, surplus)]:
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
        calm = self.backlog.next(self._calm) if self.breaker.failures else None
        return calm or self.backlog.next()

    def _calm(self, delivery: Delivery) -> bool:
        trials = self.backlog.tried(delivery)
        return trials is None or not (trials.refused or trials.unread or trials.broken >= SUSPECT)

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
            elif self.backlog.trial(delivery.id).refused == 1:  # again and again is its own trouble
                self._width.shrink()
            return
        if judgement.outcome is not Outcome.HOLD:
            self._refusers.clear()
            self._width.grow()
        self._recover()

    def _succeed(self, delivery: Delivery, status: int, judgement: Judgement) -> None:
        self.meter.add(self._clock.monotonic())
        self.last_success = self._clock.now()
        self.backlog.delivered(delivery.id)
        facts = (self._to(delivery), delivery.id, delivery.sop_instance, status)
        attempts = delivery.attempts + 1
        event: Event = DeliveryDone(*facts, attempts)
        if judgement.outcome is Outcome.WARNED:
            event = DeliveryWarned(*facts, judgement.reason, attempts)
        self._actions.append(Record(Entry.DONE, delivery, self._noted(delivery, status), (event,)))

    def _noted(self, delivery: Delivery, status: int) -> str:
        """Give the status, and the member of the pool that answered."""
        member = self._as_member(delivery)
        return note(status) if member is None else f"{note(status)} {member}"

    def _to(self, delivery: Delivery) -> str:
        """Give the destination, and the member of the pool that it goes to."""
        member = self._as_member(delivery)
        return delivery.to if member is None else f"{delivery.to}/{member}"

    def _as_member(self, delivery: Delivery) -> str | None:
        """Give our name when a delivery is owed to a pool."""
        return None if delivery.to == self.node.name else self.node.name

    def _come_back(self, delivery: Delivery, reason: str) -> None:
        trials = self.backlog.trial(delivery.id)
        now = self._clock.monotonic()
        if trials.refused == 0:
            trials.refused_since, trials.refused_after = now, self.meter.total
        trials.broken = 0
        trials.refused += 1
        others = self.meter.total > trials.refused_after
        if others and now - trials.refused_since >= REFUSED_HOURS * 3600:
            self._hold(delivery, Phrase("runtime.refused_for", hours=REFUSED_HOURS, reason=reason))
        else:
            self._fail(delivery, reason, self._later(trials.refused))

    def _fail(self, delivery: Delivery, reason: str, due: float | None = None) -> None:
        """Record an attempt that failed; the delivery returns when that is written."""
        reason = still_doubtful(delivery.reason, reason)
        late = expired(self.node.retry, delivery.queued, self._clock.now())
        if late and self.backlog.only_here(delivery):
            self._hold(delivery, reason)
            return
        attempts = delivery.attempts + 1
        self._returning[delivery.id] = replace(delivery, attempts=attempts, reason=reason), due
        facts = (self._to(delivery), delivery.id, delivery.sop_instance)
        event = DeliveryFailed(*facts, reason, attempts)
        self._actions.append(Record(Entry.FAILED, delivery, reason, (event,)))

    def _hold(self, delivery: Delivery, reason: str, *events: Event) -> None:
        held = DeliveryHeld(self._to(delivery), delivery.id, delivery.sop_instance, reason)
        self._actions.append(Record(Entry.HELD, delivery, reason, (*events, held)))

    def _hold_expired(self, reason: str) -> None:
        today = self._clock.now()
        for delivery in tuple(self.backlog.own()):
            if expired(self.node.retry, delivery.queued, today):
                self.backlog.take(delivery)
                self._hold(delivery, reason)

    # --- the breaker -----------------------------------------------------------------------------

    def _blame(self, reason: str) -> None:
        """Open the breaker, or open fewer lines when others still work."""
        if self._open_count():
            self._narrow()
        elif self.fit:
            self._break(reason)

    def _break(self, reason: str) -> None:
        now = self._clock.monotonic()
        if self.breaker.failures == 0:
            self.breaker.since = now
        self.breaker.failures += 1
        self.breaker.cause = reason
        self.breaker.due = self._later(self.breaker.failures)
        self._width.restart()
        self._move(Trigger.DIED if self.dead else Trigger.FAILED)
        wait = self.breaker.due - now
        waiting = DestinationWaiting(self.node.name, reason, self.breaker.failures, wait)
        self._actions.append(Tell(waiting))
        self._hold_expired(reason)

    def _narrow(self) -> None:
        """Open no more lines for a while: the peer seems to have enough."""
        self._extra.failures += 1
        self._extra.due = self._later(self._extra.failures)
        self._width.limit(self._open_count())

    def _recover(self) -> None:
        """Note that the peer answers: the breaker closes."""
        if self.state in LEFT_ALONE:
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

    def _pace_by(self, node: NodeSettings) -> None:
        rate = node.rate
        self._objects = bucket_of(rate) if rate and not rate.in_bytes else None
        self.pace = Pace(self._clock, bucket_of(rate)) if rate and rate.in_bytes else None

    def _later(self, failures: int) -> float:
        wait = delay(self.node.retry, failures, self._dice.fraction())
        return self._clock.monotonic() + wait


def place_of(node: NodeSettings) -> Place:
    """Give where a node is."""
    return node.host, node.port


def peer_of(node: NodeSettings) -> tuple[Place, str]:
    """Give what an association to a node leads to."""
    return place_of(node), node.ae
