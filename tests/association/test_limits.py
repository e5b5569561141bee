"""How many associations fit into the open files that the system allows."""

from hypothesis import given
from hypothesis import strategies as st

from roteiro.lang.settings import ListenerSettings
from roteiro.runtime.association.contract import Caller
from roteiro.runtime.association.limits import EACH, LEAST_FILES, OURS, Limits, within_files
from roteiro.runtime.association.policy import LOCAL_LIMIT, Census, explain

USUAL = Limits()


@given(st.integers(LEAST_FILES, 2**63 - 1), st.integers(1, 4))
def test_what_is_allowed_fits(files: int, listeners: int) -> None:
    found = within_files(USUAL, files, listeners)
    assert 1 <= found.connections <= USUAL.connections
    assert 4 <= found.unassociated <= USUAL.unassociated
    for_callers = found.connections * EACH + found.unassociated * listeners
    crowded = found.connections == 1 or found.unassociated == 4  # the least that works at all
    assert crowded or OURS + for_callers <= files
    assert crowded or files - OURS - for_callers >= (found.connections - 1) * EACH, "as many lines"
    assert (found.files is None) == (found.connections == USUAL.connections)


def test_some_figures() -> None:
    found = {files: within_files(USUAL, files, 1) for files in (80, 256, 1024, 8192, 524_288)}
    assert {files: (each.connections, each.unassociated) for files, each in found.items()} == {
        80: (3, 4),
        256: (42, 24),
        1024: (210, 120),
        8192: (1024, 128),
        524_288: (1024, 128),
    }


def test_who_is_turned_away_for_it_is_told_what_to_do() -> None:
    census = Census(Limits(connections=2, per_ae=1))
    census.enter("10.0.0.1", "CT1")
    assert not census.full
    assert not census.has_room("10.0.0.1", "CT1"), "a limit of its own"
    census.enter("10.0.0.2", "CT2")
    assert census.full
    caller = Caller(ListenerSettings("main", 104), "CT3", "ROTEIRO", "10.0.0.3")
    assert "80 open files" in explain(caller, LOCAL_LIMIT, None, 80).why
    assert "ulimit -n" in explain(caller, LOCAL_LIMIT, None, 80).add
    assert "open files" not in explain(caller, LOCAL_LIMIT, None).why
