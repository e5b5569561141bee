"""What is typed cannot fail: any condition on any bytes has an answer (2c, metatheorems)."""

from collections import Counter

from generators.conditions import ENVELOPES, conditions, elements
from generators.encode import encode
from generators.handmade import program, rule, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.core.program import UNREADABLE, Deliver, Encoding
from roteiro.lang.reference import Reference
from roteiro.lang.typed import And, Condition, Not, Or, Typed

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
RUN = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=QUIET)


def typed_of(*wanted: Condition) -> Typed:
    rules = (rule(f"r{at}", each, Deliver("pacs")) for at, each in enumerate(wanted))
    return program(table("t", *rules))


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """Cut data, or write over some of their bytes."""
    if draw(st.integers(0, 2)) == 0:
        return data[: draw(st.integers(0, len(data)))]
    found = bytearray(data)
    for _ in range(draw(st.integers(0, 3))):
        if found:
            found[draw(st.integers(0, len(found) - 1))] = draw(st.integers(0, 255))
    return bytes(found)


def test_typed_conditions_have_an_answer_on_any_bytes():
    seen: Counter[str] = Counter()
    """How it ended: what is held or sent on everything would try nothing."""

    @RUN
    @given(st.data())
    def run(data):
        reference = Reference(typed_of(*data.draw(st.lists(conditions(), min_size=1, max_size=3))))
        for encoding in Encoding:
            made = encode(data.draw(elements()), encoding)
            damaged = data.draw(broken(made) | st.just(made) | st.binary(max_size=60))
            envelope = data.draw(ENVELOPES)
            decision = reference.decide(damaged, encoding, envelope)
            trace = reference.trace(damaged, encoding, envelope)
            assert trace.decision == decision
            assert trace.as_json(everything=True) is not None
            seen[decision.hold.queue if decision.hold else decision.verdict] += 1

    run()
    print(seen)
    assert min(seen["route"], seen["unrouted"], seen[UNREADABLE]) > sum(seen.values()) / 20


@RUN
@given(st.data())
def test_and_or_and_not_are_classical(data):
    """De Morgan, double negation and distribution have no exceptions."""
    a, b, c = (data.draw(conditions()) for _ in range(3))
    wanted = [
        (Not(And((a, b))), Or((Not(a), Not(b)))),
        (Not(Or((a, b))), And((Not(a), Not(b)))),
        (Not(Not(a)), a),
        (And((a, Or((b, c)))), Or((And((a, b)), And((a, c))))),
        (And((a, b)), And((b, a))),
    ]
    reference = Reference(typed_of(*(each for pair in wanted for each in pair)))
    made = encode(data.draw(elements()), Encoding.EXPLICIT_LITTLE)
    envelope = data.draw(ENVELOPES)
    decision = reference.decide(made, Encoding.EXPLICIT_LITTLE, envelope)
    for at in range(0, 2 * len(wanted), 2):
        assert (f"t.r{at}" in decision.rules) == (f"t.r{at + 1}" in decision.rules)
