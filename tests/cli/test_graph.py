"""`roteiro graph` on real files."""

from xml.etree import ElementTree

import pytest
from pydicom.data import get_testdata_file

RULES = """language 1
node pacs { ae = "PACS" host = "10.0.0.5" port = 104 }
table t first { rule ct { when Modality == "CT" send to pacs } otherwise { hold rest "x" } }
"""


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "a.route"
    path.write_text(RULES)
    return path


def test_mermaid_is_the_default(run, rules) -> None:
    assert run("graph", str(rules)).out.startswith("flowchart LR\n")


def test_svg_shows_the_way_of_an_object(run, rules) -> None:
    ct = str(get_testdata_file("CT_small.dcm"))
    drawn = run("graph", str(rules), "--format", "svg", "--object", ct)
    assert drawn.code == 0
    ElementTree.fromstring(drawn.out)
    assert 'stroke-width="3"' in drawn.out


def test_what_is_no_object_is_refused(run, rules) -> None:
    refused = run("graph", str(rules), "--object", str(rules))
    assert refused.code == 1
    assert "a.route" in refused.err
