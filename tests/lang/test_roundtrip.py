"""What is written is what is read: parse and print are each other's inverse."""

from dataclasses import is_dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.lang import nodes
from roteiro.lang.items import cut
from roteiro.lang.parser import Parsing, parse
from roteiro.lang.printing import WRITERS, text_of
from roteiro.lang.same import same
from roteiro.lang.scan import scan
from roteiro.lang.source import Source, Span

from generators.trees import files, items  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
REAL = [
    path
    for folder in (ROOT / "rules", ROOT / "tests" / "manual", Path(__file__).parent / "edition1")
    for path in sorted(folder.glob("*.route"))
]


def read(text: str) -> nodes.File:
    tree, findings = parse(Source("x.route", text))
    assert findings == ()
    assert tree is not None
    return tree


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files)
def test_a_printed_tree_is_read_as_it_was(tree: nodes.File) -> None:
    assert same(read(text_of(tree)), tree)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files)
def test_braces_alone_say_what_a_text_without_mistakes_says(tree: nodes.File) -> None:
    text = text_of(tree)
    tokens = scan(text)
    plain = Parsing(Source("x.route", text), 0, tokens, cut(tokens, plain=True)).file()
    assert same(plain, tree)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files, st.randoms(use_true_random=False), st.sampled_from((0.05, 0.3, 0.8)))
def test_lines_may_begin_anywhere(tree: nodes.File, random: Random, often: float) -> None:
    text, spread, end = text_of(tree), "", 0
    for token in scan(text):
        gap = text[end : token.start]
        spread += random.choice(("\n", "\n    ")) if gap and random.random() < often else gap
        spread, end = spread + text[token.start : token.end], token.end
    assert same(read(spread), tree)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(items)
def test_a_printed_item_is_read_as_it_was(item: nodes.Item) -> None:
    (again,) = read(f"language 1\n{text_of(item)}\n").items
    assert same(again, item)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files_survive_printing(path: Path) -> None:
    tree = read(path.read_text(encoding="utf-8"))
    assert same(read(text_of(tree)), tree)


def test_every_node_is_printed() -> None:
    known = {kind for kind in vars(nodes).values() if isinstance(kind, type) and is_dataclass(kind)}
    assert known - set(WRITERS) == {nodes.Broken, Span}
