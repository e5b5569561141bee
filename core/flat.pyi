"""Memory that a list keeps, and what is made in it."""

def hashed(texts: list[bytes], first: int) -> bytes:
    """Give the hash table of some texts; `first` is the number of the first one."""
