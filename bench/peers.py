"""What do a hundred rules cost others? P9 of the goals.

The hundred `realistic` rules of `bench/families.py`, in a table `all`, on CT headers of 250
elements: from the encoded header to the names of the rules that fire, reading included on both
sides. Every peer is asked first about all headers and must fire the same rules. Peers in their best
form read only the tags that rules ask, stop after the last, compile every rule once, and fold case
once an object; `as mercure` makes an interpreter for each rule and object, as that router does.

Run: `python -m bench.peers [--quick] [--keep]`
"""

import argparse
import io
import re
import sys
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import pydicom
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag, Tag

from bench.core import Objects, in_loop
from bench.facade import AT
from bench.families import Asked, Rule, rules
from bench.headers import Sample, samples
from bench.lowered import ELEMENTS, program
from bench.measure import Pass, Timing, in_turns
from bench.results import arguments, keep
from bench.spoken import DAYS, cel, python
from bench.written import file
from roteiro.core import build
from roteiro.core.program import Encoding
from roteiro.runtime.rules import compile_text

RULES = 100
Fired = tuple[str, ...]
Decide = Callable[[Sample], Fired]
Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One engine."""

    name: str
    version: str
    timing: Timing | None
    ratio: float | None
    """What it takes, as so many times what `rules.decide` takes."""
    loop_ratio: float | None
    """The same of our C loop."""


# --- reading --------------------------------------------------------------------------------------


def tags(made: tuple[Rule, ...]) -> list[BaseTag]:
    """Give the tags that rules ask."""
    asked = {each.field for rule in made for each in rule.asked} - {"calling_ae"}
    return sorted(Tag(ELEMENTS[name][0]) for name in asked)


def reader(made: tuple[Rule, ...]) -> Callable[[Sample], pydicom.Dataset]:
    """Give what reads the tags that rules ask, and no further."""
    wanted = tags(made)
    last = wanted[-1]

    def beyond(tag: BaseTag, _vr: str | None, _length: int) -> bool:
        return tag > last

    def read(sample: Sample) -> pydicom.Dataset:
        implicit = sample.encoding is Encoding.IMPLICIT_LITTLE
        file = io.BytesIO(sample.data)
        return read_dataset(file, implicit, True, stop_when=beyond, specific_tags=list(wanted))  # noqa: FBT003

    return read


def age(text: str) -> float:
    """Give an age in years as days."""
    return int(text[:3]) * DAYS


def variables(made: tuple[Rule, ...]) -> Callable[[Sample], Values]:
    """Give what makes variables of an object: numbers as doubles, folded texts beside."""
    read = reader(made)
    asked = {each.field for rule in made for each in rule.asked} - {"calling_ae"}
    folded = {each.field for rule in made for each in rule.asked if each.folded}
    numbers = {name for name in asked if ELEMENTS[name][1] in ("DS", "IS")}

    def values(sample: Sample) -> Values:
        found = read(sample)
        made_: Values = {name: getattr(found, name) for name in asked}
        made_ |= {name: float(made_[name]) for name in numbers}  # type: ignore[arg-type]
        made_ |= {f"{name}_folded": str(made_[name]).casefold() for name in folded}
        if "PatientAge" in made_:
            made_["PatientAge"] = age(str(made_["PatientAge"]))
        if "ImageType" in made_:
            made_["ImageType"] = list(made_["ImageType"])  # type: ignore[call-overload]
        return made_ | {"calling_ae": sample.envelope.calling_ae}

    return values


def name_of(asked: Asked) -> str:
    """Name the variable that a condition asks."""
    return f"{asked.field}_folded" if asked.folded else asked.field


class Patterns(dict[str, object]):
    """Functions that match a pattern, by the name that expressions call."""

    def ask(self, pattern: str) -> str:
        """Name the function of a pattern."""
        name = f"matches_{len(self)}"
        self[name] = re.compile(pattern).fullmatch
        return name


def expression(rule: Rule, patterns: Patterns) -> str:
    """Write a rule in Python."""
    return " and ".join(python(each, name_of(each), patterns.ask) for each in rule.asked)


# --- peers ----------------------------------------------------------------------------------------


def by_asteval(made: tuple[Rule, ...]) -> Decide:
    """One interpreter, every rule parsed once."""
    from asteval import Interpreter  # noqa: PLC0415  a peer may be missing

    patterns = Patterns()
    interpreter = Interpreter(minimal=True, use_numpy=False)
    parsed = [(rule.name, interpreter.parse(expression(rule, patterns))) for rule in made]
    interpreter.symtable.update(patterns)
    values = variables(made)

    def decide(sample: Sample) -> Fired:
        interpreter.symtable.update(values(sample))
        return tuple(name for name, node in parsed if interpreter.run(node))

    return decide


def as_mercure(made: tuple[Rule, ...]) -> Decide:
    """An interpreter for each rule and object, which parses the rule."""
    from asteval import Interpreter  # noqa: PLC0415  a peer may be missing

    patterns = Patterns()
    written = [(rule.name, expression(rule, patterns)) for rule in made]
    values = variables(made)

    def holds(text: str, found: Values) -> bool:
        interpreter = Interpreter(minimal=True, use_numpy=False)
        interpreter.symtable.update(patterns)
        interpreter.symtable.update(found)
        return bool(interpreter(text))

    def decide(sample: Sample) -> Fired:
        found = values(sample)
        return tuple(name for name, text in written if holds(text, found))

    return decide


def by_cel(made: tuple[Rule, ...], runner: str) -> Decide:
    """Every rule compiled once, for one of the two runners."""
    import celpy  # noqa: PLC0415  a peer may be missing

    environment = celpy.Environment(runner_class=getattr(celpy, runner))
    programs = []
    for rule in made:
        text = " && ".join(cel(each, name_of(each)) for each in rule.asked)
        programs.append((rule.name, environment.program(environment.compile(text))))
    values = variables(made)

    def decide(sample: Sample) -> Fired:
        found = {name: celpy.json_to_cel(value) for name, value in values(sample).items()}
        return tuple(name for name, each in programs if each.evaluate(found))

    return decide


def by_lambdas(made: tuple[Rule, ...]) -> Decide:
    """Python's own functions on a data set of pydicom, which decodes what is asked once."""
    patterns = Patterns()

    def name(asked: Asked) -> str:
        if asked.field == "calling_ae":
            return "ae"
        text = f"ds.{asked.field}.casefold()" if asked.folded else f"ds.{asked.field}"
        return f"age({text})" if asked.field == "PatientAge" else text

    functions = []
    for rule in made:
        body = " and ".join(python(each, name(each), patterns.ask) for each in rule.asked)
        functions.append((rule.name, eval(f"lambda ds, ae: {body}", {"age": age, **patterns})))
    read = reader(made)

    def decide(sample: Sample) -> Fired:
        found, caller = read(sample), sample.envelope.calling_ae
        return tuple(name for name, holds in functions if holds(found, caller))

    return decide


def by_roteiro(made: tuple[Rule, ...]) -> Decide:
    """Ourselves, called as any program would."""
    compiled = compile_text(file(made, first=False), "bench")

    def decide(sample: Sample) -> Fired:
        fired = compiled.decide(sample.data, calling_ae=sample.envelope.calling_ae, at=AT).rules
        return tuple(name[2:] for name in fired if name != "t.otherwise")

    return decide


PEERS: dict[str, tuple[str, Callable[[tuple[Rule, ...]], Decide]]] = {
    "asteval, parsed once": ("asteval", by_asteval),
    "asteval, as mercure": ("asteval", as_mercure),
    "cel-python, compiled": ("cel-python", lambda made: by_cel(made, "CompiledRunner")),
    "cel-python, interpreted": ("cel-python", lambda made: by_cel(made, "InterpretedRunner")),
    "lambdas on pydicom": ("pydicom", by_lambdas),
}


# --- measuring ------------------------------------------------------------------------------------


def version_of(package: str) -> str:
    """Give the version of a package, empty when it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def same(ours: Decide, theirs: Decide, made: list[Sample], name: str) -> None:
    """Stop when a peer decides otherwise."""
    for place, sample in enumerate(made):
        if (left := ours(sample)) != (right := theirs(sample)):
            sys.exit(f"{name}, header {place}: we fire {left}, it fires {right}")


def one_by_one(decide: Decide, made: list[Sample]) -> Pass:
    """Time each decision as Python calls it."""

    def run(taken: "array[int]") -> None:
        for place, sample in enumerate(made):
            begin = time.perf_counter_ns()
            decide(sample)
            taken[place] = time.perf_counter_ns() - begin

    return run


def asked(made: list[Sample], timed: int, rounds: int) -> list[Row]:
    """Ask all: first whether they agree, then how long it takes, in turns."""
    hundred = rules("realistic", RULES)
    ours = by_roteiro(hundred)
    theirs = {}
    for name, (package, make) in PEERS.items():
        if version_of(package):
            theirs[name] = make(hundred)
            same(ours, theirs[name], made, name)
    objects = Objects("CT", made[:timed])
    matcher = build(program(hundred, first=False))
    passes = [in_loop(matcher, objects, array("q", bytes(8 * timed)))]
    passes += [one_by_one(decide, objects.made) for decide in (ours, *theirs.values())]
    loop, facade, *others = in_turns(passes, timed, rounds)
    found = dict(zip(theirs, others, strict=True))
    rows = [Row("Roteiro, C loop", version_of("roteiro"), loop, loop.median / facade.median, 1.0)]
    rows.append(row("Roteiro, rules.decide", "roteiro", facade, loop, facade))
    rows += [row(name, PEERS[name][0], found.get(name), loop, facade) for name in PEERS]
    return rows


def row(name: str, package: str, timing: Timing | None, loop: Timing, facade: Timing) -> Row:
    """Hold one engine against ours."""
    if timing is None:
        return Row(name, "not installed", None, None, None)
    ratios = timing.median / facade.median, timing.median / loop.median
    return Row(name, version_of(package), timing, *ratios)


def show(row: Row) -> str:
    """Write one row."""
    if row.timing is None:
        return f"{row.name:26}{row.version:>14}"
    assert row.ratio
    assert row.loop_ratio
    return (
        f"{row.name:26}{row.version:>14}{row.timing.median / 1000:>12.1f}"
        f"{row.ratio:>16.1f}{row.loop_ratio:>12.1f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few headers")
    parser.add_argument("--keep", action="store_true", help="put the figures into results.json")
    said = arguments(parser)
    headers, timed, rounds = (40, 20, 2) if said.quick else (1000, 100, 4)
    rows = asked(samples(headers), timed, rounds)
    print(f"{RULES} rules, {headers} headers on which all fire the same rules; {timed} timed")
    print(f"{'engine':26}{'version':>14}{'us/object':>12}{'x rules.decide':>16}{'x C loop':>12}")
    print("\n".join(map(show, rows)))
    if said.keep:
        keep("peers", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
