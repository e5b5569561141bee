"""What is said of rules of which one was edited is what would be said of them without a memory."""

from pathlib import Path

import pytest
from generators import clusters
from generators.dice import SEEDS, Dice
from generators.large import file
from hypothesis import HealthCheck, given, settings

from roteiro.lang.render import text as rendering
from roteiro.lang.warm import keep
from roteiro.runtime import retold, sources
from roteiro.runtime.compiling import compile_rules
from roteiro.runtime.remembered import OFF, SETTING, TOLD
from roteiro.runtime.retold import Telling, again, packed, unpacked, worded

STEPS = 4
LARGE = file(60, tables=2).replace("StationName", "InstitutionName")
"""With a finding in every second rule."""
OTHERS = {
    "value": ('"ROOM40A"', '"ROOM44A"'),
    "longer": ('"ROOM40A"', '"ROOM4400000A"'),
    "lines": ('"ROOM40A"', '\n    "ROOM44A"'),
    "fewer lines": ('\n    "ROOM40A"', '"ROOM44A"'),
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.delenv(SETTING, raising=False)
    for module in (sources, keep):
        monkeypatch.setattr(module, "LARGE", 0)
    return tmp_path / "caches" / "roteiro"


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the findings that are worded."""
    found: list[str] = []
    real = rendering.render

    def noted(finding, language="en", *, colour=False):
        found.append(finding.code)
        return real(finding, language, colour=colour)

    monkeypatch.setattr(rendering, "render", noted)
    return found


def said(path: Path, language: str = "en") -> list[str]:
    """Compile as the command does, and give what it says."""
    telling = Telling(path, path.name, language)
    known = again(telling)
    return known[1] if known else worded(telling, compile_rules(path, path.name))


def cold(path: Path, monkeypatch: pytest.MonkeyPatch, language: str = "en") -> list[str]:
    with monkeypatch.context() as alone:
        alone.setenv(SETTING, OFF)
        return said(path, language)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SEEDS)
def test_after_edits_the_words_are_those_of_the_whole(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = Dice(seed)
    path = tmp_path / "edited.route"
    text = clusters.program(dice, 8)
    for _ in range(STEPS):
        path.write_text(text, encoding="utf-8")
        assert said(path) == cold(path, monkeypatch)
        text = clusters.edited(dice, text)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("edit", OTHERS)
@pytest.mark.parametrize("language", ["en", "pt"])
def test_what_stands_elsewhere_is_not_worded_again(
    tmp_path: Path, renders: list[str], monkeypatch: pytest.MonkeyPatch, edit: str, language: str
) -> None:
    path = tmp_path / "large.route"
    before, after = (LARGE.replace('"ROOM40A"', words) for words in OTHERS[edit])
    assert before != after
    path.write_text(before, encoding="utf-8")
    assert len(said(path, language)) > 20
    path.write_text(after, encoding="utf-8")
    renders.clear()
    found = said(path, language)
    worded_again = len(renders)
    assert found == cold(path, monkeypatch, language)
    assert worded_again < len(found) // (1 if "lines" in edit else 4)
    assert said(path, language) == found


def test_other_words_are_not_taken(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.route"
    path.write_text(LARGE, encoding="utf-8")
    said(path, "pt")
    path.write_text(LARGE.replace(*OTHERS["value"]), encoding="utf-8")
    assert said(path) == cold(path, monkeypatch)
    monkeypatch.setattr(Telling, "key", lambda _self, _files: bytes(32))
    (cache / TOLD).chmod(0o777)
    assert again(Telling(path, path.name, "en")) is None


def test_where_something_is_suppressed_all_is_worded(
    cache: Path, tmp_path: Path, renders: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.route"
    text = f"# route: ignore-file[case-trap] as it was\n{LARGE}"
    path.write_text(text, encoding="utf-8")
    said(path)
    path.write_text(text.replace(*OTHERS["value"]), encoding="utf-8")
    renders.clear()
    found = said(path)
    assert len(renders) == len(found)
    assert found == cold(path, monkeypatch)


@pytest.mark.parametrize("told", [[], [""], ["a\n", "", "ção\n", "\ud800"], ["x" * 70_000]])
def test_texts_are_read_as_they_were_written(told: list[str]) -> None:
    assert unpacked(memoryview(packed(told))) == told


def test_nothing_is_said_of_what_is_not_there(cache: Path, tmp_path: Path) -> None:
    assert retold.again(Telling(tmp_path / "none", "none", "en")) is None
