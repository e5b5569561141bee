"""`roteiro test --rows`: each row of a CSV file is a test, like those of the language."""

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.lang.rows import WrongRow, WrongTable, rows_of
from roteiro.lang.source import Source
from roteiro.runtime.rules import Rules, compile_text
from roteiro.runtime.testing import jobs_of, rows_in, run_tests

HEADER = (
    "test,assoc.calling_ae,Modality,Rows,PatientID,expect.exactly,expect.send,expect.no_send,"
    "expect.rule,expect.hold,expect.refuse,expect.drop,expect.nothing,expect.pass\n"
)
ROWS = """\
both,CT1,CT,512,4711,"pacs, vna",,,clinical.ct copies.archive,,,,,yes
one,CT1,CT,512,4711,,pacs,,,,,,,
no patient,,CT,,empty,,,pacs vna,,quarantine,,,,

stranger,EVIL,CT,,,,,,guard.stranger,,0x0124,,,
silent,TEST,,,,,,,,,,yes,,
ultrasound,,US,,1,,,,,,,,yes,
report,,SR,,1,,,,,reports,,,,
"""


@pytest.fixture
def table(tmp_path: Path):
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "rows.csv"
        path.write_text(text, encoding=encoding)
        return path

    return write


def test_rows_are_tests(run, rules: Path, table) -> None:
    done = run("test", rules, "--rows", table(HEADER + ROWS))
    assert (done.code, done.out, done.err) == (0, "1 file: 7 tests passed\n", "")


def test_they_run_beside_the_tests_of_the_file(run, rules: Path, table) -> None:
    rules.write_text(
        rules.read_text() + 'test "x" { given { Modality = "CT" } expect hold quarantine }'
    )
    path = table(HEADER + ROWS)
    assert run("test", rules, "--rows", path).out == "1 file: 8 tests passed\n"
    assert run("test", rules, "--rows", path, "-k", "STR").out == "1 file: 1 test passed\n"
    assert run("test", rules, "--rows", path, "-k", "nowhere").code == 2


FORMS = {
    "semicolons": (HEADER + ROWS).replace("pacs, vna", "pacs vna").replace(",", ";"),
    "a mark": "\ufeff" + HEADER + ROWS,
    "carriage returns": (HEADER + ROWS).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_tables_of_other_programs(run, rules: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode())
    assert run("test", rules, "--rows", path).out == "1 file: 7 tests passed\n"


@pytest.mark.parametrize(
    ("was", "now", "row"),
    [
        ("pacs, vna", "pacs", "both"),
        (",,pacs,,,,,,,\n", ",,vnb,,,,,,,\n", "one"),
        ("pacs vna,,quarantine", "pacs vna,,reports", "no patient"),
        ("empty,,,pacs vna", "1,,,vna", "no patient"),
        ("0x0124", "0x0122", "stranger"),
        ("TEST,,,,,,,,,,yes", "CT1,,,,,,,,,,yes", "silent"),
        ("US,,1,,,,,,,,yes", "CT,16,1,,,,,,,,yes", "ultrasound"),
        ("clinical.ct copies", "clinical.us copies", "both"),
        (",4711,\"pacs, vna\",,,clinical", ",,\"pacs, vna\",,,clinical", "both"),
    ],
)  # fmt: skip
def test_what_is_not_so_fails_with_its_line(  # noqa: PLR0917
    run, rules: Path, table, was: str, now: str, row: str
) -> None:
    assert was in ROWS
    path = table(HEADER + ROWS.replace(was, now, 1))
    line = next(n for n, text in enumerate(path.read_text().split("\n"), 1) if text.startswith(row))
    done = run("test", rules, "--rows", path)
    assert done.code == 1
    assert f"{path}:{line}: failed: {row}\n" in done.out
    assert done.out.endswith("1 file: 1 failed, 6 tests passed\n")


def test_json_and_junit(run, rules: Path, table, fits, tmp_path: Path) -> None:
    path, target = table(HEADER + ROWS.replace("0x0124", "0x0122")), tmp_path / "results.xml"
    done = run("test", "--format", "json", "--junit", target, rules, "--rows", path)
    fits(done.json(), "test")
    found = {test["name"]: test for test in done.json()["tests"]}
    assert found["stranger"]["line"] == 6
    assert found["stranger"]["file"] == str(path)
    assert found["stranger"]["failures"][0]["line"] == 6
    assert found["both"]["passed"]
    (suite,) = ElementTree.parse(target).getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == (str(path), "7", "1")


def test_rows_count_in_coverage(run, rules: Path, table) -> None:
    coverage = run(
        "test", "--format", "json", "--coverage", rules, "--rows", table(HEADER + ROWS)
    ).json()["coverage"]
    missing = {gap["rule"] for gap in coverage["missing"] if gap["kind"] == "rule"}
    assert coverage["rule"]["covered"] == coverage["rule"]["total"] - len(missing) >= 8


def test_files_items_private_attributes_and_instants(run, sample, tmp_path: Path) -> None:
    rules = tmp_path / "more.route"
    rules.write_text(
        "language 1\ntable t all {\n"
        '  rule item { when any RequestAttributesSequence has (ScheduledProcedureStepID == "7")'
        ' nothing "x" }\n'
        '  rule private { when (0019,"ACME",0C) == 5 nothing "x" }\n'
        '  rule old { when days since StudyDate > 36500 nothing "x" }\n'
        '  rule ct { when Modality == "CT" and StationName is absent nothing "x" }\n'
        '  rule many { when count(ImageType) == 2 and StudyID == "empty" nothing "x" }\n'
        '  rule none { when ReferencedStudySequence is empty nothing "x" }\n}\n'
    )
    shutil.copy(sample("CT_small.dcm"), tmp_path / "ct.dcm")
    path = tmp_path / "rows.csv"
    path.write_text(
        'name,file,at,RequestAttributesSequence[1].ScheduledProcedureStepID,"(0019,""ACME"",0C)",'
        "StationName,ImageType,StudyID,StudyDate,ReferencedStudySequence,expect.rule\n"
        "a,ct.dcm,,7,,,,,,,t.item\n"
        "b,,,,5,,,,,,t.private\n"
        "c,ct.dcm,2200-01-01T00:00:00Z,,,,,,,,t.old\n"
        "d,ct.dcm,,,,absent,,,,,t.ct\n"
        'e,,,,,,A\\B,"""empty""",,,t.many\n'
        "f,,,,,,,,,empty,t.none\n"
        "g,ct.dcm,,7,5,absent,A\\B,,18000101,,t.item t.private t.ct\n"
    )
    done = run("test", rules, "--rows", path)
    assert (done.code, done.out, done.err) == (0, "1 file: 7 tests passed\n", "")


WRONG = [
    ("n,Modality\nx,CT\n", 2, "no column expects anything"),
    ("n,Modalty,expect.drop\n", 2, "did you mean `Modality`"),
    ("n,assoc.caling_ae,expect.drop\n", 2, "did you mean `assoc.calling_ae`"),
    ("n,PatientName.family,expect.drop\n", 2, "is a part"),
    ("n,Patient Name,expect.drop\n", 2, "`Patient Name` names no attribute"),
    ("n,,expect.drop\nx,1,yes\n", 2, "column 2 has no name"),
    ("n,Rows,Rows,expect.drop\n", 2, "`Rows` is there twice"),
    ("n,expect.sent\n", 2, "did you mean `expect.send`"),
    ("n,expect.colour\n", 2, "expected `expect.send`"),
    ('n,expect.drop\n"x,yes\n', 2, ":2: the table is no CSV"),
    ("n,expect.drop\nx,no\n", 1, "`no` means nothing in `expect.drop`"),
    ("n,expect.drop\n,yes\n", 1, "the row has no name"),
    ("n,expect.drop\nx,yes,yes\n", 1, "3 cells, and the table 2 columns"),
    ("n,expect.drop\nx\n", 1, "the row expects nothing"),
    ("n,expect.send\nx,pacz\n", 1, "did you mean `pacs`"),
    ("n,expect.send\nx,ct1\n", 1, "there is no destination `ct1`"),
    ("n,expect.rule\nx,clinical.cd\n", 1, "did you mean `clinical.ct`"),
    ("n,expect.hold\nx,quarantina\n", 1, "did you mean `quarantine`"),
    ("n,expect.refuse\nx,124\n", 1, "`124` is no status"),
    ("n,at,expect.drop\nx,yesterday,yes\n", 1, "`yesterday` is no instant"),
    ("n,at,expect.drop\nx,2026-01-01,yes\n", 1, "`2026-01-01` is no instant"),
    ("n,Rows,expect.drop\nx,many,yes\n", 1, "`many` cannot be written as US for `Rows`"),
    ("n,assoc.peer,expect.drop\nx,ct1,yes\n", 1, "`ct1` is no IP address"),
    ("n,instance.size,expect.drop\nx,ct1,yes\n", 1, "a number of bytes"),
    ("n,file,expect.drop\nx,gone.dcm,yes\n", 1, "gone.dcm"),
    ("n,OtherPatientIDsSequence[2].PatientID,expect.drop\nx,1,yes\n", 1, "has 0 of these items"),
]


@pytest.mark.parametrize(("text", "code", "said"), WRONG, ids=[said for *_, said in WRONG])
def test_wrong_tables_and_rows(run, rules: Path, table, text: str, code: int, said: str) -> None:  # noqa: PLR0917
    done = run("test", rules, "--rows", table(text))
    assert done.code == code
    assert said in done.out + done.err
    assert "fault" not in done.err


def test_a_second_row_of_one_name(run, rules: Path, table) -> None:
    text = "n,assoc.calling_ae,expect.drop\nx,TEST,yes\nx,TEST,yes\n"
    done = run("test", rules, "--rows", table(text))
    assert "rows.csv:3: failed: x\n  a second row is called `x`" in done.out


def test_wrong_usage(run, rules: Path, table, tmp_path: Path) -> None:
    assert run("test", rules, rules, "--rows", table(HEADER)).code == 2
    assert run("test", rules, "--rows", tmp_path / "gone.csv").code == 2
    latin = table("n,PatientName,expect.drop\nx,é,yes\n", "latin-1")
    done = run("test", rules, "--rows", latin)
    assert (done.code, done.out) == (2, "")
    assert "is not UTF-8 (byte 29)" in done.err


def test_in_portuguese(run, rules: Path, table) -> None:
    done = run("--lang", "pt", "test", rules, "--rows", table("n,expect.send\nx,pacz\n"))
    assert "não há nenhum destino `pacz`, queria dizer `pacs`" in done.out


# Both ways say the same ---------------------------------------------------------------------------

RULES = """language 1
node a { ae = "A" host = "127.0.0.1" port = 104 }
node b { ae = "B" host = "127.0.0.1" port = 105 }
guard { rule no { when PatientID is empty refuse 0x0124 } otherwise { pass } }
table t first {
  rule ct { when Modality == "CT" and Rows > 10 send to a }
  rule us { when Modality == "US" or assoc.calling_ae == "US1" hold q }
  otherwise { nothing "no" }
}
table u all { rule w { when all ImageType == "X" send to b } }
"""
GIVEN = {
    "Modality": ["CT", "US", "empty"],
    "Rows": ["5", "11", "empty"],
    "PatientID": ["1", "empty"],
    "assoc.calling_ae": ["US1", "CT1"],
    "ImageType": ["X", "X\\Y", "X\\X"],
}
EXPECTED = {
    "send": ["a", "b", "a b"],
    "exactly": ["a", "b", "a b"],
    "no_send": ["a", "b"],
    "rule": ["t.ct", "u.w", "guard.no", "t.otherwise"],
    "hold": ["q", "unrouted"],
    "refuse": ["0x0124"],
    "nothing": ["yes"],
    "pass": ["yes"],
}
LIMITS = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def program() -> Rules:
    return compile_text(RULES, "rules.route")


def some(choices: dict[str, list[str]], least: int) -> st.SearchStrategy[dict[str, str]]:
    drawn = {key: st.sampled_from(values) for key, values in choices.items()}
    return st.fixed_dictionaries({}, optional=drawn).filter(lambda found: len(found) >= least)


def literal(key: str, cell: str) -> str:
    if cell == "empty" or key == "Rows":
        return cell
    values = ", ".join(f'"{value}"' for value in cell.split("\\"))
    return f"[{values}]" if "\\" in cell else values


def expectation(kind: str, cell: str) -> str:
    word = kind.replace("_", " ")
    return f"expect {word}" if cell == "yes" else f"expect {word} {cell.replace(' ', ', ')}"


@LIMITS
@given(some(GIVEN, 0), some(EXPECTED, 1))
def test_a_row_is_the_test_that_says_the_same(
    program: Rules, inside: dict[str, str], wanted: dict[str, str]
) -> None:
    columns = [*inside, *(f"expect.{kind}" for kind in wanted)]
    cells = ",".join(["x", *inside.values(), *wanted.values()])
    source = Source("rows.csv", f"name,{','.join(columns)}\n{cells}\n")
    (row,) = run_tests(program, rows_in(program, source, ""), "en")
    item = " ".join(f"{key} = {literal(key, cell)}" for key, cell in inside.items())
    expects = " ".join(expectation(kind, cell) for kind, cell in wanted.items())
    text = f'{RULES}test "x" {{ given {{ {item} }} {expects} }}\n'
    rules = compile_text(text, "rules.route")
    (test,) = run_tests(rules, jobs_of(rules, ""), "en")
    assert (row.passed, row.rules, row.error) == (test.passed, test.rules, test.error)
    assert [(one.expected, one.got) for one in row.failures] == [
        (one.expected, one.got) for one in test.failures
    ]


@LIMITS
@given(st.text(st.sampled_from('n,;"\n\r\\ x.=()[]1é\0'), max_size=30), st.text(max_size=20))
def test_any_table_is_tests_or_says_why(program: Rules, text: str, more: str) -> None:
    header = "n,Modality,expect.send\n"
    for table in (text, header + text, header + more):
        try:
            found = [*rows_of(Source("rows.csv", table), program.typed)]
        except WrongTable as wrong:
            found = [WrongRow("", wrong.line, wrong.phrase)]
        assert all(one.name or isinstance(one, WrongRow) for one in found)
