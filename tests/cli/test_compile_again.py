"""`roteiro compile` of rules that are what they were says what it said, word for word."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from roteiro.lang.warm import keep
from roteiro.runtime import compiling, sources
from roteiro.runtime.remembered import OFF, SETTING, TOLD
from roteiro.runtime.world import SystemClock

HEAD = 'language 1\nuse "nodes.route"\nset scanners : AE = file "scanners.txt"\n'
TABLE = "table t all {{\n  rule one {{ when {ask} send to pacs }}\n}}\n"
ASK = 'Modality == "ct" and assoc.calling_ae in @scanners'
NODES = 'language 1\nnode pacs { ae = "PACS" host = "10.0.0.5" port = 104 }\n'
KEPT = "  # route: ignore[impossible-literal] until 2026-05-01 as it was"
SITE = HEAD + TABLE.format(ask=ASK)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.delenv(SETTING, raising=False)
    for module in (sources, keep):
        monkeypatch.setattr(module, "LARGE", 0)
    return tmp_path / "caches" / "roteiro"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "nodes.route").write_text(NODES, encoding="utf-8")
    (tmp_path / "scanners.txt").write_text("CT1\n", encoding="utf-8")
    path = tmp_path / "site.route"
    path.write_text(SITE, encoding="utf-8")
    return path


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the times that rules are looked at again."""
    found: list[str] = []
    real = compiling.compiled_again

    def noted(*words, **more):
        found.append("looked")
        return real(*words, **more)

    monkeypatch.setattr(compiling, "compiled_again", noted)
    return found


@pytest.fixture
def compiled(run, cache, site, monkeypatch):
    """Compile, and see that whatever is kept the same is said; gives what was said."""

    def call(*words: object) -> str:
        output = site.with_name("site.compiled")
        ran = run("compile", site, "-o", output, *words)
        data = output.read_bytes() if ran.code == 0 else b""
        with monkeypatch.context() as alone:
            alone.setenv(SETTING, OFF)
            cold = run("compile", site, "-o", output, *words)
        assert (ran.code, ran.out, ran.err) == (cold.code, cold.out, cold.err)
        assert data == (output.read_bytes() if cold.code == 0 else b"")
        return ran.err

    return call


@pytest.mark.parametrize("what", ["", "language", "scanners.txt", "nodes.route", "damage"])
def test_what_is_as_it_was_is_said_again(compiled, site, cache, looks, what):
    first = compiled()
    assert "impossible-literal" in first
    looks.clear()
    if what == "language":
        assert compiled("--lang", "pt") != first
    elif what == "damage":
        (told,) = (cache / TOLD).iterdir()
        told.write_bytes(told.read_bytes().replace(b"Modality", b"Modalite"))
        assert compiled() == first
    elif what:
        changed = site.with_name(what)
        text = changed.read_text(encoding="utf-8").replace("CT1", "CT2").replace("104", "105")
        changed.write_text(text, encoding="utf-8")
        compiled()
    else:
        assert compiled() == first
    assert len(looks) == (2 if what else 1)  # once without anything kept


def test_rules_are_called_what_they_were_called_this_time(run, compiled, site, monkeypatch):
    whole = compiled()
    assert f"--> {site}:" in whole
    monkeypatch.chdir(site.parent)
    assert run("compile", site.name).err == whole.replace(str(site), site.name)


def test_an_edit_is_seen(compiled, site):
    first = compiled()
    site.write_text(HEAD + TABLE.format(ask="Modality == 'mr'"), encoding="utf-8")
    assert compiled() != first
    site.write_text(SITE, encoding="utf-8")
    assert compiled() == first


def test_errors_are_found_each_time(compiled, site, cache, looks):
    site.write_text(SITE.replace("Modality", "Modalty"), encoding="utf-8")
    assert "RT101" in compiled() == compiled()
    assert len(looks) == 4
    assert not (cache / TOLD).exists()


def test_a_suppression_ends_on_its_day(compiled, site, looks, monkeypatch):
    def on(month: int) -> None:
        at = datetime(2026, month, 2, tzinfo=UTC).timestamp()
        monkeypatch.setattr(SystemClock, "now", lambda _: at)

    site.write_text(HEAD + TABLE.format(ask=ASK).replace(" }\n", f" }}{KEPT}\n"), encoding="utf-8")
    on(4)
    before = compiled()
    assert "impossible-literal" not in before
    on(6)
    assert compiled() != before
    looks.clear()
    assert "impossible-literal" in compiled()
    assert len(looks) == 1


def test_rules_that_are_compared_with_others_are_looked_at(compiled, site, looks):
    text = f'{SITE}invariant "as before" {{ equivalent "old.route" }}\n'
    site.write_text(text, encoding="utf-8")
    (site.parent / "old.route").write_text(SITE, encoding="utf-8")
    before = compiled()
    (site.parent / "old.route").unlink()
    assert compiled() != before
    assert len(looks) == 4
