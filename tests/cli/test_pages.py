"""`roteiro check --explain CODE`: the page of each code, and codes that are none."""

import pytest

from roteiro.lang.codes import CODES


def test_every_code_has_a_page(run) -> None:
    for code, entry in CODES.items():
        done = run("check", "--explain", code)
        assert done.code == 0, code
        assert code in done.out
        assert entry.name in done.out


def test_a_page_can_be_asked_for_by_name(run) -> None:
    assert run("check", "--explain", "rt101").out == run("check", "--explain", "RT101").out
    assert run("check", "--explain", "unknown-attribute").code == 0


@pytest.mark.parametrize(
    ("word", "meant"), [("RT1O1", "RT101"), ("unknown-atribute", "unknown-attribute")]
)
def test_an_unknown_code_is_guessed_at(run, word: str, meant: str) -> None:
    done = run("check", "--explain", word)
    assert (done.code, done.out) == (2, "")
    assert f"did you mean `{meant}`" in done.err


@pytest.mark.parametrize("word", ["", "zebra", "../../etc/passwd"])
def test_a_code_like_no_other(run, word: str) -> None:
    done = run("check", "--explain", word)
    assert done.code == 2
    assert done.err.count("\n") == 1
