"""Who is let in, who is not, and whether the log's advice is true."""

import re

import pytest

from tests.e2e.raw import RawSender, RawSink, Rejected
from tests.e2e.routers import RouterProcess, Routers, header
from tests.e2e.wire import CT, EXPLICIT, VERIFICATION, made_up

ROUTING = "table routing first { otherwise { send to pacs } }\n"
UNKNOWN_CALLING = (1, 1, 3)
UNKNOWN_CALLED = (1, 1, 7)
ADVICE = re.compile(r"to let it in add `(node .*)`$")


def knock(router: RouterProcess, calling: str, source: str, called: str = "ROTEIRO") -> RawSender:
    sender = RawSender(router.port, calling, called, source=source)
    return sender.open((CT, EXPLICIT))


def rejection(router: RouterProcess, *who: str) -> tuple[int, int, int]:
    with pytest.raises(Rejected) as rejected:
        knock(router, *who)
    code: tuple[int, int, int] = rejected.value.code
    return code


# calling AE title -> the address it calls from; names and quotes that need care in a rule file
STRANGERS = {
    "STRANGER": "127.0.0.1",
    "SENDER": "127.0.0.2",
    "PACS": "127.0.0.3",
    "CT 7": "127.0.0.3",
    "7T": "127.0.0.3",
    'MR"7': "127.0.0.3",
    "NODE": "127.0.0.3",
    "_": "127.0.0.3",
}


def test_unknown_callers_are_rejected_and_the_advice_lets_them_in(routers: Routers) -> None:
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + ROUTING).start()
        advice = []
        for calling, source in STRANGERS.items():
            seen = len(router.log)
            assert rejection(router, calling, source) == UNKNOWN_CALLING
            line = router.wait_log("rejected", "result 1, source 1, reason 3", source, after=seen)
            found = ADVICE.search(line)
            assert found is not None, line
            advice.append(found[1])
        assert router.terminate() == 0
        router.rules += "\n".join(advice) + "\n"
        router.start()
        for number, (calling, source) in enumerate(STRANGERS.items()):
            sender = knock(router, calling, source)
            parcel = made_up(f"1.2.3.1.{number}")
            assert sender.store(parcel) == 0
            sender.release()
            pacs.wait_for(parcel)


@pytest.mark.parametrize("calling", ["sender", "SENDER2", "SENDE"])
def test_title_is_compared_to_the_letter(calling: str, routers: Routers) -> None:
    router = routers(header(pacs=1) + ROUTING).start()
    assert rejection(router, calling, "127.0.0.1") == UNKNOWN_CALLING


def test_known_caller_from_another_address_is_told_apart_in_the_log(routers: Routers) -> None:
    router = routers(header(pacs=1) + ROUTING).start()
    assert rejection(router, "SENDER", "127.0.0.2") == UNKNOWN_CALLING
    assert "another address" in router.wait_log("rejected", "`SENDER`", "127.0.0.2")


def test_node_that_may_not_call(routers: Routers) -> None:
    router = routers(header(pacs=1) + ROUTING).start()
    assert rejection(router, "PACS", "127.0.0.1") == UNKNOWN_CALLING
    assert "may" in router.wait_log("rejected", "`pacs`", "store, echo")


def test_called_title_must_be_in_the_set_of_the_listener(routers: Routers) -> None:
    rules = header(pacs=1).replace("port = {port}", 'port = {port}  called = { "ROTEIRO", "R2" }')
    router = routers(rules + ROUTING).start()
    assert rejection(router, "SENDER", "127.0.0.1", "ANY-SCP") == UNKNOWN_CALLED
    line = router.wait_log("rejected", "reason 7", "`ANY-SCP`")
    assert "called" in line
    assert "`main`" in line
    for called in ("ROTEIRO", "R2"):
        knock(router, "SENDER", "127.0.0.1", called).release()


def test_caller_may_do_only_what_it_may(routers: Routers) -> None:
    rules = header(pacs=1).replace("may = { store, echo }", "may = { echo }") + ROUTING
    router = routers(rules).start()
    sender = RawSender(router.port).open((CT, EXPLICIT), (VERIFICATION, "1.2.840.10008.1.2"))
    assert list(sender.contexts) == [(VERIFICATION, "1.2.840.10008.1.2")]
    assert sender.echo() == 0
    sender.release()


def test_listener_may_accept_unknown_callers(routers: Routers) -> None:
    with RawSink() as pacs:
        rules = header(pacs=pacs.port).replace("port = {port}", "port = {port}  accept unknown")
        router = routers(rules + ROUTING).start()
        sender = knock(router, "WHOEVER", "127.0.0.9")
        parcel = made_up("1.2.3.2")
        assert sender.store(parcel) == 0
        sender.release()
        pacs.wait_for(parcel)


def test_name_and_network_as_hosts(routers: Routers) -> None:
    more = (
        'node named { ae = "NAMED"  host = "localhost"  may = { store } }\n'
        'node wide  { ae = "WIDE"   host = "127.0.4.0/24"  may = { store } }\n'
    )
    router = routers(header(pacs=1) + more + ROUTING).start()
    knock(router, "NAMED", "127.0.0.1").release()
    knock(router, "WIDE", "127.0.4.200").release()
    assert rejection(router, "WIDE", "127.0.5.1") == UNKNOWN_CALLING
