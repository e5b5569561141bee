"""A compiled program whose guard holds nothing: who would be held is let in."""

from dataclasses import replace
from typing import TYPE_CHECKING

from roteiro.core.artefact_notes import encoded
from roteiro.core.artefact_parts import OTHERS, Key, Kind, joined
from roteiro.core.program import Hold, Pass

if TYPE_CHECKING:
    from roteiro.core.artefact import Artefact


def lifted(artefact: "Artefact") -> bytes:
    """Make a file of this process, in which each hold of the guard is a pass."""
    notes = artefact.notes
    verdicts = tuple(Pass() if isinstance(one, Hold) else one for one in notes.verdicts)
    parts: dict[Key, bytes] = {}
    for kind, number, _ in artefact.parts():
        part = artefact.part(kind, number)
        if kind < OTHERS and part is not None:
            parts[kind, number] = bytes(part)
    stops = bytearray(parts[Kind.STOPS, 0])
    for rule, verdict in enumerate(artefact.part(Kind.VERDICT_OF, 0, "I") or ()):
        stops[rule] = not isinstance(verdicts[verdict], Pass)
    parts[Kind.STOPS, 0] = bytes(stops)
    parts[Kind.NOTES, 0] = encoded(replace(notes, verdicts=verdicts))
    return joined(parts)
