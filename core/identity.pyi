"""Study and series of an object."""

from roteiro.core.program import Encoding

def identify(
    data: bytes | bytearray | memoryview, encoding: Encoding, *, complete: bool = True
) -> tuple[str, str] | None:
    """Give the UIDs of study and series, empty when absent or damaged (PS3.3 C.7.2.1, C.7.3.1).

    With `complete=False` the data are a prefix of what will come, and the answer is `None` until
    both are known.
    """
