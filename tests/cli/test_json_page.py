"""docs/json.md: its examples are documents that its schemas take."""

import json
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "json.md"
SECTION = re.compile(
    r"^## `roteiro [a-z ]+` \(`schemas/(\w+)\.json`\)\n(.*?)(?=^## |\Z)", re.M | re.S
)
EXAMPLE = re.compile(r"^```json\n(.*?)^```$", re.M | re.S)
EXAMPLES = [
    (name, example)
    for name, section in SECTION.findall(PAGE.read_text(encoding="utf-8"))
    for example in EXAMPLE.findall(section)
]


def test_every_schema_has_its_section() -> None:
    sections = {name for name, _ in SECTION.findall(PAGE.read_text(encoding="utf-8"))}
    assert sections == {path.stem for path in PAGE.parent.joinpath("schemas").glob("*.json")}
    assert {name for name, _ in EXAMPLES} >= {"check", "explain", "test", "echo", "send"}


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_fits(name: str, example: str, fits) -> None:
    fits(json.loads(example), name)
