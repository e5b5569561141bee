"""`roteiro check --cost`: figures that hold for every object, told before there is one."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from generators.compile import typed_of
from generators.dice import SEEDS, Dice
from generators.objects import thing
from generators.programs import program
from hypothesis import example, given, settings

from roteiro.core import build, clause_plan
from roteiro.core.clauses import CAP
from roteiro.core.plan import lay_out
from roteiro.core.program import Condition, Encoding
from roteiro.lang.lint.proof import asked, column, rows
from roteiro.lang.lower import lower
from roteiro.runtime.cost import STATES, cost_of
from roteiro.runtime.rules import compile_text

LIMITS = settings(max_examples=60, deadline=None)
WIDE = """(Modality == "CT" or Rows > 1) and (Columns > 2 or KVP > 3)
  and (SliceThickness < 4 or PatientAge < 5Y)"""
MORE = (
    "and (PatientID is blank or StationName is blank) and (Manufacturer is empty or EchoTime > 1)"
)
LAST = "and (EchoNumbers == 1 or FlipAngle > 3)"
FILE = f"""language 1
condition wide = {WIDE} {MORE} {LAST}
guard {{ rule none {{ when PatientID is absent drop "no patient" }} otherwise {{ pass }} }}
table t all {{
  rule wide {{ when @wide hold a }}
  rule items {{ when any RequestAttributesSequence has (any ScheduledProtocolCodeSequence has (
    CodeValue contains "x") and ScheduledProcedureStepID == "7") hold a }}
  rule pattern {{ when StudyDescription matches /(a|b)*abb/ hold a }}
  rule private {{ when (0041,"ACME",0C) == 1 or instance.size > 5 hold a }}
}}
table small first {{ rule ct {{ when Modality == "CT" hold a }} otherwise {{ hold a }} }}
"""


def cost(text: str) -> dict[str, object]:
    return cost_of("a.route", compile_text(text, "a.route").typed).document()


def parts(text: str = FILE) -> dict[str, dict[str, object]]:
    found = cost(text)
    return {part["name"]: part for part in found["parts"]} | {"all": found["total"]}  # type: ignore[attr-defined,index,dict-item]


def figures(part: dict[str, object], *names: str) -> tuple[object, ...]:
    return tuple(part[name] for name in names)


def test_rules_clauses_and_tags() -> None:
    found = parts()
    assert list(found) == ["guard", "t", "small", "all"]
    wanted = ("rules", "clauses", "most_clauses", "tags", "last_tag")
    assert figures(found["guard"], *wanted) == (1, 1, 1, 2, "(0010,0020)")
    assert figures(found["small"], *wanted) == (1, 1, 1, 1, "(0008,0060)")
    assert figures(found["t"], "rules", "clauses", "last_tag") == (4, 36, "(0041,xx0C)")
    assert figures(found["all"], "rules", "clauses", "needs_all") == (6, 38, True)
    assert not found["small"]["needs_all"]


def test_nesting_texts_and_states() -> None:
    found = parts()
    assert figures(found["t"], "nesting", "nested_tests", "text_tests") == (2, 3, 2)
    assert found["t"]["pattern_states"] == 4  # the least automaton of (a|b)*abb
    assert figures(found["small"], "nesting", "text_tests", "pattern_states") == (0, 0, 0)


def test_what_is_computed_apart() -> None:
    (apart,) = parts()["t"]["computed_apart"]  # type: ignore[misc]
    assert (apart["rule"], apart["file"]) == ("t.wide", "a.route")
    assert apart["tests"][0] in FILE.splitlines()[apart["line"] - 1]
    assert len(apart["tests"]) == 2
    assert all(test in FILE for test in apart["tests"])
    assert parts()["all"]["computed_apart"] == [apart]
    fewer = FILE.replace(LAST, "")
    assert parts(fewer)["t"]["computed_apart"] == []
    assert parts(fewer)["t"]["most_clauses"] == 32


def many(count: int) -> str:
    """Make rules of 32 clauses each, no two of which share a test."""
    rules = [
        f'  rule r{at} {{ when (Modality == "A{at}" or Rows == {at}) and (Columns == {at} or KVP =='
        f' {at}) and (EchoTime == {at} or StationName == "B{at}") and (FlipAngle == {at} or '
        f'PatientID == "C{at}") and (EchoNumbers == {at} or Manufacturer == "D{at}") hold a }}\n'
        for at in range(1, count + 1)
    ]
    return "language 1\ntable t all {\n" + "".join(rules) + "}\n"


@pytest.mark.parametrize(("count", "limit"), [(1, 32), (20, 2)])
def test_figures_are_of_the_clauses_that_the_engine_has(count: int, limit: int) -> None:
    typed = compile_text(many(count), "a.route").typed
    found = cost_of("a.route", typed)
    (plan,) = lay_out(lower(typed)).clauses
    assert found.total.clauses == sum(end - begin for begin, end in plan.live)
    assert found.total.most <= found.document()["clause_limit"] == limit
    assert len(found.total.apart) == len({one for wants in plan.wants for one in wants})
    assert {one.rule for one in found.total.apart} == (
        {f"t.r{at}" for at in range(1, count + 1)} if limit < CAP else set()
    )


@pytest.mark.parametrize("cap", [1, 2])
@LIMITS
@given(SEEDS)
def test_whatever_is_computed_apart_is_named(cap: int, seed: int) -> None:
    typed = typed_of(program(Dice(seed)).text)
    with patch.object(clause_plan, "CAPS", (cap,)):
        found = cost_of("a.route", typed).total
        (plan, *_) = lay_out(lower(typed)).clauses
    assert found.most <= cap
    assert all(one.tests for one in found.apart)
    assert bool(found.apart) >= any(plan.wants)


def test_a_pattern_of_too_many_states() -> None:
    text = (
        "language 1\ntable t all { rule a { when StudyDescription matches /.*a.{20}/ hold a } }\n"
    )
    assert cost(text)["total"]["pattern_states"] == STATES  # type: ignore[index]


@LIMITS
@given(SEEDS)
def test_no_object_needs_more_than_was_told(seed: int) -> None:
    dice = Dice(seed)
    case = program(dice)
    typed = typed_of(case.text)
    found = cost_of("a.route", typed)
    matcher = build(lower(typed))
    digits = (found.total.last_tag or "(0000,0000)").replace("x", "F").strip("()")
    last = int(digits.replace(",", ""), 16)
    for _ in range(3):
        made = thing(dice, case)
        outcome = matcher.decide(made.encoded(Encoding.EXPLICIT_LITTLE), Encoding.EXPLICIT_LITTLE,
                                 made.envelope)  # fmt: skip
        assert outcome is not None
        assert outcome.read.last_tag is None or outcome.read.last_tag <= last
    assert found.total.rules == sum(part.rules for part in found.parts)
    assert found.total.clauses == sum(part.clauses for part in found.parts)
    assert found.total.most <= CAP
    assert found.total.words <= sum(part.words for part in found.parts)


@LIMITS
@given(SEEDS)
@example(3221113)  # what one half asks for the other rules out
def test_a_rule_without_clauses_never_fires(seed: int) -> None:
    """With few tests, all outcomes are tried: some hold exactly where there are clauses."""
    typed = typed_of(program(Dice(seed)).text)
    clauses = {part.name: part.clauses for part in cost_of("a.route", typed).parts}
    made = lower(typed)
    for table in made.tables:
        compared = [rule.condition for rule in table.rules if len(asked(rule.condition)) <= 8]
        if len(compared) == len(table.rules):
            assert (clauses[table.name] > 0) == any(map(can_hold, compared))
    for rule in made.guard.rules if made.guard else ():
        if len(asked(rule.condition)) <= 8 and can_hold(rule.condition):
            assert clauses["guard"] > 0


def can_hold(condition: Condition) -> bool:
    """Whether some outcome of its tests lets a condition hold."""
    tests = sorted(asked(condition))
    every = (1 << (1 << len(tests))) - 1
    columns = {test: column(place, every) for place, test in enumerate(tests)}
    return rows(condition, columns, every) != 0


# The command --------------------------------------------------------------------------------------


@pytest.fixture
def costly(tmp_path: Path) -> Path:
    path = tmp_path / "costly.route"
    path.write_text(FILE)
    return path


def test_json_fits_its_schema(run, costly: Path, fits) -> None:
    plain, found = (run("check", "--format", "json", *words, costly) for words in ([], ["--cost"]))
    fits(found.json(), "check")
    fits(plain.json(), "check")
    assert found.code == plain.code == 0
    assert found.json()["findings"] == plain.json()["findings"]
    assert "cost" not in plain.json()
    (one,) = found.json()["cost"]
    assert one["file"] == str(costly)
    assert one["clause_limit"] == CAP
    assert json.dumps(one).count('"t.wide"') == 2


def test_text(run, costly: Path) -> None:
    done = run("check", "--cost", costly)
    assert f"cost of `{costly}`" in done.out
    rows = {line.split()[0]: line.split() for line in done.out.splitlines() if line.split()}
    assert rows["small"][:7] == ["small", "1", "1", "1", "1", "(0008,0060)", "0"]
    assert rows["all"][5] == "(0041,xx0C)"
    assert f"{costly}:3: " in done.out
    assert "before the whole object has arrived" in done.out
    assert done.out.splitlines()[-1].endswith("in 1 file")
    assert "cost of" not in run("check", costly).out


def test_in_portuguese(run, costly: Path) -> None:
    out = run("--lang", "pt", "check", "--cost", costly).out
    assert "custo de" in out
    assert "cláusulas" in out
    assert "clauses" not in out


def test_other_forms_have_no_place_for_it(run, costly: Path) -> None:
    done = run("check", "--cost", "--format", "sarif", costly)
    assert (done.code, done.out) == (2, "")
    assert "--format json" in done.err


def test_a_file_with_errors_has_no_cost(run, costly: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.route"
    wrong.write_text("language 1\ntable t all { rule r { when Modalty is absent hold a } }\n")
    done = run("check", "--cost", "--format", "json", wrong, costly)
    assert done.code == 1
    assert [one["file"] for one in done.json()["cost"]] == [str(costly)]


def test_a_file_without_rules(run, tmp_path: Path) -> None:
    path = tmp_path / "part.route"
    path.write_text('language 1\nnode n { ae = "N" host = "127.0.0.1" port = 104 }\n')
    done = run("check", "--cost", path)
    assert done.code == 0
    assert "reads nothing of the object" in done.out
