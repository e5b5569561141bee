"""Each question is asked once, briefly; what it measures here means nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import commands, compiling, facade, peers, receiving
from bench.core import HEAD, Objects, cases, hop_figures, line
from bench.families import Asked, Rule, rules
from bench.headers import samples
from bench.workloads import WORKLOADS
from bench.written import file
from roteiro.runtime.rules import compile_text


def test_the_core_is_asked() -> None:
    few, many = cases("flat", Objects("CT", samples(20)), 2, first=True, sizes=(10, 1_000))
    assert (few.rules, many.rules, many.fields) == (10, 1_000, 2)
    assert many.matched > few.matched
    assert many.bytes > few.bytes > 0
    assert many.loop is not None
    assert many.loop.median > 0
    assert len(line(many, few)) == len(HEAD)


def test_hopping_passes_nearly_all_of_a_header() -> None:
    found = hop_figures(Objects("CT", samples(20)), 2)
    assert isinstance(found["passed"], float | int)
    assert 240 < found["passed"] < 260


def test_the_facade_is_asked() -> None:
    found = facade.row(10, Objects("CT", samples(3)), 2, first=True)
    assert found.facade.median > found.loop.median


def test_peers_fire_the_same_rules_or_are_named_as_missing() -> None:
    rows = peers.asked(samples(6), 3, 2)
    assert [row.name for row in rows[2:]] == list(peers.PEERS)
    for row in rows[2:]:
        assert (row.timing is None) == (row.version == "not installed")
    assert rows[-1].ratio is not None
    assert rows[-1].ratio > 1


def test_a_peer_that_decides_otherwise_is_not_timed() -> None:
    with pytest.raises(SystemExit, match="header 0"):
        peers.same(lambda _: ("r1",), lambda _: ("r2",), samples(1), "other")


# one condition of each kind that families use, each true of some header and false of others
ASKED = (
    Asked("StudyDescription", "contains", ("routine",), folded=True),
    Asked("StudyDescription", "starts with", ("T",)),
    Asked("SeriesDescription", "like", ("T* ?.0 *",)),
    Asked("PerformedProcedureStepDescription", "matches", ("[A-M].*[0-4]",)),
    Asked("SliceThickness", "<=", (5,)),
    Asked("PatientAge", "<", (40,)),
    Asked("StudyDate", ">=", (20220301,)),
    Asked("StudyTime", "range", (6, 18)),
    Asked("ImageType", "==", ("LOCALIZER",), negated=True),
    Asked("BodyPartExamined", "in", ("CHEST", "HEAD")),
    Asked("InstanceNumber", "range", (1, 400)),
)


@pytest.mark.parametrize(
    "name", ["asteval, parsed once", "cel-python, compiled", "lambdas on pydicom"]
)
def test_each_kind_of_condition_means_the_same_to_a_peer(name: str) -> None:
    package, make = peers.PEERS[name]
    pytest.importorskip({"cel-python": "celpy"}.get(package, package))
    made = tuple(Rule(f"r{number}", (asked,), 0) for number, asked in enumerate(ASKED))
    objects = samples(30)
    peers.same(peers.by_roteiro(made), make(made), objects, name)
    fired = [len(make(made)(each)) for each in objects[:10]]
    assert 0 < sum(fired) < 10 * len(made)


def test_each_receiver_takes_what_is_sent() -> None:
    few = replace(WORKLOADS["small"], objects=3)
    rows = receiving.measure(few, 2, 1)
    assert [row.receiver for row in rows] == list(receiving.RECEIVERS)
    assert all(row.seconds and row.ratio for row in rows)
    assert rows[0].ratio == 1.0


def test_who_does_not_take_all_has_no_time(tmp_path: Path) -> None:
    with receiving.receiver("DCMTK storescp --fork") as port:
        assert receiving.send(port, [tmp_path / "nothing is there"]) is None
    assert receiving.row(WORKLOADS["ct"], 1, "somebody", [], 1.0).seconds is None


def test_stages_are_timed(tmp_path: Path) -> None:
    path = tmp_path / "few.route"
    path.write_text(file(rules("realistic", 10), first=False), encoding="utf-8")
    found = compiling.stages(path, 1)
    assert list(found) == [
        "import",
        "parse",
        "check and lint",
        "lower",
        "lay out",
        "write",
        "look at and take",
    ]
    assert min(found.values()) > 0


def test_an_edit_changes_one_rule(tmp_path: Path) -> None:
    path = tmp_path / "few.route"
    before = file(rules("realistic", 10), first=False)
    path.write_text(before, encoding="utf-8")
    compiling.edit(path, tmp_path)
    after = path.read_text(encoding="utf-8")
    changed = [
        new for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new
    ]
    assert [line.split()[1] for line in changed] == ["r5"]
    assert compile_text(after, "few").typed is not None


def test_a_command_that_is_not_there_has_no_time(tmp_path: Path) -> None:
    command = commands.Command("none", ("no_such_command",), commands.leave)
    assert commands.seconds(command, tmp_path, tmp_path, 1) is None
