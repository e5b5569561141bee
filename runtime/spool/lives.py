"""The life of objects, from the index: what was received, decided, tried, done, and by whom."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roteiro.runtime.spool import questions
from roteiro.runtime.spool.contract import Life, LifeOfDelivery, Step
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.rows import STATES, clean
from roteiro.runtime.spool.story import Fate

_OBJECT = """
SELECT o.sequence, o.id, o.state, o.sop_class, o.sop_instance, o.transfer_syntax, s.study, s.uid,
    o.size, o.digest, o.received, o.source, o.peer, r.digest, o.rules, o.fate, o.reason, o.repeats,
    o.differs
FROM object o JOIN series s ON s.number = o.series JOIN rule_set r ON r.number = o.rule_set
WHERE o.sequence = ?
"""
_DELIVERY = """
SELECT id, destination, chain, rule, urgency, state, queued, changed, attempts, reason, who
FROM delivery WHERE object = ? ORDER BY id
"""


def lives(index: Index, uid: str, limit: int) -> Sequence[Life]:
    """Give the objects of a study, a series, an instance, or the one of this id."""
    found: list[int] = []
    for numbers in _numbers(index, clean(uid), limit):
        found += numbers
    return [_life(index, number) for number in sorted(set(found))[:limit]]


def _numbers(index: Index, uid: str, limit: int) -> Iterator[list[int]]:
    series = index.look("SELECT number FROM series WHERE study = ?", (uid,))
    series += index.look("SELECT number FROM series WHERE uid = ?", (uid,))
    for (number,) in series:
        rows = index.look(
            "SELECT sequence FROM object WHERE series = ? ORDER BY sequence LIMIT ?",
            (number, limit),
        )
        yield [sequence for (sequence,) in rows]
    for column in ("sop_instance", "id"):
        question = f"SELECT sequence FROM object WHERE {column} = ? LIMIT ?"  # noqa: S608
        yield [sequence for (sequence,) in index.look(question, (uid, limit))]


def _life(index: Index, sequence: int) -> Life:
    ((_, name, state, *facts, rules, fate, reason, same, differs),) = index.look(
        _OBJECT, (sequence,)
    )
    steps = _steps(index, sequence)
    tail: Any = (
        tuple(rules.split("\n")) if rules else (),
        Fate(fate).name.lower(),
        reason,
        same,
        differs,
        tuple(_delivery(steps, *row) for row in index.look(_DELIVERY, (sequence,))),
        tuple(questions.held_of_object(index, name)),
        steps.get(0, ()),
    )
    return Life(*(name, state < 2, state == 2, *facts, *tail))


def _steps(index: Index, sequence: int) -> dict[int, tuple[Step, ...]]:
    """Give the steps of an object by delivery; those of the object itself under 0."""
    found: dict[int, tuple[Step, ...]] = {}
    rows = index.look(
        "SELECT delivery, at, what, who, detail FROM step WHERE object = ? ORDER BY delivery, id",
        (sequence,),
    )
    for delivery, *step in rows:
        found[delivery] = (*found.get(delivery, ()), Step(*step))
    return found


def _delivery(steps: Mapping[int, tuple[Step, ...]], number: int, *row: Any) -> LifeOfDelivery:
    to, chain, rule, urgency, state, *rest = row
    facts: Any = (number, to, chain, rule, urgency, STATES[state], *rest, steps.get(number, ()))
    return LifeOfDelivery(*facts)
