"""What was to be reached, and what was: one row a goal, from `bench/results.json`."""

from collections.abc import Callable, Iterator
from typing import Any

Results = dict[str, Any]
Row = tuple[str, str, str, str]
"""Number, question, goal, what was measured; who reads it sees whether it is met."""

MIB = 2**20


def mark(text: str, *, met: bool) -> str:
    """Say whether a goal is met."""
    return f"{text}: {'met' if met else '**not met**'}"


def most_rules(results: Results, family: str) -> list[dict[str, Any]]:
    """Give both tables of a family's largest size on CT headers."""
    return [
        row
        for row in results["core"]["rows"]
        if (row["family"], row["objects"], row["rules"]) == (family, "CT", 10_000)
    ]


def ratio(row: dict[str, Any], results: Results) -> float:
    """Hold a row against ten rules of its family."""
    (least,) = (
        other
        for other in results["core"]["rows"]
        if other["rules"] == 10
        and all(other[name] == row[name] for name in ("family", "first", "objects"))
    )
    found: float = row["loop"]["median"] / least["loop"]["median"]
    return found


def times(results: Results) -> Iterator[Row]:
    """Say P7 and P8 of each family."""
    for family in dict.fromkeys(row["family"] for row in results["core"]["rows"]):
        rows = most_rules(results, family)
        slowest = max(row["loop"]["median"] for row in rows) / 1000
        steepest = max(ratio(row, results) for row in rows)
        yield (
            "P7",
            f"10,000 `{family}` rules, header to fired rules, C loop",
            "5 µs",
            mark(f"{slowest:.2f} µs", met=slowest <= 5),
        )
        yield (
            "P8",
            f"the same as so many times 10 `{family}` rules",
            "2",
            mark(f"{steepest:.2f}", met=steepest <= 2),
        )


def facade(results: Results) -> Iterator[Row]:
    """Say P7 through the Python face."""
    slowest = max(row["facade"]["median"] for row in results["facade"]["rows"]) / 1000
    what = "10,000 `realistic` rules through `rules.decide`"
    yield "P7", what, "5 µs", mark(f"{slowest:.2f} µs", met=slowest <= 5)


PEERS = (
    ("asteval, as mercure", 1_000),
    ("asteval, parsed once", 1_000),
    ("cel-python, interpreted", 10_000),
    ("cel-python, compiled", 10_000),
    ("lambdas on pydicom", 50),
)


def peers(results: Results) -> Iterator[Row]:
    """Say P9, by both ways to call us."""
    rows = {row["name"]: row for row in results["peers"]["rows"]}
    for name, goal in PEERS:
        row = rows[name]
        if row["timing"] is None:
            yield "P9", f"100 rules, {name}", f"{goal:,}", row["version"]
            continue
        told = f"{row['ratio']:,.0f} of `rules.decide`, {row['loop_ratio']:,.0f} of the C loop"
        best = max(row["ratio"], row["loop_ratio"])
        by = "" if row["ratio"] >= goal or best < goal else " in the C loop alone"
        yield "P9", f"100 rules, {name}", f"{goal:,}", mark(told, met=best >= goal) + by


def hopping(results: Results) -> Iterator[Row]:
    """Say P10."""
    (row,) = results["hopping"]["rows"]
    yield (
        "P10",
        "reading against hopping over headers",
        "3",
        mark(f"{row['ratio']:.2f}", met=row["ratio"] <= 3),
    )


COMPILING = (
    ("all stages", 8.0),
    ("compile, cold", 8.0),
    ("compile, unchanged", 0.3),
    ("compile, one edit", 0.5),
)


def compiling(results: Results) -> Iterator[Row]:
    """Say P11."""
    rows = {row["what"]: row["seconds"] for row in results["compiling"]["rows"]}
    for what, goal in COMPILING:
        taken = rows.get(what)
        told = "no such command yet" if taken is None else mark(f"{taken:.2f} s", met=taken <= goal)
        yield "P11", f"10,000 rules: {what}", f"{goal} s", told


def sizes(results: Results) -> Iterator[Row]:
    """Say P12."""
    largest = max(results["core"]["rows"], key=lambda row: row["bytes"])
    yield (
        "P12",
        f"largest compiled form of 10,000 rules (`{largest['family']}`)",
        "4 MiB",
        mark(f"{largest['bytes'] / MIB:.2f} MiB", met=largest["bytes"] <= 4 * MIB),
    )


RECEIVING = (
    ("P1", "ct", 1, "DCMTK storescp --fork", 1.3),
    ("P1", "small", 1, "DCMTK storescp --fork", 1.3),
    ("P2", "ct", 8, "DCMTK storescp --fork", 1.0),
    ("P2", "small", 8, "DCMTK storescp --fork", 1.0),
    ("P3", "ct", 1, "pynetdicom storescp", 8.0),
    ("P3", "small", 1, "pynetdicom storescp", 10.0),
    ("P3", "ct", 1, "Orthanc", 4.0),
    ("P3", "small", 1, "Orthanc", 5.0),
)


def receiving(results: Results) -> Iterator[Row]:
    """Say P1 to P3."""
    rows = {
        (row["workload"], row["associations"], row["receiver"]): row["ratio"]
        for row in results["receiving"]["rows"]
    }
    for number, workload, associations, receiver, goal in RECEIVING:
        found = rows.get((workload, associations, receiver))
        what = f"receiving `{workload}`, {associations} at once, against {receiver}"
        told = "not measured" if found is None else mark(f"{found:.2f}", met=found >= goal)
        yield number, what, f"{goal:g}", told


ASKED: tuple[tuple[str, Callable[[Results], Iterator[Row]]], ...] = (
    ("core", times),
    ("facade", facade),
    ("peers", peers),
    ("hopping", hopping),
    ("compiling", compiling),
    ("core", sizes),
    ("receiving", receiving),
)


def goals(results: Results) -> Iterator[Row]:
    """Give all rows of what was measured."""
    for question, say in ASKED:
        if question in results:
            yield from say(results)
