"""What words and rows of tables say of an object, good and bad."""

import pytest

from roteiro.core.program import Field
from roteiro.core.program import Source as Place
from roteiro.lang import rows as lang_rows
from roteiro.lang import words as lang_words
from roteiro.lang.check import check_loaded
from roteiro.lang.load import load
from roteiro.lang.rows import WrongRow, WrongTable, rows_of
from roteiro.lang.source import Source
from roteiro.lang.typed import Assigned, Typed, TypedTest
from roteiro.lang.words import WrongWord, assigned, field_of, word_of

from datetime import date  # isort: skip

PROGRAM = """\
language 1
node n1 { ae = "N1" host = "10.0.0.1" port = 104 }
node n2 { ae = "N2" host = "10.0.0.2" port = 104 }
node n3 { ae = "N3" host = "10.0.0.3" port = 104 }
pool both = copy (n1, n2)
table t all { rule a { when Modality == "CT" send to both } rule b { send to n3 } }
"""


@pytest.fixture(name="program", scope="module")
def program_with_a_pool() -> Typed:
    typed, findings = check_loaded(load(Source("x.route", PROGRAM)), date(2026, 11, 24))
    assert typed is not None, findings
    return typed


def given(*words: str) -> tuple[Assigned, ...]:
    cut = [word_of(word) for word in words]
    return assigned(word for word in cut if word is not None)


def rows(table: str, program: Typed) -> list[TypedTest | WrongRow]:
    return list(rows_of(Source("rows.csv", table), program))


def one(table: str, program: Typed) -> TypedTest:
    """Give the test of a table with one good row."""
    (row,) = rows(table, program)
    assert isinstance(row, TypedTest), row
    return row


def wrong(table: str, program: Typed) -> tuple[str, str]:
    """Give what is wrong with the only row of a table, in both languages."""
    (row,) = rows(table, program)
    assert isinstance(row, WrongRow)
    return row.why.worded("en"), row.why.worded("pt")


# Numbers of bytes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["", "x", "-1", "1.5"])
def test_a_size_is_a_number(size: str, program: Typed) -> None:
    with pytest.raises(WrongWord) as raised:
        given(f"instance.size={size}")
    end = f"not `{size}`" if size else "and none stands there"
    assert raised.value.why.worded("en") == f"`instance.size` is a number of bytes, {end}"
    cell = size or "empty"
    assert wrong(f"name,instance.size,expect.send\nx,{cell},n3\n", program)[0].endswith(end)


def test_a_size_may_be_absent_in_a_row(program: Typed) -> None:
    row = one("name,instance.size,Modality,expect.send\nx,absent,absent,n3\n", program)
    assert [each.values for each in row.given] == [None, None]
    assert row.given[0].field.source is Place.ENVELOPE


# Files --------------------------------------------------------------------------------------------


def test_a_path_holds_no_nul(program: Typed) -> None:
    said = wrong("name,file,expect.send\nx,a\0b.dcm,n3\n", program)
    assert said == (
        "no path holds a NUL character",
        "nenhum caminho de ficheiro contém o carácter NUL",
    )


# Destinations -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["send", "exactly", "no_send"])
def test_a_copy_pool_stands_for_its_members(kind: str, program: Typed) -> None:
    row = one(f"name,expect.{kind}\nx,n2 both n3\n", program)
    (expectation,) = row.expectations
    assert expectation.names == ("n2", "n1", "n3")


def test_what_is_no_destination(program: Typed) -> None:
    assert wrong("name,expect.send\nx,nowhere\n", program) == (
        "there is no destination `nowhere`: expected a node with a port, or a pool",
        "não há nenhum destino `nowhere`: esperava-se um nó com porta, ou um grupo",
    )


# Tables -------------------------------------------------------------------------------------------


def test_the_name_of_a_column_is_read_once(program: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(key: str) -> Field:
        read.append(key)
        return field_of(key)

    for module in (lang_rows, lang_words):
        monkeypatch.setattr(module, "field_of", counted)
    some = rows("name,Modality,Rows,expect.send\n" + "x,CT,1,n3\n" * 40, program)
    assert len(some) == 40
    assert read == ["Modality", "Rows"]


@pytest.mark.parametrize(
    "table",
    [
        "name,Modality,expect.send,\nx,CT,n3,\n",
        "name,Modality,expect.send,,\nx,CT,n3\n,,,,\n",
        "name,Modality,expect.send\nx,CT,n3,,\n",
        "name,,Modality,expect.send\nx,,CT,n3\n",
        "sep=;\nname;Modality;expect.send\nx;CT;n3\n",
        "sep=,\nname,Modality,expect.send\nx,CT,n3\n",
        "SEP=;\r\nname;Modality;expect.send;\r\nx;CT;n3;\r\n",
        "sep=\t\nname\tModality\texpect.send\nx\tCT\tn3\n",
    ],
)
def test_tables_as_spreadsheets_save_them(table: str, program: Typed) -> None:
    row = one(table, program)
    assert [each.values for each in row.given] == [("CT",)]
    assert row.expectations[0].names == ("n3",)
    assert row.span.start == table.replace("\r", "").index("\nx") + 1


@pytest.mark.parametrize("sep", ["", "sep=,\n"])
def test_a_column_with_cells_has_a_name(sep: str, program: Typed) -> None:
    table = f"{sep}name,Modality,expect.send,\ny,CT,n3,\nx,CT,n3,MR\n"
    with pytest.raises(WrongTable) as raised:
        rows(table, program)
    assert raised.value.line == 1 + len(sep.splitlines())
    assert raised.value.phrase.worded("en").startswith("column 4 has no name")
    assert raised.value.phrase.worded("pt").startswith("a coluna 4 não tem nome")


def test_a_row_with_more_cells_than_columns(program: Typed) -> None:
    said = wrong("name,Modality,expect.send\nx,CT,n3,more\n", program)
    assert said[0] == "the row has 4 cells, and the table 3 columns"
