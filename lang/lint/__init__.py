"""Findings about what a program means but perhaps was not meant to: one file a subject.

`look` runs them all, over a program that was typed. Some are made whatever else is wrong; the
others wait until the program has no errors.
"""

from collections.abc import Callable
from typing import NamedTuple

from roteiro.lang.diagnostics import Level
from roteiro.lang.lint import (
    clauses,
    constants,
    deliveries,
    drops,
    exhaustive,
    exposed,
    external,
    identity,
    late,
    names_of_persons,
    negation,
    operands,
    patterns,
    pools,
    positions,
    priorities,
    profiles,
    queues,
    ranges,
    reach,
    redundant,
    repeats,
    similar,
    texts,
    untested,
    unused,
    zones,
)
from roteiro.lang.lint.program import LintInput, Program
from roteiro.lang.report import Report

__all__ = ["LintInput", "Looked", "look"]

ALWAYS: tuple[Callable[[Program], None], ...] = (
    negation.look,
    priorities.look,
    exhaustive.look,
    external.look,
    exposed.look,
)
"""Subjects that need no more than the parts they speak of, most of which make errors."""
USES: tuple[Callable[[Program], None], ...] = (unused.look, queues.look, zones.look)
"""Subjects that need all files of a program, for what is not there."""
SOUND: tuple[Callable[[Program], None], ...] = (
    constants.look,
    positions.look,
    texts.look,
    names_of_persons.look,
    ranges.look,
    patterns.look,
    pools.look,
    profiles.look,
    drops.look,
    identity.look,
    late.look,
    operands.look,
    reach.look,
    redundant.look,
    deliveries.look,
    clauses.look,
    repeats.look,
    similar.look,
    untested.look,
)
"""Subjects that wait for a program without errors: until then they would only distract."""


class Looked(NamedTuple):
    """What was looked at."""

    program: Program
    sound: bool
    errors: int
    """How many errors were made before the lint."""
    early: int
    """How many findings were made that wait for nothing, those before the lint included."""
    general: int
    """How many with those that need all of a program."""


def look(given: LintInput, report: Report) -> Looked:
    """Report what is suspicious in a program."""
    program = Program(given, report)
    sound = program.sound
    errors = sum(found.level is Level.ERROR for found in report.findings)
    for subject in ALWAYS:
        subject(program)
    early = len(report.findings)
    for subject in USES:
        if program.whole:
            subject(program)
    general = len(report.findings)
    for subject in SOUND:
        if sound:
            subject(program)
    return Looked(program, sound, errors, early, general)
