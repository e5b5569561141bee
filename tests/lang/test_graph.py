"""Pictures: what is in them, that no label is cut or lies on another, that a way shows."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from roteiro.core.program import Decision, Send
from roteiro.lang.graph.dot import dot
from roteiro.lang.graph.mermaid import mermaid
from roteiro.lang.graph.model import Picture, picture
from roteiro.lang.graph.svg import LETTER, SIZE, svg
from roteiro.lang.source import Source
from roteiro.lang.typed import Typed
from roteiro.runtime.sources import examine

SVG = "{http://www.w3.org/2000/svg}"
LONG = (
    'InstitutionName == i"Hospital Dr. Ayres de Menezes, São Tomé" and (Rows > 1 or Rows is blank)'
)


def typed(body: str, nodes: int = 3) -> Typed:
    head = "language 1\n" + "".join(
        f'node n{number} {{ ae = "N{number}" host = "pacs-{number}.example.org" port = 104 }}\n'
        for number in range(nodes)
    )
    program = examine(Source("x.route", head + body)).typed
    assert program is not None
    return program


SMALL = """
pool both = failover (n0, n1)
guard {
  rule stop "x" { when PatientID is blank hold quarantine "<no> & \\"id\\"" }
  otherwise { pass }
}
table t first {
  rule a { when Modality == "CT" and Rows > 5 send to both urgency stat }
  rule b { when Modality == "MR" nothing "not ours" }
  otherwise { send to n2 batch by study after 5m within 1h late all }
}
"""


def large() -> str:
    rules = "".join(
        f"  rule rule_{number} {{ when {LONG} and Columns > {number} send to n{number % 10} }}\n"
        for number in range(40)
    )
    return f"table t all {{\n{rules}  otherwise {{ send to n0 }} }}\n"


def way() -> Decision:
    rules = ("guard.otherwise", "t.a")
    return Decision("route", (Send("both", (), "t.a", ("t.a",)),), rules=rules)


@pytest.mark.parametrize("draw", [mermaid, dot, svg])
@pytest.mark.parametrize("name", ["stop", "quarantine", "both", "n0", "n1", "n2", "a", "b"])
def test_everything_is_in_the_picture(draw, name: str) -> None:
    drawn = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), draw(picture(typed(SMALL))))
    assert re.search(rf"\b{name}\b", drawn)


@pytest.mark.parametrize("draw", [mermaid, dot, svg])
def test_the_words_of_the_language_are_in_the_picture(draw) -> None:
    drawn = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), draw(picture(typed(SMALL))))
    drawn = drawn.replace("&quot;", '"').replace('\\"', '"')
    for words in (
        'Modality == "CT" and Rows',
        "batch by study after 5m within 1h late all",
        "urgency stat",
        'nothing "not ours"',
        "failover",
    ):
        assert words in drawn


DOCUMENTED = """
## who may come in
guard {
  ## nobody without a number
  rule stop { when PatientID is blank hold quarantine "x" }
  otherwise { pass }
}
## two archives, the first that is up
pool both = failover (n0, n1)
## where they go
table t all { rule a "ours" { when Rows > 5 send to both } }
## the other archive
node late { ae = "L" host = "h" port = 104 }
table u all { rule b { when Rows > 6 send to late } }
"""
WORDS = (
    *("who may come in", "nobody without a number", "two archives, the first that is up"),
    *("where they go", "ours", "the other archive"),
)


@pytest.mark.parametrize("draw", [mermaid, dot, svg])
def test_documentation_is_in_the_picture(draw) -> None:
    drawn = draw(picture(typed(DOCUMENTED)))
    assert [words for words in WORDS if words not in drawn] == []


Rect = tuple[float, float, float, float]


def rectangles(root: ElementTree.Element) -> list[tuple[Rect, list[Rect]]]:
    """Give every box with the space that its texts take at most."""
    found = []
    for group in root.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        x, y, width, height = (float(rect.get(key, "")) for key in ("x", "y", "width", "height"))
        texts = [
            (
                float(text.get("x", "")),
                float(text.get("y", "")) - SIZE,
                len(text.text or "") * LETTER,
                SIZE * 1.25,
            )
            for text in group.iter(f"{SVG}text")
        ]
        found.append(((x, y, width, height), texts))
    return found


def inside(inner: Rect, outer: Rect) -> bool:
    return (
        inner[0] >= outer[0]
        and inner[1] >= outer[1]
        and inner[0] + inner[2] <= outer[0] + outer[2] + 1
        and inner[1] + inner[3] <= outer[1] + outer[3] + 1
    )


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


@pytest.mark.parametrize(
    "drawn", [picture(typed(text, 10)) for text in (SMALL, DOCUMENTED, large())]
)
def test_no_label_is_cut_or_lies_on_another(drawn: Picture) -> None:
    root = ElementTree.fromstring(svg(drawn))
    page = (0.0, 0.0, float(root.get("width", "")), float(root.get("height", "")))
    boxes = rectangles(root)
    assert len(boxes) == sum(len(card.rows) for card in drawn.cards) + len(drawn.places)
    for box, texts in boxes:
        assert inside(box, page)
        assert all(inside(text, box) for text in texts)
        assert not any(overlap(one, other) for one, other in combinations(texts, 2))
    assert not any(overlap(one, other) for (one, _), (other, _) in combinations(boxes, 2))


def test_the_way_of_an_object_is_thick() -> None:
    plain, shown = (picture(typed(SMALL), each) for each in (None, way()))
    assert 'stroke-width="3"' not in svg(plain)
    root = ElementTree.fromstring(svg(shown))
    thick = {
        group.findtext(f"{SVG}title")
        for group in root.iter(f"{SVG}g")
        if group.find(f"{SVG}rect[@stroke-width='3']") is not None
    }
    assert thick == {"guard.otherwise", "t.a", "node:both"}
    assert "==>" not in mermaid(plain)
    assert "==>" in mermaid(shown)
    assert dot(shown).count("penwidth=3") == 4


def test_a_long_word_and_odd_characters_fit() -> None:
    rule = f'rule r {{ when PatientID == "{"x" * 64}" send to n0 }}'
    body = f'table t first {{ {rule} otherwise {{ nothing "中文 ]]> <b>" }} }}'
    root = ElementTree.fromstring(svg(picture(typed(body))))
    for box, texts in rectangles(root):
        assert all(inside(text, box) for text in texts)


def test_a_program_without_rules_is_a_picture_too() -> None:
    ElementTree.fromstring(svg(picture(typed(""))))
    assert mermaid(picture(typed(""))).startswith("flowchart")
