"""What rules want joined to a decision: ways of a delivery, urgency, notices."""

from collections.abc import Callable
from dataclasses import replace

from roteiro.core.program import (
    TRUE,
    UNROUTED,
    Batch,
    Deliver,
    Effect,
    Encoding,
    Envelope,
    Hold,
    Nothing,
    Notify,
    Program,
    Release,
    Rule,
    Table,
)

Both = Callable[[Program], object]
STUDY = Batch("study", 60.0)
SERIES = Batch("series", 30.0, 300.0)


def decided(both: Both, *effects: Effect) -> object:
    """Give the decision of a table whose rules each do one thing."""
    rules = tuple(Rule(f"t.r{place}", TRUE, (effect,)) for place, effect in enumerate(effects))
    program = Program((), (), None, (Table("t", False, rules),), "sha256:test")
    outcome = both(program).decide(b"", Encoding.EXPLICIT_LITTLE, Envelope())
    return outcome.decision


def test_one_delivery_starts_in_each_of_its_ways(both: Both) -> None:
    night = Release(None, "night")
    ways = (Release(STUDY), night, Release(), night, Release(STUDY))
    decision = decided(both, *(Deliver("pacs", release=way) for way in ways))
    (send,) = decision.sends
    assert send.release == (Release(STUDY), night, Release())
    assert send.rules == tuple(f"t.r{place}" for place in range(5))


def test_all_batches_do_the_most_with_late_images(both: Both) -> None:
    hold, new, whole = (replace(STUDY, late=late) for late in ("hold", "new", "all"))
    for batches, late in (((hold, new), "new"), ((new, whole), "all"), ((hold, hold), "hold")):
        first, second = batches
        sends = (
            Deliver("pacs", release=Release(first)),
            Deliver("pacs", release=Release(replace(SERIES, late=second.late), "night")),
            Deliver("pacs", release=Release(second)),
        )
        (send,) = decided(both, *sends).sends
        assert send.release == (
            Release(replace(STUDY, late=late)),
            Release(replace(SERIES, late=late), "night"),
        )


def test_the_most_urgent_counts(both: Both) -> None:
    sends = (Deliver("a", urgency="low"), Deliver("a", urgency="stat"), Deliver("a", ("x",)))
    decision = decided(both, *sends)
    assert [(send.via, send.urgency) for send in decision.sends] == [
        ((), "stat"),
        (("x",), "normal"),
    ]
    assert all(send.release == (Release(),) for send in decision.sends)


def test_notices_route_nothing(both: Both) -> None:
    night, day = Notify("oncall", "night"), Notify("oncall", "day")
    alone = decided(both, night, day, night)
    assert alone.notify == (night, day)
    assert (alone.verdict, alone.hold.queue) == ("hold", UNROUTED)
    assert alone.rules == ("t.r0", "t.r1", "t.r2")
    assert decided(both, night, Nothing("seen")).verdict == "route"
    held = decided(both, night, Hold("aside", ""))
    assert (held.verdict, held.hold, held.notify) == ("hold", None, (night,))
