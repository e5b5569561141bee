"""What persons ask of a router and do to its queue, through the commands, on real associations."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.e2e.bundled import bundled
from tests.e2e.peers import STORESCU, call, orthanc, storescp
from tests.e2e.raw import Arrival, RawSender, RawSink, Reply, send_all
from tests.e2e.routers import RouterProcess, Routers, header, roteiro, until
from tests.e2e.wire import CT, EXPLICIT, made_up
from tests.ports import free_port

ROUTING = """guard {
  rule nameless { when PatientID is blank hold quarantine "no Patient ID" }
  rule stray { when PatientID == "STRAY" drop "a stray" }
  otherwise { pass }
}
table routing all {
  rule ct { when Modality == "CT" send to pacs }
  rule mr { when Modality == "MR" send to pacs, vna }
}
"""
STUDY = "1.2.826.7"
ME = f"uid {os.getuid()}"


def of_study(number: int, modality: str = "CT", **elements: str) -> Any:
    return made_up(f"1.2.9.{number}", modality, x0020000D=STUDY, x0020000E="1.2.5", **elements)


def ask(router: RouterProcess, *words: object, code: int = 0) -> Any:
    ran = roteiro(*words, "--spool", router.spool, "--format", "json")
    assert ran.code == code, (ran.out, ran.err)
    return ran.json()


def words_of(router: RouterProcess, *words: object, code: int = 0) -> str:
    ran = roteiro(*words, "--spool", router.spool)
    assert ran.code == code, (ran.out, ran.err)
    return ran.out


def verified(router: RouterProcess) -> Any:
    ledger = ask(router, "ledger", "verify")
    assert ledger["adds_up"], ledger["wrong"]
    return ledger


def test_hold_retry_and_discard_of_a_destination(routers: Routers) -> None:
    pacs = RawSink()
    rules = header(pacs=pacs.port, vna=free_port()) + ROUTING
    router = routers(rules.replace("1s..2s", "600s..900s")).start()
    assert send_all(router.port, [of_study(number) for number in range(4)]) == [0] * 4
    until(lambda: router.destination("pacs")["state"] == "waiting")
    first, *_ = router.queue()["deliveries"]
    assert first["study"] == STUDY
    stopped = ask(router, "queue", "hold", first["id"], "--reason", "ask first")
    assert (stopped["deliveries"], stopped["by"]) == (1, ME)
    gone = ask(router, "queue", "discard", router.queue()["deliveries"][1]["id"], "--reason", "no")
    assert (gone["deliveries"], gone["bytes"]) == (1, first["size"])
    with pacs:
        tried = ask(router, "queue", "retry", "--to", "pacs")
        assert tried["deliveries"] == 2
        pacs.wait_count(2)
        until(lambda: router.destination("pacs")["waiting"] == 0)
        (held,) = router.queue()["deliveries"]
        assert (held["state"], held["reason"]) == ("held", "ask first")
        assert ask(router, "queue", "retry", "--to", "pacs", "--state", "held")["deliveries"] == 1
        pacs.wait_count(3)
        until(lambda: not router.queue()["deliveries"])  # else the kill may take its record
    router.kill()
    life = ask(router, "why", "1.2.9.0")["objects"][0]
    assert [step["what"] for step in life["deliveries"][0]["steps"]][-2:] == ["hold", "retry"]
    assert {step["by"] for step in life["deliveries"][0]["steps"][-2:]} == {ME}
    (to_pacs,) = verified(router)["destinations"]
    assert to_pacs["owed"]["number"] == to_pacs["done"]["number"] + 1 == 4
    assert [each["reason"] for each in to_pacs["reasons"]] == ["no"]


def test_release_decides_again_and_lifts_what_the_guard_holds(routers: Routers) -> None:
    with RawSink() as pacs, RawSink() as vna:
        router = routers(header(pacs=pacs.port, vna=vna.port) + ROUTING).start()
        nameless = of_study(1, x00100020="")
        unrouted = of_study(2, "OT")
        assert send_all(router.port, [nameless, unrouted]) == [0, 0]
        assert {item["queue"] for item in router.queue()["held"]} == {"quarantine", "unrouted"}
        answer = ask(router, "queue", "release", "--study", STUDY)
        assert (answer["objects"], [each["queue"] for each in answer["still_held"]]) == (
            1,
            ["unrouted"],
        )
        assert pacs.wait_for(nameless).digest == nameless.digest
        router.rules = router.rules.replace('"MR" send', '"OT" send')
        router.write()
        assert roteiro("reload", "--spool", router.spool).code == 0
        (held,) = router.queue()["held"]
        assert ask(router, "queue", "release", held["object"])["objects"] == 1
        for sink in (pacs, vna):
            assert sink.wait_for(unrouted).digest == unrouted.digest
        until(lambda: not router.queue()["deliveries"])
        assert router.queue() == {"deliveries": [], "held": []}
        (source,) = verified(router)["sources"]
        assert (source["routed"]["number"], source["held"]["number"]) == (2, 0)


def test_release_to_a_node_is_a_decision_of_a_person(routers: Routers) -> None:
    with RawSink() as pacs, RawSink() as vna:
        router = routers(header(pacs=pacs.port, vna=vna.port) + ROUTING).start()
        parcel = of_study(1, "OT")
        assert send_all(router.port, [parcel]) == [0]
        nothing = roteiro("queue", "release", "--to", "vna", "--spool", router.spool)
        assert (nothing.code, nothing.out) == (2, "")
        unknown = roteiro(
            "queue", "release", "--study", STUDY, "--to", "x", "--spool", router.spool
        )
        assert unknown.code == 1
        assert ask(router, "queue", "release", "--study", STUDY, "--to", "vna")["objects"] == 1
        assert vna.wait_for(parcel).digest == parcel.digest
        assert not pacs.arrivals
        until(lambda: not router.queue()["deliveries"])
        life = ask(router, "why", STUDY)["objects"][0]
        assert [(each["to"], each["rule"], each["state"]) for each in life["deliveries"]] == [
            ("vna", "release", "done")
        ]
        assert life["steps"][0]["by"] == ME


def test_why_tells_each_attempt_and_why_not(routers: Routers) -> None:
    answers = iter([0xA700])

    def script(_: Arrival) -> Reply:
        return Reply(next(answers, 0))

    with RawSink(script=script) as pacs:
        router = routers(header(pacs=pacs.port, vna=free_port()) + ROUTING).start()
        assert send_all(router.port, [of_study(1), of_study(2, x00100020="STRAY")]) == [0, 0]
        until(lambda: not router.queue()["deliveries"])
        for uid in (STUDY, "1.2.5"):
            assert len(ask(router, "why", uid)["objects"]) == 2
        until(lambda: ask(router, "why", STUDY)["objects"][0]["bytes"] == "gone")
        sent, dropped = ask(router, "why", STUDY)["objects"]
        (delivery,) = sent["deliveries"]
        assert (delivery["state"], delivery["failed_attempts"]) == ("done", 1)
        assert [step["what"] for step in delivery["steps"]] == ["failed"]
        assert "A700" in delivery["steps"][0]["reason"]
        assert sent["decided"]["rules"] == ["guard.otherwise", "routing.ct"]
        assert (dropped["decided"]["fate"], dropped["decided"]["reason"]) == ("dropped", "a stray")
        router.tell(signal.SIGTERM)
        router.terminate()
        router.start()
        assert ask(router, "why", "1.2.9.1")["objects"] == [sent]
        for language, word in (("en", "delivery"), ("pt", "entrega")):
            assert word in words_of(router, "why", "1.2.9.1", "--lang", language)
        assert ask(router, "why", "9.9", code=1)["objects"] == []


def test_why_not_decides_again_on_the_stored_bytes(routers: Routers) -> None:
    router = routers(header(pacs=free_port(), vna=free_port()) + ROUTING).start()
    assert send_all(router.port, [of_study(1)]) == [0]
    (life,) = ask(router, "why", STUDY, "--why-not", "vna")["objects"]
    found = life["why_not"]
    assert (found["sends"], found["same_rules"], found["error"]) == (False, True, None)
    (rule,) = found["rules"]
    assert (rule["rule"], rule["fires"]) == ("routing.mr", False)
    assert [each["test"] for each in rule["change"]] == ['Modality == "MR"']
    assert "routing.mr" in words_of(router, "why", STUDY, "--why-not", "vna")
    assert roteiro("why", STUDY, "--why-not", "x", "--spool", router.spool).code == 1


def test_a_stopped_spool_is_asked_directly(routers: Routers, tmp_path: Path) -> None:
    router = routers(header(pacs=free_port(), vna=free_port()) + ROUTING).start()
    assert send_all(router.port, [of_study(1), of_study(2, "OT")]) == [0, 0]
    router.kill()
    assert len(router.queue()["deliveries"]) == 1
    assert ask(router, "queue", "hold", "--to", "pacs")["deliveries"] == 1
    retry = roteiro("queue", "retry", "--to", "pacs", "--spool", router.spool)
    assert (retry.code, "router" in retry.err) == (1, True)
    assert ask(router, "queue", "discard", "--study", STUDY, "--reason", "a test")["objects"] == 1
    rebuilt = ask(router, "spool", "rebuild")
    assert (rebuilt["objects"], rebuilt["damaged"]) == (0, 0)
    ledger = verified(router)
    assert ledger["rebuilt"]
    assert [each["reason"] for each in ledger["destinations"][0]["reasons"]] == ["a test"]
    none = roteiro("queue", "list", "--spool", tmp_path / "nothing")
    assert (none.code, (tmp_path / "nothing").exists()) == (1, False)
    router.start()
    assert roteiro("spool", "rebuild", "--spool", router.spool).code == 1


def test_without_a_filter_nothing_is_touched(routers: Routers) -> None:
    router = routers(header(pacs=free_port(), vna=free_port()) + ROUTING).start()
    assert send_all(router.port, [of_study(1)]) == [0]
    for words in (["hold"], ["retry"], ["release"], ["discard", "--reason", "x"]):
        ran = roteiro("queue", *words, "--spool", router.spool)
        assert (ran.code, ran.out) == (2, "")
        assert "nothing was touched" in ran.err
    assert len(router.queue("--state", "waiting")["deliveries"]) == 1


def test_other_bytes_of_an_instance_are_kept_and_flagged(routers: Routers) -> None:
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port, vna=free_port()) + ROUTING).start()
        one = of_study(1)
        other = replace(of_study(1, x00104000="altered"), name="other")
        assert send_all(router.port, [one, one, other, one]) == [0] * 4
        until(lambda: router.destination("pacs")["delivered"] == 2)
        lives = ask(router, "why", "1.2.9.1")["objects"]
        assert [bool(life["repeats"]) for life in lives] == [False, True, False, True]
        assert [bool(life["differs"]) for life in lives] == [False, False, True, True]
        router.wait_log("other bytes", one.sop_instance)
        router.wait_log("same bytes", one.sop_instance)
        (source,) = verified(router)["sources"]
        assert (source["acknowledged"]["number"], source["repeated"]["number"]) == (4, 2)


def test_sixteen_associations_with_the_same_object(routers: Routers) -> None:
    with RawSink() as pacs, ThreadPoolExecutor(16) as pool:
        router = routers(header(pacs=pacs.port, vna=free_port()) + ROUTING).start()
        parcel = of_study(1)
        senders = [RawSender(router.port).open((CT, EXPLICIT)) for _ in range(16)]
        assert list(pool.map(lambda sender: sender.store(parcel), senders)) == [0] * 16
        until(lambda: not router.queue()["deliveries"])
        for sender in senders:
            sender.release()
        assert len(pacs.arrivals) == 1
        (source,) = verified(router)["sources"]
        assert (source["acknowledged"]["number"], source["repeated"]["number"]) == (16, 15)


def test_what_we_sent_to_a_node_and_comes_back_is_held(routers: Routers) -> None:
    with RawSink() as pacs:
        rules = header(pacs=pacs.port, vna=free_port()) + ROUTING
        router = routers(
            rules.replace('node pacs { ae = "PACS"', 'node pacs { ae = "PACS" may = { store }')
        )
        router.start()
        parcel = of_study(1)
        assert send_all(router.port, [parcel]) == [0]
        until(lambda: router.destination("pacs")["delivered"] == 1)
        assert send_all(router.port, [parcel], calling="PACS") == [0]
        (held,) = router.queue()["held"]
        assert (held["queue"], "pacs" in held["reason"]) == ("loop", True)
        assert len(pacs.arrivals) == 1
        assert send_all(router.port, [of_study(2)], calling="PACS") == [0]  # it never was there
        pacs.wait_count(2)
        verified(router)


def test_the_ledger_adds_up_at_any_instant_and_after_kills(routers: Routers) -> None:
    with RawSink() as pacs, RawSink() as vna:
        router = routers(header(pacs=pacs.port, vna=vna.port) + ROUTING)
        for turn in range(2):
            router.start()
            sender = RawSender(router.port).open((CT, EXPLICIT))
            for number in range(12):
                kind = {"modality": "MR"} if number % 3 else {"x00100020": "STRAY"}
                assert sender.store(of_study(100 * turn + number, **kind)) == 0
                if number == 6:
                    verified(router)
            router.kill()
            sender.close()
            ledger = verified(router)
            (source,) = ledger["sources"]
            assert source["acknowledged"]["number"] == 12 * (turn + 1)
            assert source["dropped"]["number"] == 4 * (turn + 1)


def test_documents_say_nothing_twice(routers: Routers) -> None:
    """Text and JSON are one story, in both languages."""
    router = routers(header(pacs=free_port(), vna=free_port()) + ROUTING).start()
    assert send_all(router.port, [of_study(number) for number in range(12)]) == [0] * 12
    for language, word in (("en", "12 objects"), ("pt", "12 objetos")):
        assert word in words_of(router, "why", STUDY, "--lang", language)
        assert "SENDER" in words_of(router, "ledger", "verify", "--lang", language)
    (number, *_) = [each["id"] for each in router.queue()["deliveries"]]
    assert json.dumps(number) in words_of(router, "queue", "show", number)
    said = words_of(router, "queue", "hold", "--study", STUDY, "--lang", "pt")
    assert "12 entregas" in said


def test_real_peers_send_again_and_back(routers: Routers, tmp_path: Path) -> None:
    """DCMTK repeats, Orthanc sends back what it was sent, storescp gets it on demand."""
    ports = {"orthanc": free_port(), "dcmtk": free_port()}
    rules = header(**ports).replace(
        'node orthanc { ae = "ORTHANC"', 'node orthanc { may = { store }  ae = "ORTHANC"'
    )
    rules += "table routing first { otherwise { send to orthanc } }\n"
    router = routers(rules).start()
    (tmp_path / "storescp").mkdir()
    file = bundled("CT_small.dcm")
    with (
        storescp(tmp_path / "storescp", ports["dcmtk"]),
        orthanc(tmp_path, router.port, ports["orthanc"]) as archive,
    ):
        for _ in range(2):
            call(STORESCU, "-aet", "SENDER", "-aec", "ROTEIRO", "127.0.0.1", router.port, file)
        until(lambda: router.destination("orthanc")["delivered"] == 1)
        (name,) = archive.json("/instances")
        archive.send(name, "router")
        (held,) = router.queue()["held"]
        assert held["queue"] == "loop"
        lives = ask(router, "why", held["study"])["objects"]
        assert [bool(life["repeats"]) for life in lives] == [False, True, False]
        assert ask(router, "queue", "release", held["object"], "--to", "dcmtk")["objects"] == 1
        until(lambda: router.destination("dcmtk")["delivered"] == 1)
        assert len(list((tmp_path / "storescp").iterdir())) == 1
        assert len(archive.json("/instances")) == 1
        verified(router)
