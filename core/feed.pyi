"""One object as its bytes come; `matcher.feed` makes it."""

from roteiro.core.matcher import CompiledMatcher
from roteiro.core.program import Encoding, Envelope, Outcome

class Feed:
    """Decides one object from its bytes as they come."""

    held_bytes: int
    """Bytes in memory."""
    looks: int
    """How often the bytes at hand were walked."""

    def __init__(
        self, matcher: CompiledMatcher, encoding: Encoding, envelope: Envelope
    ) -> None: ...
    def add(self, piece: bytes | bytearray | memoryview) -> Outcome | None:
        """Take the next bytes; give the outcome as soon as no others can change it."""
    def end(self, envelope: Envelope | None = None) -> Outcome:
        """Decide, now that no more bytes come; `envelope` is what is known at the end."""
