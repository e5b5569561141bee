"""Trees as JSON and back, and what is no tree."""

import json
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from roteiro.lang import nodes
from roteiro.lang.messages import text
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.source import Source
from roteiro.lang.treejson import DEEPEST, NoTree, data_of, text_of_tree, tree_of
from roteiro.lang.treeschema import schema

from generators.trees import files  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
WHOLE = (ROOT / "tests" / "lang" / "edition1").glob("*.route")
VALID = Draft202012Validator(schema())
RULES = """language 1
node a { ae = "A" host = "h" port = 104 retry = backoff 5s..15m }
listener l { port = 11112 accept unknown }
condition c = not @d or any Rows >= 1.50
"""


def read(written: str) -> nodes.File:
    tree, findings = parse(Source("x.route", written))
    assert tree is not None, findings
    return tree


def as_json(tree: nodes.File) -> Any:
    return json.loads(json.dumps(data_of(tree)))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files)
def test_a_tree_comes_back_from_json_and_from_the_text_that_is_made_of_it(tree) -> None:
    data = as_json(tree)
    VALID.validate(data)
    again = tree_of(data)
    assert same(again, tree)
    assert same(read(text_of_tree(again)), tree)


@pytest.mark.parametrize("path", sorted(WHOLE), ids=lambda path: path.name)
def test_real_files_come_back(path: Path) -> None:
    tree = read(path.read_text(encoding="utf-8"))
    data = as_json(tree)
    VALID.validate(data)
    assert same(read(text_of_tree(tree_of(data))), tree)


def test_no_digit_of_a_number_is_lost() -> None:
    data = as_json(read(RULES))
    assert data["items"][2]["condition"]["parts"][1]["right"] == {"node": "Number", "value": "1.50"}
    assert tree_of(data).items[2].condition.parts[1].right.value == Decimal("1.50")


def test_what_was_written_without_a_value_is_a_flag() -> None:
    data = as_json(read(RULES))
    assert data["items"][1]["accept_unknown"] is True
    data["items"][1]["accept_unknown"] = False
    assert "accept" not in text_of_tree(tree_of(data))


def test_the_schema_in_the_docs_is_the_one_of_the_classes() -> None:
    kept = json.loads((ROOT / "docs" / "schemas" / "ast.json").read_text(encoding="utf-8"))
    assert kept == schema()
    Draft202012Validator.check_schema(kept)


def changed(path: str, value: object) -> Any:
    data = as_json(read(RULES))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place = data
    for step in steps:
        place = place[step]
    place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "place", "said"),
    [
        ("edition", "1", "/edition", "expected a whole number"),
        ("edition", True, "/edition", "expected a whole number"),
        ("items", {}, "/items", "expected a list"),
        ("items/0", {"node": "Nobody"}, "/items/0", "expected a node, one of: ConditionItem"),
        ("items/0", {"node": ["Node"]}, "/items/0", "expected a node, one of: ConditionItem"),
        ("items/0", {"node": "Broken"}, "/items/0", "expected a node, one of: ConditionItem"),
        ("items/0", None, "/items/0", "expected a node, one of: ConditionItem"),
        ("items/0/name/text", 7, "/items/0/name/text", "expected a text"),
        ("items/0/a~b", 7, "/items/0/a~0b", "`Node` has no such member"),
        ("items/0/name", {"node": "Name"}, "/items/0/name", "`Name` has a member `text`"),
        ("items/0/name/text", "a b", "/items/0", "no rule file has such a tree"),
        ("items/0/name/text", "1a", "/items/0", "no rule file has such a tree"),
        ("items/0/properties/3/value/first", "NaN", None, "expected a number written as text"),
        ("items/0/properties/3/value/first", 5, None, "expected a number written as text"),
        ("items/0/properties/3/value/first", "1E999999", None, "expected a number written as"),
        ("items/1/accept_unknown", 0, "/items/1/accept_unknown", "expected `true` or `false`"),
        ("edition", -1, "/edition", "no rule file has such a tree"),
    ],
)
def test_what_is_no_tree_is_refused_with_its_place(path, value, place, said) -> None:
    with pytest.raises(NoTree) as wrong:
        text_of_tree(tree_of(changed(path, value)))
    assert wrong.value.place == (f"/{path}" if place is None else place)
    assert said in str(wrong.value.why)


def test_what_is_nested_too_deep_is_refused() -> None:
    condition: object = {"node": "Constant", "value": True}
    for _ in range(DEEPEST + 2):
        condition = {"node": "Not", "part": condition}
    with pytest.raises(NoTree) as wrong:
        tree_of(changed("items/2/condition", condition))
    assert wrong.value.why == text("language.json_deep", "en", most=DEEPEST)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Give every value within, as what holds it and its key."""
    keys = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
    found = [(data, key) for key in keys]
    return found + [one for key in keys for one in places(data[key])]


ODD = (None, True, 0, -1, 10**40, "", "x", '"', "\0", "é", [], [None], {}, {"node": "Name"}, 1.5)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files, st.randoms(use_true_random=False))
def test_a_damaged_tree_is_refused_or_is_one(tree, random: Random) -> None:
    data = as_json(tree)
    held, key = random.choice(places(data))
    held[key] = random.choice(ODD)
    try:
        again = tree_of(data)
        written = text_of_tree(again)
    except NoTree:
        return
    VALID.validate(data)
    assert same(read(written), again)
