"""Makes a failing case small: lines of the program and elements of the object are left out.

`case_of` takes what a `DifferenceError` has; what `shrink` gives and `told` writes is for
`test_kept.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace

from differential.engines import OBJECTS, Engines, engines_of
from generators.dice import Dice
from generators.encode import Item, Raw, Series
from generators.objects import Object, harmed, thing
from generators.programs import program

from roteiro.core.program import Encoding, Envelope

Made = tuple[str, Object, Encoding]


def case_of(seed: int, at: int) -> tuple[Made, bytes | None]:
    """Make the case of a seed again; the bytes when they were harmed."""
    dice = Dice(seed)
    case = program(dice)
    for number in range(OBJECTS):
        made = thing(dice, case)
        encoding = dice.choice([*Encoding])
        data = made.encoded(encoding)
        broken = harmed(dice, data) if dice.one(10) else None
        if number == at:
            return (case.text, made, encoding), broken
        dice.upto(len(data if broken is None else broken))
    raise AssertionError(at)


def differs(made: Made) -> bool:
    """Say whether the engines differ; what is no program does not."""
    text, thing_, encoding = made
    try:
        engines = engines_of(text)
    except AssertionError:
        return False
    return different(engines, thing_.encoded(encoding), encoding, thing_.envelope)


def different(engines: Engines, data: bytes, encoding: Encoding, envelope: Envelope) -> bool:
    try:
        engines.agree(data, encoding, envelope)
    except AssertionError:
        return True
    return False


def shrink(made: Made, fails: Callable[[Made], bool] = differs) -> Made:
    """Leave out what can be left out, until nothing can."""
    while True:
        smaller = next((each for each in steps(made) if fails(each)), None)
        if smaller is None:
            return made
        made = smaller


def steps(made: Made) -> Iterator[Made]:
    """Give everything that is a little smaller."""
    text, thing_, encoding = made
    lines = text.splitlines(keepends=True)
    for at in range(1, len(lines)):
        yield "".join(lines[:at] + lines[at + 1 :]), thing_, encoding
    for raws in fewer(thing_.elements):
        yield text, replace(thing_, elements=raws), encoding
    for member in fields(Envelope):
        if getattr(thing_.envelope, member.name) is not None:
            less = replace(thing_.envelope, **{member.name: None})  # type: ignore[arg-type]
            yield text, replace(thing_, envelope=less), encoding
    if encoding is not Encoding.EXPLICIT_LITTLE:
        yield text, thing_, Encoding.EXPLICIT_LITTLE


def fewer(raws: Sequence[Raw]) -> Iterator[tuple[Raw, ...]]:
    """Leave out one element, or one element of an item, or an item."""
    for at, raw in enumerate(raws):
        yield (*raws[:at], *raws[at + 1 :])
        for value in smaller(raw.value):
            yield (*raws[:at], replace(raw, value=value), *raws[at + 1 :])


def smaller(value: bytes | Series) -> Iterator[bytes | Series]:
    if isinstance(value, bytes):
        return
    for at, item in enumerate(value.items):
        yield replace(value, items=(*value.items[:at], *value.items[at + 1 :]))
        for inner in fewer(item.elements):
            less = Item(inner, item.defined)
            yield replace(value, items=(*value.items[:at], less, *value.items[at + 1 :]))


def told(made: Made) -> str:
    """Show a case and what the engines say."""
    text, thing_, encoding = made
    engines = engines_of(text)
    data = thing_.encoded(encoding)
    said = [
        engines.reference.decide(data, encoding, thing_.envelope),
        *(
            found.decision
            for engine in (engines.twin, engines.compiled)
            if (found := engine.decide(data, encoding, thing_.envelope)) is not None
        ),
    ]
    parts = [text, encoding.name, data.hex(), repr(thing_.envelope), *map(repr, said)]
    return "\n".join(parts)
