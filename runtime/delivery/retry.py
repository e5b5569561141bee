"""When to try again. No clock in here: failures in a row and a fraction in, seconds out.

The step doubles from `first` to `longest` and stays there, for as many attempts as it takes: a
ceiling on attempts would be a way to lose objects. The wait is drawn from the upper half of the
step, so that destinations that went down together do not come back together. Once the step has
been at `longest` and enough attempts have failed, the destination counts as dead: it is tried every
`longest`, never more often; the draws before have parted it from the others.
"""

from roteiro.lang.settings import Backoff

FLOOR = 0.5
"""Seconds that pass between two attempts at the least, whatever a rule file says."""
SPREAD = 0.5
"""Part of the step that chance decides."""
LIVES = 5
"""Failures in a row before a destination counts as dead, however short its longest wait is."""
MOST_DOUBLINGS = 40
"""Beyond it every step is `longest`; keeps the arithmetic small after weeks of failures."""


def step(backoff: Backoff, failures: int) -> float:
    """Give the longest wait, in seconds, after this many failures in a row (from 1)."""
    doublings = min(max(failures, 1) - 1, MOST_DOUBLINGS)
    return min(backoff.longest, backoff.first * 2.0**doublings)


def dead(backoff: Backoff, failures: int) -> bool:
    """Say whether so many failures in a row are enough to try as seldom as the rules allow."""
    return failures >= LIVES and step(backoff, failures) >= backoff.longest


def delay(backoff: Backoff, failures: int, fraction: float) -> float:
    """Give the wait, in seconds, after this many failures in a row; `fraction` is from 0 to 1."""
    spread = 0.0 if dead(backoff, failures) else SPREAD
    wait = step(backoff, failures) * (1.0 - spread + spread * fraction)
    return min(max(wait, FLOOR), max(backoff.longest, FLOOR))


def expired(backoff: Backoff, queued: float, now: float) -> bool:
    """Say whether what was queued then has been tried for as long as the rules allow."""
    return backoff.limit is not None and now - queued >= backoff.limit
