"""How a delivery may start, as a text that the index can hold and compare.

A delivery that may start at once has the empty text. The others have all their ways (`language.md`,
2c: it may start as soon as one of them allows it), in an order of their own, so that two deliveries
that may start alike have the same text.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from roteiro.core.program import Batch, Release

AT_ONCE = ""
"""The text of what waits for nothing."""
STARTED = "!"
"""Stands before the way of what belongs to a batch that has started."""
REMEMBERED = 512
"""Texts whose meaning is kept: rule files have few."""


def way_of(releases: Iterable[Release]) -> str:
    """Give the text for the ways of a delivery."""
    ways = list(releases)
    if not ways or Release() in ways:
        return AT_ONCE
    plain = (json.dumps(asdict(way), sort_keys=True, separators=(",", ":")) for way in ways)
    return "[" + ",".join(sorted(set(plain))) + "]"


def is_started(way: str) -> bool:
    """Say whether it is the way of what belongs to a batch that has started."""
    return way.startswith(STARTED)


def started(way: str) -> str:
    """Give the way of what belongs to a batch from the moment on at which that starts."""
    return STARTED + way


@lru_cache(REMEMBERED)
def releases_of(way: str) -> tuple[Release, ...]:
    """Give the ways that a text stands for."""
    plain = way.removeprefix(STARTED)
    return tuple(_release(each) for each in json.loads(plain)) if plain else (Release(),)


def holding(releases: Sequence[Release]) -> tuple[Batch, ...]:
    """Give the batches by which a delivery may start, when late images of all of them are held.

    None when there is a way without a batch: by that it may start, late or not.
    """
    batches = tuple(way.batch for way in releases if way.batch is not None)
    whole = len(batches) == len(releases) and all(each.late == "hold" for each in batches)
    return batches if whole else ()


def _release(content: dict[str, Any]) -> Release:
    batch = content["batch"]
    return Release(None if batch is None else Batch(**batch), content["during"])
