"""What a router does while it runs that is no decision: signals, logs, files, names, repeats."""

import json
import re
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.raw import RawSender, RawSink, send_all
from tests.e2e.routers import RouterProcess, Routers, header, roteiro, until
from tests.e2e.wire import CT, EXPLICIT, made_up
from tests.ports import free_port

ROUTING = "table routing first { otherwise { send to pacs } }\n"


def test_ready_line_has_listeners_and_rule_set(routers: Routers) -> None:
    other = free_port()
    rules = header(pacs=1) + f"listener second {{ port = {other} }}\n" + ROUTING
    router = routers(rules).start()
    found = re.fullmatch(r"ready (\S+) (\S+) rules=sha256:([0-9a-f]{64})\n", router.ready_line)
    assert found is not None, router.ready_line
    assert found[1] == f"main=127.0.0.1:{router.port}"
    assert found[2] == f"second=127.0.0.1:{other}"
    assert router.status()["router"]["rule_set"] == f"sha256:{found[3]}"
    for port in (router.port, other):
        RawSender(port).open((CT, EXPLICIT)).release()


def test_sigint_ends_in_order(routers: Routers) -> None:
    router = routers(header(pacs=1) + ROUTING).start()
    assert router.terminate(number=signal.SIGINT) == 0
    assert "stopped" in router.log


def test_end_takes_no_new_associations_and_lets_running_ones_finish(routers: Routers) -> None:
    router = routers(header(pacs=1) + ROUTING).start()
    sender = RawSender(router.port).open((CT, EXPLICIT))
    assert sender.store(made_up("1.2.3.1")) == 0
    router.tell(signal.SIGTERM)
    router.wait_log("stopping")
    until(lambda: not accepts(router.port))
    assert sender.store(made_up("1.2.3.2")) == 0
    sender.release()
    assert router.terminate(5.0) == 0, "nothing is left to wait for"
    router.start()
    assert router.destination("pacs")["waiting"] == 2


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_log_as_json(tmp_path: Path) -> None:
    router = RouterProcess(tmp_path, header(pacs=1) + ROUTING, ("--log-format", "json")).start()
    assert send_all(router.port, [made_up("1.2.3.1")]) == [0]
    assert router.terminate() == 0
    lines = [json.loads(line) for line in router.log.splitlines()]
    assert {"time", "level", "event", "message"} <= set.intersection(*map(set, lines))
    stored = next(line for line in lines if line["event"] == "object_stored")
    assert (stored["sop_instance"], stored["sends"]) == ("1.2.3.1", "pacs")
    router.close()


def test_no_patient_data_in_the_log(routers: Routers) -> None:
    router = routers(header(pacs=1) + ROUTING).start()
    secret = made_up("1.2.3.1", x00100010="Doe^Jane", x00100020="HOSP-4711")
    assert send_all(router.port, [secret]) == [0]
    router.wait_log("stored 1.2.3.1")
    assert router.terminate() == 0
    assert "Doe" not in router.log
    assert "4711" not in router.log


def test_spool_is_for_the_owner_only(routers: Routers) -> None:
    router = routers(header(pacs=1) + ROUTING).start()
    parcel = made_up("1.2.3.1", x00100010="Doe^Jane")
    assert send_all(router.port, [parcel]) == [0]
    folders = [router.spool, *(path for path in router.spool.rglob("*") if path.is_dir())]
    objects = [path for path in router.spool.rglob("*") if holds(path, b"Doe^Jane")]
    assert objects, "the object is somewhere"
    assert {oct(path.stat().st_mode & 0o077) for path in [*folders, *objects]} == {"0o0"}


def holds(path: Path, words: bytes) -> bool:
    return path.is_file() and words in path.read_bytes()


def test_destination_that_left_the_rules_keeps_what_it_is_owed(routers: Routers) -> None:
    vna = RawSink()
    with RawSink() as pacs:
        both = header(pacs=pacs.port, vna=vna.port)
        both += "table routing first { otherwise { send to pacs, vna } }\n"
        router = routers(both).start()
        parcel = made_up("1.2.3.1")
        assert send_all(router.port, [parcel]) == [0]
        pacs.wait_for(parcel)
        assert router.terminate() == 0
        router.rules = header(pacs=pacs.port) + ROUTING
        router.start()
        router.wait_log("`vna`", "no node with a port")
        seen = router.destination("vna")
        assert seen["waiting"] == 1
        assert seen["cause"]
        assert router.terminate() == 0
        router.rules = both
        with vna:
            router.start()
            assert vna.wait_for(parcel).digest == parcel.digest


def test_name_that_does_not_resolve_waits_with_its_cause(routers: Routers) -> None:
    rules = header(pacs=1).replace(
        'host = "127.0.0.1"  port = 1 ', 'host = "nobody.invalid"  port = 1 '
    )
    assert "nobody.invalid" in rules
    router = routers(rules + ROUTING).start()
    assert send_all(router.port, [made_up("1.2.3.1")]) == [0]
    seen = until(lambda: (found := router.destination("pacs"))["cause"] and found)
    assert "nobody.invalid" in seen["cause"]


def test_same_instance_twice(routers: Routers) -> None:
    """The same bytes go once; other bytes go as well."""
    one = made_up("1.2.3.1")
    other = replace(made_up("1.2.3.1", filling=b"another image"), name="other")
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + ROUTING).start()
        assert send_all(router.port, [one, one, other]) == [0, 0, 0]
        until(lambda: router.destination("pacs")["delivered"] == 2)
        digests = sorted(arrival.digest for arrival in pacs.arrivals)
        assert digests == sorted([one.digest, other.digest])


def test_queue_list_by_destination_and_state(routers: Routers) -> None:
    with RawSink() as pacs:
        rules = header(pacs=pacs.port, vna=free_port())
        rules += "table routing first { otherwise { send to pacs, vna } }\n"
        router = routers(rules).start()
        sent = [made_up(f"1.2.3.{number}") for number in range(5)]
        assert set(send_all(router.port, sent)) == {0}
        pacs.wait_count(5)
        until(lambda: router.destination("pacs")["waiting"] == 0)
        assert {item["to"] for item in router.queue()["deliveries"]} >= {"vna"}
        assert len(router.queue("--to", "vna", "--state", "waiting")["deliveries"]) == 5
        assert len(router.queue("--to", "vna", "--limit", 2)["deliveries"]) == 2
        assert not router.queue("--to", "pacs", "--state", "waiting")["deliveries"]
        unknown = roteiro("queue", "list", "--to", "nobody", "--spool", router.spool)
        assert unknown.code == 1
        wrong = roteiro("queue", "list", "--state", "lost", "--spool", router.spool)
        assert wrong.code == 2


@pytest.mark.parametrize("handle", [0, 1, 2])
def test_a_stream_that_was_closed_is_no_trouble(tmp_path: Path, handle: int) -> None:
    rules = tmp_path / "site.route"
    port = free_port()
    rules.write_text(
        f"language 1\nlistener main {{ port = {port} }}\ntable t all {{ rule r {{ hold all }} }}\n"
    )
    words = f"exec {sys.executable} -m roteiro serve site.route --spool spool {handle}>&-"
    with subprocess.Popen(["sh", "-c", words], cwd=tmp_path, stdin=subprocess.PIPE) as serving:
        until(lambda: answers(port))
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=20) == 0


def answers(port: int) -> bool:
    """Say whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
