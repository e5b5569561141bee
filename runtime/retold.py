"""What people were told of compiled rules, said again word for word when nothing is another.

Findings depend on the rules with all that they use, on the version and on the day, for suppressions
expire; how they are worded on the language and on what the rules were called. Where all that is
what it was, nobody has to find or to word them again. Where a file counts that was not read,
nothing is kept.
"""

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
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


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of which rules."""

    path: Path
    name: str
    """As it is shown."""
    language: str
    day: str = field(default_factory=lambda: rfc3339(SystemClock().now())[:DAY])
    """On which it was asked, UTC: before anything was looked at."""

    def key(self, artefact: "Artefact") -> bytes:
        """Name all that the words depend on; the version has a place of its own."""
        files = sources_of(artefact).files
        named = json.dumps([self.name, self.language, self.day, files])
        return blake2b(named.encode(), digest_size=SUM).digest()


def again(telling: Telling) -> "tuple[Artefact, str] | None":
    """Give compiled rules that are what they were, and what was said of them; else nothing."""
    kept = kept_of(telling.path) if telling.path.is_file() else None
    try:
        sources = None if kept is None else sources_of(kept)
    except ArtefactError:
        return None
    if kept is None or sources is None or not sources.are_unchanged(telling.path):
        return None
    words = "" if sources.silent else recalled(telling, kept)
    return None if words is None else (kept, words)


def recalled(telling: Telling, artefact: "Artefact") -> str | None:
    """Give what was said; nothing when that was of something else, or is damaged."""
    kept = recall_compiled(telling.path, TOLD)
    if kept is None or kept[:SUM] != sum_of(telling.key(artefact), kept[SUM:]):
        return None
    return str(kept[SUM:], "utf-8", "surrogatepass")


def keep(telling: Telling, found: CompiledRules, words: str) -> None:
    """Keep what was said of rules, if it can be said again."""
    if found.artefact is None or not found.is_lasting:
        return
    body = words.encode("utf-8", "surrogatepass")
    remember_compiled(telling.path, sum_of(telling.key(found.artefact), body) + body, TOLD)


def sum_of(key: bytes, body: bytes | memoryview) -> bytes:
    """Give the sum of what was said, and of what it depends on."""
    return blake2b(body, digest_size=SUM, key=key).digest()
