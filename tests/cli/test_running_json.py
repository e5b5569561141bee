"""What `status`, `queue list`, `echo` and `send` print as JSON, asked of a router that runs."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

RULES = """\
language 1
listener main {{ port = {port} }}
node ct {{ ae = "CT1" host = "127.0.0.1" may = {{ store, echo }} }}
node away {{ ae = "AWAY" host = "127.0.0.1" port = {dead} }}
guard {{
  rule mr {{ when Modality == "MR" hold quarantine "a person looks at these" }}
  otherwise {{ pass }}
}}
table t all {{ rule ct {{ when Modality == "CT" send to away urgency stat }} }}
"""


@dataclass(frozen=True)
class Running:
    """A router that accepts."""

    target: str
    spool: Path


@pytest.fixture
def router(tmp_path: Path) -> Iterator[Running]:
    """Run `roteiro serve` until the test is over; SIGTERM must end it with 0."""
    port, dead = free_port(), free_port()
    rules, spool = tmp_path / "site.route", tmp_path / "spool"
    rules.write_text(RULES.format(port=port, dead=dead))
    with subprocess.Popen(
        [sys.executable, "-m", "roteiro", "serve", rules, "--spool", spool],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as serving:
        assert serving.stdout is not None
        ready = serving.stdout.readline()
        assert b"ready" in ready, serving.communicate(timeout=20)
        yield Running(f"ROTEIRO@127.0.0.1:{port}", spool)
        serving.send_signal(signal.SIGTERM)
        _, log = serving.communicate(timeout=30)
    assert serving.returncode == 0, log
    assert b"Traceback" not in log


def test_the_commands_of_a_running_router(router: Running, process, sample, fits) -> None:
    echo = process("echo", router.target, "--calling", "CT1", "--format", "json")
    assert (echo.code, echo.err) == (0, "")
    fits(echo.json(), "echo")

    files = (sample("CT_small.dcm"), sample("MR_small.dcm"), sample("rtplan.dcm"))
    send = process("send", *files, "--to", router.target, "--calling", "CT1", "--format", "json")
    fits(send.json(), "send")
    assert (send.code, send.json()["sent"]) == (0, 3)

    status = process("status", "--spool", router.spool, "--format", "json")
    assert (status.code, status.err) == (0, "")
    fits(status.json(), "status")
    (away,) = status.json()["destinations"]
    assert (away["name"], away["waiting"]) == ("away", 1)
    queues = {entry["queue"]: entry["objects"] for entry in status.json()["queues"]}
    assert queues == {"quarantine": 1, "unrouted": 1}

    listed = process("queue", "list", "--spool", router.spool, "--format", "json")
    fits(listed.json(), "queue_list")
    (delivery,) = listed.json()["deliveries"]
    assert (delivery["to"], delivery["rule"], delivery["urgency"]) == ("away", "t.ct", "stat")
    assert {held["queue"] for held in listed.json()["held"]} == set(queues)


def test_the_verbs_of_the_queue_and_the_ledger(router: Running, process, sample, fits) -> None:
    files = (sample("CT_small.dcm"), sample("MR_small.dcm"))
    assert process("send", *files, "--to", router.target, "--calling", "CT1").code == 0
    on = ("--spool", router.spool, "--format", "json")
    (delivery,) = process("queue", "list", *on).json()["deliveries"]
    for words in (
        ("hold", delivery["id"], "--reason", "ask first"),
        ("retry", delivery["id"]),
        ("release", "--state", "held"),
        ("release", "--study", delivery["study"], "--to", "away"),
        ("discard", "--study", delivery["study"], "--reason", "a test"),
    ):
        act = process("queue", *words, *on)
        fits(act.json(), "queue_act")
        assert (act.code, act.json()["verb"]) == (0, words[0])
        if words[0] == "hold":
            status = process("status", *on).json()
            fits(status, "status")
            assert status["destinations"][0]["oldest_held"] == delivery["queued"]
            assert "--state held" in process("status", "--spool", router.spool).out
    for words in (("why", delivery["study"]), ("queue", "show", delivery["object"])):
        life = process(*words, *on)
        fits(life.json(), "why")
        (each,) = life.json()["objects"]
        assert [item["state"] for item in each["deliveries"]] == ["discarded"]
    ledger = process("ledger", "verify", *on)
    fits(ledger.json(), "ledger_verify")
    assert (ledger.code, ledger.json()["adds_up"]) == (0, True)
    taken = process("spool", "rebuild", *on)
    assert (taken.code, "error" in taken.json()) == (1, True)


def test_a_spool_is_rebuilt(process, tmp_path: Path, fits) -> None:
    spool = tmp_path / "spool"
    for name in ("objects", "tmp"):
        (spool / name).mkdir(parents=True)
    (spool / "lock").touch()
    rebuilt = process("spool", "rebuild", "--spool", spool, "--format", "json")
    fits(rebuilt.json(), "spool_rebuild")
    assert rebuilt.json()["objects"] == 0
    none = process("spool", "rebuild", "--spool", tmp_path / "none")
    assert (none.code, none.out) == (1, "")


def test_a_list_that_is_empty_says_why(router: Running, process) -> None:
    here = ("queue", "list", "--spool", router.spool)
    assert process(*here).out == "nothing waits and nothing is held\n"
    assert (
        process(*here, "--state", "done").out == "nothing is in that state or owed to that node\n"
    )
    unknown = process(*here, "--to", "pcas")
    assert (unknown.code, unknown.out) == (1, "")
    assert "no node `pcas`" in unknown.err


def test_a_file_that_names_no_object_is_not_sent(
    router: Running, process, sample, tmp_path: Path
) -> None:
    content = sample("CT_small.dcm").read_bytes()
    named = content.index(b"\x02\x00\x02\x00UI")
    nameless = tmp_path / "nameless.dcm"
    nameless.write_bytes(content[:named] + b"\x02\x00\x04\x00UI" + content[named + 6 :])
    sent = process("send", nameless, "--to", router.target, "--calling", "CT1")
    assert sent.code == 1
    assert "names no SOP class" in sent.err


def test_what_a_reload_prints(router: Running, process, fits) -> None:
    rules = router.spool.parent / "site.route"
    good = rules.read_text()
    rules.write_text(good + "# the same rules, another text\n")
    done = process("reload", "--spool", router.spool, "--format", "json")
    fits(done.json(), "reload")
    assert (done.code, done.err, done.json()["reloaded"]) == (0, "", True)
    assert done.json()["before"] != done.json()["rule_set"]
    rules.write_text(good.replace("send to away", "send to awry"))
    refused = process("reload", "--spool", router.spool, "--format", "json")
    fits(refused.json(), "reload")
    assert (refused.code, refused.json()["reloaded"]) == (1, False)
    assert refused.json()["rule_set"] == done.json()["rule_set"]
    again = process("reload", "--spool", router.spool)
    assert (again.code, again.out) == (1, "")
    assert "`awry`" in again.err
    rules.write_text(good)
    for words in ("another text", "the same text"):
        same = process("reload", "--spool", router.spool)
        assert same.code == 0
        assert ("the same text as before" in same.out) == (words == "the same text")
