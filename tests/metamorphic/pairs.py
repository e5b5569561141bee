"""Pairs of texts that mean the same, and objects that no program can tell apart."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from generators.dice import Dice
from generators.encode import Item, Raw, Series
from generators.fields import ALL
from generators.objects import FILLERS, Object, filler
from generators.outcomes import SCHEDULES, declarations
from generators.predicates import Names, Use, bracketed, condition, literal, operators, right
from generators.programs import DEPTH, scope

from roteiro.core.program import ValueType

VRS = "AE CS SH LO UC ST LT UT UR PN DS IS DA TM DT AS UI"
CHARACTERS = frozenset(VRS.split(" "))
WORDS = ("in", "contains", "starts with", "ends with", "like", "matches", "under")
NEGATED = {"==": "!=", **{word: f"not {word}" for word in WORDS}}

# Conditions ---------------------------------------------------------------------------------------


class Writer:
    """Writes conditions over the fields of one program."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.uses = scope(dice, ALL, DEPTH)
        self.names = Names(schedules=tuple(SCHEDULES))

    def one(self, depth: int = 1) -> str:
        return bracketed(condition(self.dice, self.uses, self.names, depth))

    def of(self, kind: Callable[[Use], bool]) -> Use | None:
        """Choose a field of a kind, if there is one."""
        found = [use for use in self.uses if kind(use)]
        return self.dice.choice(found) if found else None


def same_conditions(writer: Writer) -> list[tuple[str, str]]:
    """Give pairs of conditions that hold for the same objects.

    A private element has no type of its own, so its state and its comparisons are of two fields.
    """
    a, b, c = writer.one(), writer.one(), writer.one()
    pairs = [
        (f"not ({a} and {b})", f"not {a} or not {b}"),
        (f"not ({a} or {b})", f"not {a} and not {b}"),
        (f"not not {a}", a),
        (f"{a} and ({b} or {c})", f"{a} and {b} or {a} and {c}"),
        (f"{a} or {b} and {c}", f"({a} or {b}) and ({a} or {c})"),
        (f"{a} and {b}", f"{b} and {a}"),
        (f"{a} or {a} and {b}", a),
        (f"{a} and not {a}", "false"),
    ]
    plain = writer.of(lambda use: bool(use.literals) and not use.attribute.creator)
    sequence = writer.of(lambda use: bool(use.inner) and not use.attribute.creator)
    pairs += same_tests(writer, plain) if plain else []
    pairs += same_items(writer, sequence) if sequence else []
    return pairs


def same_tests(writer: Writer, use: Use) -> list[tuple[str, str]]:
    """Give what the table of predicates says of one field (2c)."""
    dice, path = writer.dice, use.attribute.path
    operator = dice.choice([word for word in operators(use.kind) if word in NEGATED])
    if use.kind is ValueType.NAME and operator not in {"==", "in"}:
        operator = "=="  # others ask the alphabetic group, and its state is not the element's (2e)
    wanted = right(dice, use, operator, writer.names)
    test = f"{path} {operator} {wanted}"
    negated = f"{path} {NEGATED[operator]} {wanted}"
    each = [literal(dice, one, use.kind) for one in use.literals]
    split = " or ".join(f"{path} == {one}" for one in each)
    return [
        (f"any {test}", test),
        (negated, f"{path} is valued and not {test}"),
        (f"no {test}", f"not any {test}"),
        (f"all {test}", f"{path} is valued and no {negated}"),
        (f"any {negated}", f"not no {negated}"),
        (f"{path} is blank", f"{path} is absent or {path} is empty"),
        (f"{path} in {{ {', '.join(each)} }}", split),
        (f"{path} not in {{ {', '.join(each)} }}", f"{path} is valued and not ({split})"),
    ]


def same_items(writer: Writer, use: Use) -> list[tuple[str, str]]:
    """Give what the table of predicates says of a sequence (2c)."""
    path = use.attribute.path
    inner = condition(writer.dice, use.inner, writer.names, 1)
    return [
        (f"any {path} has ({inner})", f"{path} has ({inner})"),
        (f"no {path} has ({inner})", f"not any {path} has ({inner})"),
        (f"all {path} has ({inner})", f"{path} is valued and no {path} has (not ({inner}))"),
        (f"any {path} has (true)", f"{path} is valued"),
    ]


# Programs -----------------------------------------------------------------------------------------


def whole(body: str) -> str:
    return declarations("Europe/Lisbon", body) + body


def table(rules: Sequence[str], *, first: bool = False, end: str = "") -> str:
    return "\n".join([f"table t0 {'first' if first else 'all'} {{", *rules, end, "}"]) + "\n"


# Objects ------------------------------------------------------------------------------------------


def untested_changed(dice: Dice, thing: Object, uses: Sequence[Use]) -> Object:
    """Change what no program mentions: other elements between and behind, or none."""
    kept = [raw for raw in thing.elements if raw.tag not in FILLERS]
    tested = {use.attribute.tag for use in uses}
    new = {raw.tag: raw for raw in (filler(dice) for _ in range(3)) if raw.tag not in tested}
    inserted = sorted([*kept, *new.values()], key=lambda raw: raw.tag)
    return replace(thing, elements=tuple(inserted))


def padded(dice: Dice, raws: Sequence[Raw]) -> tuple[Raw, ...]:
    """Add padding to character values, in items too."""
    return tuple(replace(raw, value=padded_value(dice, raw)) for raw in raws)


def padded_value(dice: Dice, raw: Raw) -> bytes | Series:
    if isinstance(raw.value, Series):
        made = (Item(padded(dice, item.elements), item.defined) for item in raw.value.items)
        return replace(raw.value, items=tuple(made))
    if raw.vr not in CHARACTERS or not raw.value:
        return raw.value
    pad = b"\0" if raw.vr == "UI" else dice.choice([b" ", b"\0"])
    return raw.value + pad * dice.choice([0, 2, 4])


def lengths(raws: Sequence[Raw]) -> tuple[Raw, ...]:
    """Write defined lengths of items and sequences as undefined ones, and the reverse."""
    return tuple(
        replace(raw, value=flipped(raw.value)) if isinstance(raw.value, Series) else raw
        for raw in raws
    )


def flipped(value: Series) -> Series:
    made = (Item(lengths(item.elements), not item.defined) for item in value.items)
    return Series(tuple(made), not value.defined)


def items_reordered(dice: Dice, raws: Sequence[Raw]) -> tuple[Raw, ...]:
    """Put the items of every sequence in another order."""
    return tuple(
        replace(raw, value=shuffled(dice, raw.value)) if isinstance(raw.value, Series) else raw
        for raw in raws
    )


def shuffled(dice: Dice, value: Series) -> Series:
    made = [Item(items_reordered(dice, item.elements), item.defined) for item in value.items]
    dice.shuffle(made)
    return replace(value, items=tuple(made))
