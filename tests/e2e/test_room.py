"""A disk that is full: senders are told so, nothing is lost, and all goes on when room returns."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.mounts import MIB, Mounted, small_disk
from tests.e2e.peers import NO_DELAY, STORESCU, storescp
from tests.e2e.raw import RawSender, RawSink, Rejected, send_all
from tests.e2e.routers import RouterProcess, Routers, header, roteiro, until
from tests.e2e.wire import CT, EXPLICIT, Parcel, file_of, made_up
from tests.ports import free_port

ROUTING = 'table routing all { rule one { when Modality == "CT" send to pacs } }\n'
PAIR = (CT, EXPLICIT)
OUT_OF_RESOURCES = 0xA700
CONGESTION = (2, 3, 1)


def parcel(number: int, size: int = 9_000) -> Parcel:
    return made_up(f"1.2.3.{number}", "CT", bytes(size))


@pytest.fixture
def disk(routers: Routers, tmp_path: Path) -> Iterator[Mounted]:
    """Give the disk of the spool of the first router."""
    with small_disk(tmp_path / "disk", 300 * MIB, "-N", 20_000) as mounted:
        yield mounted


def router_on(disk: Mounted, routers: Routers, port: int) -> RouterProcess:
    router = routers(header(pacs=port) + ROUTING)
    router.spool.symlink_to(disk.folder / "spool")
    (disk.folder / "spool").mkdir()
    return router


def level(router: RouterProcess) -> str:
    return str(router.status()["disk"]["level"])


def wait_level(router: RouterProcess, wanted: str) -> None:
    until(lambda: level(router) == wanted)


def ballasted(router: RouterProcess) -> bool:
    disk = router.status()["disk"]
    return bool(disk["ballast_bytes"] >= disk["reserve_bytes"] // 4 - 8)


def refused(port: int) -> tuple[int, int, int] | None:
    """Give the code with which an association is rejected, if it is."""
    sender = RawSender(port)
    try:
        sender.open(PAIR)
        sender.release()
    except Rejected as no:
        return no.code
    finally:
        sender.close()
    return None


def test_a_full_disk_refuses_objects_and_recovers_by_itself(
    disk: Mounted, routers: Routers
) -> None:
    with RawSink() as pacs:
        router = router_on(disk, routers, pacs.port).start()
        until(lambda: ballasted(router))
        sender = RawSender(router.port).open(PAIR)
        assert sender.store(parcel(1)) == 0
        disk.fill(leave=8 * MIB)
        wait_level(router, "full")
        assert sender.store(parcel(2)) == OUT_OF_RESOURCES
        assert sender.store(parcel(3)) == OUT_OF_RESOURCES
        assert refused(router.port) == CONGESTION
        pacs.wait_count(1)
        seen = router.status()["disk"]
        assert (seen["level"], seen["cause"]) == ("full", "bytes")
        assert "no new objects" in roteiro("status", "--spool", router.spool).out
        router.wait_log("no room for objects on the disk of the spool")
        router.wait_log("rejected `SENDER`", "too little room on the disk")
        assert not list((router.spool / "tmp").iterdir())
        disk.let_go()
        wait_level(router, "open")
        assert sender.store(parcel(2)) == 0  # the same association as before
        sender.release()
        assert refused(router.port) is None
        pacs.wait_count(2)
        router.wait_log("room again on the disk of the spool")
        assert {one.sop_instance for one in pacs.arrivals} == {"1.2.3.1", "1.2.3.2"}


def test_dcmtk_is_told_that_there_is_no_room_and_sends_again(
    disk: Mounted, routers: Routers, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number:02}.dcm" for number in range(12)]
    for number, file in enumerate(files):
        file.write_bytes(file_of(parcel(number, 5 * MIB)))
    pacs, folder = free_port(), tmp_path / "archive"
    folder.mkdir()
    router = router_on(disk, routers, pacs).start()
    until(lambda: ballasted(router))
    disk.fill(leave=60 * MIB)
    first = storescu(router.port, files)
    taken = first.count("Received Store Response (Success)")
    assert 2 < taken < len(files)
    assert first.count("Refused: OutOfResources") == len(files) - taken
    disk.let_go()
    wait_level(router, "open")
    again = storescu(router.port, files[taken:])
    assert again.count("Received Store Response (Success)") == len(files) - taken
    with storescp(folder, pacs):
        until(lambda: router.destination("pacs")["waiting"] == 0, 60.0)
    assert len(list(folder.iterdir())) == len(files)


def storescu(port: int, files: list[Path]) -> str:
    """Send with DCMTK, which goes on after a refusal; give what it says."""
    words = [STORESCU, "-v", "-nh", "-aet", "SENDER", "-aec", "ROTEIRO", "127.0.0.1", port, *files]
    done = subprocess.run(
        [*map(str, words)], env=NO_DELAY, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


def test_a_queue_drains_with_no_byte_free(disk: Mounted, routers: Routers, tmp_path: Path) -> None:
    count = 1000
    pacs, folder = free_port(), tmp_path / "archive"
    folder.mkdir()
    router = router_on(disk, routers, pacs).start()
    until(lambda: ballasted(router))
    parcels = [parcel(number) for number in range(count)]
    for start in range(0, count, 250):
        assert set(send_all(router.port, parcels[start : start + 250])) == {0}
    disk.fill_whole()
    assert disk.free == 0
    router.kill()
    router.start()  # a start finds room for its index and its socket
    disk.fill_whole()
    with storescp(folder, pacs):
        until(lambda: router.destination("pacs")["waiting"] == 0, 90.0)
    assert len(list(folder.iterdir())) == count
    until(lambda: not [path for path in (router.spool / "objects").rglob("*") if path.is_file()])
    disk.let_go()
    wait_level(router, "open")
    until(lambda: ballasted(router))
    assert send_all(router.port, [parcel(count)]) == [0]


def test_few_names_refuse_as_few_bytes_do(disk: Mounted, routers: Routers) -> None:
    with RawSink() as pacs:
        router = router_on(disk, routers, pacs.port).start()
        until(lambda: ballasted(router))
        sender = RawSender(router.port).open(PAIR)
        disk.take_names(leave=0)
        until(lambda: router.status()["disk"]["cause"] == "names")
        assert sender.store(parcel(1)) == OUT_OF_RESOURCES
        disk.let_go()
        wait_level(router, "open")
        assert sender.store(parcel(1)) == 0
        sender.release()
        pacs.wait_count(1)


def test_nothing_is_sent_that_cannot_be_recorded(disk: Mounted, routers: Routers) -> None:
    count = 60  # more than can leave before the first record fails
    pacs = RawSink()
    router = router_on(disk, routers, pacs.port).start()
    sender = RawSender(router.port).open(PAIR)
    assert {sender.store(parcel(number)) for number in range(count)} == {0}
    disk.break_down()
    with pacs:
        wait_level(router, "stuck")
        assert router.status()["disk"]["cause"] in {"read_only", "records", "index"}
        assert sender.store(parcel(count)) == OUT_OF_RESOURCES
        assert refused(router.port) == CONGESTION
        router.wait_log("could not deliver", "could not be read")
        assert sender.store(parcel(count)) == OUT_OF_RESOURCES
        sent = len(pacs.arrivals)
        assert sent < count  # what was under way when the first record failed
        assert refused(router.port) == CONGESTION
        assert len(pacs.arrivals) == sent
        sender.release()
        router.wait_log("nothing can be recorded on the disk of the spool")
        router.kill()
        disk.mend()
        router.start()
        until(lambda: router.destination("pacs")["waiting"] == 0)
        assert len(pacs.arrivals) == sent + count
        assert len(pacs.first) == count
