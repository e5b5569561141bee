"""Whether the fuzzing would see what it looks for: reads past an end, planted one at a time.

`PYTHONPATH=tests:. python -m fuzz.control` from the root of the project, or `make control`. Of each
mistake the address sanitizer itself must tell within a minute of fuzzing that begins with the kept
inputs: not a check of a target, nor a decision that differs.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from mutants.listed import Mutant
from mutants.run import changed

from fuzz import run

SECONDS = 60
REPORT = "ERROR: AddressSanitizer"


@dataclass(frozen=True, slots=True)
class Planted:
    """A read past an end, and the target that must find it."""

    target: str
    mutant: Mutant


def past(name: str, target: str, file: str, before: str, after: str) -> Planted:
    """Give a mistake of one file of the compiled half."""
    return Planted(target, Mutant(name, f"core/{file}.pyx", before, after))


PLANTED = (
    past(
        "a header that lacks its last byte",
        "extract",
        "scan",
        "while left and limit - at >= 12:",
        "while left and limit - at >= 11:",
    ),
    past(
        "a value one byte longer than what is left",
        "values",
        "scan",
        "if length > limit - at - size or",
        "if length > limit - at - size + 1 or",
    ),
    past(
        "a piece that ends in a header",
        "feed",
        "scan",
        "    if length <= c_walk.limit - c_walk.at:\n",
        "    if length <= c_walk.limit - c_walk.at + 1:\n",
    ),
    past(
        "a PDU used before its last byte has come",
        "pdata",
        "pdata",
        "if have - HEADER < <Py_ssize_t>length:",
        "if have - HEADER + 1 < <Py_ssize_t>length:",
    ),
    past(
        "a PDV one byte longer than its PDU",
        "pdata",
        "pdata",
        "if length < 2 or <Py_ssize_t>length > self._pdu_left - 4:",
        "if length < 2 or <Py_ssize_t>length > self._pdu_left - 3:",
    ),
    past(
        "a character of two bytes of which one is there",
        "large",
        "machines",
        "if 0xC0 <= lead < 0xE0 and left >= 2:",
        "if 0xC0 <= lead < 0xE0 and left >= 1:",
    ),
    past(
        "a literal that ends one behind the bytes of its machine",
        "large",
        "machines",
        "and fits(c_alone.text, c_alone.size, c_machine.c_header.octets)",
        "and fits(c_alone.text, c_alone.size, c_machine.c_header.octets + 1)",
    ),
    past(
        "slots of a field that end one behind those of all",
        "artefact",
        "artefact_fields",
        "if c_record.slots + <uint64_t>c_record.slot_count > c_look.counts.slots:",
        "if c_record.slots + <uint64_t>c_record.slot_count > c_look.counts.slots + 1:",
    ),
)


def seen(folder: Path, planted: Planted) -> tuple[bool, str]:
    """Plant a mistake in a built copy, fuzz, and mend it; say whether the sanitizer told of it."""
    with changed(folder, planted.mutant):
        run.make_again(folder)
        done = run.fuzz(folder, planted.target, SECONDS, grows=False)
    first = next((line for line in done.told.splitlines() if REPORT in line), "")
    return bool(first), first.partition(REPORT)[2][:60] or f"nothing in {done.executions} inputs"


def main() -> int:
    """Plant all; 0 when each was seen, and the copy without any gives nothing to see."""
    missed = []
    with run.copy() as folder:
        for target in sorted({planted.target for planted in PLANTED}):
            clean = run.fuzz(folder, target, 1, "-runs=1", grows=False)
            assert not clean.findings, f"{target}: {clean.told}"
        for planted in PLANTED:
            began = time.monotonic()
            told, what = seen(folder, planted)
            name = planted.mutant.name
            took = time.monotonic() - began
            print(f"{'seen' if told else 'MISSED'} in {took:.0f} s: {name}: {what}", flush=True)
            missed += [] if told else [name]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
