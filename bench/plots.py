"""Draw the figures of `bench/results.json` into `docs/plots`: `python -m bench.plots`."""

import sys
from pathlib import Path
from typing import Any

from bench.results import known

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "plots"
STYLE = {
    "svg.hashsalt": "roteiro",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.figsize": (7.2, 4.0),
    "figure.constrained_layout.use": True,
}
KIB = 1024

Rows = list[dict[str, Any]]


def of_family(rows: Rows, family: str, table: str = "all", objects: str = "CT") -> Rows:
    """Give the rows of one family by their number of rules."""
    found = [
        row
        for row in rows
        if (row["family"], row["first"], row["objects"]) == (family, table == "first", objects)
    ]
    return sorted(found, key=lambda row: row["rules"])


def names(rows: Rows) -> list[str]:
    """Give the families in the order in which they were measured."""
    return list(dict.fromkeys(row["family"] for row in rows))


def times(axes: Any, rows: Rows) -> None:
    """Draw time against rules, tables `all` solid and `first` dashed."""
    for number, family in enumerate(names(rows)):
        for table, line in (("all", "-"), ("first", "--")):
            found = of_family(rows, family, table)
            axes.plot(
                [row["rules"] for row in found],
                [row["loop"]["median"] / 1000 for row in found],
                line,
                marker="o",
                color=f"C{number}",
                label=family if table == "all" else None,
            )
    axes.axhline(5, color="black", linewidth=0.8, linestyle=":")
    axes.annotate("P7: 5 µs", (10, 5), textcoords="offset points", xytext=(0, 4))
    axes.set(xscale="log", yscale="log", xlabel="rules", ylabel="µs a decision (median)")
    axes.legend(frameon=False, title="all (first dashed)")


def sizes(axes: Any, rows: Rows) -> None:
    """Draw what the compiled form takes."""
    for number, family in enumerate(names(rows)):
        found = of_family(rows, family)
        axes.plot(
            [row["rules"] for row in found],
            [row["bytes"] / KIB for row in found],
            marker="o",
            color=f"C{number}",
            label=family,
        )
    axes.axhline(4 * KIB, color="black", linewidth=0.8, linestyle=":")
    axes.annotate("P12: 4 MiB", (10, 4 * KIB), textcoords="offset points", xytext=(0, 4))
    axes.set(xscale="log", yscale="log", xlabel="rules", ylabel="KiB of flat arrays")
    axes.legend(frameon=False)


def bars(axes: Any, labels: list[str], values: list[float], unit: str) -> None:
    """Draw bars with their figures."""
    drawn = axes.barh(labels[::-1], values[::-1], color="C0")
    axes.bar_label(
        drawn,
        [f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in values[::-1]],
        padding=3,
    )
    axes.set(xlabel=unit)
    axes.grid(visible=False, axis="y")


def peers(axes: Any, rows: Rows) -> None:
    """Draw what a hundred rules cost each engine."""
    found = [row for row in rows if row["timing"]]
    values = [row["timing"]["median"] / 1000 for row in found]
    bars(axes, [row["name"] for row in found], values, "µs an object, 100 rules, reading included")
    axes.set(xscale="log", xlim=(min(values) / 2, max(values) * 6))


def compiling(axes: Any, rows: Rows) -> None:
    """Draw where the time from text to engine goes."""
    found = [row for row in rows if row["seconds"] is not None]
    values = [row["seconds"] for row in found]
    bars(axes, [row["what"] for row in found], values, "seconds, 10,000 rules")
    axes.set(xlim=(0, max(values) * 1.15))


PLOTS = (
    ("times", "core", times),
    ("sizes", "core", sizes),
    ("peers", "peers", peers),
    ("compiling", "compiling", compiling),
)


def main() -> int:
    try:
        import matplotlib as mpl  # noqa: PLC0415  it may be missing
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        print("matplotlib is not installed: nothing was drawn")
        return 0
    results = known()
    FOLDER.mkdir(exist_ok=True)
    with mpl.rc_context(STYLE):
        for name, question, draw in PLOTS:
            if question in results:
                figure = Figure()
                draw(figure.add_subplot(), results[question]["rows"])
                figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})
                print(f"docs/plots/{name}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
