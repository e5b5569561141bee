"""What a run of libFuzzer says, and what becomes of files that an input changes."""

from pathlib import Path

import pytest

from fuzz.files import changed, parts_of, spread
from fuzz.fixed import SMALL
from fuzz.laid import LARGE, edited
from fuzz.near import taken
from fuzz.run import CLANGS, MATCHER, Run, clang, environment, make_tight, read
from fuzz.targets import FILES
from roteiro.core.artefact_parts import HEADER, ROW, Kind

ENDED = """\
#2\tINITED cov: 3 ft: 4 corp: 1/1b exec/s: 0 rss: 30Mb
#512\tDONE   cov: 3 ft: 5 corp: 2/3b lim: 4 exec/s: 256 rss: 31Mb
Done 512 runs in 2 second(s)
stat::number_of_executed_units: 512
stat::average_exec_per_sec:     256
"""
BROKEN = """\
==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011
artifact_prefix='found/feed/'; Test unit written to found/feed/crash-00
stat::number_of_executed_units: 90
"""


def test_counts_are_read() -> None:
    assert read("feed", 0, ENDED) == Run("feed", 512, 2, 0, ENDED)


def test_a_finding_is_counted_with_the_time_that_it_took() -> None:
    report = BROKEN.removeprefix("==7==")
    assert read("feed", 77, BROKEN, 3.2) == Run("feed", 90, 3, 1, report)


def test_a_report_is_told_from_its_start() -> None:
    """The control looks there, and a report is longer than what is kept of it."""
    told = read("feed", 77, "before\n" * 2000 + BROKEN + "behind\n" * 9000).told
    assert told.startswith("ERROR: AddressSanitizer: heap-buffer-overflow")
    assert "before" not in told
    assert len(told) < 10_000


def test_a_run_that_never_began_is_a_finding() -> None:
    assert read("feed", 1, "harness: no such target\n").findings == 1


def test_without_a_compiler_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert clang() == ""
    (tmp_path / CLANGS[0]).write_text("#!/bin/sh\nexit 1\n")  # one without the runtime
    (tmp_path / CLANGS[0]).chmod(0o755)
    assert clang() == ""
    (tmp_path / CLANGS[1]).write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / CLANGS[1]).chmod(0o755)
    assert clang() == CLANGS[1]


def test_objects_lie_outside_of_the_pools_of_python(tmp_path: Path) -> None:
    told = environment(tmp_path, "command")
    assert told["PYTHONMALLOC"] == "malloc"
    assert told["ROTEIRO_LINES"] == "association/command.py"


def test_the_engine_can_still_be_made_tight(tmp_path: Path) -> None:
    core = Path(__file__).parents[2] / "core"
    (tmp_path / "core").mkdir()
    for name in ("scan.pyx", "matcher.pyx", "matcher.pxd"):
        (tmp_path / "core" / name).write_text((core / name).read_text())
    make_tight(tmp_path)
    assert "    CHUNK = 16\n" in (tmp_path / "core" / "scan.pyx").read_text()
    assert f"final\n{MATCHER}" not in (tmp_path / "core" / "matcher.pyx").read_text()


# --- what inputs change ---------------------------------------------------------------------------


def test_parts_lie_apart() -> None:
    parts = parts_of(SMALL[0])
    data, gaps = spread(parts)
    assert len(gaps) == len(parts) - 1
    assert all(end - begin >= 64 for begin, end in gaps)
    assert all(not any(data[begin:end]) for begin, end in gaps)
    assert taken(data, gaps) is not None


def test_a_file_is_changed_in_one_number() -> None:
    parts = FILES[0]
    key = (Kind.LEVELS, 0)
    data, _ = changed(parts, bytes((sorted(parts).index(key), 0, 0, 1, 0, 0, 1)))
    before = spread(parts)[0]
    places = [at for at in range(0, len(before), 4) if before[at : at + 4] != data[at : at + 4]]
    assert len(places) == 1
    assert int.from_bytes(data[places[0] :][:4], "little") == (
        int.from_bytes(parts[key][:4], "little") + 1
    )


@pytest.mark.parametrize("how", range(8))
def test_changes_of_all_kinds_are_made(how: int) -> None:
    parts = FILES[0]
    assert changed(parts, b"")[0] == spread(parts)[0]
    number = sorted(parts).index((Kind.FIELDS, 0))
    edit = bytes((number, 0, 0, how, 9, 3, 1))
    assert changed(parts, edit)[0] != spread(parts)[0]


def test_the_table_of_parts_is_changed_as_well() -> None:
    parts = FILES[0]
    data, gaps = changed(parts, bytes((255, 12, 0, 1, 0, 0, 1)))  # its first offset
    assert not gaps  # nobody knows any more what lies between
    row = ROW.unpack_from(data, HEADER.size)
    assert row != ROW.unpack_from(spread(parts)[0], HEADER.size)


def test_a_machine_is_changed_in_one_word() -> None:
    laid = LARGE[-1].laid
    assert edited(laid, b"") == laid
    assert edited(laid, b"\1\0\1\0\0\1")[4:8] == (int.from_bytes(laid[4:8], "little") + 1).to_bytes(
        4, "little"
    )
