"""The wire is cut, half closed or slow at every class of byte of a conversation, at both ends."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.forged import Forged
from tests.crash.proxy import Proxy, Then
from tests.e2e.raw import RawSender, RawSink, send_all
from tests.e2e.routers import header, until
from tests.e2e.wire import CT, EXPLICIT, made_up

SIZE = 3_000
HURRY = 20.0


@pytest.fixture(scope="module")
def sink() -> Iterator[RawSink]:
    with RawSink() as sink:
        yield sink


@pytest.fixture(scope="module")
def router(sink: RawSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forged]:
    folder = tmp_path_factory.mktemp("network")
    rules = header(pacs=sink.port) + "table t all { rule all_of_it { send to pacs } }\n"
    router = Forged(folder, rules, folder / "spool", words=("--hurry", str(HURRY)))
    router.start()
    yield router
    assert router.terminate() == 0
    router.close()
    router.look()


def conversation(port: int, uid: str) -> int | None:
    """Send one object and release; its status, or None when the conversation broke off before."""
    sender, status = RawSender(port), None
    try:
        sender.open((CT, EXPLICIT))
        status = sender.store(made_up(uid, filling=bytes(SIZE)))
        sender.release()
    except OSError:
        pass
    finally:
        sender.close()
    return status


def length_of(router: Forged, uid: str) -> dict[bool, int]:
    with Proxy(router.port, 1 << 30, Then.CUT) as proxy:
        assert conversation(proxy.port, uid) == 0
        return dict(proxy.passed)


@pytest.mark.parametrize("then", list(Then))
@pytest.mark.parametrize("upward", [True, False], ids=["to the router", "from the router"])
def test_whatever_the_wire_does_success_means_kept(
    then: Then, upward: bool, router: Forged, sink: RawSink
) -> None:
    """Points lie in headers, the request, command, data, before the answer, within the release."""
    prefix = f"1.2.7.{list(Then).index(then)}.{int(upward)}"
    length = length_of(router, f"{prefix}.1.0")[upward]
    step = max(1, length // 24)
    acknowledged = []
    for number, after in enumerate(range(0, length + 1, step)):
        uid = f"{prefix}.2.{number:03}"
        with Proxy(router.port, after, then, upward) as proxy:
            status = conversation(proxy.port, uid)
        assert status in {None, 0}
        assert status == 0 or then is not Then.DRIBBLE, f"slow is not broken, after {after}"
        acknowledged += [uid] if status == 0 else []
        assert conversation(router.port, f"{prefix}.3.{number}") == 0, "the next one is served"
    until(lambda: set(acknowledged) <= sink.first.keys())
    digests = {one.sop_instance: one.digest for one in sink.arrivals}
    for uid in acknowledged:
        assert digests[uid] == made_up(uid, filling=bytes(SIZE)).digest
    partial = [one for one in sink.arrivals if one.size < SIZE]
    assert not partial, "half an object was delivered"


@pytest.mark.parametrize("upward", [True, False], ids=["to the archive", "from the archive"])
def test_whatever_the_wire_does_the_archive_gets_it_whole(upward: bool, tmp_path: Path) -> None:
    """What broke off is sent again; at most once more, and on record as done in the end."""
    with RawSink() as archive, Proxy(archive.port, 1 << 30, Then.CUT, upward) as proxy:
        rules = header(pacs=proxy.port) + "table t all { rule all_of_it { send to pacs } }\n"
        words = ("--hurry", str(HURRY))
        router = Forged(tmp_path, rules, tmp_path / "spool", words=words)
        router.start()
        try:
            deliver(router, archive, "1.2.8.0")
            until(lambda: len(router.events("delivery_done")) == 1)
            until(lambda: archive.associations == 1 and not archive._lines)
            length = proxy.passed[upward]
            for number, after in enumerate(range(1, length, max(1, length // 4)), 1):
                proxy.arm(after)
                deliver(router, archive, f"1.2.8.{number}")
                until(lambda count=number + 1: len(router.events("delivery_done")) == count)
                until(lambda: not archive._lines)
            assert router.terminate() == 0
        finally:
            router.close()
        router.look()
        times = Counter(one.sop_instance for one in archive.arrivals)
        assert max(times.values()) <= 2


def deliver(router: Forged, archive: RawSink, uid: str) -> None:
    parcel = made_up(uid, filling=bytes(SIZE))
    assert send_all(router.port, [parcel]) == [0]
    assert archive.wait_for(parcel).digest == parcel.digest
