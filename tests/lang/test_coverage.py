"""Coverage against hand-counted cases and against a brute-force reading of MC/DC."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.lang.coverage import Coverage
from roteiro.lang.reference import Reference
from roteiro.lang.selftest import Outside, run_one
from roteiro.lang.source import Source
from roteiro.runtime.sources import examine

HEAD = """language 1
node a { ae = "A" host = "10.0.0.1" port = 104 }
node b { ae = "B" host = "10.0.0.2" port = 104 }
"""


def covered(body: str) -> Coverage:
    """Run all tests of a text."""
    typed = examine(Source("x.route", HEAD + body)).typed
    assert typed is not None
    coverage = Coverage(typed)
    reference = Reference(typed)
    for test in typed.tests:
        run_one(test, reference, Outside(pytest.fail, seen=coverage.record))
    return coverage


def figures(coverage: Coverage) -> dict[str, tuple[int, int]]:
    return {kind: (m.covered, m.total) for kind, m in coverage.measures().items()}


AND = """table t first {
  rule r { when Modality == "CT" and Rows > 5 send to a }
  otherwise { send to b }
}
"""


def case(name: str, given: str) -> str:
    return f'test "{name}" {{ given {{ {given} }} expect no send a, b }}\n'


def test_one_object_covers_one_side() -> None:
    coverage = covered(AND + case("1", 'Modality = "CT" Rows = 6'))
    assert figures(coverage) == {"rule": (1, 2), "condition": (2, 4), "mcdc": (0, 2)}


def test_three_objects_cover_an_and() -> None:
    tests = case("1", 'Modality = "CT" Rows = 6') + case("2", 'Modality = "CT" Rows = 1')
    coverage = covered(AND + tests + case("3", 'Modality = "MR" Rows = 6'))
    assert figures(coverage) == {"rule": (2, 2), "condition": (4, 4), "mcdc": (2, 2)}
    assert coverage.gaps() == ()


def test_both_outcomes_are_not_yet_mcdc() -> None:
    tests = case("1", 'Modality = "CT" Rows = 6') + case("2", 'Modality = "MR" Rows = 1')
    coverage = covered(AND + tests)
    assert figures(coverage)["condition"] == (4, 4)
    assert figures(coverage)["mcdc"] == (0, 2)
    assert {gap.kind for gap in coverage.gaps()} == {"mcdc"}


def test_rules_after_the_winner_were_not_asked() -> None:
    body = """table t first {
      rule one { when Modality == "CT" send to a }
      rule two { when Rows > 5 send to b }
      otherwise { send to b } }
    """
    coverage = covered(body + case("1", 'Modality = "CT" Rows = 6'))
    assert figures(coverage) == {"rule": (1, 3), "condition": (1, 4), "mcdc": (0, 2)}


def test_tables_behind_a_guard_that_stops_were_not_asked() -> None:
    body = """guard { rule stop { when PatientID is blank drop "x" } otherwise { pass } }
    table t all { rule one { when Modality == "CT" send to a } otherwise { send to b } }
    """
    coverage = covered(body + case("1", 'Modality = "CT"'))
    assert figures(coverage)["condition"] == (1, 4)
    assert coverage.fired == {"guard.stop": 1}


def test_the_condition_of_has_is_asked_item_by_item() -> None:
    body = """table t first {
      rule r { when any RequestAttributesSequence has (ScheduledProcedureStepID == "1") send to a }
      otherwise { send to b } }
    """
    items = 'RequestAttributesSequence = items({ ScheduledProcedureStepID = "1" }, {})'
    coverage = covered(body + case("1", items))
    assert figures(coverage)["condition"] == (3, 4)


def test_what_is_said_twice_is_one_test() -> None:
    body = """table t first {
      rule r { when Modality == "CT" and Rows > 1 or Modality == "CT" and Rows > 9 send to a }
      otherwise { send to b } }
    """
    assert figures(covered(body))["mcdc"] == (0, 3)


CONDITIONS = st.recursive(
    st.sampled_from(['Modality == "CT"', "Rows > 5", "PatientID is blank"]),
    lambda inner: st.one_of(
        inner.map(lambda c: f"not ({c})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} and {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} or {p[1]})"),
    ),
    max_leaves=6,
)
OBJECTS = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=8)


@given(CONDITIONS, OBJECTS)
def test_mcdc_is_what_its_definition_says(condition: str, objects: list[tuple[bool, ...]]) -> None:
    """For each pair of objects: one test alone decides both, differently."""
    texts = [
        case(
            str(number),
            f'Modality = "{"CT" if ct else "MR"}" Rows = {9 if rows else 1} '
            + ("" if blank else 'PatientID = "1"'),
        )
        for number, (ct, rows, blank) in enumerate(objects)
    ]
    body = (
        f"table t first {{ rule r {{ when {condition} send to a }} otherwise {{ send to b }} }}\n"
    )
    names = ["Modality", "Rows", "PatientID"]
    python = (
        condition.replace('Modality == "CT"', "v[0]")
        .replace("Rows > 5", "v[1]")
        .replace("PatientID is blank", "v[2]")
    )
    result = eval(f"lambda v: bool({python})")
    mentioned = [place for place, name in enumerate(names) if name in condition]

    def alone(vector: tuple[bool, ...], place: int) -> bool:
        turned = [*vector]
        turned[place] = not turned[place]
        return result(vector) is not result(turned)

    expected = sum(
        any(
            one[place] is not other[place]
            and result(one) is not result(other)
            and alone(one, place)
            and alone(other, place)
            for one, other in combinations(objects, 2)
        )
        for place in mentioned
    )
    assert figures(covered(body + "".join(texts)))["mcdc"] == (expected, len(mentioned))
