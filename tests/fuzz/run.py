"""Build the engine with coverage and sanitizers in a copy of the tree, and fuzz targets there.

New inputs go to build/fuzz/corpus, what broke something to build/fuzz/found; both stay.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tree import ROOT, kept

from fuzz.corpus import unpack

GROWN = ROOT / "build" / "fuzz" / "corpus"
FOUND = ROOT / "build" / "fuzz" / "found"
MATCHER = "cdef class CompiledMatcher"
SANITIZERS = "address,undefined"
END = 8000
LONGEST = 8192
"""Bytes of an input."""
OPTIONS = (f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=3000", "-print_final_stats=1")
CLANGS = ("clang", *(f"clang-{version}" for version in range(21, 13, -1)))
TARGETS: dict[str, tuple[str, ...]] = {
    "extract": (),
    "values": (),
    "feed": (),
    "artefact": (),
    "machines": (),
    "large": (),
    "pdata": (),
    "command": ("association/command.py",),
    "associate": ("association/request.py",),
    "inflate": ("core/inflate.py",),
}
"""Targets, each with the Python files whose lines are coverage beside that of the compiled half."""
NEEDED = "clang and its runtime (on Debian: apt-get install clang libclang-rt-14-dev)"


class BuildError(Exception):
    """The copy could not be built; the text is what the compiler said."""


@dataclass(frozen=True, slots=True)
class Run:
    """What became of fuzzing one target."""

    target: str
    executions: int
    seconds: int
    findings: int
    told: str
    """What the sanitizer reported, else the end of what libFuzzer wrote."""


def clang() -> str:
    """Name a clang that has the runtime which a fuzzer is linked to; empty when there is none."""
    return next(filter(_links, CLANGS), "")


def _links(compiler: str) -> bool:
    if shutil.which(compiler) is None:
        return False
    words = [compiler, f"-fsanitize=fuzzer,{SANITIZERS}", "-x", "c", "-", "-o", os.devnull]
    source = "int LLVMFuzzerTestOneInput(const char *data, unsigned long size)"
    source += "{ return data && size > 9; }\n"
    made = subprocess.run(words, input=source, capture_output=True, text=True, check=False)
    return made.returncode == 0


def make(folder: Path) -> None:
    """Copy what git keeps, with the fence in its engine, and build all of it.

    Raises `BuildError`.
    """
    for path in kept():
        place = folder / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
    shutil.copy2(folder / "tests" / "fuzz" / "fence.pyx", folder / "core" / "fence.pyx")
    make_tight(folder)
    make_again(folder)
    libraries, version = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LDVERSION")
    harness = [clang(), "-g", "-O1", f"-fsanitize=fuzzer,{SANITIZERS}", "-rdynamic"]
    harness += ["tests/fuzz/harness.c", "-o", "harness", f"-I{sysconfig.get_path('include')}"]
    harness += [f"-L{libraries}", f"-Wl,-rpath,{libraries}", f"-lpython{version}"]
    _run(harness, folder)


def make_tight(folder: Path) -> None:
    """Change two things of the engine in a copy, neither of which changes what it does.

    Each item that the walk finds has a block of its own, or a read past it stays in a chunk; and
    the matcher has methods that the fence can take over.
    """
    for name, before, after in (
        ("scan.pyx", "    CHUNK = 65536\n", "    CHUNK = 16\n"),
        ("matcher.pxd", f"@cython.final\n{MATCHER}", MATCHER),
        ("matcher.pyx", f"@cython.final\n{MATCHER}", MATCHER),
    ):
        text = (folder / "core" / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{name}: {before}"
        (folder / "core" / name).write_text(text.replace(before, after), encoding="utf-8")


def make_again(folder: Path) -> None:
    """Build what changed in a copy. Raises `BuildError`."""
    told = {
        "CC": clang(),
        "LDSHARED": f"{clang()} -shared",
        "ROTEIRO_SANITIZE": f"{SANITIZERS},fuzzer-no-link",
    }
    words = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    _run(words, folder, os.environ | told)


def _run(words: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"{words[0]}: {done.stderr[-2000:]}")


def environment(folder: Path, target: str) -> dict[str, str]:
    """Give what the harness of a copy needs to know."""
    paths = (folder / "build" / "view", folder / "tests", folder, sysconfig.get_path("purelib"))
    return os.environ | {
        "ROTEIRO_TARGET": target,
        "ROTEIRO_LINES": ":".join(TARGETS[target]),
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONMALLOC": "malloc",  # or a read past an object stays inside a pool of Python's
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        "ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=32:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    }


@contextmanager
def copy() -> Iterator[Path]:
    """Give a built copy, for as long as it takes. Raises `BuildError`."""
    with TemporaryDirectory(prefix="roteiro-fuzz-") as folder:
        make(Path(folder))
        yield Path(folder)


def fuzz(folder: Path, target: str, seconds: float, *options: str, grows: bool = True) -> Run:
    """Fuzz a target of a built copy for so many seconds, or until something breaks.

    What does not grow leaves nothing behind: what it finds is of a mistake that was planted.
    """
    grown, found = (GROWN, FOUND) if grows else (folder / "grown", folder / "found")
    for place in (grown / target, found / target):
        place.mkdir(parents=True, exist_ok=True)
    words = ["./harness", *OPTIONS, f"-max_total_time={max(1, round(seconds))}", *options]
    words += [f"-artifact_prefix={found / target}{os.sep}", str(grown / target)]
    words += [str(folder / "kept" / target)]
    unpack(target, folder / "kept" / target)
    began = time.monotonic()
    done = subprocess.run(
        words, cwd=folder, env=environment(folder, target), capture_output=True, check=False
    )
    took = time.monotonic() - began
    return read(target, done.returncode, done.stderr.decode("utf-8", "replace"), took)


def merge(folder: Path, target: str, into: Path, *sources: Path) -> None:
    """Put the fewest inputs that reach all that sources reach into an empty folder."""
    into.mkdir(parents=True)
    words = ["./harness", *OPTIONS, "-set_cover_merge=1", str(into), *map(str, sources)]
    _run(words, folder, environment(folder, target))


def read(target: str, code: int, told: str, took: float = 0) -> Run:
    """Read what libFuzzer wrote at its end; `took` is the time when it does not say it."""
    executions = re.findall(r"^stat::number_of_executed_units: (\d+)$", told, re.MULTILINE)
    seconds = re.findall(r"^Done \d+ runs in (\d+) second", told, re.MULTILINE)
    begin = told.find("ERROR: AddressSanitizer")
    return Run(
        target,
        int(executions[-1]) if executions else 0,
        int(seconds[-1]) if seconds else round(took),
        int(code != 0),
        told[begin if begin >= 0 else -END :][:END],
    )
