"""Roteiro: a DICOM router with rules that can be checked, proved and tested.

    rules = roteiro.compile("site.route")
    decided = rules.decide_file("a.dcm", calling_ae="CT1")
    decided.verdict, [send.to for send in decided.sends]

Importing this module loads nothing else; its parts are imported when they are used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from pathlib import Path

    from roteiro.runtime.findings import Finding, RouteError
    from roteiro.runtime.rules import Decided, Rules

__all__ = ["Decided", "Finding", "RouteError", "Rules", "compile"]

# name -> the module that has it
_PLACES = {
    "Decided": "roteiro.runtime.rules",
    "Finding": "roteiro.runtime.findings",
    "RouteError": "roteiro.runtime.findings",
    "Rules": "roteiro.runtime.rules",
}


@overload
def compile(path: "str | Path", /) -> "Rules": ...  # noqa: A001
@overload
def compile(*, text: str, name: str = ...) -> "Rules": ...  # noqa: A001
def compile(  # noqa: A001  the name is the contract
    path: "str | Path | None" = None, /, *, text: str | None = None, name: str = "<text>"
) -> "Rules":
    """Make rules of a file, or of a text with a name to show for it.

    Raises `RouteError` when the rules have errors (`.findings` lists them all, warnings too),
    `OSError` when the file cannot be read.
    """
    from pathlib import Path  # noqa: PLC0415  `import roteiro` stays light

    from roteiro.runtime.rules import compile_file, compile_text  # noqa: PLC0415  likewise

    if path is not None and text is None:
        return compile_file(Path(path))
    if text is not None and path is None:
        return compile_text(text, name)
    raise TypeError("compile() takes a path, or text=")


if not TYPE_CHECKING:

    def __dir__() -> list[str]:
        """Name the face."""
        return sorted({*globals(), *__all__})

    def __getattr__(name: str) -> object:
        """Import a name of the face when it is first asked for."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(_PLACES[name]), name)
        globals()[name] = found
        return found
