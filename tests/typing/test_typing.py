"""The types of the Python face, as a user's mypy sees them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_face_has_the_types_that_it_says(tmp_path: Path) -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file", ROOT / "pyproject.toml"),
            *("--cache-dir", ROOT / ".mypy_cache", Path(__file__).with_name("face.py")),
        ],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT / "build" / "view")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
