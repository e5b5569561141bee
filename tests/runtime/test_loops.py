"""What we sent to a node and comes back from it is not sent there again."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from roteiro.core.program import Decision, Hold, Send
from roteiro.runtime.loops import LOOP, without_loops

NAMES = ("pacs", "vna", "research")
SENDS = st.lists(
    st.builds(
        Send,
        st.sampled_from(NAMES),
        st.sampled_from([(), ("anonymous",)]),
        st.just("t.r"),
        st.just(()),
    ),
    unique_by=lambda send: (send.to, send.via),
).map(tuple)
SOME = st.frozensets(st.sampled_from(NAMES))


def decided(*to: str) -> Decision:
    return Decision("route", sends=tuple(Send(each, (), "t.r", ("t.r",)) for each in to))


def test_what_came_back_and_goes_nowhere_else_is_held() -> None:
    found = without_loops(decided("pacs"), frozenset({"pacs"}), lambda _: True)
    assert (found.verdict, found.sends) == ("hold", ())
    assert found.holds == (Hold(LOOP, "pacs sent what we had sent there"),)


def test_what_is_passed_on_goes_on() -> None:
    found = without_loops(decided("pacs", "research"), frozenset({"pacs"}), lambda _: True)
    assert (found.verdict, [send.to for send in found.sends]) == ("route", ["research"])
    assert (found.holds, found.nothing) == ((), ("pacs sent what we had sent there",))


def test_what_never_was_there_goes_there() -> None:
    decision = decided("pacs")
    assert without_loops(decision, frozenset({"pacs"}), lambda _: False) == decision


@given(SENDS, SOME, SOME)
def test_only_plain_sends_to_where_it_came_from_are_left_out(
    sends: tuple[Send, ...], origins: frozenset[str], sent: frozenset[str]
) -> None:
    decision = replace(decided(), sends=sends)
    found = without_loops(decision, origins, sent.__contains__)
    back = [send for send in sends if send.to in origins & sent and not send.via]
    assert found.sends == tuple(send for send in sends if send not in back)
    assert bool(found.holds or found.nothing) is bool(back)
    if not back:
        assert found == decision
