"""Sending files, undecoded: the data set of a Part 10 file as it lies on disk becomes one C-STORE.

For people without other tools and for tests of a path; the router's own deliveries come from the
spool.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from roteiro.core.program import Decision, Envelope, encoding_of
from roteiro.lang.messages import Phrase
from roteiro.lang.settings import NodeSettings
from roteiro.runtime.association.contract import Carrier, Channel, SyntaxPair, Trouble
from roteiro.runtime.dicom import Part10, read_part10
from roteiro.runtime.spool.contract import Record
from roteiro.runtime.whole import cut_short
from roteiro.runtime.world import World, read_file

MOST_PAIRS = 120
"""Presentation contexts that one association is asked for; PS3.8 9.3.2 has room for 128."""
TARGET = re.compile(
    r"(?P<ae>[^@\\]{1,16})@(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@\s\[\]]+):(?P<port>\d{1,5})"
)


@dataclass(frozen=True, slots=True)
class Target:
    """`AE@HOST:PORT`, taken apart."""

    ae: str
    host: str
    port: int

    def node(self, associations: int = 1) -> NodeSettings:
        """Give it as a node that can be called."""
        return NodeSettings(
            name=self.ae, ae=self.ae, host=self.host, port=self.port, associations=associations
        )


def parse_target(text: str) -> Target | None:
    """Read `AE@HOST:PORT`; an IPv6 address stands in brackets. `None` when it is something else."""
    found = TARGET.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536 or not found["ae"].strip():
        return None
    return Target(found["ae"].strip(), found["host"].strip("[]"), int(found["port"]))


class CutShort(ValueError):  # noqa: N818  a state of the file
    """A file ends inside an element of its data set."""


class Nameless(ValueError):  # noqa: N818  a state of the file
    """A file meta does not say which object of which SOP class the file is."""


class FileObject:
    """A file's data set as a `StoredObject`: read in pieces and never decoded."""

    def __init__(self, world: World, path: Path) -> None:
        """Look at it.

        `OSError` when it cannot be read, `NotDicomError` when it is no Part 10 file, `Nameless`
        when its meta names no object, `CutShort` when it ends too early.
        """
        self.path = path
        self._disk = world.disk
        self._workers = world.workers
        self._handle: int | None = None
        content = read_file(path)
        self.meta: Part10 = read_part10(content)
        if not self.meta.sop_class or not self.meta.sop_instance:
            raise Nameless
        self.size = len(content) - self.meta.offset
        if cut_short(content[self.meta.offset :], encoding_of(self.meta.transfer_syntax)):
            raise CutShort
        self.record = Record(
            Envelope(
                transfer_syntax=self.meta.transfer_syntax,
                sop_class=self.meta.sop_class,
                sop_instance=self.meta.sop_instance,
                size=self.size,
            ),
            Decision("route"),
            rule_set="",
            received=0.0,
        )

    @property
    def pair(self) -> SyntaxPair:
        """What it needs of an association."""
        return self.meta.sop_class or "", self.meta.transfer_syntax

    async def read(self, offset: int, count: int) -> bytes:
        """See `StoredObject`."""
        if self._handle is None:
            self._handle = self._disk.open(self.path.resolve())
        handle = self._handle
        count = min(count, self.size - offset)
        place = self.meta.offset + offset
        return await self._workers.run(lambda: self._disk.read_at(handle, count, place))

    def intact(self) -> bool:
        """See `StoredObject`; a file of the user's own has no digest to hold it against."""
        return True

    def close(self) -> None:
        """See `StoredObject`."""
        if self._handle is not None:
            self._disk.close(self._handle)
            self._handle = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one file; `status` `None` when no answer came, `trouble` says why."""

    path: Path
    size: int
    status: int | None
    trouble: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends to whom, over how many associations."""

    carrier: Carrier
    node: NodeSettings
    calling_ae: str

    async def send(self, objects: Sequence[FileObject], report: Callable[[Sent], None]) -> None:
        """Send each object once and `report` each outcome.

        `Trouble` when not even the first association can be had.
        """
        for batch in batches(objects):
            await self._send_batch(batch, report)

    async def _send_batch(
        self, objects: Sequence[FileObject], report: Callable[[Sent], None]
    ) -> None:
        pairs = sorted({item.pair for item in objects})
        waiting = iter(objects)
        channels = [
            await self.carrier.connect(self.node, self.calling_ae, pairs)
            for _ in range(min(self.node.associations, len(objects)))
        ]
        await asyncio.gather(*(_drain(channel, waiting, report) for channel in channels))
        for item in waiting:  # every association broke before it came to these
            report(Sent(item.path, item.size, None, Phrase("runtime.not_reached")))


def batches(objects: Sequence[FileObject]) -> Iterator[list[FileObject]]:
    """Part the objects, in order, so that one association can propose what each part needs."""
    part: list[FileObject] = []
    pairs: set[SyntaxPair] = set()
    for item in objects:
        if item.pair not in pairs and len(pairs) == MOST_PAIRS:
            yield part
            part, pairs = [], set()
        part.append(item)
        pairs.add(item.pair)
    if part:
        yield part


async def _drain(
    channel: Channel, waiting: Iterator[FileObject], report: Callable[[Sent], None]
) -> None:
    for item in waiting:
        try:
            status = await channel.store(item)
        except Trouble as trouble:
            report(Sent(item.path, item.size, None, str(trouble)))
            if not channel.open:
                return
        else:
            report(Sent(item.path, item.size, status, ""))
        finally:
            item.close()
    await channel.release()
