"""Who may call: nodes by AE title and address, what a rejection says, how many at once."""

import pytest

from roteiro.lang.settings import ListenerSettings, NodeSettings
from roteiro.runtime.association.contract import Admitted, Caller, Rejected
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.policy import (
    LOCAL_LIMIT,
    UNKNOWN_CALLED,
    UNKNOWN_CALLING,
    Census,
    Directory,
    explain,
    node_line,
    plain_address,
    quoted,
)

STORE = frozenset(("store",))
ECHO = frozenset(("echo",))
OPEN = ListenerSettings("main", 11112)


def node(name: str, host: str, may: frozenset[str] = STORE, ae: str = "CT1") -> NodeSettings:
    return NodeSettings(name, ae, host, may=may)


def caller(
    ae: str = "CT1",
    address: str = "10.0.1.7",
    called: str = "ROTEIRO",
    listener: ListenerSettings = OPEN,
) -> Caller:
    return Caller(listener, ae, called, address)


def verdict(*nodes: NodeSettings, who: Caller, **names: tuple[str, ...]) -> Admitted | Rejected:
    directory = Directory(nodes)
    for name, addresses in names.items():
        directory.resolved(name, addresses)
    return directory.admit(who)


@pytest.mark.parametrize(
    ("host", "address", "inside"),
    [
        ("10.0.1.7", "10.0.1.7", True),
        ("10.0.1.7", "10.0.1.8", False),
        ("10.0.1.0/24", "10.0.1.200", True),
        ("10.0.1.0/24", "10.0.2.1", False),
        ("10.0.1.9/24", "10.0.1.200", True),
        ("0.0.0.0/0", "192.0.2.1", True),
        ("10.0.1.7", "::ffff:10.0.1.7", True),
        ("2001:db8::/32", "2001:db8::7", True),
        ("2001:db8::7", "2001:0db8:0::0007", True),
        ("fe80::1", "fe80::1%eth0", True),
        ("2001:db8::/32", "10.0.1.7", False),
        ("scanner", "10.0.1.7", True),
        ("scanner", "10.0.1.8", False),
        ("elsewhere", "10.0.1.7", False),
    ],
)
def test_a_host_is_an_address_a_network_or_a_name(host: str, address: str, inside: bool) -> None:
    found = verdict(node("ct", host), who=caller(address=address), scanner=("10.0.1.7",))
    assert found == (Admitted("ct", STORE) if inside else UNKNOWN_CALLING)


def test_the_most_specific_host_wins_in_any_order() -> None:
    nodes = [
        node("wide", "10.0.0.0/8", ECHO),
        node("narrow", "10.0.1.0/24", ECHO),
        node("named", "scanner", ECHO),
        node("exact", "10.0.1.7", STORE),
    ]
    expected = ["exact", "named", "narrow", "wide"]
    while nodes:
        for order in (nodes, nodes[::-1]):
            found = verdict(*order, who=caller(), scanner=("10.0.1.7", "10.0.1.9"))
            assert isinstance(found, Admitted)
            assert found.node == expected[0]
        nodes = [item for item in nodes if item.name != expected[0]]
        expected.pop(0)


def test_titles_are_compared_exactly() -> None:
    for ae in ("ct1", "CT10", "", "CT"):
        assert verdict(node("ct", "10.0.1.7"), who=caller(ae=ae)) == UNKNOWN_CALLING


def test_a_node_without_may_may_not_call() -> None:
    nodes = (node("pacs", "10.0.1.7", frozenset()), node("net", "10.0.0.0/8", STORE))
    assert verdict(*nodes, who=caller()) == UNKNOWN_CALLING


def test_called_titles() -> None:
    strict = ListenerSettings("main", 1, called=frozenset(("ROTEIRO", "OLDPACS")))
    ct = node("ct", "10.0.1.7")
    for called, expected in (
        ("ROTEIRO", Admitted("ct", STORE)),
        ("OLDPACS", Admitted("ct", STORE)),
        ("OTHER", UNKNOWN_CALLED),
        ("", UNKNOWN_CALLED),
    ):
        assert verdict(ct, who=caller(called=called, listener=strict)) == expected
    stranger = caller("X", called="OTHER", listener=strict)
    assert verdict(ct, who=stranger) == UNKNOWN_CALLING


def test_accept_unknown_lets_undeclared_callers_store_and_echo() -> None:
    loose = ListenerSettings("main", 1, accept_unknown=True, called=frozenset(("ROTEIRO",)))
    ct = node("ct", "10.0.1.7", ECHO)
    admitted = Admitted("", STORE | ECHO)
    assert verdict(ct, who=caller("X", listener=loose)) == admitted
    assert verdict(ct, who=caller(address="10.9.9.9", listener=loose)) == admitted
    assert verdict(ct, who=caller(listener=loose)) == Admitted("ct", ECHO)
    assert verdict(ct, who=caller("", listener=loose)) == UNKNOWN_CALLING
    assert verdict(ct, who=caller("X", called="Y", listener=loose)) == UNKNOWN_CALLED
    nobody = node("pacs", "10.0.1.7", frozenset())
    assert verdict(nobody, who=caller(listener=loose)) == UNKNOWN_CALLING


def test_names_are_known_when_they_were_resolved_and_stay_when_that_fails() -> None:
    directory = Directory([node("ct", "scanner"), node("mr", "mr-host", ae="MR1")])
    assert directory.names() == {"scanner", "mr-host"}
    assert directory.names("MR1") == {"mr-host"}
    assert directory.names("X") == frozenset()
    assert directory.admit(caller()) == UNKNOWN_CALLING
    directory.resolved("scanner", ["10.0.1.7", "::ffff:10.0.1.8"])
    directory.resolved("scanner", [])
    assert directory.admit(caller()) == Admitted("ct", STORE)
    assert directory.admit(caller(address="10.0.1.8")) == Admitted("ct", STORE)
    directory.resolved("scanner", ["10.0.1.99"])
    assert directory.admit(caller()) == UNKNOWN_CALLING


def test_a_rejection_says_what_to_add() -> None:
    directory = Directory([node("ct", "10.0.1.7"), node("pacs", "10.0.0.5", frozenset(), "PACS")])
    unknown = explain(caller("NEW", "10.0.0.9"), UNKNOWN_CALLING, directory)
    assert 'node new { ae = "NEW"  host = "10.0.0.9"  may = { store, echo } }' in unknown.add
    moved = explain(caller(address="10.0.1.8"), UNKNOWN_CALLING, directory)
    assert "another address" in moved.why
    assert '"10.0.1.8"' in moved.add
    mute = explain(caller("PACS", "10.0.0.5"), UNKNOWN_CALLING, directory)
    assert "`pacs`" in mute.add
    assert "may = { store, echo }" in mute.add
    assert '"X"' in explain(caller(called="X"), UNKNOWN_CALLED, directory).add
    assert explain(caller(), LOCAL_LIMIT, directory).why == "too many associations"
    assert "little room" in explain(caller(), Rejected(2, 3, 1), directory).why
    assert explain(caller("NEW"), UNKNOWN_CALLING, None).add.startswith("to let it in add")


@pytest.mark.parametrize("ae", ["A\\B", "A\x07"])
def test_no_rule_lets_in_a_title_that_is_none(ae: str) -> None:
    explanation = explain(caller(ae), UNKNOWN_CALLING, None)
    assert explanation.add == "nothing in the rule file changes that"


@pytest.mark.parametrize(
    ("ae", "name", "literal"),
    [
        ("CT-07", "ct_07", '"CT-07"'),
        ("7T", "n_7t", '"7T"'),
        ("", "caller", '""'),
        ('A"B\\C', "a_b_c", '"A\\"B\\\\C"'),
        ("A\nnode x", "a_node_x", '"A\\u{a}node x"'),
        ("\x1b[31m", "31m", '"\\u{1b}[31m"'),
        ("KÖLN", "k_ln", '"KÖLN"'),
    ],
)
def test_the_line_to_add_is_one_line_of_the_language(ae: str, name: str, literal: str) -> None:
    line = node_line(caller(ae))
    assert line.startswith(f"node {'n_' + name if name[0].isdigit() else name} {{ ae = {literal}  ")
    assert line.isprintable()
    assert quoted(ae) == literal


def test_addresses_are_shown_as_people_write_them() -> None:
    assert plain_address("::ffff:192.0.2.1") == "192.0.2.1"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert plain_address("") == ""


def test_the_census_counts_and_forgets() -> None:
    census = Census(Limits(connections=4, per_address=3, per_ae=2))
    census.enter("a", "X")
    census.enter("a", "X")
    assert not census.has_room("b", "X")
    assert census.has_room("a", "Y")
    census.enter("a", "Y")
    assert not census.has_room("a", "Z")
    census.enter("b", "Z")
    assert not census.has_room("c", "W")
    for address, ae in (("a", "X"), ("a", "X"), ("a", "Y"), ("b", "Z")):
        census.leave(address, ae)
    assert census.total == 0
    assert census.has_room("a", "X")


def test_other_nodes_take_the_place_of_those_before() -> None:
    directory = Directory([node("ct", "scanner"), node("mr", "10.0.1.8", ae="MR1")])
    directory.resolved("scanner", ["10.0.1.7"])
    directory.declare([node("ct2", "scanner"), node("us", "sono", ae="US1")])
    found = directory.find("CT1", "10.0.1.7")
    assert found is not None
    assert found.name == "ct2", "an address that was known stays known"
    assert directory.find("MR1", "10.0.1.8") is None
    assert directory.taken == {"ct2", "us"}
    directory.declare([node("mr", "10.0.1.8", ae="MR1")])
    directory.declare([node("ct", "scanner")])
    assert directory.find("CT1", "10.0.1.7") is None, "what no node has is forgotten"
