"""What the checker accepts never raises: decisions, traces, coverage, why-not, transforms.

On objects that fit, on falsified ones, and on any bytes (2c, metatheorems).
"""

from collections import Counter

from differential.engines import Engines, engines_of
from generators.dice import Dice
from generators.objects import harmed, thing
from generators.programs import program

from roteiro.core.program import Encoding, Envelope
from roteiro.lang import dictionary
from roteiro.lang.carried import Carried
from roteiro.lang.coverage import Coverage
from roteiro.lang.whynot import firing, why_not

PROGRAMS = 200
OBJECTS = 3


def secret(place: str) -> bytes:
    if place.startswith("file:"):
        raise OSError(place)
    return b"secret"


def tried(
    engines: Engines, data: bytes, encoding: Encoding, envelope: Envelope, seen: Counter[str]
) -> None:
    """Ask everything that a program can be asked of an object."""
    reference = engines.reference
    decision = engines.agree(data, encoding, envelope)
    trace = reference.trace(data, encoding, envelope)
    assert trace.decision == decision
    assert trace.as_json(everything=True) is not None
    carried = Carried(reference, data, encoding, envelope, secret)
    for send in decision.sends:
        if send.via:
            result = carried.result(send)
            seen["failed" if result.failed else "carried"] += 1
            carried.changes(result)
    reading, subject = reference.read(data, encoding, envelope)
    seen["unreadable" if reading.damage else "read"] += 1
    if reading.damage is None:
        explained(engines, subject, decision)


def explained(engines: Engines, subject: object, decision: object) -> None:
    """Take coverage, and ask of each rule why it did not fire."""
    typed = engines.reference.typed
    coverage = Coverage(typed)
    coverage.record(subject, decision)  # type: ignore[arg-type]
    coverage.measures()
    coverage.gaps()
    for rule in firing(typed):
        found = why_not(typed, subject, rule)  # type: ignore[arg-type]
        assert found.fires == (rule in decision.rules), rule  # type: ignore[attr-defined]


def test_what_is_accepted_never_raises() -> None:
    seen: Counter[str] = Counter()
    for seed in range(PROGRAMS):
        dice = Dice(seed)
        case = program(dice)
        engines = engines_of(case.text)
        for at in range(OBJECTS):
            made, encoding = thing(dice, case), dice.choice([*Encoding])
            data = made.encoded(encoding)
            given = [data, harmed(dice, data), dice.randbytes(dice.upto(80))][at]
            try:
                tried(engines, given, encoding, made.envelope, seen)
            except Exception as raised:
                raised.add_note(
                    f"seed {seed}\n{case.text}\n{encoding} {given.hex()}\n{made.envelope}"
                )
                raise
    print(seen)
    assert min(seen["read"], seen["unreadable"], seen["carried"]) > PROGRAMS / 20


def test_odd_groups_are_no_repeating_groups() -> None:
    """Found here: a chain that removes (7FE1,0010), near to the 7Fxx of old, could not be shown."""
    assert dictionary.by_tag(0x7FE10010) is None
    assert dictionary.by_tag(0x60010010) is None
    assert dictionary.by_tag(0x60020010) is not None
