"""The formatter: golden pairs, and what must hold for any layout of any program."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from generators.mangle import glued, mangled
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from roteiro.lang import nodes
from roteiro.lang.fmt import breaks, columns, page, prove, run
from roteiro.lang.fmt.marks import Marks
from roteiro.lang.fmt.run import format_source
from roteiro.lang.fmt.tokens import Token, scan
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.source import Source

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOLDEN = sorted((HERE / "formatted").glob("*.out.route"))
EXAMPLE = re.compile(r"^```route\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def before(path: Path) -> Path:
    """Give the text that a golden file was made of: its neighbour, or a file of the paper."""
    name = path.name.removesuffix(".out.route")
    beside = path.with_name(f"{name}.in.route")
    return beside if beside.exists() else HERE / "edition1" / f"{name}.route"


def texts() -> Iterator[str]:
    """Give programs of many kinds."""
    for path in [*(HERE / "edition1").glob("*.route"), *(ROOT / "rules").glob("*.route")]:
        yield path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "docs" / "errors").glob("RT*.md")):
        yield from EXAMPLE.findall(path.read_text(encoding="utf-8"))
    for path in (HERE / "formatted").glob("*.in.route"):
        yield path.read_text(encoding="utf-8")


TEXTS = [text for text in texts() if format_source(Source("x", text)).text is not None]


def tree(text: str) -> nodes.File:
    file, findings = parse(Source("x", text))
    assert file is not None, text
    assert file.whole, (findings, text)
    return file


def fmt(text: str) -> str:
    done = format_source(Source("x", text))
    assert done.fault is None, text
    assert done.text is not None, text
    return done.text


# Golden -----------------------------------------------------------------------------------------


def test_every_golden_pair_is_whole() -> None:
    assert len(GOLDEN) >= 7
    assert all(before(path).exists() for path in GOLDEN)
    halves = {path.name for path in (HERE / "formatted").glob("*.in.route")}
    assert halves <= {path.name.replace(".out.", ".in.") for path in GOLDEN}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    text = before(path).read_text(encoding="utf-8")
    assert fmt(text) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_what_is_formatted_stays(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert fmt(text) == text


def test_the_files_of_the_paper_keep_their_looks() -> None:
    # but for spaces within lines, few lines change: those that are too long, or begin elsewhere
    for path in (HERE / "edition1").glob("*.route"):
        old = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        new = [line.split() for line in fmt(path.read_text(encoding="utf-8")).splitlines()]
        changed = [line for line in new if line not in old]
        assert len(changed) <= 4, (path.name, changed)


# Properties -------------------------------------------------------------------------------------

layouts = st.builds(
    lambda text, seed, comments, ends: mangled(text, Random(seed), comments=comments, breaks=ends),
    st.sampled_from(TEXTS),
    st.integers(0, 2**32),
    st.sampled_from((0.0, 0.02, 0.1)),
    st.sampled_from((0.0, 0.05, 0.2)),
)


def comments_of(text: str) -> list[tuple[int, str]]:
    """Give each comment with the number of tokens before it, found without the formatter."""
    found = []
    tokens = 0
    pattern = re.compile(r'(#[^\n]*)|"(?:[^"\\\n]|\\.)*"|/(?:\\.|[^/\\\n])+/|\w+|[^\s\w]')
    for match in pattern.finditer(text):
        if match[1]:
            found.append((tokens, match[1].rstrip()))
        tokens += not match[1]
    return found


@given(layouts)
@settings(max_examples=80, deadline=None)
def test_any_layout_is_formatted_to_the_same_tree_and_comments_and_stays(text: str) -> None:
    file, _ = parse(Source("x", text))
    assume(file is not None and file.whole)
    made = fmt(text)
    assert same(file, tree(made))
    assert comments_of(made) == comments_of(text)
    assert fmt(made) == made
    assert not re.search(r"[ \t]$|\n\n\n|\A\n|\t", made, re.MULTILINE)
    assert made.endswith("\n")
    assert not made.endswith("\n\n")


@given(layouts, st.sampled_from((35, 50, 70)))
@settings(max_examples=60, deadline=None)
def test_narrow_pages_are_stable_too(text: str, limit: int) -> None:
    file, _ = parse(Source("x", text))
    assume(file is not None and file.whole)
    with pytest.MonkeyPatch.context() as patch:
        for module in (breaks, columns, page):
            patch.setattr(module, "LIMIT", limit)
        for module in (breaks, page):
            patch.setattr(module, "DEEPEST", limit // 2)
        made = fmt(text)
        assert fmt(made) == made
    assert same(file, tree(made))
    assert comments_of(made) == comments_of(text)


@given(st.sampled_from(TEXTS), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_spaces_alone_decide_nothing(text: str, seed: int) -> None:
    tight = glued(text)
    file, _ = parse(Source("x", tight))
    assume(file is not None and file.whole)
    spread = mangled(tight, Random(seed), comments=0, breaks=0)
    assert fmt(tight) == fmt(spread)


words = st.sampled_from(("a", "bb", "Modality", "StudyDescription", "x" * 30, "or", "and"))
values = st.sampled_from(('"CT"', "1.5", "2020-01-01..2024-12-31", '{ "a", "bb" }', "@words", "1"))
tests = st.one_of(
    st.builds("{} == {}".format, words.filter(lambda word: len(word) > 3), values),
    st.builds("StudyDate in {{ {} }}".format, st.lists(values.filter(lambda one: "{" not in one and
              "@" not in one), min_size=1, max_size=40).map(", ".join)),
    st.just("PatientID is blank"),
    st.builds("@{}".format, words),
)  # fmt: skip
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("not {}".format, inner.filter(lambda one: " and " not in one)),
        st.lists(inner, min_size=2, max_size=6).map(" and ".join),
        st.lists(inner, min_size=2, max_size=6).map(" or ".join),
        st.builds("any RequestAttributesSequence has ({})".format, inner),
    ),
    max_leaves=20,
)
rules = st.builds(
    "rule {} {{ when {} send to {} {} }}".format,
    words.filter(lambda word: word not in {"or", "and"}),
    conditions,
    st.lists(words, min_size=1, max_size=8).map(", ".join),
    st.sampled_from(
        ("", "via a, b urgency stat", 'hold q "r"', "during or batch by study after 5m")
    ),
)
programs = st.builds(
    "language 1\n{} table t all {{ {} }}\n".format,
    st.builds("condition c = {}\n".format, conditions),
    st.lists(rules, min_size=1, max_size=5).map("\n".join),
)


@given(programs)
@settings(max_examples=40, deadline=None)
def test_long_conditions_and_lists_fit_the_page(text: str) -> None:
    file, _ = parse(Source("x", text))
    assume(file is not None and file.whole)
    made = fmt(text)
    assert same(file, tree(made))
    for line in made.splitlines():
        # a line is too long only where it holds nothing that could begin another
        assert len(line) <= 100 or not re.search(r"\S .* (and|or|via) |, ", line[: line.find("(")])


# Single points ----------------------------------------------------------------------------------


def body(text: str) -> str:
    """Format the text of a rule."""
    return fmt(f"language 1\ntable t all {{\n{text}\n}}\n").split("{\n", 1)[1].rsplit("}", 1)[0]


@pytest.mark.parametrize(
    ("written", "made"),
    [
        # one line stays one line, several stay several
        ("rule r{when true send to a}", "  rule r { when true  send to a }\n"),
        (
            "rule r { when true\nsend to a }",
            "  rule r { when true\n           send to a }\n",
        ),
        ("rule r {\nwhen true send to a }", "  rule r {\n    when true\n    send to a }\n"),
        (
            "rule r {\n\n\nwhen true\n\n\n\nsend to a\n\n}",
            "  rule r {\n    when true\n\n    send to a\n  }\n",
        ),
        # an operator begins a line, it does not end one
        (
            "rule r {\nwhen true and\nfalse\n}",
            "  rule r {\n    when true\n         and false\n  }\n",
        ),
        (
            "rule r {\nwhen A ==\n1 or (true\nand false\n)\n}",
            "  rule r {\n    when A == 1 or (true\n                    and false)\n  }\n",
        ),
        # rules stand below each other while no blank line is between
        (
            "rule a { hold x }\n# c\nrule long { hold x }\n\nrule b { hold x }",
            "  rule a    { hold x }\n  # c\n  rule long { hold x }\n\n  rule b { hold x }\n",
        ),
        # names that read like keywords are names
        ("rule r { when @when hold send }", "  rule r { when @when  hold send }\n"),
        (
            "rule r {\nwhen @or or @and\nsend to hold, send hold send\nbatch by study after 5m}",
            None,
        ),
        (
            'rule r {\nsend to hold, send late\nhold pass "x" nothing "y"\n}',
            None,
        ),
    ],
)
def test_rules(written: str, made: str | None) -> None:
    file, _ = parse(Source("x", f"language 1\ntable t all {{\n{written}\n}}\n"))
    assert file is not None
    if file.whole:
        assert made is None or body(written) == made
    else:
        assert made is None


def test_a_list_that_does_not_fit_is_filled() -> None:
    names = ", ".join(f'"name{number}"' for number in range(30))
    made = fmt(f"language 1\nset s = {{ {names} }}\n").splitlines()[1:]
    assert len(made) == 4
    assert all(80 < len(line) <= 100 for line in made[:-1])
    assert {line[:10] for line in made[1:]} == {" " * 10}


def test_a_rule_that_does_not_fit_is_opened() -> None:
    tests = " and ".join(f"Rows == {number}" for number in range(10))
    made = body(f"rule r {{ when {tests} send to a }}").splitlines()
    assert made[0] == "  rule r {"
    assert made[1:3] == ["    when Rows == 0", "         and Rows == 1"]
    assert made[-2:] == ["    send to a", "  }"]


def test_the_outer_chain_is_broken_before_the_inner_one() -> None:
    inner = " or ".join(f"Rows == {number}" for number in range(5))
    made = body(f"rule r {{\nwhen ({inner}) and ({inner})\nsend to a\n}}").splitlines()
    assert made[1] == f"    when ({inner})"
    assert made[2] == f"         and ({inner})"


def test_a_line_with_a_suppression_stays_one_line() -> None:
    tests = " and ".join(f"Rows == {number}" for number in range(12))
    rule = f"rule r {{ when {tests}  send to a }}"
    assert body(f"{rule}  # route: ignore[x] y") == f"  {rule}  # route: ignore[x] y\n"
    assert body(f"{rule}  # another").count("\n") > 10


def test_line_ends_and_the_mark_at_the_start_stay() -> None:
    made = fmt("\ufefflanguage 1\r\nset  s = { }\r\n# c\r\n")
    assert made == "\ufefflanguage 1\r\nset s = {}\r\n# c\r\n"
    assert "\r" not in fmt("language 1\nset s = { } # c\r\n")


def test_no_end_of_line_at_the_end_is_no_harm() -> None:
    assert fmt("language 1\nset s = {}") == "language 1\nset s = {}\n"
    assert fmt("language 1") == "language 1\n"


# What cannot be formatted -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "language 1\nset s = {", "language 9", "{", "set s = { 1 }"])
def test_what_does_not_parse_is_reported(text: str) -> None:
    done = format_source(Source("x", text))
    assert done.text is None
    assert done.fault is None
    assert {finding.level.name for finding in done.findings} == {"ERROR"}


@given(st.text(st.sampled_from('language1 {}()="#\n@,.or and set x'), max_size=60))
@example("language 1\n\ud800")
@settings(max_examples=100, deadline=None)
def test_rubbish_is_reported_or_formatted(text: str) -> None:
    done = format_source(Source("x", text))
    assert done.fault is None
    assert done.text is not None or done.findings


def test_types_are_not_looked_at() -> None:
    assert fmt('language 1\nset s:XX={1,"a"}') == 'language 1\nset s : XX = { 1, "a" }\n'


# The proof --------------------------------------------------------------------------------------


def failing(text: str, made: str) -> str:
    tokens = scan(text)
    file = tree(text)
    return prove.fault(text, tokens, Marks(tokens, file), file, made)


def test_the_proof_sees_a_lost_comment() -> None:
    text = "language 1\n# a\nset s = {}  # b\n"
    assert failing(text, text) == ""
    for made in (
        "language 1\nset s = {}  # b\n",
        "language 1\n# a\nset s = {}\n",
        "language 1  # a\nset s = {}  # b\n",
        "language 1\n# a\n# b\nset s = {}\n",
    ):
        assert failing(text, made) == "comments", made


def test_the_proof_sees_another_word() -> None:
    text = 'language 1\nset s = { "a" }\n'
    assert failing(text, text.replace('"a"', '"b"')) == "comments"
    assert failing(text, text.replace('"a"', '"a", ')) == "comments"


def test_the_proof_sees_another_tree(monkeypatch) -> None:
    text = 'language 1\nset s = { "a" }\n'
    monkeypatch.setattr(prove, "kept", lambda token: "")
    assert failing(text, text.replace('"a"', '"b"')) == "tree"
    assert failing(text, text.replace("}", ")")) == "tree"


@given(layouts)
@settings(max_examples=40, deadline=None)
def test_the_proof_of_large_files_says_what_trees_say(text: str) -> None:
    file, _ = parse(Source("x", text))
    assume(file is not None and file.whole)
    made = fmt(text)
    assert prove.same_tokens(text, made)
    assert prove.same_tree(file, made)
    for wrong in (f"{made}set more = {{}}\n", made.replace("{", "{ x", 1), made.replace("\n}", "")):
        assert prove.same_tokens(text, wrong) <= prove.same_tree(file, wrong)
    assert not prove.same_tokens(text, f"{made}set more = {{}}\n")


def test_large_files_are_proved_by_their_tokens(monkeypatch) -> None:
    monkeypatch.setattr(prove, "LARGE", 0)
    monkeypatch.setattr(prove, "kept", lambda token: "")
    text = 'language 1\nset s = { "a" }\n'
    assert failing(text, text) == ""
    assert failing(text, text.replace('"a"', '"b"')) == "tree"
    assert failing(text, text.replace("set", "use")) == "tree"


def test_the_proof_sees_what_a_second_run_would_change() -> None:
    text = 'language 1\nset s = { "a" }\n'
    assert failing(text, 'language 1\nset  s = { "a" }\n') == "stability"


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda made: made.replace("# c", "#"), "comments"),
        (lambda made: made.replace(" = ", "  = "), "stability"),
    ],
)
def test_a_result_that_is_not_proved_is_not_given(monkeypatch, spoil, fault: str) -> None:
    real = run.set_tokens
    monkeypatch.setattr(run, "set_tokens", lambda *args: spoil(real(*args)))
    done = format_source(Source("x", "language 1  # c\nset s={}\n"))
    assert (done.text, done.fault) == (None, fault)


def test_what_is_formatted_needs_no_proof(monkeypatch) -> None:
    monkeypatch.setattr(run, "fault", None)
    text = "language 1\nset s = {}\n"
    assert fmt(text) == text


def test_tokens_and_comments_are_those_of_the_text() -> None:
    text = 'language 1 # a\n\n# b\n# c\nset s = { i"x", /a#b/i } # route: ignore[x]\n# d\n'
    tokens = scan(text)
    assert [token.text for token in tokens] == [
        *("language", "1", "set", "s", "=", "{", 'i"x"', ",", "/a#b/i", "}", ""),
    ]
    assert tokens[1].trail == "# a"
    assert tokens[2].before == [("# b", True), ("# c", False)]
    assert tokens[-1].before == [("# d", False)]
    assert [token.text for token in tokens if tied(token)] == [
        *("s", "=", "{", 'i"x"', ",", "/a#b/i", "}"),
    ]


def tied(token: Token) -> bool:
    return token.tied
