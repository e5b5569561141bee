"""`roteiro test` on several processors: the same answer, whoever ran what."""

import json
import os

import pytest

from roteiro.runtime.shares import FEWEST
from roteiro.runtime.world import HelperFailed, processors, shared_out

COUNT = 3 * FEWEST + 5


@pytest.fixture
def rules(tmp_path):
    lines = ['language 1\nnode a { ae = "A" host = "h" port = 104 }\ntable t first {']
    lines += [f"  rule r{at} {{ when Rows == {at} send to a }}" for at in range(COUNT)]
    lines += ['  otherwise { nothing "x" }\n}']
    for at in range(COUNT):
        wanted = "send a" if at % 7 else "nothing"
        lines.append(f'test "t{at}" {{ given {{ Rows = {at} }} expect {wanted} }}')
    path = tmp_path / "a.route"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def document(run, *words):
    ran = run("test", *words, "--format", "json", "--coverage")
    return ran.code, json.loads(ran.out)


def test_the_answer_is_the_same_in_any_number_of_processes(run, rules) -> None:
    alone = document(run, rules, "-j", "1")
    assert alone[0] == 1
    assert [each["name"] for each in alone[1]["tests"]] == [f"t{at}" for at in range(COUNT)]
    assert alone[1]["failed"] == len(range(0, COUNT, 7))
    assert alone[1]["coverage"]["rule"]["covered"] == COUNT
    assert document(run, rules, "-j", "3") == alone
    assert document(run, rules) == alone


def test_work_is_done_in_processes_of_its_own() -> None:
    answers = shared_out([lambda: str(os.getpid()).encode()] * 3)
    assert len({*answers, str(os.getpid()).encode()}) == 4
    assert processors() >= 1


def test_a_large_answer_comes_whole_and_in_order() -> None:
    works = [lambda at=at: bytes([at]) * 1_000_000 for at in range(4)]
    assert shared_out(works) == [bytes([at]) * 1_000_000 for at in range(4)]


def test_a_process_that_is_lost_is_told() -> None:
    with pytest.raises(HelperFailed):
        shared_out([lambda: b"", lambda: os.kill(os.getpid(), 9)])


def test_tests_are_run_here_when_a_process_is_lost(run, rules, monkeypatch) -> None:
    alone = document(run, rules, "-j", "1")

    def lost(_works):
        raise HelperFailed(-9)

    monkeypatch.setattr("roteiro.runtime.shares.shared_out", lost)
    assert document(run, rules, "-j", "3") == alone


def test_no_process_is_no_number(run, rules) -> None:
    assert run("test", rules, "-j", "0").code == 2
