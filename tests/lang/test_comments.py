"""Comments are found wherever they stand, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.lang.comments import comments, docs_of
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.scan import COMMENT, pieces, scan
from roteiro.lang.source import Source, Span

TEXT = """\
# route: ignore-file[x] why
language 1 # one
## The archive.
##
## Never full.
# route: ignore[y] because
node a { ae = "#A" host = "h" }   # two \r
  ## inside
set b = { i"#x", /a#b/i, "open } # three
## far away

set c = { "x" }
"""


def found(text: str) -> list[tuple[str, bool]]:
    return [(one.text, one.alone) for one in comments(Source("x.route", text))]


def test_comments_with_their_places() -> None:
    assert found(TEXT) == [
        ("# route: ignore-file[x] why", True),
        ("# one", False),
        ("## The archive.", True),
        ("##", True),
        ("## Never full.", True),
        ("# route: ignore[y] because", True),
        ("# two", False),
        ("## inside", True),
        ("## far away", True),
    ]
    (one, *_) = comments(Source("x.route", TEXT), 4)
    assert one.span == Span(0, 27, 4)
    assert [comment.documents for comment in comments(Source("x.route", "## a\nx ## b"))] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("word", "docs"),
    [
        ("node a", "The archive.\n\nNever full."),
        ("set c", ""),
        ("language", ""),
        ("ae =", ""),
        ("set b", "inside"),
    ],
)
def test_docs_stand_right_above(word: str, docs: str) -> None:
    assert docs_of(Source("x.route", TEXT), TEXT.index(word)) == docs


def test_docs_of_an_item_and_of_a_rule() -> None:
    text = "\ufeff## the file\r\nlanguage 1\n## all\ntable t all {\n  ## one\n  rule r { }\n}\n"
    source = Source("x.route", text)
    assert docs_of(source, text.index("language")) == "the file"
    assert docs_of(source, text.index("table")) == "all"
    assert docs_of(source, text.index("rule")) == "one"


PIECES = ("#", '"', 'i"', "/", "\\", "\n", "\r\n", " ", "}", "{", "x", "## ", "\ufeff", "\t", "5")


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_the_same_comments_as_a_scan_of_the_whole_text_skips(text: str) -> None:
    begin = int(text.startswith("\ufeff"))
    whole = [(words, end) for kind, words, end in pieces(text, begin, len(text)) if kind == COMMENT]
    tokens = {text.count("\n", 0, token.start) for token in scan(text)}
    assert found(text) == [
        (words.rstrip(), text.count("\n", 0, end) not in tokens) for words, end in whole
    ]


def test_comments_do_not_change_the_tree() -> None:
    text = 'node a { ae = "A" }\nset b = { "#" }\ncondition c = Rows > 1\n'
    commented = "".join(f"## above\n{line} # behind\n" for line in text.splitlines())
    bare, found_bare = parse(Source("x.route", "language 1\n" + text))
    file, found_in = parse(Source("x.route", "# x\nlanguage 1\n" + commented + "# end"))
    assert found_bare == found_in == ()
    assert same(bare, file)
