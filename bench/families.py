"""Families of rules: what is asked, apart from any engine that asks it.

A `Rule` is a conjunction of `Asked`. `lowered` makes of rules the engine's program, `written` the
text of a rule file, `peers` what other engines take; tests hold these against each other.

- `realistic`: 2 to 5 conditions of 20 fields, drawn as hospitals write them, values by Zipf;
- `flat`: one rule a machine, its AE title and its station;
- `texts`: `contains`, `like`, `starts with`, `ends with`, `matches`, half without regard to case;
- `sequences`: what items of a sequence must have, beside an equality;
- `adversarial`: wide ranges and negated equalities, so that most rules are alive to the end.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from bench.pools import (
    IMAGE_TYPES,
    MAKERS,
    PARTS,
    PROTOCOLS,
    REGIONS,
    VOLTAGES,
    Machine,
    Pools,
    Zipf,
    machine,
    pools,
)

EFFECTS = 10
SIZES = (10, 100, 1_000, 10_000)
Scalar = str | int | Decimal


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition: `operator` as in a rule file; of a range the ends, of `has` what is inside."""

    field: str
    operator: str
    values: "tuple[Scalar | Asked, ...]" = ()
    folded: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """All of it must hold; then the object goes to the destination of this number."""

    name: str
    asked: tuple[Asked, ...]
    to: int


@dataclass(frozen=True, slots=True)
class Dice:
    """What one rule is drawn from."""

    rng: random.Random
    machine: Machine
    """Whose images the rule is about."""
    pools: Pools

    def two(self, values: Zipf[str]) -> tuple[str, str]:
        """Draw two values, or one twice."""
        return values.draw(self.rng), values.draw(self.rng)


Draw = Callable[[Dice], Asked]


def dice(rng: random.Random) -> Dice:
    """Draw a machine."""
    return Dice(rng, pools().machines.draw(rng), pools())


def among(field: str, *values: Scalar) -> Asked:
    """Ask for one of some values."""
    distinct = tuple(dict.fromkeys(values))
    return Asked(field, "==" if len(distinct) == 1 else "in", distinct)


def word(rng: random.Random) -> str:
    """Give what stands in many descriptions."""
    return rng.choice(REGIONS + PROTOCOLS)


# --- realistic ------------------------------------------------------------------------------------

WHOSE: tuple[tuple[int, Draw], ...] = (
    (8, lambda d: among("calling_ae", d.machine.ae)),
    (5, lambda d: among("StationName", d.machine.station, d.pools.machines.draw(d.rng).station)),
    (3, lambda d: among("InstitutionName", d.machine.institution)),
)
WHAT: tuple[tuple[int, Draw], ...] = (
    (8, lambda d: among("Modality", *d.two(d.pools.modalities))),
    (4, lambda d: among("BodyPartExamined", *d.two(d.pools.parts))),
    (3, lambda d: Asked("StudyDescription", "contains", (word(d.rng).casefold(),), folded=True)),
    (2, lambda d: Asked("SeriesDescription", "like", (f"{d.rng.choice(REGIONS)} ?.0 *",))),
    (
        1,
        lambda d: Asked(
            "Manufacturer", "starts with", (d.machine.maker[:4].casefold(),), folded=True
        ),
    ),
    (2, lambda d: among("ManufacturerModelName", d.machine.model)),
    (1, lambda d: among("InstitutionalDepartmentName", d.machine.department)),
    (2, lambda d: Asked("SliceThickness", "<=", (Decimal(d.rng.randint(2, 20)) / 2,))),
    (1, lambda d: among("KVP", Decimal(d.pools.voltages.draw(d.rng)))),
    (1, lambda d: Asked("PatientAge", "<", (d.rng.randint(1, 90),))),
    (1, lambda d: Asked("StudyDate", ">=", (20190101 + 10000 * d.rng.randint(0, 6),))),
    (1, lambda d: Asked("StudyTime", "range", (d.rng.randint(0, 8), d.rng.randint(9, 23)))),
    (2, lambda d: Asked("ImageType", "==", (d.rng.choice(IMAGE_TYPES),), negated=True)),
    (1, lambda d: Asked("PatientID", "starts with", (f"{d.rng.randint(0, 99):02}-",))),
    (1, lambda d: Asked("SOPClassUID", "under", (d.pools.classes.draw(d.rng),))),
    (1, lambda d: Asked("InstanceNumber", "range", (Decimal(1), last_of(d.rng)))),
    (1, lambda d: Asked("PerformedProcedureStepDescription", "matches", (steps(d.rng),))),
)


def last_of(rng: random.Random) -> Decimal:
    """Give the number of some image."""
    return Decimal(rng.randint(50, 900))


def steps(rng: random.Random) -> str:
    """Give a pattern of what was performed."""
    return f"{rng.choice(REGIONS)} .* [0-{rng.randint(1, 9)}]"


def realistic(rng: random.Random, name: str, number: int) -> Rule:
    """Draw a rule as hospitals write them: nearly all say whose images they are about."""
    drawn = dice(rng)
    count = rng.randint(2, 5)
    asked = [pick(rng, list(WHOSE))(drawn)] if rng.random() < 0.95 else []
    menu = list(WHAT)
    while len(asked) < count:
        asked.append(pick(rng, menu)(drawn))
    return Rule(name, tuple(asked), number % EFFECTS)


def pick(rng: random.Random, menu: list[tuple[int, Draw]]) -> Draw:
    """Take one out of a menu."""
    place = rng.choices(range(len(menu)), [weight for weight, _ in menu])[0]
    return menu.pop(place)[1]


# --- the others -----------------------------------------------------------------------------------


def flat(_rng: random.Random, name: str, number: int) -> Rule:
    """Ask for one machine."""
    made = machine(number)
    return Rule(
        name, (among("calling_ae", made.ae), among("StationName", made.station)), number % EFFECTS
    )


TEXTS = ("StudyDescription", "SeriesDescription", "PerformedProcedureStepDescription")


def text_of(rng: random.Random, field: str) -> Asked:
    """Draw a condition on a text."""
    folded = rng.random() < 0.5
    drawn = pools()
    whole = (drawn.series if field == "SeriesDescription" else drawn.studies).draw(rng)
    cut = rng.randint(3, len(whole) - 2)
    made: dict[str, str] = {
        "contains": whole[cut // 2 : cut // 2 + rng.randint(3, 9)].strip(),
        "starts with": whole[:cut].rstrip(),
        "ends with": whole[cut:].lstrip(),
        "like": f"{whole[: cut // 2]}*{whole[-1]}",
        "matches": f"{whole.split()[0]}.* [{rng.randint(0, 4)}-{rng.randint(5, 9)}]",
    }
    operator = rng.choice(tuple(made))
    text = made[operator]
    if folded and operator != "matches":
        text = text.casefold()
    return Asked(field, operator, (text,), folded)


def texts(rng: random.Random, name: str, number: int) -> Rule:
    """Ask for two texts."""
    return Rule(
        name, tuple(text_of(rng, field) for field in rng.sample(TEXTS, 2)), number % EFFECTS
    )


def sequences(rng: random.Random, name: str, number: int) -> Rule:
    """Ask for an item."""
    step = Asked("ScheduledProcedureStepID", "starts with", (f"P{rng.randint(0, 99)}-",))
    request = Asked("RequestedProcedureID", "starts with", (f"R{rng.randint(1, 999)}",))
    image = among("ReferencedSOPClassUID", pools().classes.draw(rng))
    has = rng.choice(
        (
            Asked("RequestAttributesSequence", "has", (step,)),
            Asked("RequestAttributesSequence", "has", (step, request)),
            Asked("ReferencedImageSequence", "has", (image,), negated=rng.random() < 0.3),
        )
    )
    made = pools().machines.draw(rng)
    other = rng.choice((among("calling_ae", made.ae), among("BodyPartExamined", rng.choice(PARTS))))
    return Rule(name, (other, has), number % EFFECTS)


WIDE: tuple[Draw, ...] = (
    lambda d: Asked("SliceThickness", ">=", (Decimal(d.rng.randint(50, 4000)) / 1000,)),
    lambda d: Asked("InstanceNumber", "<=", (Decimal(d.rng.randint(300, 900)),)),
    lambda d: Asked(
        "StudyDate",
        ">=",
        (
            20190101
            + d.rng.randint(0, 3) * 10000
            + d.rng.randint(0, 11) * 100
            + d.rng.randint(0, 27),
        ),
    ),
    lambda d: Asked("PatientAge", ">", (d.rng.randint(1, 40),)),
)
APART: tuple[Draw, ...] = (
    lambda d: Asked("StationName", "==", (d.machine.station,), negated=True),
    lambda d: Asked("calling_ae", "==", (d.machine.ae,), negated=True),
    lambda d: Asked("InstitutionName", "==", (d.machine.institution,), negated=True),
    lambda d: Asked("StudyDescription", "==", (d.pools.studies.draw(d.rng),), negated=True),
    lambda d: Asked("KVP", "==", (Decimal(d.rng.choice(VOLTAGES)),), negated=True),
    lambda d: Asked("Manufacturer", "==", (d.rng.choice(MAKERS),), negated=True),
)


def adversarial(rng: random.Random, name: str, number: int) -> Rule:
    """Ask what mostly holds: two ranges, two values that are not there; one that decides."""
    drawn = dice(rng)
    wide = rng.sample(WIDE, 2) + rng.sample(APART, 2)
    last = Asked("PatientID", "starts with", (f"{rng.randint(0, 99):02}-{rng.randint(0, 9)}",))
    return Rule(name, (*(draw(drawn) for draw in wide), last), number % EFFECTS)


FAMILIES: dict[str, Callable[[random.Random, str, int], Rule]] = {
    "realistic": realistic,
    "flat": flat,
    "texts": texts,
    "sequences": sequences,
    "adversarial": adversarial,
}


def rules(family: str, count: int, seed: int = 2) -> tuple[Rule, ...]:
    """Give so many rules; fewer are the first of more."""
    rng = random.Random(seed)
    draw = FAMILIES[family]
    return tuple(draw(rng, f"r{number}", number) for number in range(count))
