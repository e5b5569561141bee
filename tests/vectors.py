"""Conformance vectors: programs, objects, and what the reference interpreter decides of them.

`python -m tests.vectors` draws them again and writes `docs/vectors/edition-1.jsonl`. They are
frozen with the edition: what is in the file has to hold, so it is drawn again only when the meaning
of an edition that nobody uses yet is mended.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generators.compile import typed_of  # noqa: E402
from generators.counter import Tally  # noqa: E402
from generators.dice import Dice  # noqa: E402
from generators.objects import harmed, thing  # noqa: E402
from generators.programs import program  # noqa: E402

from roteiro.core.program import Encoding, Envelope, Read  # noqa: E402
from roteiro.lang.reference import Reference  # noqa: E402
from roteiro.runtime.explain import entry_of  # noqa: E402

PLACE = HERE.parent / "docs" / "vectors" / "edition-1.jsonl"
SEEDS = 4000
"""Programs that are looked at."""
OBJECTS = 4
"""Objects drawn for each."""
NOT_MEANING = ("rule_set", "read")
"""Members of an entry of `explain` that are about this implementation."""

Vector = dict[str, object]


def decided(reference: Reference, data: bytes, encoding: Encoding, envelope: Envelope) -> Vector:
    """Decide an object as `explain --trace all` shows it."""
    trace = reference.trace(data, encoding, envelope)
    entry = entry_of(trace.decision, Read(0, None, 0), "", trace, whole=True)
    return {name: value for name, value in entry.items() if name not in NOT_MEANING}


def envelope_of(envelope: Envelope) -> Vector:
    """Give what is there of an envelope."""
    return {name: value for name, value in asdict(envelope).items() if value is not None}


def drawn(seed: int, seen: Tally) -> Vector | None:
    """Draw a program and objects; nothing when they ask nothing that was not asked before."""
    dice = Dice(seed)
    case = program(dice)
    reference = Reference(typed_of(case.text))
    before = len(seen.counts)
    cases: list[Vector] = []
    for at in range(OBJECTS):
        made = thing(dice, case)
        encoding = [*Encoding][(seed + at) % len(Encoding)]
        data = made.encoded(encoding)
        if dice.one(12):
            data = harmed(dice, data)
        seen.record(reference, data, encoding, made.envelope)
        decision = decided(reference, data, encoding, made.envelope)
        about = {"encoding": encoding.name.lower(), "envelope": envelope_of(made.envelope)}
        cases.append(about | {"data": data.hex(), "decision": decision})
    is_new = len(seen.counts) > before
    return {"edition": 1, "program": case.text, "cases": cases} if is_new else None


def vectors() -> Iterator[Vector]:
    """Draw programs until most seeds are looked at; each asks something new."""
    seen = Tally()
    for seed in range(SEEDS):
        found = drawn(seed, seen)
        if found is not None:
            yield found


def main() -> None:
    """Write the file."""
    lines = [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in vectors()]
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
