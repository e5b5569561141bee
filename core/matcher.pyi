"""The compiled matcher; `roteiro.core.build` makes it."""

from roteiro.core.artefact import Artefact
from roteiro.core.feed import Feed
from roteiro.core.machines_build import Size
from roteiro.core.program import Encoding, Envelope, Outcome

class Scratch:
    """The memory of one decision."""

class Members:
    """An envelope as one matcher has prepared it."""

class CompiledMatcher:
    """Decides objects for one program."""

    slow: int
    """Decisions for which Python was asked: text that only it decodes."""
    pattern_sizes: tuple[Size, ...]
    """Of the machines that look for patterns."""

    def __init__(self, artefact: Artefact) -> None: ...
    def decide(
        self,
        data: bytes | bytearray | memoryview,
        encoding: Encoding,
        envelope: Envelope,
        *,
        complete: bool = True,
    ) -> Outcome | None:
        """Decide one object; `None` when `data` is a prefix that does not settle it."""
    def known(self, envelope: Envelope) -> Members:
        """Prepare what is known of many objects; `size` and `at` are those of each."""
    def decide_known(
        self,
        data: bytes | bytearray | memoryview,
        encoding: Encoding,
        known: object,
        at: int,
    ) -> Outcome:
        """Decide one whole object at an instant, microseconds since 1970, as `decide` does.

        Raises `ValueError` for what another matcher has prepared.
        """
    def feed(self, encoding: Encoding, envelope: Envelope) -> Feed:
        """Give what decides one object from its bytes as they come."""
