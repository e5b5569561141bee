"""What each decision means on the wire, in the queues and at the destination."""

from tests.e2e.raw import RawSender, RawSink, send_all
from tests.e2e.routers import RouterProcess, Routers, header, roteiro, until
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


# what it is -> the object, the status on the wire, the queue that holds it
NOT_SENT = {
    "no rule": (made_up("1.2.3.2", "OT"), 0x0000, "unrouted"),
    "hold": (made_up("1.2.3.3", "SR"), 0x0000, "reports"),
    "guard hold": (made_up("1.2.3.4", "CT", x00100020=""), 0x0000, "quarantine"),
    "drop": (made_up("1.2.3.5", "CT", x00100020="DROP"), 0x0000, None),
    "refuse": (made_up("1.2.3.6", "CT", x00100020="REFUSE"), 0x0124, None),
    "nothing": (made_up("1.2.3.7", "US"), 0x0000, None),
    "cut in Modality": (cut(made_up("1.2.3.8", "CT"), "0008,0060"), 0x0000, "unreadable"),
    "cut in PatientID": (cut(made_up("1.2.3.9", "CT"), "0010,0020"), 0x0000, "unreadable"),
}


def test_objects_that_are_not_sent(routers: Routers) -> None:
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + RULES).start()
        parcels = [parcel for parcel, _, _ in NOT_SENT.values()]
        statuses = [status for _, status, _ in NOT_SENT.values()]
        assert send_all(router.port, [*parcels, GOOD]) == [*statuses, 0]
        pacs.wait_for(GOOD)
        expected = {(queue, parcel.sop_instance) for parcel, _, queue in NOT_SENT.values() if queue}
        assert held(router) == expected
        assert {item["queue"]: item["objects"] for item in router.status()["queues"]} == {
            "unrouted": 1,
            "reports": 1,
            "quarantine": 1,
            "unreadable": 2,
        }
        people = roteiro("queue", "list", "--spool", router.spool).out
        assert all(f"{queue} " in people and uid in people for queue, uid in expected)
        assert router.destination("pacs")["waiting"] == 0
        router.kill()
        router.start()
        assert held(router) == expected, "what is held outlives the process"
        later = made_up("1.2.3.15")
        assert send_all(router.port, [later]) == [0]
        pacs.wait_for(later)
        # A delivery of the others would have come before.
        assert [item.sop_instance for item in pacs.arrivals] == ["1.2.3.1", "1.2.3.15"]


def held(router: RouterProcess) -> set[tuple[str, str]]:
    return {(item["queue"], item["sop_instance"]) for item in router.queue()["held"]}


def test_held_object_says_why_and_keeps_its_bytes(routers: Routers) -> None:
    parcel = made_up("1.2.3.10", "OT", bytes(5_000))
    router = routers(header(pacs=1) + RULES).start()
    assert send_all(router.port, [parcel]) == [0]
    (found,) = router.held("unrouted")
    assert found["reason"]
    assert found["size"] == len(parcel.data)
    assert found["sop_class"] == parcel.sop_class


def test_refusal_is_on_the_wire_and_in_the_log_and_leaves_nothing(routers: Routers) -> None:
    router = routers(header(pacs=1) + RULES).start()
    parcel = made_up("1.2.3.11", "CT", bytes(100_000), x00100020="REFUSE")
    assert send_all(router.port, [parcel] * 3) == [0x0124] * 3
    assert "0x0124" in router.wait_log("refused", parcel.sop_instance, "not authorised")
    kept = [path for path in router.spool.rglob("*") if path.parent.name != "index"]
    assert [path for path in kept if path.stat().st_size > 100_000] == []


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
