"""Imports follow the directions of docs/ARCHITECTURE.md, Cython sources included."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+c?import\b|c?import\s+([\w., ]+))", re.MULTILINE)

# layer -> what its files may name of these
LAYERS = {
    "core": ("roteiro.core",),
    "lang": ("roteiro.lang", "roteiro.core.program"),
    "runtime": ("roteiro",),
}
# third party or part of the system -> the files that may name it: its door
DOORS = {
    "lark": ("lang/generator.py",),
    "pydicom": ("lang/standard.py",),
    "pynetdicom": ("runtime/association/adapter.py",),
    "apsw": ("runtime/spool/index.py", "runtime/spool/checked.py"),
    "uvloop": ("runtime/loop.py",),
    "structlog": ("runtime/log.py",),
    "os": ("runtime/world.py",),
    "resource": ("runtime/world.py",),
    "time": ("runtime/world.py",),
    "random": ("runtime/world.py",),
    "threading": ("runtime/world.py",),
    "socket": ("runtime/world.py",),
    "subprocess": (),
}
# what no file of a layer may name
CLOSED = {
    "core": {"asyncio", "os", "time", "random", "threading", "socket", "click"},
    "lang": {"asyncio", "os", "time", "random", "threading", "socket", "click"},
    "runtime": set[str](),
}
FILES = [
    path
    for layer in LAYERS
    for path in sorted((ROOT / layer).rglob("*"))
    if path.suffix in {".py", ".pyx", ".pxd", ".pyi"}
]


def imports(path: Path) -> list[str]:
    """Give the modules that a file names in its import statements."""
    found = IMPORT.finditer(path.read_text(encoding="utf-8"))
    names = [name for match in found for name in (match[1] or match[2]).split(",")]
    return [name.strip().split(" ")[0] for name in names]


def breaches(place: str, names: list[str]) -> list[str]:
    """Say which of these names the file at this place may not import."""
    layer = place.split("/", maxsplit=1)[0]
    wrong = []
    for name in names:
        top = name.split(".")[0]
        if top == "roteiro":
            allowed = any(name == ok or name.startswith(ok + ".") for ok in LAYERS[layer])
        elif top in DOORS:
            allowed = place in DOORS[top]
        else:
            allowed = top not in CLOSED[layer]
        if not allowed:
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path: Path) -> None:
    assert breaches(str(path.relative_to(ROOT)), imports(path)) == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("lang/x.py", "from roteiro.core.matcher import Matcher"),
        ("lang/x.py", "import asyncio"),
        ("core/x.pxd", "from roteiro.lang.nodes cimport File"),
        ("core/x.py", "import pydicom"),
        ("lang/dictionary.py", "import pydicom"),
        ("runtime/x.py", "    import os"),
        ("runtime/delivery/x.py", "from pynetdicom import AE"),
        ("runtime/x.py", "import json, time"),
    ],
)
def test_planted_breaches_are_seen(place: str, line: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    planted.write_text(line, encoding="utf-8")
    assert breaches(place, imports(planted))
