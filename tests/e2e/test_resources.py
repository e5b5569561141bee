"""A system that allows little: open files, the size of a file, memory (F13, F14)."""

import resource
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.raw import RawSender, RawSink, Rejected, send_all
from tests.e2e.routers import RouterProcess, Routers, header
from tests.e2e.test_running import ROUTING
from tests.e2e.wire import CT, EXPLICIT, made_up

MIB = 1024 * 1024
UNDER = """
import resource, sys
from roteiro.__main__ import main
resource.setrlimit(resource.{limit}, ({most}, {most}))
sys.exit(main())
"""


def under(limit: str, most: int) -> tuple[str, str]:
    """Give a program that runs the product under a limit."""
    return "-c", UNDER.format(limit=limit, most=most)


def open_now(router: RouterProcess) -> int:
    assert router.process is not None
    return len(list(Path(f"/proc/{router.process.pid}/fd").iterdir()))


def test_with_few_open_files_callers_are_turned_away_before_the_spool_is(routers: Routers) -> None:
    """As many callers as there may be, at the same time, and the spool is open to all of them."""
    files = 96
    with RawSink() as pacs, ExitStack() as stack:
        router = routers(header(pacs=pacs.port) + ROUTING)
        router.program = under("RLIMIT_NOFILE", files)
        router.start()
        router.wait_log("7 associations at once instead of 1024", "96 open files", "ulimit -n")
        senders = []
        while len(senders) < 20:
            sender = RawSender(router.port)
            try:
                senders.append(sender.open((CT, EXPLICIT)))
            except Rejected as rejected:
                no = rejected
                break
            stack.callback(sender.close)
        assert no.code == (2, 3, 2)
        assert len(senders) == 7
        router.wait_log("too many associations for 96 open files", "ulimit -n")
        for number, sender in enumerate(senders):
            assert sender.store(made_up(f"1.2.3.{number}")) == 0
        pacs.wait_count(7)
        assert open_now(router) < files - 7
        assert router.destination("pacs")["held"] == 0
    assert "Too many open files" not in router.log


def test_with_far_too_few_it_says_so_and_ends(tmp_path: Path) -> None:
    router = RouterProcess(tmp_path, header(pacs=1) + ROUTING, program=under("RLIMIT_NOFILE", 70))
    router.start(wait=False)
    assert router.wait_end() == 1
    assert "allows this process 70 open files" in router.log
    assert "at least 80" in router.log
    router.close()


def test_a_file_that_may_not_grow_is_refused_and_the_next_is_kept(routers: Routers) -> None:
    large = made_up("1.2.3.1", filling=bytes(12 * MIB))
    small = made_up("1.2.3.2")
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + ROUTING)
        router.program = under("RLIMIT_FSIZE", 8 * MIB)
        router.start()
        assert send_all(router.port, [large, small]) == [0xA700, 0]
        pacs.wait_for(small)
        assert [each.sop_instance for each in pacs.arrivals] == [small.sop_instance]
        assert list((router.spool / "tmp").iterdir()) == []
        assert router.running


def test_an_object_needs_less_memory_than_it_is_large(routers: Routers) -> None:
    large = made_up("1.2.3.1", filling=bytes(96 * MIB))
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + ROUTING).start()
        small = made_up("1.2.3.2")
        assert send_all(router.port, [small]) == [0]  # all threads are there
        pacs.wait_for(small)
        assert router.process is not None
        pages = int(Path(f"/proc/{router.process.pid}/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + 48 * MIB
        resource.prlimit(router.process.pid, resource.RLIMIT_AS, (most, most))
        assert send_all(router.port, [large]) == [0]
        assert pacs.wait_for(large).digest == large.digest
