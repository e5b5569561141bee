"""Deflated data sets (PS3.5 A.5), inflated piece by piece and never beyond the limit."""

import zlib
from collections.abc import Iterator

from roteiro.core.program import INFLATE_LIMIT, Damage

PIECE = 1024
"""Bytes fed at once: deflate makes at most about a thousand times as much of them."""


class Inflater:
    """Inflates a raw deflate stream on demand.

    `data` grows with each `more`. When `ended` is set there is no more: then `damage` says what it
    means to run into the end of `data` (docs/reading.md, 4), or is `None` when the stream was
    finished, so that what ends there ends as any data set does.
    """

    def __init__(self, stream: bytes | memoryview) -> None:
        self.data = bytearray()
        self.ended = False
        self.damage: Damage | None = None
        self._stream = stream
        self._place = 0
        self._passed = 0
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def more(self, wanted: int) -> None:
        """Inflate until `data` holds `wanted` bytes, or until nothing more can come."""
        while not self.ended and len(self.data) < wanted:
            self._feed(self._stream[self._place : self._place + PIECE])

    def pieces(self, stream: bytes | memoryview) -> Iterator[bytes]:
        """Inflate the next bytes of a stream; what they give does not stay in `data`."""
        for place in range(0, len(stream), PIECE):
            if self.ended:
                return
            self._feed(stream[place : place + PIECE])
            given = bytes(self.data)
            self._passed += len(given)
            self.data.clear()
            yield given

    def finish(self) -> None:
        """Take note that no more bytes come."""
        self._end(Damage.CUT)

    def _feed(self, piece: bytes | memoryview) -> None:
        if not piece:
            self._end(Damage.CUT)
            return
        before = self._inflate.copy()
        try:
            self.data += self._inflate.decompress(piece)
        except zlib.error:
            self._inflate = before
            self._feed_slowly(piece)
            self._end(Damage.DEFLATE)
        self._place += len(piece)
        if self._passed + len(self.data) > INFLATE_LIMIT:
            del self.data[INFLATE_LIMIT - self._passed :]
            self._end(Damage.INFLATE)
        elif self._inflate.eof and not self.ended:
            self._end(None)

    def _feed_slowly(self, piece: bytes | memoryview) -> None:
        """Feed a piece that breaks byte by byte, to keep what came before the break."""
        for place in range(len(piece)):
            try:
                self.data += self._inflate.decompress(piece[place : place + 1])
            except zlib.error:
                return

    def _end(self, damage: Damage | None) -> None:
        self.ended = True
        self.damage = damage
