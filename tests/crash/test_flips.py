"""Single bits turn over in the spool's files (issue 5, G05)."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.crash.conftest import Report
from tests.crash.flips import HELD, Flip, Seen, flipper, random_flip, violations
from tests.crash.forged import Forged
from tests.crash.subject import bodies
from tests.e2e.raw import RawSink, send_all
from tests.e2e.routers import header, until
from tests.e2e.wire import made_up

FLIPS = 400
OBJECTS, DAMAGED = 30, 8


def test_no_flip_alters_or_takes_anything(seed: int, in_memory: Path, report: Report) -> None:
    with flipper(in_memory) as bits:
        for number in range(FLIPS):
            bits.flip(seed + number)
    report(f"flips from seed {seed}: {dict(sorted(bits.outcomes.items()))}")
    assert not bits.findings, "\n".join(bits.findings[:20])
    assert any(name.endswith("detected") for name in bits.outcomes)


def test_judge_sees_what_is_wrong(in_memory: Path) -> None:
    with flipper(in_memory) as bits:
        template = bits.template
    waiting = next(key for key, state in template.states.items() if state.value == "waiting")
    fine = Seen(dict(template.states), set(template.parked))
    flip = Flip(Path("index/index.sqlite3"), 0)
    assert violations(template, flip, fine) == []
    for wrong in (
        replace(fine, altered={waiting[0]}),
        replace(fine, detected={waiting[0]}),
        replace(fine, parked=set()),
        replace(fine, refused="no"),
        replace(fine, states=fine.states | {waiting: HELD}),
        replace(fine, states={key: each for key, each in fine.states.items() if key != waiting}),
        replace(fine, states=fine.states | {(waiting[0], "nobody"): HELD}),
    ):
        assert violations(template, flip, wrong)
    own = Flip(Path("objects") / waiting[0][:2] / waiting[0], 0)
    assert violations(template, own, replace(fine, detected={waiting[0]})) == []


def test_seed_draws_the_same_bit(in_memory: Path) -> None:
    with flipper(in_memory) as bits:
        drawn = [random_flip(bits.template, Random(7)) for _ in range(2)]
        assert drawn[0] == drawn[1]
        assert {random_flip(bits.template, Random(n)).kind for n in range(50)} == {
            "object",
            "sqlite3",
            "sqlite3-wal",
        }


@pytest.mark.parametrize("plant", ["", "digest_skipped"])
def test_no_altered_object_is_completed_at_a_destination(
    plant: str, seed: int, tmp_path: Path
) -> None:
    """Bits flip in what waits; its destination gets the others, and of these not one to the end."""
    sink = RawSink()
    rules = header(pacs=sink.port) + "table t all { rule all_of_it { send to pacs } }\n"
    words = ("--plant", plant) if plant else ()
    router = Forged(tmp_path, rules, tmp_path / "spool", words=words)
    dice = Random(seed)
    sent = [made_up(f"1.2.3.{n}", filling=dice.randbytes(40_000)) for n in range(OBJECTS)]
    try:
        router.start()
        assert set(send_all(router.port, sent)) == {0}
        router.kill()
        victims = [path for path in bodies(tmp_path / "spool") if "index" not in path.parts]
        for path in dice.sample(victims, DAMAGED):
            bit = dice.randrange(8 * 1_000, 8 * 40_000)  # within the pixels
            Flip(path.relative_to(tmp_path / "spool"), bit).plant(tmp_path / "spool")
        with sink:
            router.start()
            until(lambda: not router.waiting())
            assert router.terminate() == 0
        arrived = {arrival.digest for arrival in sink.arrivals}
    finally:
        router.close()
    altered = arrived - {parcel.digest for parcel in sent}
    if plant:
        assert len(altered) == DAMAGED
    else:
        assert not altered
        assert len(arrived) == OBJECTS - DAMAGED
        assert len(router.events("object_damaged")) == DAMAGED
        router.look()
