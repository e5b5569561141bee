"""The generators make every construct of edition 1 that a decision depends on, and often."""

import re

import pytest
from differential.test_engines import PROGRAMS
from generators.dice import Dice
from generators.objects import thing
from generators.programs import Case, program

from roteiro.core.program import Encoding

CASES = [program(Dice(seed)) for seed in range(PROGRAMS)]
LEAST = 12
"""Programs of the suite that have a construct."""
CONSTRUCTS = {
    "folded text": r'(==|in|contains|with|like) \{? ?i"',
    "a set of both kinds of text": r'\{ (i"[^"]*", "|"[^"]*", i")',
    "an expression": r"matches /",
    "an expression without case": r"/i\b",
    "several expressions": r"matches \{ /",
    "under": r" under ",
    "a range of dates": r"\d{4}-\d\d-\d\d\.\.\d{4}-",
    "a range of times": r" \d\d:\d\d(:[\d.]+)?\.\.\d\d:",
    "a range of instants": r"T\d\d:\d\d:\d\d\S*\.\.\d{4}",
    "a range of ages": r"\d+[DWMY]\.\.\d+[DWMY]",
    "a range of decimals": r" -?\d+(\.\d+)?\.\.-?\d",
    "a position": r"[A-Za-z)]\[[123]\] ",
    "count": r"count\(",
    "count of what has a position": r"count\(\S+\[\d\]\.",
    "days since": r"days since ",
    "the clock": r"clock\.local (not )?in @",
    "absent": r" is absent",
    "empty": r" is empty",
    "blank": r" is blank",
    "valued": r" is valued",
    "invalid": r" is invalid",
    "any has": r"any \S+ has",
    "all has": r"all \S+ has",
    "no has": r"no \S+ has",
    "has alone": r"[( ](?<!any )(?<!all )(?<!no )[A-Z]\w+ has \(",
    "a condition in an item": r"has \([^)]*@known",
    "an item by its position": r"\w\[\d\]\.\w",
    "a private tag": r'\([0-9A-F]{4},"',
    "a creator that is not ASCII": r'"Cl\u00ednica 1",',
    "a private sequence": r'\([0-9A-F]{4},"[^"]+",\w\w\) has|\(0041,"[^"]+",\w\w\)\[\d\]\.',
    "a raw tag": r"\(0018,0060\)|\(0008,0070\)",
    "a repeating group": r"\([56]0xx,",
    "a name": r'Name \S+ i?"',
    "a component": r"\.family|\.given",
    "a group of a name": r"\.ideographic|\.phonetic|\.alphabetic",
    "a position and a component": r"Names\[\d\]\.\w",
    "a tag as a value": r"Pointer \S+ (\{ )?\(",
    "a network": r'in \{ "[\da-f.:]+/\d',
    "a named set": r"in @set",
    "a set with a type": r"set set\d+ : [A-Z]{2} =",
    "a named condition": r"[^=] @known",
    "batch": r"batch by (study|series)",
    "within and late": r"within 1h late hold",
    "during": r" during ",
    "urgency": r" urgency stat",
    "via": r" via ",
    "two chains": r" via \w+, \w+",
    "notify": r"notify ",
    "a pool of copies": r"to (\w+, )?both",
    "a failover pool": r"to (\w+, )?spare",
    "a balanced pool": r"to (\w+, )?shared",
    "refuse": r"refuse 0x",
    "drop": r'drop "',
    "a hold of the guard": r"rule g\d .*hold aside",
    "a hold of a table": r"rule r\d .*hold ",
    "nothing": r'nothing "',
    "a priority": r"priority -1",
    "a zone with summer time": r'timezone "(Europe|America)',
    "a profile": r"profile ",
    "if in a transform": r"\{ .*if .+ \{",
    "each in a transform": r"each \S+ \{",
}


@pytest.mark.parametrize("pattern", CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_a_construct_is_there(pattern: str) -> None:
    found = [case for case in CASES if re.search(pattern, case.text)]
    assert len(found) >= LEAST


def nested(case: Case) -> int:
    """Say how deep `has` is in `has`."""
    most = depth = 0
    opened: list[bool] = []
    for sign in re.findall(r'has \(|"(?:\\.|[^"\\])*"|/(?:\\.|[^/\\\n])+/|[()]', case.text):
        if sign in {"has (", "("}:
            opened.append(sign == "has (")
            depth += opened[-1]
            most = max(most, depth)
        elif sign == ")" and opened:
            depth -= opened.pop()
    return most


def test_has_is_nested_as_deep_as_it_may_be() -> None:
    depths = [nested(case) for case in CASES]
    assert min(map(depths.count, (1, 2, 3))) >= LEAST
    assert depths.count(4) >= 3


def test_objects_have_what_strays_from_the_standard() -> None:
    datas = b"".join(
        thing(Dice(seed), case).encoded(Encoding.EXPLICIT_LITTLE)
        for at, case in enumerate(CASES)
        for seed in range(at, at + 6 * PROGRAMS, PROGRAMS)
    )
    marks = {
        "undefined lengths of items": b"\xfe\xff\x00\xe0\xff\xff\xff\xff",
        "defined lengths of items": b"\xfe\xff\x00\xe0\x08\0\0\0",
        "an unknown VR": b"ZZ\0\0",
        "sequences as UN": b"UN\0\0\xff\xff\xff\xff",
        "code extensions": b"\x1b-A",
        "two bytes a character": b"\x1b$B",
        "Jo\u00e3o in Latin-1": b"Jo\xe3o",
        "Jo\u00e3o in UTF-8": "Jo\u00e3o".encode(),
        "S\u00e3o with escapes": b"S\x1b-A\xe3o",
        "ages": b"018Y",
        "dates of old": b"2026.01.31",
    }
    assert {name: datas.count(mark) for name, mark in marks.items() if datas.count(mark) < 3} == {}
