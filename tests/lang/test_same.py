"""Trees are the same when they differ in places only."""

from decimal import Decimal

import pytest

from roteiro.lang import nodes
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.source import Source, Span

TEXT = """\
language 1
listener main { port = 104 }
node p { ae = "P" host = "h" port = 104 }
table t all {
  rule a { when Rows in 1..5 and not (Modality == "CT") send to p via x urgency stat }
}
"""


def tree(text: str, file: int = 0) -> nodes.File:
    found, _ = parse(Source("x.route", text), file)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "other",
    [TEXT, TEXT.replace("\n", "\n\n"), TEXT.replace(" ", "   "), TEXT + "# end\n"],
)
def test_places_do_not_count(other: str) -> None:
    assert same(tree(TEXT), tree(other, 3))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("104 }\nnode", "104 accept unknown }\nnode"),
        ("1..5", "1..6"),
        ("1..5", "{ 1, 5 }"),
        ('"CT"', 'i"CT"'),
        ('"CT"', '"CT" or true'),
        ("not (", "("),
        ("all {", "first {"),
        ("via x ", ""),
        ("via x", "via x, y"),
        ("rule a", "rule b"),
        ("\n}\n", "\n  otherwise { send to p }\n}\n"),
    ],
)
def test_everything_else_counts(old: str, new: str) -> None:
    assert old in TEXT
    assert not same(tree(TEXT), tree(TEXT.replace(old, new)))


def test_parts_and_values() -> None:
    one, other = Span(0, 1), Span(5, 9, 2)
    assert same(nodes.Number(Decimal("1.50"), one), nodes.Number(Decimal("1.5"), other))
    assert not same(nodes.Name("a", one), nodes.Text("a", False, one))
    assert not same((), (nodes.PassOn(one),))
    assert not same(None, one)
    assert same(nodes.PassOn(one), nodes.PassOn(other))


def test_deep_trees_are_compared_without_recursion() -> None:
    left: nodes.Condition = nodes.Constant(True, Span(0, 1))
    right: nodes.Condition = nodes.Constant(True, Span(7, 9))
    for _ in range(100_000):
        left, right = nodes.Not(left, Span(0, 1)), nodes.Not(right, Span(7, 9))
    assert same(left, right)
    assert not same(nodes.Not(left, Span(0, 1)), right)
    while isinstance(left, nodes.Not) and isinstance(right, nodes.Not):  # or freeing them recurses
        left, right = left.part, right.part
