"""Why a rule did not fire: hand-made cases, and that the changes are enough and the fewest."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.core.program import Encoding, Envelope
from roteiro.lang.coverage import combined, leaves, placeless
from roteiro.lang.reference import Reference, passes
from roteiro.lang.source import Source
from roteiro.lang.whynot import UnknownRule, WhyNot, firing, why_not
from roteiro.runtime.sources import examine

HEAD = """language 1
node a { ae = "A" host = "10.0.0.1" port = 104 }
node b { ae = "B" host = "10.0.0.2" port = 104 }
"""
CT = b"\x08\x00\x60\x00CS\x02\x00CT" + b"\x28\x00\x10\x00US\x02\x00\x06\x00"


def asked(body: str, rule: str, data: bytes = CT) -> WhyNot:
    typed = examine(Source("x.route", HEAD + body)).typed
    assert typed is not None
    reference = Reference(typed)
    _, subject = reference.read(data, Encoding.EXPLICIT_LITTLE, Envelope())
    return why_not(typed, subject, rule)


def texts(found: WhyNot) -> list[tuple[str, bool]] | None:
    if found.changes is None:
        return None
    return [
        (each.test.source.text[each.test.span.start : each.test.span.end], each.needed)
        for each in found.changes
    ]


TABLE = """table t first {
  rule one { when Modality == "CT" and Rows > 5 send to a }
  rule two { when Modality == "CT" send to b }
  rule three { when Modality == "MR" and Rows > 9 or PatientID is valued send to b }
  otherwise { send to b } }
"""


def test_what_fired_fires() -> None:
    found = asked(TABLE, "t.one")
    assert (found.fires, found.changes, found.winner) == (True, (), None)


def test_the_rule_before_it_must_not_hold() -> None:
    found = asked(TABLE, "t.two")
    assert texts(found) == [("Rows > 5", False)]
    assert found.winner == "t.one"


def test_one_test_that_both_want_serves_both() -> None:
    found = asked(TABLE, "t.three")
    assert texts(found) == [('Modality == "CT"', False), ("PatientID is valued", True)]


def test_otherwise_wants_all_before_it_false() -> None:
    assert texts(asked(TABLE, "t.otherwise")) == [('Modality == "CT"', False)]


def test_the_guard_comes_first() -> None:
    guard = 'guard { rule stop { when Rows > 1 drop "x" } otherwise { pass } }\n'
    found = asked(guard + TABLE, "t.two")
    assert found.winner == "guard.stop"
    assert ("Rows > 1", False) in (texts(found) or [])


def test_a_rule_that_nothing_can_make_fire() -> None:
    body = "table t first { rule r { when false send to a } otherwise { send to b } }"
    assert texts(asked(body, "t.r")) is None


def test_a_name_of_no_rule() -> None:
    with pytest.raises(UnknownRule) as caught:
        asked(TABLE, "t.four")
    assert "t.one" in caught.value.names


ATOMS = ['Modality == "CT"', "Rows > 5", "PatientID is valued", "Columns is blank"]
CONDITIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        inner.map(lambda c: f"not ({c})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} and {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} or {p[1]})"),
    ),
    max_leaves=6,
)


@given(CONDITIONS, CONDITIONS)
def test_the_changes_are_enough_and_the_fewest(first: str, second: str) -> None:
    body = f"""table t first {{
      rule one {{ when {first} send to a }}
      rule two {{ when {second} send to b }}
      otherwise {{ send to b }} }}
    """
    typed = examine(Source("x.route", HEAD + body)).typed
    assert typed is not None
    _, subject = Reference(typed).read(CT, Encoding.EXPLICIT_LITTLE, Envelope())
    condition = firing(typed)["t.two"]()
    tests = list({placeless(leaf): leaf for leaf in leaves(condition)}.items())
    now = {key: passes(leaf, subject) for key, leaf in tests}
    sizes = [
        size
        for size in range(len(tests) + 1)
        for turned in combinations(now, size)
        if combined(condition, now | {key: not now[key] for key in turned})
    ]
    found = why_not(typed, subject, "t.two")
    if found.changes is None:
        assert not sizes
    else:
        turned = {placeless(each.test): each.needed for each in found.changes}
        assert combined(condition, now | turned)
        assert len(turned) == min(sizes)
