"""The engine that targets call: fenced where the fence was built, else as it always is."""

from roteiro.core.artefact import Artefact
from roteiro.core.program import Program

from fuzz.files import parts_of, spread  # isort: skip

try:
    from roteiro.core.fence import Block
    from roteiro.core.fence import FencedMachine as Machine
    from roteiro.core.fence import FencedMatcher as Matcher
    from roteiro.core.fence import FencedReceiver as Receiver
except ImportError:
    from roteiro.core.machines import TextMachine as Machine
    from roteiro.core.matcher import CompiledMatcher as Matcher
    from roteiro.core.pdata import Receiver

    def Block(data: bytes, gaps: object) -> bytes:
        """Give bytes as they are: nothing sees what is read between them."""
        return data


__all__ = ["Machine", "Matcher", "Receiver", "matcher_of", "taken"]


def taken(data: bytes, gaps: object = ()) -> Matcher:
    """Make the matcher of a file whatever its sum is; nothing of the gaps may be read."""
    return Matcher(Artefact(Block(data, gaps), sealed=False))


def matcher_of(program: Program) -> Matcher:
    """Make the matcher of a program."""
    return taken(*spread(parts_of(program)))
