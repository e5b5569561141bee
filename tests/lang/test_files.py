"""Programs of several files: what `use` reaches, set and lookup files, where findings point."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.lang.datafiles import lines_of
from roteiro.lang.load import LIMIT
from roteiro.lang.render.text import said

NODES = 'language 1\nnode p { ae = "P" host = "h" port = 104 }\n'
TABLE = 'table t all { rule r { when Modality == "CT" send to p } }\n'


def errors(findings) -> list[tuple[str, str, str, str]]:
    """Give code, file, text at the place, and words of each error."""
    return [
        (
            one.code,
            one.source.name,
            one.source.text[one.span.start : one.span.end],
            said(one.message, "en"),
        )
        for one in findings
        if one.level.name == "ERROR"
    ]


# use ----------------------------------------------------------------------------------------------


def test_names_of_all_files_are_one_name_space(program) -> None:
    typed, findings = program(
        {
            "site.route": 'language 1\nuse "nodes.route"\nuse "words/all.route"\n'
            "table t all { rule r { when @ct and Modality in @kinds send to p } }\n",
            "nodes.route": NODES,
            "words/all.route": 'language 1\nuse "sets.route"\ncondition ct = Rows > 1\n',
            "words/sets.route": 'language 1\nset kinds = { "CT", "MR" }\n',
        }
    )
    assert errors(findings) == []
    assert [source.name for source in typed.sources] == [
        *("site.route", "nodes.route", "words/all.route", "words/sets.route"),
    ]
    (rule,) = typed.tables[0].rules
    ct, kinds = rule.condition.parts
    assert (ct.span.file, ct.source.name) == (2, "words/all.route")
    assert ct.source.text[ct.span.start : ct.span.end] == "Rows > 1"
    assert (kinds.span.file, kinds.values) == (0, ("CT", "MR"))
    assert [effect.to for effect in rule.effects] == ["p"]


def test_tables_of_the_first_file_come_first(program) -> None:
    typed, _ = program({"a.route": f'language 1\nuse "b.route"\n{TABLE}', "b.route": NODES
                        + TABLE.replace("table t", "table u")})  # fmt: skip
    assert [table.name for table in typed.tables] == ["t", "u"]


def test_a_file_that_two_use_is_read_once(program) -> None:
    typed, findings = program(
        {
            "a.route": f'language 1\nuse "b.route"\nuse "c.route"\n{TABLE}',
            "b.route": 'language 1\nuse "d/../nodes.route"\n',
            "c.route": 'language 1\nuse "nodes.route"\n',
            "nodes.route": NODES,
        }
    )
    assert errors(findings) == []
    assert len(typed.sources) == 4


@pytest.mark.parametrize(
    ("files", "file"),
    [
        ({"a.route": 'language 1\nuse "a.route"\n'}, "a.route"),
        ({"a.route": 'language 1\nuse "b.route"\n', "b.route": 'language 1\nuse "./a.route"\n'},
         "b.route"),
        ({"a.route": 'language 1\nuse "b.route"\n', "b.route": 'language 1\nuse "c.route"\n',
          "c.route": 'language 1\nuse "b.route"\n'}, "c.route"),
    ],
)  # fmt: skip
def test_a_circle_of_files_is_an_error(files, file: str, program) -> None:
    typed, findings = program(files)
    assert typed is None
    assert [(code, where) for code, where, *_ in errors(findings)] == [("RT132", file)]


def test_files_that_use_each_other_without_end_are_an_error(program) -> None:
    files = {f"f{n}.route": f'language 1\nuse "f{n + 1}.route"\n' for n in range(100)}
    typed, findings = program(files)
    assert typed is None
    assert [(code, where) for code, where, *_ in errors(findings)] == [("RT126", "f64.route")]


def test_a_second_definition_points_at_the_first_in_the_other_file(program) -> None:
    typed, findings = program({"a.route": f'{NODES}use "b.route"\n{TABLE}', "b.route": NODES})
    assert typed is None
    found = next(one for one in findings if one.code == "RT105")
    (label,) = found.labels
    assert (found.source.name, label.source.name) == ("b.route", "a.route")
    assert label.source.text[label.span.start : label.span.end] == "p"


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ("guard { otherwise { pass } }", "guard"),
        ('timezone "Europe/Lisbon"', "timezone"),
        ('router { ae = "X" }', "router"),
    ],
)
def test_one_of_a_kind_in_all_files(item: str, word: str, program) -> None:
    both = {"a.route": f'language 1\nuse "b.route"\n{item}\n', "b.route": f"language 1\n{item}\n"}
    typed, findings = program(both)
    assert typed is None
    assert errors(findings) == [("RT106", "b.route", item, f"a second `{word}` in one program")]


def test_another_edition_is_an_error_there(program) -> None:
    typed, findings = program({"a.route": f'language 1\nuse "b.route"\n{TABLE}',
                               "b.route": "language 2\n"})  # fmt: skip
    assert typed is None
    assert [(code, where) for code, where, *_ in errors(findings)] == [("RT103", "b.route")]


@pytest.mark.parametrize(
    ("held", "code", "file", "words"),
    [
        (None, "RT131", "a.route", "there is no file `b.route`"),
        (NotADirectoryError(20, "x"), "RT131", "a.route", "there is no file `b.route`"),
        (PermissionError(13, "forbidden"), "RT131", "a.route", "cannot be read: forbidden"),
        (b"language 1\nset x = { \"\xff\" }\n", "RT100", "b.route", "byte 0xFF begins no"),
        ("language 1\nnode p {\n", "RT100", "b.route", "is not closed"),
        (b" " * (LIMIT + 1), "RT131", "a.route", "more than 64 MiB"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used(held, code: str, file: str, words: str, program) -> None:
    files = {"a.route": f'language 1\nuse "b.route"\n{TABLE}'}
    typed, findings = program(files if held is None else files | {"b.route": held})
    assert typed is None
    found = errors(findings)
    # names may stand in the file that could not be read: `p` is no second finding
    assert [(one[0], one[1]) for one in found] == [(code, file)]
    assert words in found[0][3]


def test_findings_are_in_the_order_of_the_files(program) -> None:
    _, findings = program({"a.route": 'language 1\nuse "b.route"\nset a = { }\n',
                           "b.route": "language 1\nset b = { }\n"})  # fmt: skip
    assert [one.source.name for one in findings if one.code == "RT108"] == ["a.route", "b.route"]


def test_a_text_alone_has_no_other_files(examine) -> None:
    typed, findings = examine('language 1\nuse "b.route"\nset s = file "x"\n')
    assert typed is None
    found = [(code, text) for code, _, text, _ in errors(findings)]
    assert found == [("RT131", '"b.route"'), ("RT130", '"x"')]


# The name of a rule set ---------------------------------------------------------------------------


def rule_set(program, files) -> str:
    typed, findings = program(files)
    assert errors(findings) == []
    return typed.rule_set


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_a_rule_set_of_one_file_is_named_by_its_text(program) -> None:
    assert rule_set(program, {"a.route": NODES}) == f"sha256:{digest(NODES)}"


def test_a_rule_set_of_several_is_named_by_all(program) -> None:
    first = f'language 1\nuse "b/n.route"\nset s = file "s.txt"\n{TABLE}'
    files = {"x/a.route": first, "x/b/n.route": NODES, "x/s.txt": "A\n"}
    lines = f"{digest(first)}  \n{digest(NODES)}  b/n.route\n{digest('A' + chr(10))}  s.txt\n"
    name = rule_set(program, files)
    assert name == f"sha256:{digest(lines)}"
    assert rule_set(program, files | {"x/s.txt": "B\n"}) != name
    assert rule_set(program, files | {"x/b/n.route": NODES + "#"}) != name
    elsewhere = {path.replace("x/", "y/", 1): text for path, text in files.items()}
    assert rule_set(program, elsewhere) == name


# Set files ----------------------------------------------------------------------------------------

SET = 'set s{vr} = file "s.txt"\ntable t all {{ rule r {{ when {test} nothing "x" }} }}\n'


def with_set(test: str, lines: str | bytes, program, vr: str = ""):
    text = "language 1\n" + SET.format(test=test, vr=vr)
    return program({"a.route": text, "s.txt": lines})


def test_lines_of_a_set_file() -> None:
    text = "# a list\r\nCT1 \r\n\r\n  CT2\n#CT3\n \t \n #4\nlast"
    lines = lines_of(text, 7)
    assert lines.texts == ("CT1", "CT2", "#4", "last")
    assert [text[lines.span(n).start : lines.span(n).end] for n in range(4)] == list(lines.texts)
    assert lines.span(0).file == 7


@pytest.mark.parametrize(
    ("test", "lines", "values"),
    [
        ("assoc.calling_ae in @s", "CT1\nCT2\n", ("CT1", "CT2")),
        ("assoc.calling_ae in @s", b"\xef\xbb\xbfCT1\r\nCT2\r\nCT1\r\n", ("CT1", "CT2")),
        ("InstanceNumber in @s", "1\n# none\n20\n", (1, 20)),
        ("SOPClassUID in @s", "CTImageStorage\n1.2.3\n",
         ("1.2.840.10008.5.1.4.1.1.2", "1.2.3")),
        ("StudyDate in @s", "2026-01-31\n", (20260131,)),
        ("PatientID in @s", "Mu\u0308ller\n", ("M\u00fcller",)),
    ],
)  # fmt: skip
def test_values_are_of_what_they_are_compared_with(test, lines, values, program) -> None:
    typed, findings = with_set(test, lines, program)
    assert errors(findings) == []
    assert typed.tables[0].rules[0].condition.values == values


def test_a_line_that_is_no_value_is_shown_in_its_file(program) -> None:
    typed, findings = with_set("StudyDate in @s", "2026-01-31\n2026-02-30\n", program)
    assert typed is None
    (found,) = [one for one in findings if one.level.name == "ERROR"]
    (label,) = found.labels
    assert label.source.name == "s.txt"
    assert label.source.position(label.span.start).line == 2


def test_a_declared_vr_is_the_type_of_the_lines(program) -> None:
    typed, findings = with_set("StudyDate in @s", "2026-01-31\n", program, vr=" : DA")
    assert errors(findings) == []
    assert typed is not None
    typed, findings = with_set("PatientID in @s", "2026-01-31\n", program, vr=" : DA")
    assert typed is None
    assert [code for code, *_ in errors(findings)] == ["RT120"]


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (FileNotFoundError(2, "x"), "there is no file `s.txt`"),
        (IsADirectoryError(21, "a folder"), "cannot be read: a folder"),
        (b" " * (LIMIT + 1), "more than 64 MiB"),
    ],
)
def test_a_set_file_that_cannot_be_read(held, words: str, program) -> None:
    typed, findings = with_set("PatientID in @s", held, program)
    assert typed is None
    ((code, file, text, said_),) = errors(findings)
    assert (code, file, text) == ("RT130", "a.route", '"s.txt"')
    assert words in said_


def test_a_set_file_that_is_no_text(program) -> None:
    typed, findings = with_set("PatientID in @s", b"a\nb\xffc\n", program)
    assert typed is None
    ((code, file, _, words),) = errors(findings)
    assert (code, file) == ("RT130", "s.txt")
    assert "0xFF" in words


def test_a_hundred_thousand_lines(program) -> None:
    lines = "".join(f"PAT-{number}\n" for number in range(100_000))
    typed, findings = with_set("PatientID in @s", lines, program)
    assert errors(findings) == []
    assert len(typed.tables[0].rules[0].condition.values) == 100_000


# Lookup files -------------------------------------------------------------------------------------

LOOKUP = (
    'language 1\nlookup l = file "l.csv" key PatientID value SubjectID\n'
    "transform x { set PatientID = lookup(@l, PatientID) }\n"
)


def rows(csv: str | bytes, program):
    typed, findings = program({"a.route": LOOKUP, "l.csv": csv})
    found = errors(findings)
    if typed is None:
        return found
    return typed.chains[0].edits[0].value.arguments[0].rows


@pytest.mark.parametrize(
    ("csv", "expected"),
    [
        ("PatientID,SubjectID\n1,A\n2,B\n", {"1": "A", "2": "B"}),
        (b"\xef\xbb\xbfSubjectID,Site,PatientID\r\nA,x,1\r\n\r\n,,\r\n", {"1": "A"}),
        ('PatientID,SubjectID\n"1,5","A ""B"""\n', {"1,5": 'A "B"'}),
        ("PatientID , SubjectID\n 1 , A \n", {"1": "A"}),
        ("PatientID,SubjectID\nMu\u0308ller,A\n", {"M\u00fcller": "A"}),
        ("PatientID,SubjectID\n1,\n", {"1": ""}),
        ("PatientID,SubjectID\n", {}),
        ("PatientID,SubjectID\n1\u2028,A\x0b\n2,B\n", {"1\u2028": "A", "2": "B"}),
    ],
)
def test_rows_of_a_lookup_file(csv, expected, program) -> None:
    assert rows(csv, program) == expected


@pytest.mark.parametrize(
    ("csv", "file", "place", "words"),
    [
        ("PatientID,SubjectID\n1,A\n2,B\n1,C\n", "l.csv", "1,C", "`1` is there a second time"),
        ("PatientID,SubjectID\nã,A\na\u0303,B\n", "l.csv", "a\u0303,B", "written another way"),
        ('PatientID,SubjectID\n"a""",1\n"a""",2\n', "l.csv", '"a""",2', '`a"` is there a second'),
        ("PatientID,Subject\n1,A\n", "a.route", "SubjectID", "no column `SubjectID`"),
        ("PatientID;SubjectID\n1;A\n", "a.route", "PatientID", "no column `PatientID`"),
        ("PatientID,SubjectID,SubjectID\n", "a.route", "SubjectID", "is there twice"),
        ("PatientID,SubjectID\n1\n", "l.csv", "1", "fewer columns"),
        ("PatientID,SubjectID\n,A\n", "l.csv", ",A", "nothing in the column `PatientID`"),
        ('PatientID,SubjectID\n1,"A\n', "l.csv", '1,"A', "not CSV"),
        (b"PatientID,SubjectID\n1,\xe9\n", "l.csv", "\ufffd", "not UTF-8"),
        ("", "a.route", "PatientID", "no column `PatientID`"),
    ],
)
def test_what_is_wrong_with_a_lookup_file(csv, file, place, words, program) -> None:
    found = rows(csv, program)
    assert {one[0] for one in found} == {"RT130"}
    assert (found[0][1], found[0][2]) == (file, place)
    assert words in found[0][3]


def test_ten_findings_of_one_file_at_most(program) -> None:
    assert len(rows("PatientID,SubjectID\n" + "1,A\n" * 50, program)) == 10


# Any bytes ----------------------------------------------------------------------------------------

PIECES = st.lists(
    st.sampled_from(
        [
            *(b"PatientID", b",", b"SubjectID", b"\n", b"\r", b'"', b"1", b"#", b" ", b"\x00"),
            *(b"\xff", "\u2028".encode(), b"\x0b", b"\xef\xbb\xbf", b"a" * 200_000),
        ]
    ),
    max_size=12,
).map(b"".join)
EVERYTHING = (
    'language 1\nuse "b.route"\nset s = file "s.txt"\n'
    'table t all { rule r { when PatientID in @s nothing "x" } }\n'
    'lookup l = file "l.csv" key PatientID value SubjectID\n'
    "transform x { set PatientID = lookup(@l, PatientID) }\n"
)


@settings(max_examples=60, deadline=None)
@given(PIECES | st.binary(max_size=40))
def test_files_of_any_bytes_are_findings_at_worst(program, data: bytes) -> None:
    files = {"a.route": EVERYTHING, **dict.fromkeys(("b.route", "s.txt", "l.csv"), data)}
    _, findings = program(files)
    for one in findings:
        assert 0 <= one.span.start <= one.span.end <= len(one.source.text)
        assert said(one.message, "pt")
