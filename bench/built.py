"""Build `loop.pyx` against the engine that is there, once for each state of it, under `build/`.

Needs Cython and a C compiler, as the engine does.
"""

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NAME = "roteiro_bench_loop"
DECLARED = ("matcher", "scan", "bitset", "values")
BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import Distribution, Extension
name, source, folder, view = sys.argv[1:]
flags = ["-O2", "-ftrivial-auto-var-init=pattern"]  # what nobody has set is seen at once
made = cythonize([Extension(name, [source], extra_compile_args=flags)], quiet=True,
                 include_path=[view], build_dir=folder, compiler_directives={
                 "language_level": "3", "boundscheck": False, "wraparound": False})
done = Distribution({"name": name, "ext_modules": made})
command = done.get_command_obj("build_ext")
command.build_lib = command.build_temp = folder
command.ensure_finalized()
command.run()
"""


def engine() -> Path:
    """Give the folder of the engine that is imported; the loop is built against its own."""
    found = importlib.util.find_spec("roteiro.core.matcher")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).resolve().parent


def view(core: Path) -> Path:
    """Give the folder where the package of this engine is found, and so its own declarations."""
    if core.parent.name == "roteiro":
        return core.parent.parent
    return core.parent / "build" / "view"


def state(core: Path) -> str:
    """Give a digest of all that the loop is compiled from."""
    sources = [HERE / "loop.pyx", *sorted(core.glob("*.pxd"))]
    digest = hashlib.sha256((sys.version + BUILD).encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def check_built(core: Path) -> None:
    """Refuse an engine that was built from other declarations than those that lie beside it."""
    newest = max((core / f"{name}.pxd").stat().st_mtime for name in DECLARED)
    (built,) = core.glob("matcher.*.so")
    if built.stat().st_mtime < newest - 1:
        sys.exit(
            "core/*.pxd is newer than what was built of it: "
            "run `python setup.py build_ext --inplace` first"
        )


def loop() -> ModuleType:
    """Give the module, built if need be."""
    core = engine()
    folder = ROOT / "build" / "bench" / state(core)
    if not list(folder.glob(f"{NAME}*.so")):
        check_built(core)
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / f"{NAME}.pyx"
        source.write_bytes((HERE / "loop.pyx").read_bytes())
        command = [sys.executable, "-c", BUILD, NAME, str(source), str(folder), str(view(core))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    (path,) = folder.glob(f"{NAME}*.so")
    spec = importlib.util.spec_from_file_location(NAME, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
