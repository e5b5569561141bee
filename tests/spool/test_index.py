"""The index answers by its own indexes, and keeps the modes that the promise needs."""

from pathlib import Path
from typing import Any

import apsw
import pytest

from roteiro.runtime.spool import entries, history, questions
from roteiro.runtime.spool import index as index_module
from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.spool.index import Index, open_index


@pytest.fixture
def index(tmp_path: Path) -> Any:
    made = open_index(tmp_path / "index.sqlite3")
    yield made
    made.close()


def ask_everything(index: Index) -> None:
    questions.owed(index, "pacs", 10, 5)
    for to in (None, "pacs"):
        for state in (None, *DeliveryState):
            questions.deliveries(index, to, state, 10)
    for queue in (None, "unrouted"):
        questions.held(index, queue, 10)
    questions.queues(index)
    questions.queue_ages(index)
    questions.destinations(index)
    questions.of_object(index, "7f")
    questions.held_of_object(index, "7f")
    questions.by_number(index, 7)
    questions.of_study(index, "1.2")
    questions.held_of_study(index, "1.2")
    questions.gatherings(index, "pacs", "")
    questions.sent(index, "1.2.3", "00", "pacs")
    questions.since(index)
    entries.unnoted(index)
    entries.unnoted_rulings(index)
    entries.finished(index)
    entries.known(index, "7f")
    entries.known_entries(index, "7f")
    entries.next_sequence(index)
    entries.taken(index, 5, 2)
    entries.count(index)
    history.beyond(index, 5.0)


def test_no_question_sorts_or_reads_a_whole_table(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Any]] = []
    real = index_module._rows

    def rows(connection: Any, question: str, values: Any = ()) -> Any:
        asked.append((question, values))
        return real(connection, question, values)

    monkeypatch.setattr(index_module, "_rows", rows)
    ask_everything(index)
    assert len(asked) > 15
    for question, values in asked:
        plan = index._reader.execute(f"EXPLAIN QUERY PLAN {question}", values).fetchall()
        steps = [step for *_, step in plan]
        assert not [step for step in steps if "TEMP B-TREE" in step], question
        # a scan in the order of the key ends at its limit; what remains is short by itself
        short = ("LIMIT", "GROUP BY queue", "FROM destination", "noted = 0", "FROM era")
        short += ("owed > 0", "state = 1")  # each has an index of its own
        bounded = any(word in question for word in short)
        assert bounded or not [step for step in steps if step.startswith("SCAN")], question


def test_a_transaction_has_the_mode_it_asked_for(index: Index) -> None:
    for firm, mode in ((True, 2), (False, 1), (True, 2)):
        with index.transaction(firm=firm):
            assert index._writer.execute("PRAGMA synchronous").get == mode
    assert index._writer.execute("PRAGMA journal_mode").get == "wal"


def write_and_fail(index: Index) -> None:
    with index.transaction(firm=True):
        entries.tally(index, "pacs", None, DeliveryState.WAITING, 10)
        index._writer.execute("INSERT INTO nowhere VALUES (1)")


def test_a_transaction_that_fails_leaves_nothing(index: Index) -> None:
    with pytest.raises(OSError, match="index"):
        write_and_fail(index)
    assert questions.destinations(index) == {}
    with index.transaction(firm=True):
        entries.tally(index, "pacs", None, DeliveryState.WAITING, 10)
    assert questions.destinations(index)["pacs"].waiting == 1


def test_the_reader_cannot_write(index: Index) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        index._reader.execute("DELETE FROM delivery")


def test_a_mode_that_is_not_kept_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_SYNCHRONOUS", {"NORMAL": 1, "FULL": 3})
    with pytest.raises(OSError, match="synchronous is 2, not FULL"):
        open_index(tmp_path / "index.sqlite3")


def test_an_index_in_a_folder_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    index = open_index(tmp_path / "link" / "index.sqlite3")
    index.close()
    assert (tmp_path / "disk" / "index.sqlite3").exists()
