"""What each decision means on the wire, in the queues and at the destination."""

import pytest

from tests.e2e.raw import RawSender, RawSink, send_all
from tests.e2e.routers import Routers, header, until
from tests.e2e.wire import Parcel, made_up

RULES = """
guard {
  rule stranger { when PatientID == "REFUSE" refuse 0x0124 "not authorised" }
  rule silent   { when PatientID == "DROP" drop "only a test" }
  rule nobody   { when PatientID is blank hold quarantine "no Patient ID" }
  otherwise { pass }
}
table routing all {
  rule ct { when Modality == "CT" send to pacs }
  rule sr { when Modality == "SR" hold reports "for a person" }
  rule us { when Modality == "US" nothing "read on the cart" }
}
"""
GOOD = made_up("1.2.3.1", "CT")


def cut(parcel: Parcel, after: str) -> Parcel:
    """End a data set one byte after an element's tag and VR."""
    group, element = (int(part, 16) for part in after.split(","))
    tag = group.to_bytes(2, "little") + element.to_bytes(2, "little")
    end = parcel.data.index(tag) + 7
    return Parcel(
        "cut", parcel.sop_class, parcel.sop_instance, parcel.transfer_syntax, parcel.data[:end]
    )


@pytest.mark.parametrize(
    ("parcel", "status", "queue"),
    [
        (made_up("1.2.3.2", "OT"), 0x0000, "unrouted"),
        (made_up("1.2.3.3", "SR"), 0x0000, "reports"),
        (made_up("1.2.3.4", "CT", x00100020=""), 0x0000, "quarantine"),
        (made_up("1.2.3.5", "CT", x00100020="DROP"), 0x0000, None),
        (made_up("1.2.3.6", "CT", x00100020="REFUSE"), 0x0124, None),
        (made_up("1.2.3.7", "US"), 0x0000, None),
        (cut(made_up("1.2.3.8", "CT"), "0008,0060"), 0x0000, "unreadable"),
        (cut(made_up("1.2.3.9", "CT"), "0010,0020"), 0x0000, "unreadable"),
    ],
    ids=[
        "unrouted",
        "hold",
        "guard hold",
        "drop",
        "refuse",
        "nothing",
        "cut in Modality",
        "cut in PatientID",
    ],
)
def test_object_that_is_not_sent(
    parcel: Parcel, status: int, queue: str | None, routers: Routers
) -> None:
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + RULES).start()
        assert send_all(router.port, [parcel, GOOD]) == [status, 0]
        pacs.wait_for(GOOD)
        held = [(item["queue"], item["sop_instance"]) for item in router.queue()["held"]]
        assert held == ([(queue, parcel.sop_instance)] if queue else [])
        listed = {item["queue"]: item["objects"] for item in router.status()["queues"]}
        assert listed == ({queue: 1} if queue else {})
        # A delivery of the first would have come before that of the second.
        assert [item.sop_instance for item in pacs.arrivals] == [GOOD.sop_instance]
        assert router.destination("pacs")["waiting"] == 0
        router.kill()
        assert [
            (item["queue"], item["sop_instance"]) for item in router.start().queue()["held"]
        ] == held, "what is held outlives the process"


def test_held_object_says_why_and_keeps_its_bytes(routers: Routers) -> None:
    parcel = made_up("1.2.3.10", "OT", bytes(5_000))
    router = routers(header(pacs=1) + RULES).start()
    assert send_all(router.port, [parcel]) == [0]
    (held,) = router.held("unrouted")
    assert held["reason"]
    assert held["size"] == len(parcel.data)
    assert held["sop_class"] == parcel.sop_class


def test_refusal_is_on_the_wire_and_in_the_log_and_leaves_nothing(routers: Routers) -> None:
    router = routers(header(pacs=1) + RULES).start()
    parcel = made_up("1.2.3.11", "CT", bytes(100_000), x00100020="REFUSE")
    assert send_all(router.port, [parcel] * 3) == [0x0124] * 3
    assert "0x0124" in router.wait_log("refused", parcel.sop_instance, "not authorised")
    assert [path for path in router.spool.rglob("*") if path.stat().st_size > 100_000] == []


def test_listener_may_refuse_the_unreadable(routers: Routers) -> None:
    rules = header(pacs=1).replace("port = {port}", "port = {port}  unreadable = refuse") + RULES
    router = routers(rules).start()
    parcel = cut(made_up("1.2.3.12", "CT"), "0008,0060")
    status = send_all(router.port, [parcel])[0]
    assert status >> 12 == 0xC
    assert not router.queue()["held"]


def test_sender_that_breaks_off_leaves_nothing(routers: Routers) -> None:
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + RULES).start()
        parcel = made_up("1.2.3.13", "CT", bytes(200_000))
        for end in (RawSender.abort, RawSender.close):
            sender = RawSender(router.port).open((parcel.sop_class, parcel.transfer_syntax))
            sender.send(parcel, parcel.data[:150_000], last=False)
            end(sender)
        until(lambda: not router.status()["associations"])
        assert send_all(router.port, [GOOD]) == [0]
        pacs.wait_for(GOOD)
        assert len(pacs.arrivals) == 1
        assert not router.queue("--state", "waiting")["deliveries"]
        assert not [path for path in router.spool.rglob("*.part*") if path.is_file()]


def test_echo_is_answered(routers: Routers) -> None:
    router = routers(header(pacs=1) + RULES).start()
    sender = RawSender(router.port).open(("1.2.840.10008.1.1", "1.2.840.10008.1.2"))
    assert [sender.echo() for _ in range(3)] == [0, 0, 0]
    sender.release()


def test_same_object_to_one_destination_by_two_rules_is_sent_once(routers: Routers) -> None:
    twice = "table a all { rule one { send to pacs } }\ntable b all { rule two { send to pacs } }\n"
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + twice).start()
        assert send_all(router.port, [GOOD, made_up("1.2.3.14")]) == [0, 0]
        pacs.wait_count(2)
        until(lambda: router.destination("pacs")["delivered"] == 2)
        assert len(pacs.arrivals) == 2
