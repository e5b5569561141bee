"""Make `lang/route.tables` of `lang/route.lark` again: `make tables`."""

from pathlib import Path

from roteiro.lang.generator import tables_of
from roteiro.lang.grammar import STARTS
from roteiro.lang.tables import written

LANG = Path(__file__).resolve().parent.parent / "lang"


def made() -> str:
    """Give the text of the tables."""
    return written(tables_of((LANG / "route.lark").read_text(encoding="utf-8"), STARTS))


if __name__ == "__main__":
    (LANG / "route.tables").write_text(made(), encoding="utf-8")
