"""Every wire of a router breaks, by a seed (issue 5); what breaks them does what it says."""

import socket
from pathlib import Path
from random import Random

import pytest

from tests.crash.conftest import Report
from tests.crash.marker import Marker, Part
from tests.crash.network import network_run
from tests.crash.wires import LATEST, Then, Trouble, Wire, draw
from tests.e2e import wire
from tests.e2e.raw import LOOPBACK

TROUBLES = 30
MESSAGE = (
    (wire.associate(wire.ASSOCIATE_RQ, "A", "B", b"", 0), Part.ASSOCIATION),
    (wire.pdu(wire.DATA, wire.pdv(1, wire.COMMAND | wire.LAST, b"command")), Part.COMMAND),
    (wire.pdu(wire.DATA, wire.pdv(1, 0, b"da") + wire.pdv(1, wire.LAST, b"ta")), Part.DATA),
    (wire.pdu(wire.RELEASE_RQ, bytes(4)), Part.END),
)


def test_what_breaks_off_is_sent_again_and_nothing_acknowledged_is_lost(
    seed: int, tmp_path: Path, report: Report
) -> None:
    verdict, met = network_run(tmp_path, seed, TROUBLES)
    report(f"{len(met)} sorts of broken wires: {verdict}")
    assert met.total() >= TROUBLES
    assert len(met) > len(Then), "too much of the same"
    assert verdict.acknowledged
    assert verdict.fine, verdict.findings()


@pytest.mark.parametrize("size", [1, 3, 7, 1_000])
def test_each_byte_has_its_class(size: int) -> None:
    marker, found = Marker(), []
    data = b"".join(pdu for pdu, _ in MESSAGE)
    for at in range(0, len(data), size):
        for part, count in marker.runs(data[at : at + size]):
            found += [part] * count
    expected: list[Part] = []
    for pdu, body in MESSAGE[:2]:
        header = [Part.FRAGMENT] * 6 if body is Part.COMMAND else []
        expected += [Part.HEADER] * 6 + header + [body] * (len(pdu) - 6 - len(header))
    expected += [Part.HEADER] * 6 + ([Part.FRAGMENT] * 6 + [Part.DATA] * 2) * 2
    expected += [Part.HEADER] * 6 + [Part.END] * 4
    assert found == expected


def test_draws_meet_every_class_of_byte_both_ways_and_repeat() -> None:
    first, again = ([draw(dice) for _ in range(2_000)] for dice in (Random(1), Random(1)))
    assert first == again
    met = {(one.then, one.upward, one.part) for one in first}
    assert len(met) == len(Then) * (len(LATEST) + len(LATEST) - 1), "no data set comes back"


@pytest.mark.parametrize("then", list(Then))
def test_a_wire_does_what_it_is_told_at_that_byte(
    then: Then, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"".join(pdu for pdu, _ in MESSAGE)

    moment = len(MESSAGE[0][0]) + 6 + 6 + 3  # within the command
    told = Trouble(then, True, Part.COMMAND, 3)
    monkeypatch.setattr("tests.crash.wires.draw", lambda _: told)
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        stand = Wire(port, "1").start()
        try:
            with socket.create_connection((LOOPBACK, stand.port)) as caller:
                called, _ = listener.accept()
                with called:
                    for end in (caller, called):
                        end.settimeout(10.0)
                    caller.sendall(data)
                    caller.shutdown(socket.SHUT_WR)
                    came = b"".join(iter(lambda: called.recv(65_536), b""))
                    assert came == (data if then is Then.DRIBBLE else data[:moment])
                    if then is Then.HALF_CLOSE:
                        called.sendall(b"back")
                        assert caller.recv(4) == b"back"
        finally:
            stand.stop()
    assert [(one.then, one.part) for one in stand.met] == [(then, Part.COMMAND)]
