"""Tests and conditions as text, of every form the language has.

All tests of a scope are of its few fields and their few literals, so that they come out true and
false; `has (...)` opens the scope of the items.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from roteiro.core.program import ValueType

from generators.dice import Dice  # isort: skip
from generators.fields import NETWORKS, UID_NAMES, Attribute  # isort: skip

STATES = ("absent", "empty", "blank", "valued", "invalid")
KIND = ValueType
ORDERED = {KIND.DECIMAL, KIND.DATE, KIND.TIME, KIND.INSTANT, KIND.AGE}
TEXTUAL = {KIND.TEXT, KIND.NAME}
QUOTED = {*TEXTUAL, KIND.ADDRESS}
GROUPS = ("", ".alphabetic", ".ideographic", ".phonetic")
COMPONENTS = ("family", "given", "middle", "prefix", "suffix")
PATTERN_WORDS = ("contains", "starts with", "ends with", "like", "matches")


@dataclass(frozen=True)
class Use:
    """A field that a program reads, its literals, and what it reads in the items of a sequence."""

    attribute: Attribute
    literals: tuple[str, ...] = ()
    inner: "tuple[Use, ...]" = ()

    @property
    def kind(self) -> ValueType:
        return self.attribute.kind


@dataclass
class Names:
    """What conditions may refer to."""

    conditions: list[str] = field(default_factory=list)
    sets: dict[tuple[ValueType, tuple[str, ...]], str] = field(default_factory=dict)
    schedules: tuple[str, ...] = ()


# Conditions ---------------------------------------------------------------------------------------


def condition(dice: Dice, uses: Sequence[Use], names: Names, depth: int) -> str:
    """Make a condition; most are one test, so that their truth is not always the same."""
    shape = dice.upto(11) if depth else 0
    if shape <= 7:
        return leaf(dice, uses, names)
    if shape == 8:
        return dice.choice(["true", "false"])
    if shape == 9:
        return f"not {bracketed(condition(dice, uses, names, depth - 1))}"
    parts = [condition(dice, uses, names, depth - 1) for _ in range(dice.randint(2, 3))]
    return f"({(' and ' if shape == 10 else ' or ').join(parts)})"


def bracketed(text: str) -> str:
    return text if text.startswith("(") else f"({text})"


def leaf(dice: Dice, uses: Sequence[Use], names: Names) -> str:
    """Make a test, or a reference to a condition."""
    if names.conditions and dice.one(8):
        return f"@{dice.choice(names.conditions)}"
    if names.schedules and dice.one(14):
        return f"clock.local {dice.choice(['in', 'not in'])} @{dice.choice(names.schedules)}"
    deep = [use for use in uses if use.inner]
    return one_test(dice, dice.choice(deep if deep and dice.one(2) else uses), names)


def one_test(dice: Dice, use: Use, names: Names, way: str = "") -> str:
    """Make one test of a field; `way` leads to it by positions."""
    path = way + use.attribute.path
    if use.kind is KIND.SEQUENCE:
        return of_sequence(dice, use, names, way)
    is_element = use.attribute.tag != 0
    if is_element and dice.one(12):
        return counted(dice, path)
    if use.kind is KIND.DATE and dice.one(4):
        return days_since(dice, path)
    if use.kind is KIND.NAME and dice.one(2, 3):
        return of_name(dice, use, names, path)
    if is_element and use.attribute.most > 1 and dice.one(3):
        place = min(use.attribute.most, dice.choice([1, 1, 1, 2, 2, 3]))
        return compared(dice, use, names, f"{path}[{place}]", placed=True)
    return compared(dice, use, names, path)


def compared(dice: Dice, use: Use, names: Names, path: str, *, placed: bool = False) -> str:
    """Compare what a path gives, or ask its state."""
    if not use.literals or dice.one(6):
        return state(dice, path)
    quantifier = "" if placed else dice.choice(["", "", "any ", "all ", "no "])
    operator = dice.choice(operators(use.kind))
    return f"{quantifier}{path} {operator} {right(dice, use, operator, names)}"


def state(dice: Dice, path: str) -> str:
    return f"{path} is {dice.choice(STATES)}"


def counted(dice: Dice, path: str) -> str:
    """Count values or items."""
    number = dice.randint(0, 3)
    sides = ["in", f"{number}..{number + 1}"], ["not in", f"{{ {number}, 3..4 }}"]
    if dice.one(3):
        return " ".join([f"count({path})", *dice.choice(sides)])
    return f"count({path}) {dice.choice(['==', '!=', '<', '<=', '>', '>='])} {number}"


def days_since(dice: Dice, path: str) -> str:
    """Ask for the days since a date."""
    number = dice.choice([-1, 0, 1, 28, 60, 365, 800, 9500])
    if dice.one(3):
        word = dice.choice(["in", "not in"])
        return f"days since {path} {word} {{ 0..{abs(number)}, -1 }}"
    return f"days since {path} {dice.choice(['==', '!=', '<', '<=', '>', '>='])} {number}"


def of_sequence(dice: Dice, use: Use, names: Names, way: str) -> str:
    """Ask for the items of a sequence."""
    path = way + use.attribute.path
    shape = dice.upto(9)
    if shape == 0:
        return state(dice, path)
    if shape == 1:
        return counted(dice, path)
    if shape <= 3:
        step = f"{path}[{dice.choice([1, 1, 1, 2, 3])}]."
        return one_test(dice, dice.choice(use.inner), names, step)
    quantifier = dice.choice(["any ", "any ", "all ", "no ", ""])
    return f"{quantifier}{path} has ({condition(dice, use.inner, names, 1)})"


def of_name(dice: Dice, use: Use, names: Names, path: str) -> str:
    """Ask for a group or a component of a name."""
    group = dice.choice(GROUPS)
    component = "" if group and dice.one(3) else f".{dice.choice(COMPONENTS[:2] * 3 + COMPONENTS)}"
    parts = [part_of(each, group, component) for each in use.literals]
    texts = tuple(dict.fromkeys(part for part in parts if part)) or ("Max",)
    place = f"[{dice.choice([1, 1, 2])}]" if use.attribute.most > 1 and dice.one(2) else ""
    as_text = Use(replace(use.attribute, kind=KIND.TEXT), texts)
    return compared(dice, as_text, names, f"{path}{place}{group}{component}", placed=place != "")


def part_of(name: str, group: str, component: str) -> str:
    """Take a part of a name; a plain reading, for literals only."""
    groups = name.split("=")
    at = max(GROUPS.index(group) - 1, 0)
    whole = groups[at] if at < len(groups) else ""
    if not component:
        return whole
    parts = whole.split("^")
    place = COMPONENTS.index(component[1:])
    return parts[place] if place < len(parts) else ""


# Right sides --------------------------------------------------------------------------------------


def operators(kind: ValueType) -> list[str]:
    """Give the operators of a type."""
    words = ["==", "!=", "in", "not in"]
    if kind in ORDERED:
        words += ["<", "<=", ">", ">="]
    if kind in TEXTUAL:
        words += [*PATTERN_WORDS, *(f"not {word}" for word in PATTERN_WORDS)]
    if kind is KIND.UID:
        words += ["under", "under", "not under"]
    return words


def right(dice: Dice, use: Use, operator: str, names: Names) -> str:
    """Make the right side of an operator."""
    word = operator.removeprefix("not ")
    one = dice.choice(use.literals)
    if word == "in":
        named = names.sets.get((use.kind, use.literals))
        return f"@{named}" if named and dice.one(2) else dice.choice(right_sets(dice, use))
    if word == "matches":
        return of_several([regex(dice, one), *map(regex_of(dice), use.literals)], dice)
    if word == "under":
        roots = [one, parent(one), *map(parent, use.literals)]
        return of_several(list(dict.fromkeys(roots)), dice)
    if use.kind not in TEXTUAL or word in {"==", "!="}:
        return literal(dice, one, use.kind)
    part = dice.choice(pieces_of(alphabetic(one, use.kind), word))
    return of_several(
        [literal(dice, each, KIND.TEXT) for each in dict.fromkeys((part, *use.literals))], dice
    )


def alphabetic(value: str, kind: ValueType) -> str:
    if kind is not KIND.NAME:
        return value
    return value.partition("=")[0] or "Max"


def of_several(texts: Sequence[str], dice: Dice) -> str:
    """Write one literal, or a set of them."""
    return texts[0] if dice.one(2, 3) else f"{{ {', '.join(dict.fromkeys(texts))} }}"


def right_sets(dice: Dice, use: Use) -> list[str]:
    """Give sets and ranges of the literals of a field."""
    kind = use.kind
    sets = [set_of(dice, kind, use.literals), set_of(dice, kind, use.literals[:1])]
    if kind in ORDERED:
        low, high = sorted([use.literals[0], use.literals[-1]], key=KEYS.get(kind, str))
        sets += [f"{low}..{high}", f"{low}..{high}", f"{{ {low}..{high}, {low} }}"]
        if kind is KIND.TIME:
            sets.append(f"{high}..{low}")
    if kind is KIND.ADDRESS:
        sets += [f'{{ "{network}" }}' for network in NETWORKS]
    if kind is KIND.UID:
        sets.append(f"{{ {', '.join(UID_NAMES)} }}")
    return sets


def days(age: str) -> Decimal:
    """Say how long an age is."""
    units = {"D": Decimal(1), "W": Decimal(7), "M": Decimal("30.4375"), "Y": Decimal("365.25")}
    return int(age[:-1]) * units[age[-1]]


KEYS: dict[ValueType, Callable[[str], object]] = {
    KIND.DECIMAL: Decimal,
    KIND.INSTANT: datetime.fromisoformat,
    KIND.AGE: days,
}


def set_of(dice: Dice | None, kind: ValueType, literals: Sequence[str]) -> str:
    """Write a set; texts of both kinds in one set now and then."""
    return f"{{ {', '.join(literal(dice, each, kind) for each in literals)} }}"


def literal(dice: Dice | None, value: str, kind: ValueType) -> str:
    """Write a literal; a text may ignore case."""
    if kind not in QUOTED:
        return value
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    text = '"' + "".join(escapes.get(char, char) for char in value) + '"'
    return f"i{text}" if dice and kind is not KIND.ADDRESS and dice.one(4) else text


def parent(uid: str) -> str:
    """Give a UID one arc shorter, as long as it is written like one."""
    return uid.rpartition(".")[0] if uid.count(".") > 2 else uid


def pieces_of(value: str, operator: str) -> list[str]:
    """Make of a text what an operator looks for."""
    middle = len(value) // 2
    first, last = value[: middle + 1], value[middle:] or value
    wild = [f"{value[:1]}*", f"*{value[-1:]}", f"*{value}*", f"{value[:-1]}?", f"{first}*{last}"]
    pieces = {
        "contains": [value, first, last],
        "starts with": [value, first],
        "ends with": [value, last],
        "like": [value, *wild],
    }
    return pieces[operator]


def regex_of(dice: Dice) -> Callable[[str], str]:
    return lambda value: regex(dice, value)


def regex(dice: Dice, value: str) -> str:
    """Make an expression that describes a value, or nearly."""
    plain = quoted(value)
    ends = quoted(value[:1]), quoted(value[-1:])
    shapes = [
        plain,
        plain,
        f"{ends[0]}.*",
        f"(.|\\n)*{ends[1]}",
        f"({plain}|x+)?",
        f"[{ends[0]}-{ends[0]}a-z]{{1,9}}{ends[1]}?",
        f"[^{ends[0]}]*",
        "\\w+( \\w+)*",
        "[[:alpha:]]{2,3}",
        f"{plain}*",
    ]
    return f"/{dice.choice(shapes)}/{dice.choice(['', '', 'i'])}"


def quoted(value: str) -> str:
    """Escape what means something in an expression."""
    escaped = re.sub(r"([\\^$.|?*+()\[\]{}/-])", r"\\\1", value)
    return escaped.replace("\n", "\\n").replace("\t", "\\t")
