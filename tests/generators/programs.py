"""Programs as text: typed by the fields they read, so that `check` finds no error in them.

A program draws a few fields and a few literals of each, and builds all its tests from them; data
sets (`generators.objects`) are drawn from the same literals, so that tests come out true and false.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from roteiro.core.program import ValueType

from generators.dice import SEEDS, Dice  # isort: skip
from generators.edits import chains  # isort: skip
from generators.fields import ALL, Attribute, literals  # isort: skip
from generators.outcomes import SCHEDULES, ZONES, actions, declarations, verdict  # isort: skip
from generators.predicates import Names, Use, condition, set_of  # isort: skip

DEPTH = 4
"""Of `has` in `has` (RT404)."""


@dataclass(frozen=True)
class Case:
    """The text of a program and what it reads."""

    text: str
    uses: tuple[Use, ...]
    zone: str = "UTC"


def cases(attributes: tuple[Attribute, ...] = ALL) -> st.SearchStrategy[Case]:
    """Draw a program."""
    return SEEDS.map(lambda seed: program(Dice(seed), attributes))


def program(dice: Dice, attributes: Sequence[Attribute] = ALL) -> Case:
    """Make a program."""
    return program_of(dice, scope(dice, attributes, DEPTH))


def program_of(dice: Dice, uses: tuple[Use, ...]) -> Case:
    """Make a program that reads these fields."""
    zone = dice.choice(ZONES)
    names = Names(schedules=tuple(SCHEDULES))
    items = named(dice, uses, names)
    made = chains(dice, uses, names) if dice.one(2) else {}
    items += made.values()
    items += [guard(dice, uses, names)] if dice.one(2) else []
    items += [table(dice, f"t{at}", uses, names, tuple(made)) for at in range(dice.randint(1, 3))]
    body = "\n".join(items) + "\n"
    return Case(declarations(zone, body) + body, uses, zone or "UTC")


def scope(dice: Dice, attributes: Sequence[Attribute], depth: int) -> tuple[Use, ...]:
    """Choose the fields of a level and their literals; every type has its chance."""
    if depth < DEPTH:
        attributes = [each for each in attributes if each.tag]
    if not depth:
        attributes = [each for each in attributes if each.kind is not ValueType.SEQUENCE]
    kinds = sorted({each.kind for each in attributes}, key=lambda kind: kind.value)
    often = (ValueType.TEXT,) * 3 + (ValueType.NAME,) + (ValueType.SEQUENCE,) * 4
    kinds += [kind for kind in often if kind in kinds]  # they have most forms
    chosen: dict[tuple[str, ValueType], Attribute] = {}
    for _ in range(dice.randint(1, 4)):
        kind = dice.choice(kinds)
        each = dice.choice([one for one in attributes if one.kind is kind])
        chosen[each.path, each.kind] = each
    return tuple(use_of(dice, each, attributes, depth) for each in chosen.values())


def use_of(dice: Dice, each: Attribute, attributes: Sequence[Attribute], depth: int) -> Use:
    """Choose the literals of a field, or what is read in its items."""
    if each.kind is ValueType.SEQUENCE:
        return Use(each, inner=scope(dice, attributes, depth - 1))
    known = literals(each)
    return Use(each, tuple(dice.some(known, 1, 3)) if known else ())


def named(dice: Dice, uses: tuple[Use, ...], names: Names) -> list[str]:
    """Write sets and conditions with a name; a condition may be read in an item too."""
    items = []
    for at, use in enumerate(every(uses)):
        if use.literals and dice.one(3):
            vr = f" : {use.attribute.vr}" if use.attribute.tag and dice.one(3) else ""
            vr = "" if " or " in vr else vr
            items.append(f"set set{at}{vr} = {set_of(dice, use.kind, use.literals)}")
            names.sets[use.kind, use.literals] = f"set{at}"
    one = every(uses)[:3] if nesting(uses) < DEPTH else plain(every(uses))
    for at in range(dice.upto(2) if one else 0):
        made = condition(dice, [flat(dice.choice(one))], Names(sets=names.sets), 1)
        items.append(f"condition known{at} = {made}")
    names.conditions += [item.split(" ")[1] for item in items if item.startswith("condition")]
    return items


def plain(uses: tuple[Use, ...]) -> tuple[Use, ...]:
    return tuple(use for use in uses if use.kind is not ValueType.SEQUENCE)


def flat(use: Use) -> Use:
    """Leave out sequences in sequences: a condition may be asked in an item (RT404)."""
    inner = plain(use.inner)
    return Use(use.attribute, use.literals, inner or plain(every(use.inner)))


def nesting(uses: tuple[Use, ...]) -> int:
    """Say how deep sequences are in one another."""
    return max((1 + nesting(use.inner) for use in uses if use.inner), default=0)


def every(uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """Give the fields of all levels."""
    return (*uses, *(inner for use in uses for inner in every(use.inner)))


def guard(dice: Dice, uses: tuple[Use, ...], names: Names) -> str:
    """Write a guard; most objects pass it, or tables would say nothing."""
    rules = [
        f"  rule g{at} {{ when {condition(dice, uses, names, 2)} {verdict(dice)} }}"
        for at in range(dice.upto(2))
    ]
    last = dice.choice(["pass", "pass", "pass", 'hold aside "guard"'])
    return "\n".join(["guard {", *rules, f"  otherwise {{ {last} }}", "}"])


def table(
    dice: Dice, name: str, uses: tuple[Use, ...], names: Names, chains: tuple[str, ...]
) -> str:
    """Write a table."""
    mode = dice.choice(["first", "all"])
    rules = [rule(dice, f"r{at}", uses, names, chains) for at in range(dice.randint(1, 4))]
    if mode == "first" or dice.one(2):
        rules.append(f"  otherwise {{ {actions(dice, chains)} }}")
    return "\n".join([f"table {name} {mode} {{", *rules, "}"])


def rule(
    dice: Dice, name: str, uses: tuple[Use, ...], names: Names, chains: tuple[str, ...]
) -> str:
    """Write a rule of a table."""
    priority = dice.choice(["", "", "priority 5 ", "priority -1 "])
    when = "" if dice.one(20) else f"when {condition(dice, uses, names, 2)} "
    return f"  rule {name} {priority}{{ {when}{actions(dice, chains)} }}"
