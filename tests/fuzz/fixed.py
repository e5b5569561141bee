"""Fixed programs, whose tests ask for all that the engine can read."""

from collections.abc import Iterator

from generators.engine import ACME, COMPONENTS, EVERYTHING, LITERALS, NAMES, OUTSIDE, PLAIN, element

from roteiro.core.program import (
    Among,
    Chars,
    Choice,
    Conjunction,
    Deliver,
    Disjunction,
    Envelope,
    Every,
    EveryItem,
    Field,
    Holds,
    Inside,
    InState,
    Interval,
    Matches,
    Negation,
    Pattern,
    PatternKind,
    Program,
    Repeat,
    Rule,
    Sequence,
    Some,
    SomeItem,
    State,
    Step,
    Table,
    Test,
    ValueType,
    View,
)

ENVELOPE = Envelope(calling_ae="CT", sop_class="1.2.840", peer="10.0.0.7", at=1_774_747_800_000_000)
UPPER = Matches((Repeat(Chars(((65, 90), (0xDC, 0xDF))), 1, None),))
BITS = Chars(((65, 66), (97, 98)))
LONG = Matches(
    (
        Sequence(
            (Repeat(Chars(((0, 0x10FFFF),)), 0, None), Chars(((97, 97),)), Repeat(BITS, 13, 13))
        ),
    )
)
"""An expression with too many states for an automaton: it is run as its instructions."""
EITHER = Matches((Choice((Repeat(BITS, 2, 5), Repeat(Chars(((48, 57),)), 0, 3))),))
SERIES = element(ValueType.SEQUENCE, 0x00081140, "SQ")
PRIVATE = element(ValueType.SEQUENCE, 0x00190020, "SQ", creator=ACME)


def _texts(number: int) -> Iterator[Test]:
    """Give tests of a text in every way that a text is matched."""
    for kind in (PatternKind.CONTAINS, PatternKind.STARTS, PatternKind.ENDS):
        yield Some(number, Pattern(kind, ("T", "Stra", "\u00df\u00fc", "ab"), ("ct", "\u00fcller")))
    yield Some(number, Pattern(PatternKind.LIKE, ("*T?*", "Str*e", "*a*b*"), ("m?st*",)))
    yield Every(number, Among(folded=("ct", "strasse")))
    yield from (Some(number, match) for match in (UPPER, LONG, EITHER))


def _tests(number: int, field: Field) -> Iterator[Test]:
    """Give tests of states and of values."""
    yield InState(number, State.VALUED)
    if field.type is ValueType.STATE_ONLY:
        return
    if field.type is ValueType.NAME:
        yield Some(number, Among(folded=NAMES[:2]))
        yield Every(number, Among(folded=NAMES))
        return
    literals = LITERALS[field.type]
    yield Every(number, Among(literals))
    if field.type is ValueType.TEXT:
        yield from _texts(number)
    elif field.type is ValueType.UID:
        yield Some(number, Pattern(PatternKind.UNDER, literals))
    else:
        low, high = sorted(literals)[0], sorted(literals)[-1]  # type: ignore[type-var]
        yield Some(number, Among((), (Interval(low, high, True, False),)))


def _of(fields: tuple[Field, ...]) -> tuple[Test, ...]:
    return tuple(test for place, field in enumerate(fields) for test in _tests(place, field))


def _program(fields: tuple[Field, ...], tests: tuple[Test, ...]) -> Program:
    rules = tuple(Rule(f"t.{at}", Holds(at), (Deliver(f"d{at}"),)) for at in range(len(tests)))
    return Program(fields, tests, None, (Table("t", False, rules),), "sha256:test", "Europe/Berlin")


VIEWS = (
    *(element(ValueType.TEXT, 0x00100010, "PN", component=each) for each in COMPONENTS),
    *(element(ValueType.DECIMAL, tag, "DS", view=View.COUNT) for tag in (0x00180050, 0x00280030)),
    element(ValueType.DECIMAL, 0x00080020, "DA", view=View.DAYS_SINCE),
    element(ValueType.TEXT, 0x00080008, "CS", position=3),
    element(ValueType.TEXT, 0x00080104, "LO", steps=(Step(0x00081140, 2),)),
    element(ValueType.DATE, 0x00080020, "DA", steps=(Step(0x0040A730, 1), Step(0x00081140, 1))),
    *OUTSIDE,
)
"""Fields that are made of values, or lie inside of given items."""


def _items() -> Program:
    """Give a program that asks items, and items of items, for values."""
    asked = _of(PLAIN)
    within = Inside(PLAIN, asked, Disjunction(tuple(map(Holds, range(1, len(asked), 2)))))
    fields = (*PLAIN[:3], PRIVATE)
    inner = (*_of(PLAIN[:3]), SomeItem(3, within))
    middle = Inside(fields, inner, Disjunction((Holds(1), Holds(len(inner) - 1))))
    tests = (SomeItem(0, middle), EveryItem(0, within), SomeItem(1, within), EveryItem(1, middle))
    return _program((SERIES, PRIVATE), tests)


def _clauses(plain: tuple[Field, ...]) -> Program:
    """Give a program of two tables, whose rules ask more than one test and have an otherwise."""
    fields = (*plain, SERIES)
    tests = (*_of(plain), InState(len(plain), State.VALUED))
    count = len(tests)
    two = [Conjunction((Holds(at), Negation(Holds((at * 7 + 3) % count)))) for at in range(count)]
    wide = [Disjunction(tuple(map(Holds, range(at, count, 5)))) for at in range(5)]
    tables = tuple(
        Table(
            name,
            first,
            tuple(
                Rule(f"{name}.{at}", each, (Deliver(f"{name}{at}"),))
                for at, each in enumerate(conditions)
            ),
            (Deliver("else"),),
        )
        for name, first, conditions in (("one", True, two), ("all", False, two + wide))
    )
    return Program(fields, tests, None, tables, "sha256:test")


STRUCTURE = (EVERYTHING, _items())
"""Programs that make the walk look at much: every kind of field, at the top and in items."""
VALUES = (_program(PLAIN, _of(PLAIN)), _program(VIEWS, _of(VIEWS)), _clauses(PLAIN[:10]))
"""Programs that make values of bytes in every way."""
PROGRAMS = (*STRUCTURE, *VALUES)
SMALL = (
    _program(PLAIN[:1], _of(PLAIN[:1])),
    _clauses(PLAIN[3:5]),
    _program(PLAIN[3:7], _of(PLAIN[3:7])),
    _program((PLAIN[7], PLAIN[9], SERIES), (*_of((PLAIN[7], PLAIN[9])), InState(2, State.VALUED))),
    _program((PRIVATE, PLAIN[14]), (SomeItem(0, Inside(PLAIN[:1], _of(PLAIN[:1])[:2], Holds(1))),)),
)
"""Programs whose files are small, so that a number in one often matters."""
