"""Why a rule did not fire: the fewest tests that would have to come out differently.

What makes a rule fire is one condition: the guard lets the object in, in a `first` table no rule
before it holds, and its own condition does. Its tests came out one way for this object; `why_not`
looks for the smallest set of them whose turning makes the rule fire. Tests are taken as independent
of each other: `Modality == "CT"` and `Modality == "MR"` are two facts here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from itertools import product

from roteiro.core.program import Pass
from roteiro.lang.coverage import Leaf, placeless
from roteiro.lang.reference import Subject, fires, guard_winner, in_key_order, passes
from roteiro.lang.typed import And, Condition, Constant, Not, Or, Typed, TypedTable

WIDTH = 24
"""Ways that are kept while a condition is walked: the best of each part, by their changes."""
YES, NO = Constant(True), Constant(False)  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class Change:
    """A test that would have to come out differently."""

    test: Leaf
    needed: bool


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What keeps a rule from firing."""

    rule: str
    fires: bool
    """Whether it fired after all."""
    winner: str | None
    """The rule that decided before it: of the guard, or of its `first` table."""
    changes: tuple[Change, ...] | None
    """The fewest changes that make it fire; `None` when no change of tests does."""


Way = dict[Leaf, tuple[Leaf, bool]]
"""Tests without their places, with a place and the outcome that is wanted."""


class UnknownRule(Exception):  # noqa: N818  it says what the name is
    """No rule has this name; `names` has those that there are."""

    def __init__(self, names: tuple[str, ...]) -> None:
        """Keep the names."""
        super().__init__()
        self.names = names


def why_not(typed: Typed, subject: Subject, rule: str) -> WhyNot:
    """Say what keeps `TABLE.RULE` from firing; `UnknownRule` when there is none of the name."""
    wanted = firing(typed).get(rule)
    if wanted is None:
        raise UnknownRule(tuple(firing(typed)))
    condition = wanted()
    ways = ways_to(condition, True, subject)  # noqa: FBT003
    winner = before(typed, subject, rule)
    if not ways:
        return WhyNot(rule, fires=False, winner=winner, changes=None)
    changes = tuple(
        Change(test, needed) for test, needed in changed(min(ways, key=cost(subject)), subject)
    )
    return WhyNot(rule, not changes, winner if changes else None, changes)


def before(typed: Typed, subject: Subject, rule: str) -> str | None:
    """Give the rule that was decisive before one: the guard's winner, or the table's."""
    table = rule.partition(".")[0]
    if typed.guard is not None:
        winner, verdict = guard_winner(typed.guard, subject)
        if table == "guard" or not isinstance(verdict, Pass):
            return winner
    found = next((each for each in typed.tables if each.name == table and each.first), None)
    if found is None:
        return None
    order = [f"{table}.{each.name}" for each in in_key_order(found)]
    fired = [name for name, _ in fires(found, subject) if name in order]
    earlier = fired and (rule not in order or order.index(fired[0]) < order.index(rule))
    return fired[0] if earlier else None


# What makes a rule fire ---------------------------------------------------------------------------


def firing(typed: Typed) -> dict[str, Callable[[], Condition]]:
    """Give, by the name of a rule, what makes the condition under which it fires."""
    found: dict[str, Callable[[], Condition]] = {}
    if typed.guard is not None:
        chain = [(f"guard.{rule.name}", rule.condition) for rule in typed.guard.rules]
        found |= in_turn([*chain, ("guard.otherwise", YES)], YES)
    entry = lets_in(typed)
    for table in typed.tables:
        found |= of_table(table, entry)
    return found


def of_table(table: TypedTable, entry: Condition) -> dict[str, Callable[[], Condition]]:
    """Give the same for one table."""
    ordered = [(f"{table.name}.{rule.name}", rule.condition) for rule in in_key_order(table)]
    otherwise = f"{table.name}.otherwise"
    last = [(otherwise, YES)] if table.otherwise is not None else []
    if table.first:
        return in_turn([*ordered, *last], entry)
    found: dict[str, Callable[[], Condition]] = {
        name: partial(And, (entry, condition)) for name, condition in ordered
    }
    return found | {name: in_turn([*ordered, *last], entry)[name] for name, _ in last}


def in_turn(
    ordered: list[tuple[str, Condition]], entry: Condition
) -> dict[str, Callable[[], Condition]]:
    """Give the same for rules of which the first that holds fires."""
    return {
        name: partial(first_of, ordered, place, entry) for place, (name, _) in enumerate(ordered)
    }


def first_of(ordered: list[tuple[str, Condition]], place: int, entry: Condition) -> Condition:
    """Give the condition under which one rule is the first that holds."""
    earlier = (Not(condition) for _, condition in ordered[:place])
    return And((entry, *earlier, ordered[place][1]))


def lets_in(typed: Typed) -> Condition:
    """Give the condition under which the guard passes an object."""
    if typed.guard is None:
        return YES
    rest: Condition = YES if isinstance(typed.guard.otherwise, Pass) else NO
    for rule in reversed(typed.guard.rules):
        if isinstance(rule.verdict, Pass):
            rest = Or((rule.condition, rest))
        else:
            rest = And((Not(rule.condition), rest))
    return rest


# The fewest changes -------------------------------------------------------------------------------


def cost(subject: Subject) -> Callable[[Way], int]:
    """Count the changes of a way."""
    return lambda way: len(changed(way, subject))


def changed(way: Way, subject: Subject) -> list[tuple[Leaf, bool]]:
    """Give the tests of a way that come out differently now."""
    return [(test, needed) for test, needed in way.values() if passes(test, subject) is not needed]


def ways_to(condition: Condition, wanted: bool, subject: Subject) -> list[Way]:  # noqa: FBT001
    """Give the best ways to a result, by outcomes of tests that do not contradict each other."""
    match condition:
        case Constant(value):
            return [{}] if value is wanted else []
        case Not(part):
            return ways_to(part, not wanted, subject)
        case And(parts) | Or(parts):
            every = isinstance(condition, And) is wanted
            found = [ways_to(part, wanted, subject) for part in parts]
            if every:
                return joined(found, subject)
            return best((way for ways in found for way in ways), subject)
        case _:
            return [{placeless(condition): (condition, wanted)}]


def joined(parts: list[list[Way]], subject: Subject) -> list[Way]:
    """Give the best ways to bring about all parts."""
    ways: list[Way] = [{}]
    for part in parts:
        ways = best(
            (one | other for one, other in product(ways, part) if agree(one, other)), subject
        )
    return ways


def agree(one: Way, other: Way) -> bool:
    """Say whether no test is wanted both ways."""
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return all(large[key][1] is want for key, (_, want) in small.items() if key in large)


def best(ways: Iterable[Way], subject: Subject) -> list[Way]:
    """Keep the ways with the fewest changes."""
    return nsmallest(WIDTH, ways, key=cost(subject))
