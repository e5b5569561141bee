"""Letters without Python; `decoded` is for tests."""

def decoded(data: bytes, declared: bytes) -> tuple[str, str] | None:
    """Decode and fold a text by Specific Character Set; `None` when it is for Python."""
