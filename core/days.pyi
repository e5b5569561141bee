"""Days, instants and the changes of a zone, in C; the class is for tests."""

from datetime import tzinfo

class Days:
    """A zone laid flat."""

    def __init__(self, zone: tzinfo) -> None: ...
    def offset(self, second: int, *, is_local: bool) -> int:
        """Give the offset of a second since 1970."""
    def now(self, at: int) -> tuple[int, int] | None:
        """Give the day since 1970 and the microseconds since Monday of an instant."""
