"""What a check found in a large file is kept on disk, and nothing depends on it."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roteiro.lang.warm import keep
from roteiro.runtime import remembered, sources
from roteiro.runtime.remembered import MOST, OFF, OURS, SETTING, place_of, version
from roteiro.runtime.sources import Examined, examine_again, examine_file
from roteiro.runtime.world import SystemClock

from generators.large import file  # isort: skip

TEXT = file(60, tables=2).replace("s\n  }", "s late all\n  }")
"""With batches that `serve` does not carry out."""
LARGE = file(320, tables=2)


def changed(text: str) -> str:
    return text.replace('"ROOM40A"', '"ROOM44A"')


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.setattr(sources, "LARGE", 0)
    monkeypatch.setattr(keep, "LARGE", 0)
    return tmp_path / "caches" / "roteiro" / "checks"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "large.route"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the checks from the beginning."""
    found: list[str] = []
    real = sources.load

    def counted(source, files):
        found.append(source.name)
        return real(source, files)

    monkeypatch.setattr(sources, "load", counted)
    return found


def said(found: Examined) -> tuple[object, ...]:
    return found.findings, found.unserved


def as_from_the_beginning(rules: Path) -> None:
    assert said(examine_again(rules)) == said(examine_file(rules))


def test_a_file_is_checked_once(cache: Path, rules: Path, checks: list[str]) -> None:
    first = said(examine_again(rules))
    assert first[0]
    assert first[1]
    assert said(examine_again(rules)) == first
    rules.write_text(changed(TEXT), encoding="utf-8")
    second = said(examine_again(rules))
    assert said(examine_again(rules)) == second
    assert len(checks) == 1
    assert second == said(examine_file(rules))
    assert len(list(cache.iterdir())) == 1


def test_names_are_those_of_this_call(cache: Path, rules: Path) -> None:
    rules.write_text(LARGE, encoding="utf-8")
    examine_again(rules, "one.route")
    found = examine_again(rules, "other.route").findings
    assert {each.source.name for each in found} == {"other.route"}
    assert {label.source.name for each in found for label in each.labels} == {"other.route"}


def test_only_who_reads_rules_may_read_what_is_kept(cache: Path, rules: Path) -> None:
    examine_again(rules)
    (kept,) = cache.iterdir()
    assert cache.stat().st_mode & 0o777 == 0o700
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_what_is_damaged_is_made_again(
    cache: Path, rules: Path, checks: list[str], damage: bytes | None
) -> None:
    examine_again(rules)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    middle = len(whole) // 2
    kept.write_bytes(whole[:middle] if damage is None else damage + whole[middle:])
    as_from_the_beginning(rules)
    checks.clear()
    examine_again(rules)
    assert checks == []


def test_another_version_begins_anew(
    cache: Path, rules: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    examine_again(rules)
    monkeypatch.setattr(remembered, "version", lambda: b"another")
    as_from_the_beginning(rules)
    assert len(checks) == 3


def test_a_version_is_told_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("one", encoding="utf-8")
    monkeypatch.setattr(remembered, "files", lambda _: tmp_path)
    told = {remembered.version.__wrapped__()}
    (tmp_path / "a.py").write_text("three", encoding="utf-8")
    told.add(remembered.version.__wrapped__())
    (tmp_path / "b.py").touch()
    told.add(remembered.version.__wrapped__())
    assert len(told) == 3


@pytest.mark.parametrize("known", [False, True])
def test_a_version_that_cannot_be_told_is_no_finding(
    cache: Path, rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, known: bool
) -> None:
    if known:
        examine_again(rules)
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / ".#check.py").symlink_to("someone@host.123")
    monkeypatch.setattr(remembered, "files", lambda _: ours)
    monkeypatch.setattr(remembered, "version", remembered.version.__wrapped__)
    as_from_the_beginning(rules)
    assert remembered.recall(rules) is None


def test_nothing_is_kept_when_nobody_wants_it(
    cache: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, OFF)
    as_from_the_beginning(rules)
    assert not cache.exists()


def test_a_small_file_leaves_nothing(
    cache: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LARGE", len(TEXT) + 1)
    as_from_the_beginning(rules)
    assert not cache.exists()


def test_a_folder_that_cannot_be_written(
    cache: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.parent.parent.mkdir()
    cache.parent.write_text("no folder", encoding="utf-8")
    as_from_the_beginning(rules)
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/dev/null")
    as_from_the_beginning(rules)


def test_no_space_is_no_finding(cache: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(remembered, "keep_file", full)
    as_from_the_beginning(rules)


def test_the_oldest_are_forgotten(cache: Path, rules: Path, tmp_path: Path) -> None:
    cache.mkdir(parents=True)
    for number in range(MOST + 3):
        (cache / f"old{number}").touch()
    examine_again(rules)
    assert len(list(cache.iterdir())) == MOST
    assert remembered.recall(rules) is not None


def test_a_suppression_ends_on_its_day(
    cache: Path, rules: Path, checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = "# route: ignore-file[priority-without-effect] until 2027-01-31 until the merger\n"
    rules.write_text(note + TEXT, encoding="utf-8")
    days = [datetime(2027, 1, day, 12, tzinfo=UTC).timestamp() for day in (30, 31)]
    days.append(datetime(2027, 2, 1, 12, tzinfo=UTC).timestamp())
    codes = []
    for at in days:
        monkeypatch.setattr(SystemClock, "now", lambda _, at=at: at)
        codes.append({each.code for each in examine_again(rules).findings})
    assert len(checks) == 1
    assert codes[0] == codes[1]
    assert codes[2] - codes[1] == {"RT220", "RT902"}


def test_files_that_are_used_are_looked_at_each_time(cache: Path, rules: Path) -> None:
    beside = rules.with_name("set.txt")
    beside.write_text("ROOM\n", encoding="utf-8")
    rules.write_text(TEXT + 'set rooms = file "set.txt"\n', encoding="utf-8")
    as_from_the_beginning(rules)
    beside.unlink()
    as_from_the_beginning(rules)
    assert "RT130" in {each.code for each in examine_again(rules).findings}


def test_two_processes_at_once(cache: Path, rules: Path) -> None:
    command = [sys.executable, "-m", "roteiro", "check", str(rules)]
    told = []
    for text in (LARGE, changed(LARGE)):
        rules.write_text(text, encoding="utf-8")
        runs = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
        told.append({run.communicate()[0] for run in runs})
        assert [path.name for path in cache.iterdir()] == [place_of(rules).name]
    plain = subprocess.run(
        command, env=os.environ | {SETTING: OFF}, stdout=subprocess.PIPE, check=False
    )
    assert told == [{plain.stdout.replace(b"ROOM44A", b"ROOM40A")}, {plain.stdout}]


# Which version ------------------------------------------------------------------------------------


def test_releases_share_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = version.__wrapped__()
    assert version.__wrapped__() == ours
    monkeypatch.setattr(remembered, "RELEASE", "99")
    assert version.__wrapped__() != ours


def test_a_file_of_equal_size_and_time_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lang", "core", "runtime"):
        (tmp_path / name).mkdir()
    for name in OURS:
        (tmp_path / "runtime" / name).write_text(name, encoding="utf-8")
    file = tmp_path / "lang" / "rules.py"
    monkeypatch.setattr(
        remembered, "files", lambda package: tmp_path / package.removeprefix("roteiro.")
    )
    found = []
    for text in ("one", "two"):
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(1, 1))
        found.append(version.__wrapped__())
    assert found[0] != found[1]
    (tmp_path / "runtime" / OURS[0]).write_text("other", encoding="utf-8")
    assert version.__wrapped__() != found[1]
