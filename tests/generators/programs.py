"""Programs as text: typed by the fields they read, so that `check` finds no error in them.

A program draws a few fields and a few literals of each, and builds all its tests from them; data
sets (`generators.objects`) are drawn from the same literals, so that tests come out true and false.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from roteiro.core.program import ValueType

from generators.fields import ALL, NETWORKS, UID_NAMES, Attribute, literals  # isort: skip

Draw = Callable[..., object]
NODES = ("pacs", "archive", "ai")
HEADER = "language 1\n" + "".join(
    f'node {name} {{ ae = "{name.upper()}" host = "127.0.0.1" port = {port} }}\n'
    for port, name in enumerate(NODES, 104)
)
STATES = ("absent", "empty", "blank", "valued", "invalid")
ORDERED = {ValueType.DECIMAL, ValueType.DATE, ValueType.TIME}


@dataclass(frozen=True)
class Use:
    """A field that a program reads, and the literals that it is compared with."""

    attribute: Attribute
    literals: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """The text of a program and what it reads."""

    text: str
    uses: tuple[Use, ...]


@st.composite
def cases(draw: st.DrawFn, attributes: tuple[Attribute, ...] = ALL) -> Case:
    """Draw a program."""
    uses = draw(uses_of(attributes))
    conditions, sets = draw(named(uses))
    tables = draw(st.integers(1, 3))
    items = [*sets, *conditions.values()]
    items += [draw(guard(uses, tuple(conditions)))] if draw(st.booleans()) else []
    items += [draw(table(f"t{at}", uses, tuple(conditions))) for at in range(tables)]
    return Case(HEADER + "\n".join(items) + "\n", uses)


@st.composite
def uses_of(draw: st.DrawFn, attributes: tuple[Attribute, ...]) -> tuple[Use, ...]:
    """Draw the fields of a program and their literals; every type has its chance."""
    kinds = sorted({each.kind for each in attributes}, key=lambda kind: kind.value)
    kinds += [kind for kind in (ValueType.TEXT,) * 4 if kind in kinds]  # it has most operators
    chosen: dict[str, Attribute] = {}
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(kinds))
        each = draw(st.sampled_from([one for one in attributes if one.kind is kind]))
        chosen[each.path] = each
    uses = []
    for each in chosen.values():
        known = literals(each)
        picked = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)) if known else []
        uses.append(Use(each, tuple(dict.fromkeys(picked))))
    return tuple(uses)


@st.composite
def named(draw: st.DrawFn, uses: tuple[Use, ...]) -> tuple[dict[str, str], list[str]]:
    """Draw conditions with a name, and the set items they refer to."""
    use = draw(st.sampled_from(uses))
    conditions, sets = {}, []
    if use.literals and draw(st.booleans()):
        sets.append(f"set some = {set_of(use, use.literals)}")
        word = draw(st.sampled_from(["in", "not in"]))
        conditions["known"] = f"condition known = {use.attribute.path} {word} @some"
    if draw(st.booleans()):
        conditions["other"] = f"condition other = {draw(condition(uses, (), 1))}"
    return conditions, sets


@st.composite
def guard(draw: st.DrawFn, uses: tuple[Use, ...], names: tuple[str, ...]) -> str:
    """Draw a guard; most objects pass it, or tables would say nothing."""
    rules = [
        f"  rule g{at} {{ when {draw(condition(uses, names, 2))} {draw(verdict())} }}"
        for at in range(draw(st.integers(0, 2)))
    ]
    last = draw(st.sampled_from(["pass", "pass", "pass", 'hold aside "guard"']))
    return "\n".join(["guard {", *rules, f"  otherwise {{ {last} }}", "}"])


def verdict() -> st.SearchStrategy[str]:
    words = ["pass", "pass", 'drop "dropped"', "hold aside", 'hold aside "look"', "refuse 0x0124"]
    return st.sampled_from([*words, 'refuse 0xA700 "full"'])


@st.composite
def table(draw: st.DrawFn, name: str, uses: tuple[Use, ...], names: tuple[str, ...]) -> str:
    """Draw a table."""
    mode = draw(st.sampled_from(["first", "all"]))
    rules = [draw(rule(f"r{at}", uses, names)) for at in range(draw(st.integers(1, 4)))]
    if mode == "first" or draw(st.booleans()):
        rules.append(f"  otherwise {{ {draw(actions())} }}")
    return "\n".join([f"table {name} {mode} {{", *rules, "}"])


@st.composite
def rule(draw: st.DrawFn, name: str, uses: tuple[Use, ...], names: tuple[str, ...]) -> str:
    """Draw a rule of a table."""
    priority = draw(st.sampled_from(["", "", "priority 5 ", "priority -1 "]))
    when = f"when {draw(condition(uses, names, 2))} " if draw(st.integers(0, 19)) else ""
    return f"  rule {name} {priority}{{ {when}{draw(actions())} }}"


@st.composite
def actions(draw: st.DrawFn) -> str:
    """Draw one or two effects."""
    to = draw(st.lists(st.sampled_from(NODES), min_size=1, max_size=2, unique=True))
    urgency = draw(st.sampled_from(["", "", " urgency stat", " urgency low", " urgency normal"]))
    send = f"send to {', '.join(to)}{urgency}"
    others = ['nothing "of no use"', "hold aside", 'hold later "wait"', f"{send} hold aside"]
    return draw(st.sampled_from([send, send, send, *others]))


# Conditions ---------------------------------------------------------------------------------------


@st.composite
def condition(draw: st.DrawFn, uses: tuple[Use, ...], names: tuple[str, ...], depth: int) -> str:
    """Draw a condition; most are one test, so that their truth is not always the same."""
    shape = draw(st.integers(0, 9)) if depth else 0
    if shape <= 5:
        if names and draw(st.integers(0, 7)) == 0:
            return f"@{draw(st.sampled_from(names))}"
        return draw(test(draw(st.sampled_from(uses))))
    if shape == 6:
        return draw(st.sampled_from(["true", "false"]))
    if shape == 7:
        return f"not ({draw(condition(uses, names, depth - 1))})"
    parts = [draw(condition(uses, names, depth - 1)) for _ in range(draw(st.integers(2, 3)))]
    return f"({(' and ' if shape == 8 else ' or ').join(parts)})"


@st.composite
def test(draw: st.DrawFn, use: Use) -> str:
    """Draw one test of a field."""
    path = use.attribute.path
    if not use.literals or draw(st.integers(0, 4)) == 0:
        return f"{path} is {draw(st.sampled_from(STATES))}"
    quantifier = draw(st.sampled_from(["", "", "any ", "all ", "no "]))
    operator = draw(st.sampled_from(operators(use.attribute.kind)))
    return f"{quantifier}{path} {operator} {draw(right(use, operator))}"


test.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def operators(kind: ValueType) -> list[str]:
    """Give the operators of a type."""
    words = ["==", "!=", "in", "not in"]
    if kind in ORDERED:
        words += ["<", "<=", ">", ">="]
    if kind is ValueType.TEXT:
        texts = ["contains", "starts with", "ends with", "like"]
        words += [*texts, *(f"not {word}" for word in texts)]
    return words


@st.composite
def right(draw: st.DrawFn, use: Use, operator: str) -> str:
    """Draw the right side of an operator."""
    kind = use.attribute.kind
    word = operator.removeprefix("not ")
    one = draw(st.sampled_from(use.literals))
    if word == "in":
        return draw(st.sampled_from(right_sets(use)))
    if kind is not ValueType.TEXT or word in {"==", "!="}:
        return literal(one, kind)
    part = draw(st.sampled_from(pieces_of(one, word)))
    pieces = draw(st.sampled_from([(part,), (part,), (part, *use.literals)]))
    texts = [literal(each, kind) for each in dict.fromkeys(pieces)]
    return texts[0] if len(texts) == 1 else f"{{ {', '.join(texts)} }}"


def right_sets(use: Use) -> list[str]:
    """Give sets and ranges of the literals of a field."""
    kind = use.attribute.kind
    sets = [set_of(use, use.literals), set_of(use, use.literals[:1])]
    if kind in ORDERED:
        low, high = sorted([use.literals[0], use.literals[-1]], key=KEYS.get(kind, str))
        ends = (literal(low, kind), literal(high, kind))
        sets += [f"{ends[0]}..{ends[1]}", f"{{ {ends[0]}..{ends[1]}, {literal(low, kind)} }}"]
        if kind is ValueType.TIME:
            sets.append(f"{ends[1]}..{ends[0]}")
    if kind is ValueType.ADDRESS:
        sets += [f'{{ "{network}" }}' for network in NETWORKS[:2]]
    if kind is ValueType.UID:
        sets.append(f"{{ {', '.join(UID_NAMES)} }}")
    return sets


KEYS: dict[ValueType, Callable[[str], object]] = {ValueType.DECIMAL: float}


def set_of(use: Use, literals: tuple[str, ...]) -> str:
    """Write a set."""
    return f"{{ {', '.join(literal(each, use.attribute.kind) for each in literals)} }}"


def literal(value: str, kind: ValueType) -> str:
    """Write a literal."""
    if kind is ValueType.TEXT or kind is ValueType.ADDRESS:
        escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
        return '"' + "".join(escapes.get(char, char) for char in value) + '"'
    return value


def pieces_of(value: str, operator: str) -> list[str]:
    """Make of a text what an operator looks for."""
    middle = len(value) // 2
    first, last = value[: middle + 1], value[middle:] or value
    wild = [
        f"{value[:1]}*",
        f"*{value[-1:]}",
        f"*{value}*",
        f"{value[:-1]}?",
        f"{first}*{last[-1:]}",
    ]
    pieces = {
        "contains": [value, first, last],
        "starts with": [value, first],
        "ends with": [value, last],
        "like": [value, *wild],
    }
    return pieces[operator]
