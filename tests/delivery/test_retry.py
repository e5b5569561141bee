"""Back-off and jitter, as pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.lang.settings import Backoff
from roteiro.runtime.delivery.retry import FLOOR, LIVES, dead, delay, expired, step
from tests.virtual import SeededDice

SECONDS = st.floats(min_value=0.001, max_value=1e6)
BACKOFFS = st.tuples(SECONDS, SECONDS).map(lambda pair: Backoff(min(pair), max(pair)))
FRACTION = st.floats(min_value=0, max_value=1, exclude_max=True)


def test_the_step_doubles_up_to_the_longest():
    backoff = Backoff(5, 900)
    steps = [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert [step(backoff, failures) for failures in range(1, 11)] == steps


@pytest.mark.parametrize(
    ("backoff", "first"),
    [(Backoff(5, 900), 9), (Backoff(1, 2), LIVES), (Backoff(60, 60), LIVES), (Backoff(1, 1e6), 21)],
)
def test_dead_is_who_is_tried_as_seldom_as_can_be(backoff: Backoff, first: int):
    assert next(failures for failures in range(1, 50) if dead(backoff, failures)) == first
    assert all(dead(backoff, failures) for failures in range(first, 100))


@pytest.mark.parametrize("failures", [10**3, 10**6, 10**9])
def test_weeks_of_failures_do_not_overflow(failures: int):
    assert step(Backoff(5, 900), failures) == 900


@given(BACKOFFS, st.integers(min_value=1, max_value=10_000), FRACTION)
def test_a_wait_is_never_below_the_floor_nor_above_the_longest(backoff, failures, fraction):
    wait = delay(backoff, failures, fraction)
    assert FLOOR <= wait <= max(backoff.longest, FLOOR)
    assert wait <= max(step(backoff, failures), FLOOR)
    assert wait >= step(backoff, failures) / 2
    assert not dead(backoff, failures) or wait == max(backoff.longest, FLOOR)


@given(BACKOFFS, st.integers(min_value=1, max_value=100), FRACTION, FRACTION)
def test_a_wait_grows_with_the_fraction(backoff, failures, one, other):
    low, high = sorted((one, other))
    assert delay(backoff, failures, low) <= delay(backoff, failures, high)


def test_jitter_fills_the_upper_half_of_the_step_evenly():
    dice = SeededDice(7)
    waits = [delay(Backoff(5, 900), 8, dice.fraction()) for _ in range(10_000)]
    tenths = [0] * 10
    for wait in waits:
        tenths[int((wait - 320) / 32)] += 1
    assert min(tenths) > 850
    assert max(tenths) < 1150


@pytest.mark.parametrize(
    ("limit", "age", "over"),
    [(None, 1e12, False), (60, 59.9, False), (60, 60, True), (60, -1e9, False)],
)
def test_a_limit_counts_from_arrival(limit, age, over):
    assert expired(Backoff(5, 900, limit), 1e9, 1e9 + age) is over
