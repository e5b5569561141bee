"""The figures of docs/promise.md and its Portuguese twin: rendered from what runs wrote down.

`python -m tests.crash.page` writes them again; `make crash` and `python -m tests.crash.rivals` do
so at their end.
"""

import json
import re
from pathlib import Path
from typing import Any

from tests.crash.contenders import CONTENDERS

ROOT = Path(__file__).resolve().parent.parent.parent
RIVALS = ROOT / "docs" / "rivals.json"
TOTALS = ROOT / "docs" / "totals.json"
PAGES = {"en": ROOT / "docs" / "promise.md", "pt": ROOT / "docs" / "pt" / "promise.md"}
BLOCK = re.compile(r"(<!-- (rivals|figures) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
HITS = ("kills", "cuts", "full")

Results = dict[str, dict[str, Any]]
"""Receiver to its version and, by kind of trouble, the sums of what was observed."""

HEADS = {
    "rivals": {
        "en": ("receiver", "version", "configuration", "kill -9", "power cut, ext4", "full disk"),
        "pt": (
            "recetor",
            "versão",
            "configuração",
            "kill -9",
            "corte de energia, ext4",
            "disco cheio",
        ),
    },
    "figures": {
        "en": ("tier", "done", "objects acknowledged", "minutes", "findings"),
        "pt": ("nível", "feito", "objetos confirmados", "minutos", "falhas encontradas"),
    },
}
LOST = {
    "en": "{lost} of {acknowledged} lost in {hits}",
    "pt": "{lost} de {acknowledged} perdidos em {hits}",
}
ALTERED = {"en": ", {altered} altered", "pt": ", {altered} alterados"}
UNABLE = {"en": ", did not start {unable} times", "pt": ", não arrancou {unable} vezes"}
CONFIGURATIONS = {
    "as it is": "tal como vem",
    "`--fork`": "`--fork`",
    "`--fork +B`: bytes go to the file as they come": (
        "`--fork +B`: os bytes vão para o ficheiro tal como chegam"
    ),
    "`--fork`, file system mounted with `sync`": (
        "`--fork`, sistema de ficheiros montado com `sync`"
    ),
    "file system mounted with `sync`": "sistema de ficheiros montado com `sync`",
    "as it is (`SyncStorageArea` is true by default)": (
        "tal como vem (`SyncStorageArea` é verdadeiro por omissão)"
    ),
}
# tier of docs/totals.json -> what was done, in both languages; the count of it
TIERS = {
    "crash": ("kill -9", "kill -9", "kills"),
    "power": ("power cuts on ext4 and XFS", "cortes de energia em ext4 e XFS", "cuts"),
    "syncs": ("lives in which syncs fail", "vidas em que a sincronização falha", "lives"),
    "network": ("broken wires", "ligações quebradas", "broken"),
    "flips": ("flipped bits", "bits trocados", "flips"),
    "faults": ("calls to the disk that fail", "chamadas ao disco que falham", "points"),
}
FINDINGS = ("missing", "changed", "strayed", "phantom", "returned", "refused", "violated")


def rivals() -> Results:
    """Read what was observed of all receivers until now."""
    found: Results = json.loads(RIVALS.read_text("utf-8")) if RIVALS.exists() else {}
    return found


def lines(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Render a table."""
    rule = f"|{' --- |' * len(heads)}"
    return "".join(f"| {' | '.join(row)} |\n" if row else f"{rule}\n" for row in (heads, (), *rows))


def seen(found: dict[str, int] | None, language: str) -> str:
    """Say what was seen of one receiver under one kind of trouble."""
    if found is None:
        return "-"
    words = LOST[language]
    words += ALTERED[language] if found["altered"] else ""
    words += UNABLE[language] if found["unable"] else ""
    return words.format(**found)


def rivals_table(language: str) -> str:
    """Render what was observed of all receivers."""
    results, rows = rivals(), []
    for name, contender in CONTENDERS.items():
        if name in results:
            words = contender.configuration
            words = words if language == "en" else CONFIGURATIONS[words]
            cells = (seen(results[name].get(hit), language) for hit in HITS)
            rows.append((name.split(",")[0], results[name]["version"], words, *cells))
    return lines(HEADS["rivals"][language], rows)


def figures_table(language: str) -> str:
    """Render what the long tiers have done."""
    totals: dict[str, dict[str, Any]] = json.loads(TOTALS.read_text("utf-8"))
    rows = []
    for tier, (english, portuguese, count) in TIERS.items():
        if tier in totals:
            kept = totals[tier]
            findings = sum(int(kept.get(name, 0)) for name in FINDINGS)
            words = english if language == "en" else portuguese
            acknowledged = str(int(kept["acknowledged"])) if "acknowledged" in kept else "-"
            minutes = f"{kept['minutes']:.0f}"
            rows.append((words, str(int(kept[count])), acknowledged, minutes, str(findings)))
    return lines(HEADS["figures"][language], rows)


RENDERED = {"rivals": rivals_table, "figures": figures_table}


def filled(text: str, language: str) -> str:
    """Give a page with the figures of now."""
    return BLOCK.sub(lambda found: found[1] + RENDERED[found[2]](language) + found[4], text)


def write_pages() -> None:
    """Write the figures of now into the pages."""
    for language, page in PAGES.items():
        page.write_text(filled(page.read_text("utf-8"), language), "utf-8")


if __name__ == "__main__":
    write_pages()
