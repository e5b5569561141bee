"""Every pattern of a field in one pass over a value."""

class TextMachine:
    """A machine with room of its own, for tests and measures; one thread at a time.

    Raises `ValueError` for bytes that are no machine.
    """

    def __init__(self, laid: bytes) -> None: ...
    def tests_of(self, text: bytes) -> set[int]:
        """Give the tests that hold for a value in UTF-8."""
    def time(self, text: bytes, times: int) -> int:
        """Run so many times over a value; give how many outputs were met."""
