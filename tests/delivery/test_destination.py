"""The state machine by itself: events in, actions out, on a clock that is set by hand."""

from dataclasses import dataclass, field, replace

import pytest

from roteiro.lang.settings import Backoff
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
from roteiro.runtime.delivery.destination import KEPT_OPEN, POISON, Destination
from roteiro.runtime.delivery.state import TRANSITIONS, State, Trigger
from roteiro.runtime.delivery.window import RESTING, SIZE, Ask, Window
from roteiro.runtime.events import DestinationWaiting
from roteiro.runtime.spool.contract import Delivery, DeliveryState, Lane
from roteiro.runtime.world import Timer
from tests.delivery.parts import CT, EXPLICIT, node
from tests.virtual import SeededDice


@dataclass
class HandClock:
    """Stands still until it is moved."""

    seconds: float = 1000.0

    def now(self) -> float:
        return 1.8e9 + self.seconds

    def monotonic(self) -> float:
        return self.seconds

    def call_later(self, delay: float, call: object) -> Timer:
        raise AssertionError("a state machine does not wait")


class All:
    """Contexts for everything."""

    def carries(self, sop_class: str, transfer_syntax: str) -> bool:
        return True

    def proposed(self, sop_class: str, transfer_syntax: str) -> bool:
        return True


def delivery(number: int) -> Delivery:
    uid, waiting = f"1.2.3.{number}", DeliveryState.WAITING
    return Delivery(
        number, f"o{number}", "pacs", "r", "normal", waiting, 1.8e9, 0, "", CT, uid, EXPLICIT, 1
    )


@dataclass
class Bench:
    """A destination and what it asked for."""

    clock: HandClock = field(default_factory=HandClock)
    backlog: list[int] = field(default_factory=list)
    asked: list[Action] = field(default_factory=list)
    associations: int = 1

    def __post_init__(self) -> None:
        settings = node(associations=self.associations, retry=Backoff(5, 900))
        self.it = Destination(settings, self.clock, SeededDice(1))
        self.pull(self.it.tick())

    def pull(self, actions: list[Action]) -> None:
        """Keep the actions; write every record at once, as a quick spool does."""
        self.asked += actions
        while (ask := self.it.wants()) is not None:
            if ask.lane is None:
                self.asked += self.it.named([Lane("normal")] if self.backlog else [], ask)
                continue
            numbers = [number for number in self.backlog if number > ask.after][: ask.limit]
            self.asked += self.it.fill([delivery(number) for number in numbers], ask)
        for record in [each for each in self.asked if isinstance(each, Record)]:
            if record not in self.written:
                self.written.append(record)
                if record.entry is not Entry.FAILED:
                    self.backlog.remove(record.delivery.id)
                self.pull(self.it.recorded(record.delivery.id))

    written: list[Record] = field(default_factory=list)

    def put(self, *numbers: int) -> None:
        self.backlog += numbers
        self.it.hint()
        self.pull(self.it.tick())

    def pass_time(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.pull(self.it.tick())

    def last(self, kind: type) -> Action:
        return [action for action in self.asked if isinstance(action, kind)][-1]

    def count(self, kind: type) -> int:
        return sum(isinstance(action, kind) for action in self.asked)

    def waits(self) -> int:
        told = (action.event for action in self.asked if isinstance(action, Tell))
        return sum(isinstance(event, DestinationWaiting) for event in told)

    def open(self) -> None:
        self.pull(self.it.opened(self.last(Connect).line, All()))


def test_every_state_is_reached_and_left():
    assert {end for _, end in TRANSITIONS.items()} == set(State)
    for state in State:
        ends = {end for (start, _), end in TRANSITIONS.items() if start is state}
        assert ends - {state, State.STOPPING} or state is State.STOPPING
        assert TRANSITIONS[state, Trigger.STOP] is State.STOPPING
    assert {trigger for _, trigger in TRANSITIONS} == set(Trigger)


def test_the_usual_way():
    bench = Bench()
    assert bench.it.state is State.IDLE
    bench.put(1, 2)
    assert bench.it.state is State.CONNECTING
    assert bench.last(Connect) == Connect(1, ((CT, EXPLICIT),))
    bench.open()
    assert bench.it.state is State.OPEN
    assert bench.last(Store).delivery.id == 1
    bench.pull(bench.it.answered(1, 0))
    assert bench.last(Store).delivery.id == 2
    bench.pull(bench.it.answered(1, 0))
    assert [(record.entry, record.text) for record in bench.written] == [(Entry.DONE, "0x0000")] * 2
    bench.pass_time(KEPT_OPEN - 0.1)
    assert bench.count(Release) == 0
    bench.pass_time(0.1)
    assert bench.last(Release) == Release(1)
    bench.pull(bench.it.closed(1))
    assert bench.it.state is State.IDLE


def test_an_object_is_not_begun_again_before_its_failure_is_on_record():
    bench = Bench()
    bench.put(1)
    bench.open()
    actions = bench.it.broke(1, "reset")
    assert [type(action) for action in actions] == [Record, Tell]
    bench.clock.seconds += 10_000
    assert bench.it.tick() == []
    assert [type(action) for action in bench.it.recorded(1)] == [Connect]


def test_in_a_row_means_in_a_row():
    bench = Bench()
    bench.put(1, 2)
    for _ in range(POISON - 1):
        bench.open()
        bench.pull(bench.it.broke(bench.last(Store).line, "reset"))
        bench.pass_time(1000)
    bench.open()  # the probe is now another object
    assert bench.last(Store).delivery.id == 2
    bench.pull(bench.it.answered(bench.last(Store).line, 0))
    bench.pull(bench.it.answered(bench.last(Store).line, 0xA700))
    bench.pass_time(1)
    assert bench.it.state is State.OPEN
    bench.pass_time(100)
    assert bench.last(Store).delivery.id == 1
    bench.pull(bench.it.broke(bench.last(Store).line, "reset"))  # it was quiet: no wait yet
    bench.open()
    before = bench.waits()
    bench.pull(bench.it.broke(bench.last(Store).line, "reset"))
    assert bench.waits() == before + 1


def test_what_is_being_opened_when_the_breaker_opens_is_released():
    bench = Bench(associations=2)
    bench.put(*range(1, 20))
    bench.open()
    bench.pull(bench.it.answered(1, 0))
    assert bench.last(Connect).line == 2
    bench.pull(bench.it.broke(1, "reset"))
    assert bench.it.state is State.WAITING
    bench.pull(bench.it.opened(2, All()))
    assert bench.it.state is State.WAITING
    assert bench.last(Release) == Release(2)


def test_an_answer_that_comes_while_waiting_ends_the_wait():
    bench = Bench(associations=4)
    bench.put(*range(1, 20))
    bench.open()
    for line in (2, 3, 4):
        bench.pull(bench.it.answered(1, 0))
        bench.pull(bench.it.opened(line, All()))
    for line in (1, 2, 3):
        bench.pull(bench.it.answered(line, 0xA700))
    assert bench.it.state is State.WAITING
    bench.pull(bench.it.answered(4, 0))
    assert bench.it.state is State.OPEN
    assert bench.it.breaker.failures == 0


@pytest.mark.parametrize(
    "trigger", [t for t in Trigger if t not in (Trigger.STOP, Trigger.CHANGED)]
)
def test_only_other_rules_lead_out_of_stopping(trigger: Trigger):
    assert (State.STOPPING, trigger) not in TRANSITIONS


def test_stop_abandons_what_is_being_opened():
    bench = Bench()
    bench.put(1)
    bench.pull(bench.it.stop())
    assert bench.last(Abort) == Abort(1)
    bench.pull(bench.it.refused(1, "the router stopped"))
    assert bench.written == []
    assert bench.it.next_tick() is None


NORMAL = Lane("normal")


def always(way: str) -> bool:
    return True


def test_a_window_never_holds_more_than_it_may():
    window = Window("pacs")
    window.named([NORMAL], 0.0)
    backlog = iter(range(1, 10**6))
    for _ in range(200):
        while (ask := window.wants(0.0, always)) is not None:
            window.fill([delivery(next(backlog)) for _ in range(ask.limit)], ask)
        for head in tuple(window.shelves[NORMAL].ready):
            window.take(head)
            window.put_back(head, due=1e9)
        assert window.ready + window.taken <= SIZE
        assert window.resting <= RESTING + SIZE
    assert window.wants(0.0, always) is None
    window.wake_all()
    assert window.wants(0.0, always) is None


def test_a_page_with_known_deliveries_adds_only_the_others():
    window = Window("pacs")
    window.fill([delivery(1), delivery(2)], Ask("pacs", NORMAL, SIZE, 0))
    window.take(delivery(1))
    window.sweep()
    window.fill([delivery(1), delivery(2), delivery(3)], Ask("pacs", NORMAL, SIZE, 0))
    assert [each.id for each in window.shelves[NORMAL].ready] == [2, 3]


def test_what_a_person_decided_on_is_begun_no_more():
    window = Window("pacs")
    page = [delivery(number) for number in range(1, 6)]
    window.fill(page, Ask("pacs", NORMAL, SIZE, 0))
    window.take(page[0])
    window.take(page[1])
    window.put_back(page[1], due=5.0)
    window.withdraw([1, 2, 3, 99])
    assert [each.id for each in window.shelves[NORMAL].ready] == [4, 5]
    assert (window.resting, window.next_due(), window.taken) == (0, None, 1)
    window.settle(1)
    assert window.taken == 0


# --- other rules ---------------------------------------------------------------------------------


def test_other_rules_end_an_association_after_its_object_and_open_another():
    bench = Bench()
    bench.put(1, 2)
    bench.open()
    bench.pull(bench.it.change(node(port=105)))
    assert bench.last(Connect).line == 2
    assert not bench.count(Release), "its object is still on its way"
    bench.pull(bench.it.answered(1, 0x0000))
    assert bench.last(Release).line == 1
    bench.open()
    assert (bench.last(Store).line, bench.last(Store).delivery.id) == (2, 2)


def test_trouble_of_an_association_of_before_is_not_the_destinations():
    bench = Bench()
    bench.put(1)
    bench.pull(bench.it.change(node(port=105)))
    bench.pull(bench.it.refused(1, "refused"))
    assert not bench.written
    assert not bench.waits()
    bench.pull(bench.it.refused(2, "refused"))
    assert bench.it.state is State.WAITING
    bench.pull(bench.it.change(node(port=106)))
    assert bench.last(Connect).line == 3, "what is declared otherwise is tried at once"
    assert not bench.it.breaker.failures


def test_an_answer_of_the_node_of_before_says_nothing_of_the_one_of_now():
    bench = Bench()
    bench.put(1, 2)
    bench.open()
    bench.pull(bench.it.change(node(port=105)))
    bench.pull(bench.it.refused(2, "refused"))
    bench.pull(bench.it.answered(1, 0x0000))
    assert bench.written[-1].entry is Entry.DONE
    assert bench.it.state is State.WAITING


def test_a_node_that_was_gone_goes_on_where_it_was():
    bench = Bench()
    bench.put(1, 2)
    bench.open()
    bench.pull(bench.it.stop())
    bench.pull(bench.it.change(node()))
    assert bench.it.state is State.OPEN, "the first is under way"
    bench.pull(bench.it.answered(1, 0x0000))
    assert (bench.count(Connect), bench.last(Store).delivery.id) == (1, 2)


def test_associations_stay_when_the_node_is_where_it_was():
    bench = Bench()
    bench.put(*range(1, 9))
    bench.open()
    for number in range(4):
        retry = Backoff(6 + number, 900)
        bench.pull(bench.it.change(node(retry=retry)))
        assert (bench.it.state, bench.it.node.retry) == (State.OPEN, retry)
    bench.pull(bench.it.answered(1, 0x0000))
    assert bench.last(Store).delivery.id == 2
    assert (bench.count(Connect), bench.count(Release)) == (1, 0)


def test_an_association_that_is_being_opened_is_waited_for_under_other_rules():
    bench = Bench()
    bench.put(1)
    bench.pull(bench.it.change(node(retry=Backoff(7, 900))))
    assert bench.it.state is State.CONNECTING
    assert bench.count(Connect) == 1
    bench.pull(bench.it.refused(1, "refused"))
    assert bench.it.state is State.WAITING


@pytest.mark.parametrize(
    "change", [{"node": node(), "renamed": True}, {"node": replace(node(), ae="OTHER")}]
)
def test_an_association_that_ends_counts_for_the_limit_of_the_same_peer(change):
    bench = Bench()
    bench.put(*range(1, 9))
    bench.open()
    bench.pull(bench.it.change(**change))
    assert bench.count(Connect) == 1
    bench.pull(bench.it.answered(1, 0x0000))
    assert (bench.last(Release).line, bench.count(Connect)) == (1, 1)
    bench.pull(bench.it.closed(1))
    assert bench.last(Connect).line == 2


def test_a_lower_limit_ends_the_associations_that_are_too_many():
    bench = Bench(associations=2)
    bench.put(*range(1, 9))
    bench.open()
    bench.pull(bench.it.answered(1, 0x0000))
    bench.open()
    assert bench.it.associations == 2
    bench.pull(bench.it.change(node(associations=1)))
    bench.pull(bench.it.answered(2, 0x0000))
    assert bench.last(Release).line == 2
    bench.pull(bench.it.closed(2))
    bench.pull(bench.it.answered(1, 0x0000))
    assert (bench.last(Store).line, bench.count(Connect)) == (1, 2)
