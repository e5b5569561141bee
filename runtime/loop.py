"""The door to uvloop: the loop that everything of the router runs on."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

Result = TypeVar("Result")


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end on a new uvloop loop and give its result."""
    return uvloop.run(main)
