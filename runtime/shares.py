"""Runs the tests of a rule file on all processors: each process has a share of them.

Made by copying this one, when the rules are there already. What comes back is in the order of the
file, and what the tests covered is put together: the answer does not say how many there were.
"""

import pickle
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from roteiro.lang.coverage import Coverage
from roteiro.runtime.rules import Rules
from roteiro.runtime.testing import Job, Ran, run_tests
from roteiro.runtime.world import HelperFailed, shared_out

FEWEST = 16
"""Tests that are worth a process."""


def run_shared(
    rules: Rules, jobs: Sequence[Job], language: str, coverage: Coverage | None, most: int
) -> list[Ran]:
    """Run tests in `most` processes, fewer when there are few; in this one when one is lost."""
    count = min(most, len(jobs) // FEWEST)
    if count > 1:
        with suppress(HelperFailed, OSError):  # a fault is to be seen here, where it can be traced
            return _run_in(count, rules, jobs, language, coverage)
    return _run(rules, jobs, language, coverage)


def _run(rules: Rules, jobs: Sequence[Job], language: str, coverage: Coverage | None) -> list[Ran]:
    return list(run_tests(rules, jobs, language, None if coverage is None else coverage.record))


def _run_in(
    count: int, rules: Rules, jobs: Sequence[Job], language: str, coverage: Coverage | None
) -> list[Ran]:
    shares = [jobs[first::count] for first in range(count)]
    measured = coverage is not None
    works = [partial(_share, rules, share, language, measured=measured) for share in shares]
    results: list[list[Ran]] = []
    for packed in shared_out(works):
        ran, found = pickle.loads(packed)  # noqa: S301  from a copy of this process
        results.append(ran)
        if coverage is not None:
            coverage.absorb(found)
    return [results[at % count][at // count] for at in range(len(jobs))]


def _share(rules: Rules, jobs: Sequence[Job], language: str, *, measured: bool) -> bytes:
    """Run some of the tests; what they covered comes with the results."""
    coverage = Coverage(rules.typed) if measured else None
    ran = _run(rules, jobs, language, coverage)
    found = None if coverage is None else coverage.found()
    return pickle.dumps((ran, found), pickle.HIGHEST_PROTOCOL)
