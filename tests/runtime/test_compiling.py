"""Compiled rules are kept, and nothing depends on it: all ways give the same bytes."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from generators import clusters, programs
from generators.compile import typed_of
from generators.dice import SEEDS, Dice
from generators.large import file
from hypothesis import HealthCheck, given, settings

import roteiro
from roteiro.core.artefact_parts import MAGIC, SUM_AT, joined, parts_in, sealed
from roteiro.core.errors import ArtefactError
from roteiro.lang.warm import keep
from roteiro.runtime import compiling, remembered, sources
from roteiro.runtime.artefacts import (
    Kind,
    Sources,
    is_artefact,
    obstacles_of,
    site_of,
    sources_of,
    taken,
)
from roteiro.runtime.compiling import compile_rules, compiled_of
from roteiro.runtime.engine import engine
from roteiro.runtime.lowered import packed, unpacked
from roteiro.runtime.programs import Prepared, prepare
from roteiro.runtime.remembered import (
    COMPILED,
    LOWERED,
    OFF,
    SETTING,
    recall_compiled,
    remember_compiled,
)
from roteiro.runtime.sources import examine_file

STEPS = 4
RULES = Path(__file__).resolve().parents[2] / "rules"
SITE = """language 1
use "nodes.route"
set scanners : AE = file "scanners.txt"
table t all { rule one { when assoc.calling_ae in @scanners send to pacs } }
listener plain { port = 11112 address = "127.0.0.1" }
"""
NODES = """language 1
node pacs { ae = "PACS" host = "10.0.0.5" port = 104 }
node ct { ae = "CT1" host = "10.0.0.6" may = { store } }
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.delenv(SETTING, raising=False)
    for module in (sources, keep):
        monkeypatch.setattr(module, "LARGE", 0)
    return tmp_path / "caches" / "roteiro"


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tell by which ways rules were compiled."""
    found: list[str] = []

    def told(name: str) -> None:
        real: Callable[..., object] = getattr(compiling, name)

        def noted(*words: object, **more: object) -> object:
            made = real(*words, **more)
            found.append(name)
            return made

        monkeypatch.setattr(compiling, name, noted)

    for name in ("of_typed", "with_another_rule", "compiled_again"):
        told(name)
    return found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "nodes.route").write_text(NODES, encoding="utf-8")
    (tmp_path / "scanners.txt").write_text("CT1\nCT2\n", encoding="utf-8")
    path = tmp_path / "site.route"
    path.write_text(SITE, encoding="utf-8")
    return path


def data_of(path: Path) -> bytes:
    found = compile_rules(path, path.name)
    assert found.artefact is not None, found.findings
    return bytes(found.artefact.data)


def cold(path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    with monkeypatch.context() as alone:
        alone.setenv(SETTING, OFF)
        return data_of(path)


# Unchanged ----------------------------------------------------------------------------------------


def test_silent_rules_are_not_even_checked_again(
    cache: Path, site: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = data_of(site)
    assert ways == ["of_typed", "compiled_again"]
    assert sources_of(taken(first)).silent
    assert data_of(site) == first == cold(site, monkeypatch)
    assert ways[2:] == ["of_typed", "compiled_again"]  # of the last, which had no cache


@pytest.mark.parametrize("name", ["site.route", "nodes.route", "scanners.txt"])
def test_a_change_of_any_file_is_seen(
    cache: Path, site: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = data_of(site)
    changed = site.with_name(name)
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text.replace("CT1", "CT9").replace("rule one", "rule two"))
    ways.clear()
    assert before != data_of(site) == cold(site, monkeypatch)
    assert ways[0] == "of_typed"


def test_a_file_that_is_gone_is_seen(cache: Path, site: Path) -> None:
    data_of(site)
    site.with_name("scanners.txt").unlink()
    found = compile_rules(site, site.name)
    assert found.artefact is None
    assert [each.code for each in found.findings] == ["RT130"]


def test_rules_with_findings_are_checked_for_them_each_time(
    cache: Path, site: Path, ways: list[str]
) -> None:
    text = f'{SITE}table u all {{ rule r {{ when Modality == "ct" send to pacs }} }}'
    site.write_text(text, encoding="utf-8")
    first = compile_rules(site, site.name)
    assert first.findings
    again = compile_rules(site, site.name)
    assert again.findings == first.findings
    assert ways.count("compiled_again") == 2


def test_a_large_file_with_findings_is_compiled_once(
    cache: Path, tmp_path: Path, ways: list[str]
) -> None:
    path = tmp_path / "large.route"
    path.write_text(file(60, tables=2), encoding="utf-8")
    first = compile_rules(path, "large")
    again = compile_rules(path, "large")
    assert first.findings
    assert again.findings == first.findings
    assert first.artefact is not None
    assert again.artefact is not None
    assert again.artefact.data == first.artefact.data
    assert ways == ["of_typed", "compiled_again", "compiled_again"]


def test_small_files_are_not_kept(cache: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "LARGE", 10_000)
    data_of(site)
    assert not (cache / COMPILED).exists()


# What is kept -------------------------------------------------------------------------------------


def kept(cache: Path, shelf: str = COMPILED) -> Path:
    (found,) = (cache / shelf).iterdir()
    return found


@pytest.mark.parametrize("shelf", [COMPILED, LOWERED])
@pytest.mark.parametrize("damage", [b"", b"x", None, b"flip"])
def test_what_is_damaged_is_made_again(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shelf: str, damage: bytes | None
) -> None:
    path = tmp_path / "large.route"
    path.write_text(file(60, tables=2), encoding="utf-8")
    data_of(path)
    whole = kept(cache, shelf).read_bytes()
    middle = len(whole) // 2
    other = bytes((whole[middle] ^ 1,))
    changed = {
        None: whole[:middle],
        b"flip": whole[:middle] + other + whole[middle + 1 :],
        b"": b"",
    }.get(damage, b"x" + whole)
    kept(cache, shelf).write_bytes(changed)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"ROOM40A"', '"ROOM44A"'), encoding="utf-8")
    assert data_of(path) == cold(path, monkeypatch)


def test_a_folder_that_others_can_write_to_is_not_trusted(
    cache: Path, site: Path, ways: list[str]
) -> None:
    data_of(site)
    assert recall_compiled(site) is not None
    (cache / COMPILED).chmod(0o777)
    assert recall_compiled(site) is None
    (cache / COMPILED).chmod(0o700)
    cache.chmod(0o770)
    assert recall_compiled(site) is None
    cache.chmod(0o755)
    assert recall_compiled(site) is not None


def test_another_version_has_another_place(
    cache: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_of(site)
    monkeypatch.setattr(remembered, "version", lambda: b"another version")
    assert recall_compiled(site) is None


def test_nothing_is_kept_when_that_is_turned_off(
    cache: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, OFF)
    data_of(site)
    assert not cache.exists()


def test_who_cannot_keep_anything_compiles_all_the_same(
    cache: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.parent.write_text("no folder")
    assert data_of(site) == cold(site, monkeypatch)


def test_other_rules_under_the_same_name_are_not_taken(
    cache: Path, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.route"
    other.write_text(SITE.replace("rule one", "rule two"), encoding="utf-8")
    stranger = data_of(other)
    remember_compiled(site, stranger)
    assert data_of(site) == cold(site, monkeypatch) != stranger


def test_what_came_through_a_pipe_is_not_kept(cache: Path, site: Path) -> None:
    pipe = site.with_name("pipe.route")
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        for make in (data_of, lambda path: roteiro.compile(path).rule_set):
            written = pool.submit(pipe.write_bytes, site.read_bytes())
            assert make(pipe)
            written.result()
    assert not (cache / COMPILED).exists()


# One rule edited ----------------------------------------------------------------------------------


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SEEDS)
def test_after_edits_the_bytes_are_those_of_the_whole(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = Dice(seed)
    path = tmp_path / "edited.route"
    text = clusters.program(dice, 8)
    for _ in range(STEPS):
        path.write_text(text, encoding="utf-8")
        found = compile_rules(path, path.name)
        if found.artefact is not None:
            assert bytes(found.artefact.data) == cold(path, monkeypatch)
        text = clusters.edited(dice, text)


def test_edits_are_compiled_in_part(cache: Path, tmp_path: Path, ways: list[str]) -> None:
    path = tmp_path / "large.route"
    text = file(60, tables=2)
    for name in ("ROOM40A", "ROOM44A", "ROOM45A"):
        path.write_text(text.replace('"ROOM40A"', f'"{name}"'), encoding="utf-8")
        data_of(path)
    assert ways.count("with_another_rule") == 2
    assert ways.count("of_typed") == 1


def test_an_edit_that_was_checked_and_not_compiled_is_not_lost(
    cache: Path, tmp_path: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.route"
    text = file(60, tables=2)
    path.write_text(text, encoding="utf-8")
    data_of(path)
    text = text.replace('"ROOM40A"', '"ROOM44A"')
    path.write_text(text, encoding="utf-8")
    sources.examine_again(path)
    text = text.replace('"ROOM8A"', '"ROOM45A"')
    path.write_text(text, encoding="utf-8")
    assert data_of(path) == cold(path, monkeypatch)
    ways.clear()
    path.write_text(text.replace('"ROOM16A"', '"ROOM46A"'), encoding="utf-8")
    assert data_of(path) == cold(path, monkeypatch)
    assert ways[0] == "with_another_rule"


def test_what_is_known_of_a_program_is_read_as_it_was_written(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "large.route"
    path.write_text(file(30, tables=2), encoding="utf-8")
    data_of(path)
    whole = kept(cache, LOWERED).read_bytes()
    known = unpacked(whole)
    assert known is not None
    assert packed(known) == whole
    assert unpacked(whole[:-1]) is None
    assert unpacked(sealed(whole.replace(b'"sha256:', b"[sha256:"))) is None


@pytest.mark.parametrize(
    "rule",
    [
        "when {parts} hold a",  # more clauses than a rule may have
        "when Modality == 1 hold a",  # an error
    ],
)
def test_unusual_rules_are_compiled_from_the_beginning(
    cache: Path, tmp_path: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    path = tmp_path / "large.route"
    text = file(30, tables=2)
    path.write_text(text, encoding="utf-8")
    data_of(path)
    parts = " and ".join(f"(Rows > {n} or Columns > {n})" for n in range(1, 8))
    begin = text.index("rule ")
    end = text.index("\n  }", begin) if "\n  }" in text[begin:] else text.index("}", begin)
    path.write_text(
        f"{text[:begin]}rule other {{\n    {rule.format(parts=parts)}{text[end:]}", encoding="utf-8"
    )
    found = compile_rules(path, path.name)
    assert "with_another_rule" not in ways
    if found.artefact is not None:
        assert bytes(found.artefact.data) == cold(path, monkeypatch)


# Files of compiled rules --------------------------------------------------------------------------


def write(site: Path) -> Path:
    path = site.with_name("site.compiled")
    path.write_bytes(data_of(site))
    return path


def test_compiled_rules_are_served(cache: Path, site: Path) -> None:
    rules, compiled = prepare(site, "site.route"), prepare(write(site), "site.compiled")
    assert rules.served is not None
    assert compiled.served is not None
    assert compiled.served.rule_set == rules.served.rule_set
    assert compiled.served.settings == rules.served.settings
    assert bytes(compiled.served.compiled) == bytes(rules.served.compiled)


def refused(path: Path) -> str:
    found: Prepared = prepare(path, path.name)
    assert found.served is None
    (why,) = found.obstacles
    return why.key


def test_compiled_rules_that_cannot_be_served_say_why(cache: Path, site: Path) -> None:
    site.write_text(SITE.replace("listener", "#"), encoding="utf-8")
    assert refused(write(site)) == "command.no_listener"
    text = SITE.replace("send to pacs", "send to pacs via x")
    site.write_text(f'{text}transform x {{ set PatientID = "1" }}', encoding="utf-8")
    (told,) = obstacles_of(taken(data_of(site)), "etc/site.route")
    (same,) = prepare(site, "etc/site.route").obstacles
    assert told.key == "command.uncarried"
    assert told == same
    assert told.startswith("`etc/site.route:4:") or "etc/site.route:4:" in told


@pytest.mark.parametrize(
    ("at", "key"),
    [
        (8, "command.compiled_other_format"),
        (20, "command.compiled_by_another"),
        (SUM_AT, "command.compiled_damaged"),
    ],
)
def test_files_of_others_are_refused(cache: Path, site: Path, at: int, key: str) -> None:
    path = write(site)
    changed = bytearray(path.read_bytes())
    changed[at] ^= 1
    path.write_bytes(changed)
    assert refused(path) == key


def test_a_site_that_is_none_is_refused(cache: Path, site: Path) -> None:
    data = data_of(site)
    for old, new in ((b'"Settings"', b'"Sexxings"'), (b"11112", b'"112"'), (b"[[", b"[{")):
        changed = sealed(data.replace(old, new))
        assert changed != data
        with pytest.raises(ArtefactError):
            site_of(taken(changed))


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        (Kind.SITE, []),
        (Kind.SITE, [[], []]),
        (Kind.SITE, [["Settings"], []]),
        (Kind.SITE, [None, [[9, 1, 1, "x"]]]),
        (Kind.SITE, [None, [[-1, 1, 1, "x"]]]),
        (Kind.SITE, [None, [[0, 1, 1, {}]]]),
        (Kind.SITE, [None, [[0, 1, 1, {"no.such_text": []}]]]),
        (Kind.SITE, [None, [[]]]),
        (Kind.SOURCES, [[], True]),
        (Kind.SOURCES, [[[]], True]),
    ],
)
def test_a_made_up_site_is_refused(cache: Path, site: Path, kind: Kind, made: list[Any]) -> None:
    path = write(site)
    ours = engine()
    parts = {key: bytes(part) for key, part in parts_in(path.read_bytes(), ours.digest).items()}
    said = json.loads(parts[Kind.SITE, 0])
    if kind == Kind.SITE and made[:1] == [None]:
        made = [said[0], *made[1:]]
    elif kind == Kind.SOURCES:
        said[1] = [[0, 1, 1, "x"]]
        parts[Kind.SITE, 0] = json.dumps(said).encode()
    parts[kind, 0] = json.dumps(made).encode()
    path.write_bytes(joined(parts, ours.digest, ours.release))
    assert refused(path) == "command.compiled_damaged"


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_settings_are_read_as_they_were_written(seed: int) -> None:
    typed = typed_of(programs.program(Dice(seed)).text)
    site = site_of(taken(compiled_of(typed)))
    assert site.settings == replace(typed.settings, uncarried=())
    assert len(site.unserved) == len(typed.settings.uncarried)


@pytest.mark.parametrize("path", sorted(RULES.glob("*.route")), ids=lambda path: path.name)
def test_settings_of_whole_sites(path: Path) -> None:
    found = examine_file(path)
    assert found.typed is not None
    site = site_of(taken(compiled_of(found.typed)))
    assert site.settings == replace(found.typed.settings, uncarried=())


def test_sources_are_those_beside_the_first_file(cache: Path, site: Path) -> None:
    found = sources_of(taken(data_of(site)))
    assert [name for name, _ in found.files] == ["site.route", "nodes.route", "scanners.txt"]
    assert found.are_unchanged(site)
    assert not Sources((), silent=True).are_unchanged(site)
    marked = site.with_name("nodes.route")
    marked.write_bytes(b"\xef\xbb\xbf" + marked.read_bytes())
    assert not found.are_unchanged(site)


def test_what_begins_as_a_compiled_file_is_one() -> None:
    assert is_artefact(MAGIC + b"x")
    assert not is_artefact(b"language 1\n")


def test_the_release_is_that_of_the_package() -> None:
    assert engine().release == version("roteiro")
