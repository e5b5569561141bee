"""Associations cost no threads (issue 2: uvloop drives pynetdicom's objects)."""

import re
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.raw import RawSender, RawSink, send_all
from tests.e2e.routers import RouterProcess, Routers, header, until
from tests.e2e.wire import CT, EXPLICIT, made_up

ASSOCIATIONS = 100
POOL = 4
"""Threads for the disk, made when they are first needed, whatever calls for it."""
TITLES = 10
"""An AE title may have 16 associations and an address 32 (reliability.md 6.2)."""


def threads(router: RouterProcess) -> int:
    assert router.process is not None
    status = Path(f"/proc/{router.process.pid}/status").read_text(encoding="utf-8")
    found = re.search(r"^Threads:\s+(\d+)$", status, re.MULTILINE)
    assert found is not None
    return int(found[1])


def test_hundred_open_associations_need_no_thread(routers: Routers) -> None:
    callers = "".join(
        f'node ct{number} {{ ae = "CT{number}"  host = "127.0.0.0/8"  may = {{ store }} }}\n'
        for number in range(TITLES)
    )
    rules = "table routing first { otherwise { send to pacs } }\n"
    with RawSink() as pacs, ExitStack() as stack:
        router = routers(header(pacs=pacs.port) + callers + rules).start()
        warm = [made_up(f"1.2.3.1.{number}") for number in range(20)]
        assert set(send_all(router.port, warm)) == {0}
        pacs.wait_count(20)
        until(lambda: not router.status()["associations"])
        before = threads(router)
        senders = []
        for number in range(ASSOCIATIONS):
            source = f"127.0.1.{number % TITLES + 1}"
            one = RawSender(router.port, f"CT{number // TITLES}", source=source)
            stack.callback(one.close)
            senders.append(one.open((CT, EXPLICIT)))
        assert router.status()["listeners"][0]["associations"] == ASSOCIATIONS
        assert threads(router) == before
        for number, one in enumerate(senders):
            assert one.store(made_up(f"1.2.3.2.{number}")) == 0
        pacs.wait_count(ASSOCIATIONS + 20)
        assert len(router.status()["associations"]) == ASSOCIATIONS
        assert threads(router) <= before + POOL
        for one in senders:
            one.release()
        until(lambda: not router.status()["associations"])
        assert threads(router) <= before + POOL
