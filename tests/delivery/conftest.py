"""What the tests of deliveries share."""

from tests.spool.conftest import in_memory

__all__ = ["in_memory"]
