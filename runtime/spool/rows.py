"""How values lie in the rows of the index."""

from roteiro.runtime.spool.contract import DeliveryState

STATES = (
    DeliveryState.WAITING,
    DeliveryState.HELD,
    DeliveryState.DONE,
    DeliveryState.DISCARDED,
    DeliveryState.REPEATED,
)
"""By their codes; something is owed of those below 2."""
CODES = {state: code for code, state in enumerate(STATES)}


def clean(text: str | None) -> str:
    """Give text that SQLite can store: undecodable bytes of a peer are written as escapes."""
    if not text:
        return ""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
