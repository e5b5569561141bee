"""A file of a compiled program, looked at once and used where it lies."""

from roteiro.core.artefact_notes import Notes
from roteiro.core.decision import Numbering

LAYOUT: bytes
"""How records lie here, and how texts are hashed: it differs where a file would be misread."""

class Artefact:
    """A compiled program. Raises `ArtefactError` for bytes that are none, or of another build.

    It holds what `data` lies in, which must not change. Without `sealed` the sum is not looked at.
    """

    notes: Notes
    numbering: Numbering
    creators: tuple[str, ...]
    """Of private elements; the first is none."""

    def __init__(
        self, data: bytes | memoryview, engine: bytes = ..., *, sealed: bool = True
    ) -> None: ...
    @property
    def data(self) -> memoryview:
        """All bytes."""
    @property
    def scopes(self) -> int:
        """How many scopes there are: the object, and each sequence whose items are asked."""
    def part(self, kind: int, number: int = 0, form: str = "B") -> memoryview | None:
        """Give a part, as items of a form of `struct`; nothing when it is not there."""
    def parts(self) -> list[tuple[int, int, int]]:
        """Give kind, number and size of each part."""
