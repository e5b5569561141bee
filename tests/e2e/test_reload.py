"""Other rules while the router runs: nobody is turned away, and nothing is lost.

The senders are as fast as they can be, the rules change under them, and some of the files that come
are broken.
"""

import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from roteiro.runtime.delivery.destination import KEPT_OPEN
from tests.e2e.raw import LOOPBACK, PATIENCE, RawSender, RawSink, Rejected, send_all
from tests.e2e.routers import RouterProcess, Routers, header, roteiro, until
from tests.e2e.wire import CT, EXPLICIT, made_up
from tests.ports import free_port

RELOADS = 12
SENDERS = 3
AT_ONCE = 10
"""Objects on one association."""
GROWTH = 6 * 1024
"""KiB that a process may have more after the reloads: less than one reload's matcher and rules."""


def rules_to(name: str, **nodes: int) -> str:
    return header(**nodes) + f"table routing first {{ otherwise {{ send to {name} }} }}\n"


def put(router: RouterProcess, rules: str) -> None:
    """Change the rule file of a running router."""
    router.rules = rules
    router.write()


def reload(router: RouterProcess, *words: object) -> "tuple[int, dict[str, object]]":
    """Ask for a reload and give the exit code and the document."""
    ran = roteiro("reload", "--spool", router.spool, "--format", "json", *words)
    document = ran.json()
    assert isinstance(document, dict)
    return ran.code, document


@dataclass
class Crowd:
    """Senders that do not pause."""

    port: int
    acknowledged: list[str] = field(default_factory=list)
    trouble: list[object] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def send(self, number: int) -> None:
        numbers = count(1)
        while not self.over.is_set():
            try:
                sender = RawSender(self.port).open((CT, EXPLICIT))
                for _ in range(AT_ONCE):
                    uid = f"1.2.{number}.{next(numbers)}"
                    status = sender.store(made_up(uid))
                    if status:
                        self.trouble.append((uid, status))
                    else:
                        self.acknowledged.append(uid)
                sender.release()
            except (OSError, Rejected) as wrong:
                self.trouble.append(wrong)


@contextmanager
def crowd(port: int) -> Iterator[Crowd]:
    """Let senders run for the block."""
    senders = Crowd(port)
    threads = [threading.Thread(target=senders.send, args=(n,)) for n in range(1, SENDERS + 1)]
    for thread in threads:
        thread.start()
    try:
        yield senders
    finally:
        senders.over.set()
        for thread in threads:
            thread.join()


def handles(router: RouterProcess) -> int:
    """Count what a router has open that does nothing now."""
    assert router.process is not None
    return len(list(Path(f"/proc/{router.process.pid}/fd").iterdir()))


def memory(router: RouterProcess) -> int:
    """Give the KiB that the router has in memory."""
    assert router.process is not None
    status = Path(f"/proc/{router.process.pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])


def test_rules_change_under_load_and_nothing_is_refused_or_lost(routers: Routers) -> None:
    with RawSink() as east, RawSink() as west:
        nodes = {"east": east.port, "west": west.port}
        versions = [rules_to("east", **nodes), rules_to("west", **nodes), "table broken {\n"]
        router = routers(versions[0]).start()
        before = handles(router)
        marks = []
        with crowd(router.port) as senders:
            until(lambda: len(senders.acknowledged) > AT_ONCE)
            for number in range(1, RELOADS + 1):
                put(router, versions[number % 3])
                told = len(router.log)
                router.tell(signal.SIGHUP)
                words = ("the rules of before stay",) if number % 3 == 2 else ("reloaded in",)
                router.wait_log(*words, after=told)
                marks.append(memory(router))
        assert senders.trouble == []
        sent = senders.acknowledged
        until(lambda: len(east.arrivals) + len(west.arrivals) >= len(sent))
        came = Counter(each.sop_instance for each in (*east.arrivals, *west.arrivals))
        assert came == Counter(sent), "each of them once, at one of the two"
        assert min(len(east.arrivals), len(west.arrivals)) > AT_ONCE
        assert marks[-1] - marks[len(marks) // 2] < GROWTH, marks
        until(lambda: handles(router) == before, KEPT_OPEN + PATIENCE)


def test_new_rules_decide_on_an_association_that_is_open(routers: Routers) -> None:
    with RawSink() as east, RawSink() as west:
        nodes = {"east": east.port, "west": west.port}
        router = routers(rules_to("east", **nodes)).start()
        first, begun, last = made_up("1.2.3.1"), made_up("1.2.3.2"), made_up("1.2.3.3")
        sender = RawSender(router.port).open((CT, EXPLICIT))
        assert sender.store(first) == 0
        half = len(begun.data) // 2
        other = RawSender(router.port).open((CT, EXPLICIT))
        other.send(begun, begun.data[:half], last=False)
        before = router.status()["router"]["rule_set"]
        put(router, rules_to("west", **nodes))
        code, document = reload(router)
        assert (code, document["reloaded"], document["before"]) == (0, True, before)
        assert router.status()["router"]["rule_set"] == document["rule_set"] != before
        assert sender.store(last) == 0
        assert other.go_on(begun, begun.data[half:]) == 0
        sender.release()
        other.release()
        assert east.wait_for(begun).digest == begun.digest, "by the rules under which it began"
        east.wait_for(first)
        west.wait_for(last)
        assert {each.sop_instance for each in east.arrivals} == {"1.2.3.1", "1.2.3.2"}
        assert {each.sop_instance for each in west.arrivals} == {"1.2.3.3"}


def test_rules_with_errors_are_told_and_those_of_before_stay(routers: Routers) -> None:
    with RawSink() as pacs:
        good = rules_to("pacs", pacs=pacs.port)
        router = routers(good).start()
        rule_set = router.status()["router"]["rule_set"]
        put(router, good.replace("send to pacs", "send to pcas"))
        code, document = reload(router)
        assert (code, document["reloaded"], document["rule_set"]) == (1, False, rule_set)
        assert "has errors (1)" in str(document["reasons"])
        ran = roteiro("reload", "--spool", router.spool, "--lang", "pt")
        assert (ran.code, ran.out) == (1, "")
        finding, why, stays = ran.err.splitlines()
        assert finding.startswith("site.route:6:")
        assert "`pcas`" in finding
        assert "tem erros (1)" in why
        assert rule_set in stays
        router.wait_log("error RT", "`pcas`")
        assert send_all(router.port, [made_up("1.2.3.1")]) == [0]
        pacs.wait_count(1)


EXTERNAL = b'node x { ae = "X" host = "h" port = 104 external = yes }\n'
UNUSABLE: dict[str, tuple[bytes | None, str]] = {
    "no text": (b"\0\xff\xfe", "has errors"),
    "no listener": (b'language 1\nnode n { ae = "N" host = "h" port = 104 }\n', "`listener`"),
    "not carried out": (header(pacs=1).encode() + EXTERNAL, "site.route:6:"),
    "gone": (None, "there is no `site.route`"),
}


def test_rules_that_cannot_be_served_are_refused(routers: Routers) -> None:
    router = routers(rules_to("pacs", pacs=1)).start()
    for rules, why in UNUSABLE.values():
        router.file.unlink()
        if rules is not None:
            router.file.write_bytes(rules.replace(b"{port}", str(router.port).encode()))
        code, document = reload(router)
        assert (code, document["reloaded"]) == (1, False)
        assert document["reasons"]
        assert why in str(document["reasons"])
    router.wait_log("the rules of before stay")
    assert send_all(router.port, [made_up("1.2.3.1")]) == [0]


def test_listeners_come_go_and_move(routers: Routers) -> None:
    second, third = free_port(), free_port()
    base = rules_to("pacs", pacs=1)
    router = routers(base + f"listener second {{ port = {second} }}\n").start()
    staying = RawSender(second).open((CT, EXPLICIT))
    knocking = socket.create_connection((LOOPBACK, second), timeout=PATIENCE)
    knocking.sendall(b"\x01\x00")
    put(router, base + f"listener third {{ port = {third} }}\n")
    assert reload(router)[0] == 0
    router.wait_log("`second`", "the rules in force do not have this listener")
    knocking.close()
    assert {item["name"]: item["port"] for item in router.status()["listeners"]} == {
        "main": router.port,
        "third": third,
    }
    assert send_all(third, [made_up("1.2.3.1")]) == [0]
    with pytest.raises(OSError, match=r".*"):
        RawSender(second).open((CT, EXPLICIT))
    assert staying.store(made_up("1.2.3.2")) == 0, "who was in may finish"
    assert [item["listener"] for item in router.status()["associations"]] == ["second"]
    staying.release()
    put(router, base.replace("listener main {", 'listener front { called = { "US" }  '))
    assert reload(router)[0] == 0
    with pytest.raises(Rejected):
        send_all(router.port, [made_up("1.2.3.3")])


def test_a_listener_moves_to_an_address_that_can_be_had_beside_its_own(routers: Routers) -> None:
    base = rules_to("pacs", pacs=1)
    second = free_port()
    listener = f'listener second {{{{ port = {second} address = "{{}}" }}}}\n'
    router = routers(base + listener.format("127.0.0.1")).start()
    put(router, base + listener.format("127.0.0.2"))
    assert reload(router)[0] == 0
    assert router.status()["listeners"][1]["address"] == "127.0.0.2"
    with pytest.raises(OSError, match=r".*"):
        RawSender(second).open((CT, EXPLICIT))
    put(router, base + listener.format("0.0.0.0"))
    code, document = reload(router)
    assert code == 1
    assert f"0.0.0.0:{second}" in str(document["reasons"])
    assert router.status()["listeners"][1]["address"] == "127.0.0.2"


def test_port_that_is_taken_leaves_everything_as_it_is(routers: Routers) -> None:
    base = rules_to("pacs", pacs=1)
    router = routers(base).start()
    free = free_port()
    with RawSink() as somebody:
        more = f"listener free {{ port = {free} }}\nlistener taken {{ port = {somebody.port} }}\n"
        put(router, base.replace("SENDER", "OTHER") + more)
        code, document = reload(router)
    assert code == 1
    assert "`taken`" in str(document["reasons"])
    assert [item["name"] for item in router.status()["listeners"]] == ["main"]
    with pytest.raises(OSError, match=r".*"):
        RawSender(free).open((CT, EXPLICIT))
    assert send_all(router.port, [made_up("1.2.3.1")]) == [0], "who could call still can"


def test_who_may_call_changes_for_new_associations(routers: Routers) -> None:
    base = rules_to("pacs", pacs=1)
    router = routers(base).start()
    inside = RawSender(router.port).open((CT, EXPLICIT))
    put(router, base.replace('"SENDER"', '"SCANNER"'))
    assert reload(router)[0] == 0
    with pytest.raises(Rejected):
        send_all(router.port, [made_up("1.2.3.1")])
    assert send_all(router.port, [made_up("1.2.3.2")], "SCANNER") == [0]
    assert inside.store(made_up("1.2.3.3")) == 0
    inside.release()


def test_what_is_owed_to_a_node_that_leaves_waits_until_it_is_back(routers: Routers) -> None:
    with RawSink() as pacs:
        dead = free_port()
        both = header(pacs=pacs.port, vna=dead)
        both += "table routing first { otherwise { send to pacs, vna } }\n"
        router = routers(both).start()
        parcel = made_up("1.2.3.1")
        assert send_all(router.port, [parcel]) == [0]
        put(router, rules_to("pacs", pacs=pacs.port))
        assert reload(router)[0] == 0
        router.wait_log("`vna`", "no node with a port")
        seen = router.destination("vna")
        assert (seen["state"], seen["waiting"]) == ("unknown", 1)
        with RawSink() as vna:
            put(router, both.replace(f"port = {dead}", f"port = {vna.port}"))
            assert reload(router)[0] == 0
            assert vna.wait_for(parcel).digest == parcel.digest
            until(lambda: router.destination("vna")["delivered"] == 1)
            assert len(vna.arrivals) == 1


def test_address_that_changes_is_tried_at_once(routers: Routers) -> None:
    dead = free_port()
    rules = rules_to("pacs", pacs=dead).replace("backoff 1s..2s", "backoff 900s..900s")
    router = routers(rules).start()
    parcel = made_up("1.2.3.1")
    assert send_all(router.port, [parcel]) == [0]
    until(lambda: router.destination("pacs")["state"] == "waiting")
    with RawSink() as pacs:
        put(router, rules.replace(f"port = {dead}", f"port = {pacs.port}"))
        assert reload(router)[0] == 0
        assert pacs.wait_for(parcel).digest == parcel.digest


def test_files_that_the_rules_use_are_read_again(routers: Routers) -> None:
    with RawSink() as east, RawSink() as west:
        rules = header(east=east.port, west=west.port) + 'use "more.route"\n'
        more = "language 1\ntable routing first {{ otherwise {{ send to {name} }} }}\n"
        router = routers(rules)
        beside = router.folder / "more.route"
        beside.write_text(more.format(name="east"))
        router.start()
        assert send_all(router.port, [made_up("1.2.3.1")]) == [0]
        beside.write_text(more.format(name="west"))
        assert reload(router)[0] == 0
        assert send_all(router.port, [made_up("1.2.3.2")]) == [0]
        east.wait_for(made_up("1.2.3.1"))
        west.wait_for(made_up("1.2.3.2"))


def test_reload_and_end_at_once(routers: Routers) -> None:
    router = routers(rules_to("pacs", pacs=1)).start()
    for _ in range(5):
        router.tell(signal.SIGHUP)
    assert router.terminate() == 0
    assert "stopped" in router.log


def test_no_router_to_reload(tmp_path: Path) -> None:
    ran = roteiro("reload", "--spool", tmp_path)
    assert ran.code == 1
    assert "no router answers" in ran.err
