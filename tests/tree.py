"""The files of this project."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = {".git", ".venv", "build", "dist"}


def kept() -> list[Path]:
    """Give the files that git keeps; all but built ones when this is no checkout."""
    run = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = [ROOT / name for name in run.stdout.split("\0") if name]
    if not names:
        inside = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [ROOT / path for path in inside if not LEFT_OUT & set(path.parts)]
    return [path for path in names if path.is_file()]
