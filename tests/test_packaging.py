"""The wheel is whole: it works in a clean environment, outside the checkout."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a user's pip would."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a new environment; give its folder of programs."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    run(sys.executable, "-m", "venv", str(folder))
    run(str(folder / "bin" / "pip"), "install", "--quiet", str(wheel))
    return folder / "bin"


def run(*words: str, cwd: Path | None = None) -> str:
    """Run a program that must succeed; give what it printed."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_packages_and_their_data_only(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    inside = [name for name in names if ".dist-info/" not in name]
    assert all(name.startswith("roteiro/") for name in inside)
    assert not [name for name in inside if name.endswith((".c", ".pyx")) or "facade" in name]
    pages = ("pages/RT101.md", "pages/pt/RT101.md")
    grammar = ("lang/route.lark", "lang/route.tables")
    for part in ("rules/demo.route", *pages, *grammar, "core/program.py"):
        assert f"roteiro/{part}" in inside


def test_every_layer_folder_is_packaged(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for layer in ("lang", "core", "runtime"):
        for path in (ROOT / layer).rglob("*.py"):
            place = str(path.relative_to(ROOT)).replace("runtime/facade/", "")
            assert f"roteiro/{place}" in inside


def test_demo_and_explain_work_outside_the_checkout(clean: Path, tmp_path: Path) -> None:
    assert run(str(clean / "roteiro"), "demo", cwd=tmp_path)
    page = run(str(clean / "roteiro"), "check", "--explain", "RT101", cwd=tmp_path)
    assert "unknown-attribute" in page


def test_rules_are_checked_from_a_wheel_that_is_not_unpacked(wheel: Path, tmp_path: Path) -> None:
    rules = tmp_path / "site.route"
    rules.write_text("language 1\n")
    code = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import roteiro
from roteiro.__main__ import main
code = main()
print(roteiro.__file__, code, "lark" in sys.modules)
"""
    told = run(sys.executable, "-c", code, str(wheel), "check", str(rules)).splitlines()
    assert told[-1] == f"{wheel}/roteiro/__init__.py 0 False"


def test_version_is_stated_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["version"] in changes
