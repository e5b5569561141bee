"""Pages of the index that are not as they were written are never taken for true."""

from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.runtime.spool.checked import PAGE, ROOM, CheckedFiles, sealed, sound
from roteiro.runtime.spool.index import IndexBroken, open_index
from tests.spool.samples import content

BITS = 8 * PAGE


@given(st.integers(0, BITS - 1))
def test_every_flipped_bit_is_seen(bit: int) -> None:
    page = bytearray(sealed(content(1, PAGE)))
    assert sound(bytes(page))
    page[bit // 8] ^= 1 << bit % 8
    assert not sound(bytes(page))


def test_a_page_that_was_never_written_is_no_damage() -> None:
    assert sound(bytes(PAGE))
    assert not sound(bytes(PAGE - 1) + b"\1")


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("offset", [0, 20, 2_000, PAGE - 1, PAGE + 9, 3 * PAGE - ROOM])
def test_index_with_a_flipped_bit_is_broken(offset: int, tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite3"
    open_index(path).close()
    assert not open_index(path).fresh
    flip(path, offset)
    with pytest.raises(IndexBroken):
        open_index(path)


def test_index_without_checksums_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite3"
    plain = apsw.Connection(str(path))
    plain.execute("PRAGMA journal_mode = WAL; CREATE TABLE object (id INTEGER)")
    plain.close()
    with pytest.raises(IndexBroken):
        open_index(path)


def test_a_bit_that_flips_while_it_runs_is_an_error_of_reading(tmp_path: Path) -> None:
    path = tmp_path / "some.sqlite3"
    files = CheckedFiles("checked-for-a-test", "")
    try:
        database = apsw.Connection(str(path), vfs=files.name)
        database.reserve_bytes(reserve=ROOM)
        database.execute("CREATE TABLE t (x); INSERT INTO t VALUES ('as it was written')")
        database.close()
        flip(path, path.read_bytes().index(b"as it was"))
        again = apsw.Connection(str(path), vfs=files.name)
        with pytest.raises(apsw.IOError):
            again.execute("SELECT x FROM t").fetchall()
        again.close()
    finally:
        files.unregister()
