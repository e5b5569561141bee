"""P-DATA in place: bytes of a peer become whole PDUs, command sets and data set fragments."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Protocol

class Fault(IntEnum):
    """What a peer got wrong. Values are stable: they stand in logs and counters."""

    PDU_TYPE = 1
    PDU_LENGTH = 2
    PDU_UNEXPECTED = 3
    PDV_LENGTH = 4
    CONTEXT_UNKNOWN = 5
    CONTEXT_CHANGED = 6
    COMMAND_LENGTH = 7
    COMMAND_UNEXPECTED = 8
    DATA_UNEXPECTED = 9

class Handler(Protocol):
    """What a receiver tells. A method may call `hold` or `close` of the receiver."""

    def pdu(self, data: bytes) -> None:
        """Take a whole PDU that is not P-DATA-TF."""

    def command(self, context: int, data: bytes) -> bool:
        """Take a complete command set; say whether a data set follows."""

    def fragment(self, data: memoryview, last: bool) -> None:
        """Take bytes of the data set; the view ends with the call."""

    def fault(self, fault: Fault) -> None:
        """Learn what the peer got wrong; nothing is read after it."""

class Receiver:
    """The receiving end of one association.

    `get_buffer` and `feed` are what `asyncio.BufferedProtocol` needs. The buffer is small until
    much arrives and never larger than two PDUs of the limit: nothing is allocated from a length
    that a peer declared.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        pdu_limit: int = ...,
        request_limit: int = ...,
        command_limit: int = ...,
    ) -> None: ...
    @property
    def held(self) -> bool:
        """Whether reading waits for `resume`."""
    @property
    def midway(self) -> bool:
        """Whether a PDU or a message has begun and not ended."""
    @property
    def unread(self) -> int:
        """Bytes in the buffer that are not used yet."""
    def get_buffer(self) -> memoryview:
        """Give room to write to; never empty unless it is held and full (BufferError)."""
    def feed(self, count: int) -> None:
        """Use `count` bytes that were written into the buffer."""
    def push(self, data: bytes) -> None:
        """Copy bytes into the buffer and use them, as if they had been received."""
    def open(self, contexts: Iterable[int]) -> None:
        """Allow P-DATA on these accepted presentation contexts."""
    def hold(self) -> None:
        """Stop after the current event, until `resume`."""
    def resume(self) -> None:
        """Go on with what the buffer holds."""
    def close(self) -> None:
        """Read nothing any more; what still arrives is let go."""

def frame(
    data: bytes | bytearray | memoryview,
    context: int,
    maximum: int,
    *,
    command: bool = False,
    last: bool = True,
) -> bytes:
    """Frame a piece of a command or data set as P-DATA-TF PDUs of at most `maximum` (PS3.8 9.3.5).

    `maximum` counts what follows the PDU's length field; fragments have an even length but for the
    last. `last` marks the piece as the end of its command or data set. ValueError when a PDU of
    that length holds nothing, or the context id is none.
    """
