"""What was being sent when the process died: in doubt, and held when that is its doing (F21)."""

import signal

from tests.e2e.raw import RawSink, Reply, Then, send_all
from tests.e2e.routers import READY, Routers, header, until
from tests.e2e.test_running import ROUTING
from tests.e2e.wire import made_up

DEADLY = "1.2.3.666"
PLANTED = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from roteiro.__main__ import main
from roteiro.runtime.association.requestor import LoopChannel
send = LoopChannel._send
async def dies(self, stored, *rest):
    if stored.record.envelope.sop_instance == "{DEADLY}":
        await stored.read(0, 64)
        os.abort()
    await send(self, stored, *rest)
LoopChannel._send = dies
sys.exit(main())
"""


def test_an_object_that_kills_the_process_is_not_sent_a_fourth_time(routers: Routers) -> None:
    before, deadly, after = (made_up(uid) for uid in ("1.2.3.1", DEADLY, "1.2.3.2"))
    with RawSink() as pacs:
        router = routers(header(pacs=pacs.port) + ROUTING)
        router.program = ("-c", PLANTED)
        router.start()
        assert send_all(router.port, [before]) == [0]
        pacs.wait_for(before)
        pacs.stop()  # so that both wait, and the deadly one is the first
        assert send_all(router.port, [deadly, after]) == [0, 0]
        pacs.start()
        for _ in range(3):
            assert router.wait_end(READY) == -signal.SIGABRT
            router.start(wait=False)
        pacs.wait_for(after)
        router.wait_log("pacs", "faulty: the router died 3 times")
        (held,) = until(lambda: router.queue("--state", "held")["deliveries"])
        assert (held["sop_instance"], held["state"]) == (DEADLY, "held")
        assert router.running
        assert router.destination("pacs")["held"] == 1
        assert router.terminate() == 0
        router.start()
        assert router.destination("pacs")["held"] == 1, "and it stays held"


def test_what_may_have_arrived_when_the_router_was_killed_is_in_doubt(routers: Routers) -> None:
    """An archive that has it says so when it comes again: done, and no work for a person."""
    parcel = made_up("1.2.3.1")
    replies = iter([Reply(then=Then.SILENCE), Reply(0x0111)])
    with RawSink(script=lambda _: next(replies)) as pacs:
        router = routers(header(pacs=pacs.port) + ROUTING).start()
        assert send_all(router.port, [parcel]) == [0]
        pacs.wait_for(parcel)
        router.kill()
        router.start()
        pacs.wait_count(2)
        router.wait_log("in doubt: the router ended while it was being sent")
        seen = until(lambda: (found := router.destination("pacs"))["delivered"] and found)
        assert (seen["waiting"], seen["held"]) == (0, 0)
