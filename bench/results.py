"""What was measured, as JSON in the repository, with what it was measured on."""

import argparse
import json
import os
import platform
import subprocess
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FILE = HERE / "results.json"
PARTS = ("quick", "family", "rules")
"""Options by which a part of a question is asked."""


def processor() -> str:
    """Give the processor's name."""
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def machine() -> dict[str, str | int]:
    """Describe the machine: no name of it, no path."""
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=False)
    return {
        "processor": processor(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
        "gcc": gcc.stdout.strip(),
    }


def commit() -> str:
    """Give the commit that is checked out, with a `+` when something was changed since."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", HERE, *words], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ":/core", ":/lang")
    return git("rev-parse", "--short=12", "HEAD") + "+" * bool(changed)


def plain(value: object) -> Any:
    """Make of dataclasses what JSON knows; figures with four digits."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def known() -> dict[str, Any]:
    """Read what was measured before."""
    if not FILE.exists():
        return {}
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def arguments(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read the arguments; what a part of a question gives does not take the place of the whole."""
    said = parser.parse_args()
    parts = [f"--{name}" for name in PARTS if said.keep and getattr(said, name, None)]
    if parts:
        parser.error(f"--keep is for the whole question, so it does not go with {parts[0]}")
    return said


def keep(question: str, found: object) -> None:
    """Put the answer to one question into the file."""
    results = known()
    stamp = {"commit": commit(), "day": datetime.now(UTC).date().isoformat()}
    results[question] = {**stamp, "machine": machine(), "rows": plain(found)}
    FILE.write_text(laid_out(results), encoding="utf-8")


def laid_out(results: dict[str, Any]) -> str:
    """Write the file: a line for each row, so that changes can be read."""
    parts = []
    for question, found in sorted(results.items()):
        lines = [
            f"  {json.dumps(name)}: {json.dumps(found[name], sort_keys=True)}"
            for name in ("commit", "day", "machine")
        ]
        rows = found["rows"] if isinstance(found["rows"], list) else [found["rows"]]
        inner = ",\n".join("   " + json.dumps(row, sort_keys=True) for row in rows)
        lines.append(f'  "rows": [\n{inner}\n  ]')
        parts.append(f" {json.dumps(question)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"
