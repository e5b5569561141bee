"""The router does not start without its compiled engine; the Makefile names what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = """language 1
listener main { port = 11112 }
table t all { rule r { hold all } }
"""
WITHOUT_ENGINE = """
import sys
sys.modules["roteiro.core.matcher"] = None
from roteiro.runtime.cli import run
sys.exit(run(sys.argv[1:]))
"""


def test_serve_does_not_start_without_the_extension(tmp_path: Path) -> None:
    rules = tmp_path / "site.route"
    rules.write_text(RULES, encoding="utf-8")
    words = [sys.executable, "-c", WITHOUT_ENGINE, "serve", str(rules)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "the compiled engine is missing" in line
    assert not (tmp_path / "spool").exists()


def test_make_names_what_is_missing_in_one_line(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("make", "sh", "python3", "echo", "touch"):
        found = shutil.which(name)
        assert found, name
        (programs / name).symlink_to(
            os.path.realpath(found) if name != "python3" else sys.executable
        )
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(ROOT / "Makefile", copy)
    done = subprocess.run(
        ["make", "demo", "SHELL=/bin/sh"],
        cwd=copy,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    named = [line for line in done.stderr.splitlines() if line.startswith("missing:")]
    assert named == ["missing: gcc git (on Debian: apt-get install gcc git)"]
