"""Build the Cython extensions and list the packages; the rest is in pyproject.toml."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, find_packages, setup

ROOT = Path(__file__).resolve().parent
LAYERS = ("lang", "core", "runtime")
DATA = {"rules": "rules", "pages": "docs/errors"}
FACADE = ROOT / "runtime" / "facade"
VIEW = ROOT / "build" / "view"
SANITIZE = os.environ.get("ROTEIRO_SANITIZE", "")  # "address,undefined" for the checking build


def packages() -> list[str]:
    """Name every package that the layer folders hold."""
    found = ["roteiro", *(f"roteiro.{name}" for name in DATA)]
    for layer in LAYERS:
        inner = find_packages(layer, exclude=[FACADE.name])
        found += [f"roteiro.{layer}", *(f"roteiro.{layer}.{name}" for name in inner)]
    return found


def link_view() -> None:
    """Link the folders as one package under build/view.

    Cython (cimport), mypy and import-linter read packages from disk and know nothing
    of package-dir: this is the tree that they are given.
    """
    package = VIEW / "roteiro"
    package.mkdir(parents=True, exist_ok=True)
    targets = {layer: ROOT / layer for layer in LAYERS}
    targets |= {name: ROOT / folder for name, folder in DATA.items()}
    targets |= {item.name: item for item in FACADE.iterdir() if item.is_file()}
    for name, target in targets.items():
        link = package / name
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(target, package))


def flags() -> list[str]:
    """Give the compiler's flags; the sanitizer build keeps every check on."""
    if SANITIZE:
        return ["-O1", "-g", "-fno-omit-frame-pointer", f"-fsanitize={SANITIZE}"]
    return ["-O3"]


def extensions() -> list[Extension]:
    """Make one extension of each .pyx under core/."""
    return [
        Extension(
            ".".join(("roteiro", *source.with_suffix("").parts)),
            [str(source)],
            extra_compile_args=flags(),
            extra_link_args=[f"-fsanitize={SANITIZE}"] if SANITIZE else [],
        )
        for source in sorted(Path("core").rglob("*.pyx"))
    ]


link_view()
setup(
    packages=packages(),
    ext_modules=cythonize(
        extensions(),
        include_path=[str(VIEW)],
        build_dir="build/cython",
        compiler_directives={"language_level": "3", "embedsignature": True},
    ),
)
