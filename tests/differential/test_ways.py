"""The generated programs take every way that a value can be decided by, often enough to mean it."""

from collections import Counter

from differential.engines import OBJECTS, engines_of
from generators.dice import Dice
from generators.objects import thing
from generators.programs import program

from roteiro.core.program import Encoding

PROGRAMS = 60


def test_text_is_decoded_by_python_and_without() -> None:
    ways: Counter[str] = Counter()
    for seed in range(PROGRAMS):
        dice = Dice(seed)
        case = program(dice)
        compiled = engines_of(case.text).compiled
        has_expression = "matches" in case.text or " ~ " in case.text
        for _ in range(OBJECTS):
            made = thing(dice, case)
            data = made.encoded(Encoding.EXPLICIT_LITTLE)
            before = compiled.slow  # type: ignore[attr-defined]
            compiled.decide(data, Encoding.EXPLICIT_LITTLE, made.envelope)
            asked = compiled.slow > before  # type: ignore[attr-defined]
            for term in (b"ISO_IR 100", b"ISO_IR 192", b"ISO 2022"):
                if term in data and not data.isascii() and not has_expression:
                    ways[f"{term.decode()} {'asked' if asked else 'native'}"] += 1
    assert ways["ISO_IR 100 native"] > 5
    assert ways["ISO_IR 192 native"] > 20
    assert ways["ISO 2022 asked"] > 2
