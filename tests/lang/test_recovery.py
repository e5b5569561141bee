"""One mistake costs one finding, and hides nothing else."""

import pytest

from roteiro.lang import nodes
from roteiro.lang.items import cut
from roteiro.lang.machine import Machine
from roteiro.lang.parser import Parsing, parse
from roteiro.lang.render.text import said
from roteiro.lang.scan import Token, scan
from roteiro.lang.source import Source

TEN = """\
language 1
router { ae "ROTEIRO" }
listener main { prot = 11112 }
node ct1 { ae = "CT1  host = "10.0.1.7"  may = { store } }
node pacs { ae = "PACS"  host = "10.0.0.5"  port = 1040000 }
set scanners = { "CT1" "CT2" }
condition lung = Modality == "CT" && BodyPartExamined == "LUNG"
condition ward = StationNaem == "W1"
guard { rule a { when PatientID is balnk drop "x" } otherwise { pass } }
table one all { rule r { when SliceThickness < "1.5" send to pacs } }
table two first { rule r { when Modality == "CT" send to nowhere } otherwise { nothing "x" } }
"""
PROBLEMS = [
    (2, "RT100"),
    (3, "RT107"),
    (4, "RT100"),
    (5, "RT108"),
    (6, "RT100"),
    (7, "RT100"),
    (8, "RT101"),
    (9, "RT100"),
    (10, "RT120"),
    (11, "RT104"),
]


def places(text: str, examine) -> list[tuple[int, str]]:
    _, findings = examine(text)
    source = Source("x.route", text)
    return [(source.position(one.span.start).line, one.code) for one in findings]


def test_ten_errors_in_ten_items_are_ten_findings(examine) -> None:
    found = places(TEN.replace("prot = 11112", "port = 11112 prot = 1"), examine)
    assert found == PROBLEMS


def rules_of(text: str) -> list[str]:
    file, _ = parse(Source("x.route", text))
    assert file is not None
    tables = [item for item in file.items if isinstance(item, nodes.Table)]
    return [f"{table.name.text}.{rule.name.text}" for table in tables for rule in table.rules]


NODE = 'node p { ae = "P" host = "h" port = 104 }\n'
A = '  rule a { when Modality == "CT" send to p }\n'
B = '  rule b { when Modality == "MR" send to p }\n'
C = "  rule c { send to p }\n"


def test_missing_brace_of_a_rule_spoils_that_rule_only(examine) -> None:
    text = f"language 1\n{NODE}table t all {{\n{A[:-2]}\n{B}{C}}}\ntable u all {{\n{A}}}\n"
    assert rules_of(text) == ["t.b", "t.c", "u.a"]
    assert places(text, examine) == [(4, "RT100")]


def test_missing_brace_of_a_table_ends_at_the_next_item(examine) -> None:
    text = f"language 1\n{NODE}table t all {{\n{A}{B}\ntable u all {{\n{A}}}\n"
    assert rules_of(text) == ["t.a", "t.b", "u.a"]
    assert places(text, examine) == [(3, "RT100")]


def test_missing_brace_of_rule_and_table(examine) -> None:
    text = f"language 1\n{NODE}table t all {{\n{A[:-2]}\ntable u all {{\n{A}}}\n"
    assert rules_of(text) == ["u.a"]
    assert {line for line, _ in places(text, examine)} == {3, 4}


def test_brace_too_many_does_not_end_the_table(examine) -> None:
    text = f"language 1\n{NODE}table t all {{\n{A[:-1]}}}\n{B}}}\ntable u all {{\n{C}}}\n"
    assert rules_of(text) == ["t.a", "t.b", "u.c"]
    assert places(text, examine) == [(4, "RT100")]


def test_open_text_ends_with_its_line(examine) -> None:
    text = (
        f'language 1\n{NODE}table t all {{\n  rule a {{ when Modality == "CT send to p }}\n{B}}}\n'
    )
    assert rules_of(text) == ["t.b"]
    assert places(text, examine) == [(4, "RT100")]


def test_broken_node_makes_no_second_finding_where_it_is_used(examine) -> None:
    text = f"language 1\n{NODE.replace('host =', 'host')}table t all {{\n{A}}}\n"
    assert places(text, examine) == [(2, "RT100")]


def test_broken_rule_makes_no_second_finding_in_tests(examine) -> None:
    text = (
        f"language 1\n{NODE}table t first {{\n{A.replace('==', '=')}"
        "  otherwis { send to p }\n}\n"
        'test "x" { given { Modality = "CT" } expect rule t.a expect rule t.otherwise }\n'
    )
    assert places(text, examine) == [(4, "RT100"), (5, "RT100")]


def test_misspelt_items_are_named(examine) -> None:
    text = f"language 1\n{NODE.replace('node', 'nod')}tabel t all {{\n{A}}}\n"
    _, findings = examine(text)
    assert [one.fix.text for one in findings if one.fix] == ["node", "table"]
    assert places(text, examine) == [(2, "RT100"), (3, "RT100")]


def test_what_is_no_item_is_one_finding(examine) -> None:
    text = f"language 1\nroute all to {{ p, {{ q }} }}\nand so on\n{NODE}table t all {{\n{A}}}\n"
    assert places(text, examine) == [(2, "RT100")]


def test_comments_and_texts_may_hold_braces_and_keywords(examine) -> None:
    text = (
        f"language 1 # table x all {{\n{NODE}# rule z {{\n"
        'table t all { # }\n  rule a "} rule b {" { when Modality == "}" send to p } # }\n}\n'
    )
    assert rules_of(text) == ["t.a"]
    assert places(text, examine) == [(5, "RT121")]


def test_names_may_be_keywords(examine) -> None:
    text = (
        'language 1\nnode when { ae = "P" host = "h" port = 104 }\n'
        'set in = { "CT" }\ncondition rule = Modality in @in\n'
        "table first first {\n  rule send { when @rule send to when }\n"
        "  otherwise { send to when urgency low }\n}\n"
        'test "x" { given { Modality = "CT" } expect send when expect rule first.send }\n'
    )
    typed, findings = examine(text)
    assert findings == ()
    assert typed is not None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("\n\n", 1),
        ("# only a comment\n", 1),
        ('node p { ae = "P" host = "h" may = { echo } }\n', 1),
        ("\nlanguage 2\nwhatever { this is }\n", 2),
        ("language 99999999999999999999999999\n", 1),
    ],
)
def test_edition_is_wanted(text: str, line: int, examine) -> None:
    assert places(text, examine) == [(line, "RT103")]


def test_byte_order_mark_and_crlf_do_not_matter(examine) -> None:
    text = f"language 1\n{NODE}table t all {{\n{A}}}\n"
    typed, findings = examine("\ufeff" + text.replace("\n", "\r\n"))
    assert findings == ()
    assert typed is not None


def test_what_stands_behind_an_item_without_braces_is_not_part_of_it(examine) -> None:
    text = f'language 1\npool x = failover (p)\n$$$ junk "open\nfoo bar\n{NODE}'
    assert places(text, examine) == [(3, "RT100"), (4, "RT100")]


def test_a_byte_order_mark_in_the_middle_is_found(examine) -> None:
    text = f"\ufefflanguage 1\n{NODE}table t all {{\n  \ufeff{A}}}\n"
    assert places(text, examine) == [(4, "RT100")]


def test_many_lines_that_are_nothing_are_few_findings(examine) -> None:
    assert len(places("language 1\n" + "and now for something\nelse\n" * 50, examine)) == 10


@pytest.mark.parametrize("body", ["Modality send to p", "all true send to p"])
def test_a_keyword_is_no_misspelling_of_another(body: str, examine) -> None:
    _, findings = examine(f"language 1\n{NODE}table t all {{ rule a {{ when {body} }} }}\n")
    assert [(one.code, one.help, one.fix) for one in findings] == [("RT100", None, None)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("foo", ("send", "notify", "hold", "nothing", "when")),
        ("when PatientID is blank send to p foo", ("via", "batch", "during", "urgency")),
    ],
)
def test_what_may_stand_there_is_said(body: str, words: tuple[str, ...], examine) -> None:
    _, (found,) = examine(f"language 1\n{NODE}table t all {{ rule a {{ {body} }} }}\n")
    expected = said(found.message, "en").partition("expected")[2]
    assert [word for word in words if f"`{word}`" not in expected] == []


CHAIN = """\
transform t {
  set StudyID "1"
  sett PatientID = "2"
  remove StudyDate
  if Modality == "CT" and { blank StudyTime }
  each RequestAttributesSequence {
    remove CodeValue CodeMeaning
    blank CodeMeaning
  }
  copy StudyID to AccessionNumber
}
profile p extends dicom.basic_2024 {
  kep PatientSex
  remove StudyID,
  uids hash secret("env:K")
  pixels block 10x10 when Modality == "US"
  option clean_descriptors
}
"""


def chains_of(text: str) -> list[tuple[str, ...]]:
    file, _ = parse(Source("x.route", text))
    assert file is not None
    assert not file.whole
    chains = [one for one in file.items if isinstance(one, nodes.Transform | nodes.Profile)]
    return [
        tuple(type(part).__name__ for part in getattr(one, "edits", getattr(one, "statements", ())))
        for one in chains
    ]


def test_each_statement_of_a_chain_is_looked_at(examine) -> None:
    text = f"language 1\n{CHAIN}"
    found = [line for line, code in places(text, examine) if code == "RT100"]
    assert found == [3, 4, 6, 8, 14, 15, 17]
    assert chains_of(text) == [
        ("RemoveEdit", "EachEdit", "CopyEdit"),
        ("UidsStatement", "OptionStatement"),
    ]


def test_findings_in_the_other_statements_of_a_broken_chain_are_made(examine) -> None:
    text = "language 1\ntransform t {\n  sett StudyID = 1\n  remove Modalty\n}\n"
    assert places(text, examine) == [(3, "RT100"), (4, "RT101")]


def test_a_missing_brace_in_a_chain_hides_nothing_behind_it(examine) -> None:
    text = (
        'language 1\ntransform t {\n  if Modality == "CT" { remove StudyID\n  sett A = 1\n}\n'
        f"{NODE}condition c = Modalty is blank\n"
    )
    assert places(text, examine) == [(2, "RT100"), (4, "RT100"), (7, "RT101")]


def test_a_misspelt_statement_is_mended(examine) -> None:
    _, found = examine("language 1\ntransform t { remove StudyID blanc PatientID }\n")
    assert [one.fix.text for one in found if one.fix] == ["blank"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("  }\n  remove StudyID\n", 3),
        ("  blank StudyID }\n  remove StudyID\n", 3),
        ("  if Rows > 1 { blank StudyID } }\n  set StudyID = 5\n", 3),
    ],
)
def test_a_brace_too_many_does_not_end_a_transform(body: str, line: int, examine) -> None:
    assert places(f"language 1\ntransform t {{\n{body}}}\n{NODE}", examine)[:1] == [(line, "RT100")]
    assert len(chains_of(f"language 1\ntransform t {{\n{body}}}\n{NODE}")[0]) > 0


@pytest.mark.parametrize(
    "text",
    [
        'transform t { set PatientID = "x" }\nset s = { "A" }\n',
        'transform t {\nset PatientID = "x"\n}\nset s : CS = { "A" }\n',
        "transform t { remove set.remove copy to.copy to if.blank }\n",
        "profile p { keep keep, remove private remove except pixels blank option }\n",
        'transform t { set replace = replace(copy, "a", "b") + set(if) }\n',
        'lookup file = file "x" key key value value\nschedule or = or 10:00..11:00 or in 10:00..11:00',  # noqa: E501
        "pool copy = copy (copy, over)\npool over = balance over over (balance)",
        "condition count = count == 5 and count(count) == 5 and items is blank\n",
        "condition secret = secret == 5 and days since since > 5 and any any == 5\n",
        "node late { late = new new = late key = value value = key file = secret }\n",
        'test "x" { given { given = given at = at absent = absent items = items } expect send at }\n',  # noqa: E501
        'invariant "x" { never send to never, via, unless unless via unless always route when when is blank }\n',  # noqa: E501
    ],
)
def test_keywords_are_names_where_nothing_else_is_meant(text: str) -> None:
    file, findings = parse(Source("x.route", f"language 1\n{text}"))
    assert findings == ()
    assert file is not None
    assert not any(isinstance(item, nodes.Broken) for item in file.items)


@pytest.mark.parametrize("word", ["otherwize", "else", "default"])
def test_otherwise_in_other_words(word: str, examine) -> None:
    _, (found,) = examine(f"language 1\n{NODE}table t first {{\n{A}  {word} {{ send to p }}\n}}\n")
    assert (found.code, found.fix.text) == ("RT100", "otherwise")


def test_a_table_that_is_called_guard_uses_its_nodes(examine) -> None:
    text = f"language 1\n{NODE}table guard first {{ otherwise {{ send to p }} }}\n"
    assert places(text, examine) == [(3, "RT105")]


def test_a_second_table_of_a_name_makes_no_node_unused(examine) -> None:
    text = f'language 1\n{NODE}table t all {{ rule a {{ nothing "x" }} }}\ntable t all {{\n{A}}}\n'
    assert places(text, examine) == [(4, "RT105")]


# What mistakes cost -------------------------------------------------------------------------------

MANY = [f"rule r{n} {{ when Rows > {n} send to pacs }}" for n in range(100)]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give where the machine began to read, one time after the other."""
    found: list[int] = []
    read = Machine.read

    def counted(self: Machine, tokens: list[Token], *rest):
        found.append(tokens[0].start if tokens else -1)
        return read(self, tokens, *rest)

    monkeypatch.setattr(Machine, "read", counted)
    return found


@pytest.mark.parametrize("table", ["table t all", "guard"])
@pytest.mark.parametrize("at", [0, 50, 99])
def test_a_mistake_costs_no_second_reading(table: str, at: int, begun: list[int]) -> None:
    rules = [*MANY]
    rules[at] = rules[at].replace("> ", "> > ")
    if table == "guard":
        rules = [rule.replace("send to pacs", 'drop "x"') for rule in rules] + [
            "otherwise { pass }"
        ]
    text = f"language 1\n{table} {{\n" + "\n".join(rules) + "\n}\n"
    _, findings = parse(Source("x.route", text))
    assert [one.code for one in findings] == ["RT100"]
    assert len(begun) <= len(rules) + 4


def test_reading_by_braces_ends_with_the_first_mistake(begun: list[int]) -> None:
    rules = [*MANY]
    rules[3] = rules[3].replace("> ", "> > ")
    text = "language 1\ntable t all {\n" + "\n".join(rules) + "\n}\ntable u all { }\n"
    tokens = scan(text)
    run = Parsing(Source("x.route", text), 0, tokens, cut(tokens, plain=True))
    run.file()
    assert run.report.failed
    assert len(begun) < 10
