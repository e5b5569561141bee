"""Names that are being looked up when the association is wanted no more."""

import asyncio
import gc

import pytest

from roteiro.lang.settings import NodeSettings
from roteiro.runtime.association.contract import Unreachable
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.world import system_world
from tests.association.parts import drive

NOBODY = NodeSettings("pacs", "PACS", "nobody.invalid", 104)
PAIRS = [("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1")]


def test_a_lookup_that_fails_after_it_was_given_up_is_no_fault_of_ours():
    async def main() -> None:
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
        carrier = LoopCarrier(system_world())
        given_up = asyncio.ensure_future(carrier.connect(NOBODY, "ROTEIRO", PAIRS))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        for _ in range(8):  # each takes as long as the one that was given up
            with pytest.raises(Unreachable, match=r"nobody\.invalid"):
                await carrier.connect(NOBODY, "ROTEIRO", PAIRS)
        gc.collect()
        assert told == []

    drive(main)


def test_each_address_of_a_name_is_tried():
    """`localhost` may be `::1` first, where nobody listens."""

    async def main() -> None:
        net = system_world().net
        server = await net.listen(asyncio.Protocol, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        (await net.connect(asyncio.Protocol, "localhost", port)).close()
        server.close()
        with pytest.raises(ConnectionRefusedError):
            await net.connect(asyncio.Protocol, "localhost", port)

    drive(main)
