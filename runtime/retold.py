"""What people were told of compiled rules, said again word for word when nothing is another.

Findings depend on the rules with all that they use, on the version and on the day, for suppressions
expire; how they are worded on the language and on what the rules were called. Where all that is
what it was, nobody has to find or to word them again; where one rule is another, only what is found
of it, and what stands beside it, is worded. Where a file counts that was not read, nothing is kept.
"""

import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from itertools import accumulate, pairwise
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING

from roteiro.core.errors import ArtefactError
from roteiro.runtime.artefacts import sources_of
from roteiro.runtime.compiling import CompiledRules, kept_of
from roteiro.runtime.instant import rfc3339
from roteiro.runtime.remembered import TOLD, recall_compiled, remember_compiled
from roteiro.runtime.world import SystemClock

if TYPE_CHECKING:
    from roteiro.core.artefact import Artefact

DAY = len("2026-01-31")
SUM = 32
COUNT = Struct("=Q")
Files = tuple[tuple[str, str], ...]
"""As those of `artefacts.Sources`."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of which rules."""

    path: Path
    name: str
    """As it is shown."""
    language: str
    day: str = field(default_factory=lambda: rfc3339(SystemClock().now())[:DAY])
    """On which it was asked, UTC: before anything was looked at."""

    def key(self, files: Files) -> bytes:
        """Name all that the words depend on; the version has a place of its own."""
        named = json.dumps([self.name, self.language, self.day, files])
        return blake2b(named.encode(), digest_size=SUM).digest()


def again(telling: Telling) -> "tuple[Artefact, list[str]] | None":
    """Give compiled rules that are what they were, and what was said of them; else nothing."""
    kept = kept_of(telling.path) if telling.path.is_file() else None
    try:
        sources = None if kept is None else sources_of(kept)
    except ArtefactError:
        return None
    if kept is None or sources is None or not sources.are_unchanged(telling.path):
        return None
    told = [] if sources.silent else recalled(telling, sources.files)
    return None if told is None else (kept, told)


def worded(telling: Telling, found: CompiledRules) -> list[str]:
    """Word findings, and keep that if it can be said again: a text for each finding."""
    if not found.findings:
        return []
    from roteiro.lang.render.text import render  # noqa: PLC0415  who found nothing words nothing

    told = [
        known or f"{render(one, telling.language)}\n"
        for one, known in zip(found.findings, known_of(telling, found), strict=True)
    ]
    if found.artefact is not None and found.is_lasting:
        body = packed(told)
        key = telling.key(sources_of(found.artefact).files)
        remember_compiled(telling.path, sum_of(key, body) + body, TOLD)
    return told


def known_of(telling: Telling, found: CompiledRules) -> Sequence[str]:
    """Give for each finding what was said of it before one rule was another, if that is known."""
    nothing, carried = [""] * len(found.findings), found.carried
    if carried is None:
        return nothing
    text = carried.before.encode("utf-8", "surrogatepass")
    told = recalled(telling, ((telling.path.name, sha256(text).hexdigest()),))
    numbers = carried.numbers()
    if told is None or len(told) != len(carried.old) or len(numbers) != len(nothing):
        return nothing
    return [told[number] if number >= 0 else "" for number in numbers]


# Kept ---------------------------------------------------------------------------------------------


def recalled(telling: Telling, files: Files) -> list[str] | None:
    """Give what was said of some files; nothing when that was of others, or is damaged."""
    kept = recall_compiled(telling.path, TOLD)
    if kept is None or kept[:SUM] != sum_of(telling.key(files), kept[SUM:]):
        return None
    return unpacked(kept[SUM:])


def sum_of(key: bytes, body: bytes | memoryview) -> bytes:
    """Give the sum of what was said, and of what it depends on."""
    return blake2b(body, digest_size=SUM, key=key).digest()


def packed(told: list[str]) -> bytes:
    """Write some texts: how many, how long each is, all of them."""
    sizes = array("Q", map(len, told))
    text = "".join(told).encode("utf-8", "surrogatepass")
    return b"".join((COUNT.pack(len(told)), sizes.tobytes(), text))


def unpacked(body: memoryview) -> list[str]:
    """Read texts that `packed` has written."""
    (count,) = COUNT.unpack_from(body)
    begin = COUNT.size + COUNT.size * count
    sizes = array("Q", body[COUNT.size : begin].tobytes())
    text = str(body[begin:], "utf-8", "surrogatepass")
    return [text[at:end] for at, end in pairwise(accumulate(sizes, initial=0))]
