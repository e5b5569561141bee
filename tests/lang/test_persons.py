"""Person names: groups, components, and their states (docs/reading.md 13)."""

from dataclasses import replace

import pytest
from generators.encode import Raw, encode
from generators.handmade import compare, element
from hypothesis import given
from hypothesis import strategies as st

from roteiro.core.program import Encoding, State, ValueType
from roteiro.lang.elements import read
from roteiro.lang.folding import folded
from roteiro.lang.operators import Right, matches
from roteiro.lang.persons import COMPONENTS, GROUPS, canonical, component, is_empty
from roteiro.lang.tested import needs
from roteiro.lang.values import Elements
from roteiro.lang.views import Value

EXPLICIT = Encoding.EXPLICIT_LITTLE
NAME = element(0x00100010, "PN", ValueType.NAME)
A, E, X, V = State.ABSENT, State.EMPTY, State.INVALID, State.VALUED


def part(name: str, position: int = 0):
    return replace(NAME, type=ValueType.TEXT, component=name, position=position)


def seen(raw, field, vr="PN"):
    charset = Raw(0x00080005, "CS", b"ISO_IR 192")
    elements = [charset] if raw is None else [charset, Raw(NAME.tag, vr, raw)]
    reading = read(encode(elements, EXPLICIT), EXPLICIT, needs([field]))
    return Elements(reading.elements).value(field)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Muster^Max", "Muster^Max"),
        ("Muster^Max^^", "Muster^Max"),
        (" Muster ^ Max ^ ", "Muster^Max"),
        ("^Max", "^Max"),
        ("Yamada^Tarou=\u5c71\u7530^\u592a\u90ce=", "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce"),
        ("=\u5c71\u7530", "=\u5c71\u7530"),
        ("a=^ ^=b^ ", "a==b"),
        ("a b", "a b"),
        ("a^b^c^d^e^f=1=2=3", "a^b^c^d^e^f=1=2=3"),
        (" ^ = ", ""),
        ("", ""),
    ],
)
def test_all_spellings_of_a_name_are_written_alike(written, name):
    assert canonical(written) == name
    assert is_empty(written) == (name == "")


@given(st.text("ab ^=\u00c4", max_size=12))
def test_the_canonical_form_is_one(written):
    name = canonical(written)
    assert canonical(name) == name
    assert is_empty(written) == (written.strip(" ^=") == "")
    for group in GROUPS:
        parts = [component(written, f"{group}.{word}") for word in COMPONENTS]
        whole = component(written, group).split("^")
        assert [*whole, *[""] * 5][:5] == parts


YAMADA = "Yamada^Tarou^^Dr=\u5c71\u7530^\u592a\u90ce"


@pytest.mark.parametrize(
    ("which", "text"),
    [
        ("alphabetic", "Yamada^Tarou^^Dr"),
        ("alphabetic.family", "Yamada"),
        ("alphabetic.given", "Tarou"),
        ("alphabetic.middle", ""),
        ("alphabetic.prefix", "Dr"),
        ("alphabetic.suffix", ""),
        ("ideographic", "\u5c71\u7530^\u592a\u90ce"),
        ("ideographic.given", "\u592a\u90ce"),
        ("phonetic", ""),
        ("phonetic.family", ""),
    ],
)
def test_components(which, text):
    assert component(YAMADA, which) == text
    assert seen(YAMADA.encode(), part(which)) == (Value(V, (text,)) if text else Value(E))


@pytest.mark.parametrize(
    ("raw", "vr", "state", "values"),
    [
        (None, "PN", A, ()),
        (b"", "PN", E, ()),
        (b"^^=^", "PN", E, ()),
        (b"^Max", "PN", E, ()),
        (b"Muster", "PN", V, ("Muster",)),
        (b"Muster\\^Max\\ Kurz ^x", "PN", V, ("Muster", "Kurz")),
        (b"Muster", "LO", V, ("Muster",)),  # text: the dictionary's rules
        (b"Muster", "OB", X, ()),
    ],
)
def test_states_of_a_component(raw, vr, state, values):
    assert seen(raw, part("alphabetic.family"), vr) == Value(state, values)


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (1, Value(V, ("Muster",))),
        (2, Value(E)),
        (3, Value(E)),
        (4, Value(V, ("Kurz",))),
        (5, Value(A)),
    ],
)
def test_position_and_component(position, expected):
    assert seen(b"Muster\\^Max\\\\Kurz", part("alphabetic.family", position)) == expected


def test_whole_names_are_values():
    assert seen(b"Muster^Max^^\\^^\\x ^y", NAME) == Value(V, ("Muster^Max", "x^y"))


# Equality -----------------------------------------------------------------------------------------


def equal(name: str, *literals: str) -> bool:
    test = replace(compare(NAME, "in"), folded=tuple(folded(canonical(each)) for each in literals))
    return matches(Right.of(test), canonical(name))


@pytest.mark.parametrize(
    ("name", "literal", "result"),
    [
        ("Muster^Max", "muster^max", True),
        ("MUSTER^MAX^^", "Muster^Max", True),
        ("Muster^Max", "Muster", False),
        ("Muster", "Muster^Max", False),
        (YAMADA, "yamada^tarou^^dr", True),  # the groups that the literal has
        (YAMADA, "=\u5c71\u7530^\u592a\u90ce", True),
        (YAMADA, "yamada^tarou^^dr=\u5c71\u7530", False),
        ("Muster^Max", "Muster^Max=\u5c71", False),
        ("Stra\u00dfe", "STRASSE", True),
        ("A\u030angstro\u0308m", "\u00e5ngstr\u00f6m", True),
        ("=b", "a", False),
    ],
)
def test_a_name_equals_a_literal(name, literal, result):
    assert equal(name, literal) == result


@given(st.text("aAbB^= ", max_size=8), st.lists(st.text("aAbB^= ", max_size=8), max_size=5))
def test_sets_of_names_are_their_members(name, literals):
    """The large sets of files are looked up; this is what they mean."""
    wanted = [folded(canonical(each)).split("=") for each in literals]
    groups = folded(canonical(name)).split("=")

    def has_all(literal):
        padded = [*groups, *[""] * len(literal)]
        return all(padded[at] == group for at, group in enumerate(literal) if group)

    assert equal(name, *literals) == any(map(has_all, wanted))
