"""A file whose rules are known is read as if nothing were known of it, only with less work."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.lang import known, nodes, parser
from roteiro.lang.machine import Machine
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.source import Source

from generators.large import file  # isort: skip

TEXT = file(40)
SHORT = file(12, tables=2)
GUARD = """\
guard {
  rule ward_8 {
    when Rows > 1
    hold q
  }
  rule ward_9 { when Rows > 2 hold q }
  otherwise { pass }
}
"""
GUARD_RULES = GUARD.removeprefix("guard {\n").partition("  otherwise")[0]
PIECES = (
    *("\n", "{", "}", "(", ")", '"', "/", "#", "# ", " ", "@", ".", "rule ", "\n  rule x {\n"),
    *("otherwise { send to vna }", "}\n}\n", "table t all {\n", "node n {", "guard {\n", "set s ="),
    *(
        "send to vna",
        "\ntransform t {\n",
        "when ",
        "\nfoo bar\n",
        "\n      ",
        "\n",
        "rul ",
        "é",
        "\\",
    ),
)


class Shelf(dict[str, bytes]):
    """Keeps everything."""

    def put(self, key: str, value: bytes) -> None:
        self[key] = value


@pytest.fixture(autouse=True, scope="module")
def any_file_is_large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser, "LARGE", 0)
        yield


def of(text: str) -> Source:
    return Source("x.route", text)


def primed(text: str = TEXT) -> Shelf:
    shelf = Shelf()
    parse(of(text), 0, shelf)
    return shelf


def rules(tree: nodes.File | None) -> list[nodes.Rule]:
    assert tree is not None
    return [rule for item in tree.items if isinstance(item, nodes.Table) for rule in item.rules]


def alike(text: str, shelf: Shelf, number: int = 0) -> None:
    tree, findings = parse(of(text), number)
    again, found = parse(of(text), number, shelf)
    assert found == findings
    assert (tree is None) == (again is None)
    if tree is not None and again is not None:
        assert tree.whole == again.whole
        assert again.items == tree.items
        assert same(again, tree)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what the automaton reads."""
    found: list[str] = []
    real = Machine.read

    def counted(self, tokens, start, builder):
        found.append(start)
        return real(self, tokens, start, builder)

    monkeypatch.setattr(Machine, "read", counted)
    return found


# The same -----------------------------------------------------------------------------------------


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_changes_are_read_as_without_a_cache(data: st.DataObject) -> None:
    shelf = primed(SHORT)
    text = SHORT
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.sampled_from((0, 0, 1, 2, 30, 300)))
        text = text[:at] + data.draw(st.sampled_from(("", *PIECES))) + text[at + gone :]
        alike(text, shelf)


@pytest.mark.parametrize("least", [0, 1, 2, 3, 4, 6])
def test_a_table_or_rule_with_another_indent_is_read_as_without_a_cache(least: int) -> None:
    shelf = primed()
    for _ in range(2):
        alike(TEXT.replace("\ntable", f"\n{' ' * least}table"), shelf)
        alike(TEXT.replace("\n  rule", f"\n{' ' * least}rule"), shelf)
        alike(TEXT.replace("\n  ", f"\n{' ' * least}"), shelf)


def test_rules_that_move_to_the_guard_are_read_there() -> None:
    shelf = primed(f"{TEXT}table t all {{\n{GUARD_RULES}}}\n")
    alike(f"{TEXT}{GUARD}", shelf)


@pytest.mark.parametrize(
    "before",
    [
        *("$$$ {\n", "node n {\n", 'set s = { "a"\n', "        node n { ae = \n", "@\n"),
        *("        foo bar {\n", "foo bar\n", "  }\n", "# {\n"),
    ],
)
def test_what_stands_before_a_known_rule_is_read_as_without_a_cache(before: str) -> None:
    shelf = primed()
    for place in ("\ntable wards_1", "  rule ward_5 ", "  rule ward_12 "):
        alike(TEXT.replace(place, f"\n{before}{place}"), shelf)


def test_places_are_those_of_the_file_and_of_its_number() -> None:
    shelf = primed()
    alike("# a line more\n" + TEXT, shelf, 3)


def test_byte_order_mark_and_line_ends() -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    alike(text, primed(text))
    alike(text, primed())


# Less work ----------------------------------------------------------------------------------------


def test_only_what_changed_is_read(reads: list[str]) -> None:
    shelf = primed()
    assert reads.count("rule") == 40
    reads.clear()
    tree, findings = parse(of(TEXT.replace('"SCAN8"', '"SCAN9"')), 0, shelf)
    assert findings == ()
    assert reads.count("rule") <= 1 + 4  # the last of a table is never known
    reads.clear()
    names = [rule.name.text for rule in rules(tree)]
    assert names == [f"ward_{number}" for number in range(40)]
    assert reads == []
    assert len({rule.actions for rule in rules(tree)}) > 5
    assert 30 < reads.count("rule") <= 40


def test_nothing_is_forgotten_while_a_file_cannot_be_read(reads: list[str]) -> None:
    shelf = primed()
    parse(of(TEXT.replace("language 1", "language 9")), 0, shelf)
    parse(of(TEXT.replace("table", "tabel")), 0, shelf)
    parse(of(TEXT.replace("{", "(")), 0, shelf)
    reads.clear()
    parse(of(TEXT), 0, shelf)
    assert reads.count("rule") <= 4


def test_rules_with_findings_are_not_known() -> None:
    shelf = Shelf()
    text = TEXT.replace('"ROOM4A"', r'"ROOM\q"').replace("urgency normal", "urgency", 1)
    first = parse(of(text), 0, shelf)[1]
    assert [found.code for found in first] == ["RT100", "RT113"]
    assert parse(of(text), 0, shelf)[1] == first


def test_small_files_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "LARGE", len(TEXT) + 1)
    assert primed() == {}


# What is kept -------------------------------------------------------------------------------------


def test_a_change_anywhere_in_what_is_kept_is_seen() -> None:
    shelf = primed()
    ((key, value),) = shelf.items()
    for at in range(0, len(value), 37):
        changed = Shelf({key: value[:at] + bytes((value[at] ^ 1,)) + value[at + 1 :]})
        assert known.unpacked(changed[key]) == {}
        alike(TEXT, changed)
    for size in (0, 1, 15, 16, 17, len(value) - 1):
        assert known.unpacked(value[:size]) == {}


def test_what_another_version_knew_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    ((key, value),) = primed().items()
    monkeypatch.setattr(known, "version", lambda: b"another")
    assert known.unpacked(value) == {}
    assert key not in primed()


def test_two_files_are_kept_apart() -> None:
    shelf = primed()
    parse(Source("y.route", TEXT), 0, shelf)
    assert len(shelf) == 2


def test_nothing_is_put_twice() -> None:
    class Once(Shelf):
        puts = 0

        def put(self, key: str, value: bytes) -> None:
            self.puts += 1
            super().put(key, value)

    shelf = Once()
    changed = TEXT.replace("SCAN8", "SCAN7")
    for text, puts in ((TEXT, 1), (changed, 2), (TEXT, 2), (changed, 2)):
        parse(of(text), 0, shelf)
        assert shelf.puts == puts


def test_what_is_kept_does_not_grow_without_end() -> None:
    shelf = Shelf()
    sizes: list[int] = []
    for number in range(6):
        parse(of(TEXT.replace("SCAN", f"S{number}X").replace("ROOM", f"R{number}")), 0, shelf)
        sizes.extend(map(len, shelf.values()))
    assert max(sizes) <= 3 * sizes[0]
    alike(TEXT, shelf)


# Rules that are read later ------------------------------------------------------------------------


def later() -> tuple[nodes.Rule, nodes.Rule]:
    """Give a rule that is not read yet, and the same rule."""
    return rules(parse(of(TEXT), 0, primed())[0])[5], rules(parse(of(TEXT))[0])[5]


def test_a_rule_is_read_when_it_is_looked_at() -> None:
    unread, rule = later()
    assert isinstance(unread, nodes.Rule)
    assert type(unread) is not nodes.Rule
    assert (unread.name, unread.span) == (rule.name, rule.span)
    assert type(unread) is not nodes.Rule
    assert unread.condition == rule.condition
    assert type(unread) is nodes.Rule
    assert unread == rule


@pytest.mark.parametrize(
    "look",
    [
        lambda unread, rule: unread == rule,
        lambda unread, rule: rule == unread,
        lambda unread, rule: unread == later()[0],
        lambda unread, rule: hash(unread) == hash(rule),
        lambda unread, rule: repr(unread) == repr(rule),
        lambda unread, rule: replace(unread, priority=7) == replace(rule, priority=7),
        lambda unread, rule: same(unread, rule) and same(rule, unread),
        lambda unread, rule: unread.priority == rule.priority,
    ],
)
def test_it_is_what_it_stands_for(look) -> None:
    assert look(*later())


def test_it_has_no_other_parts() -> None:
    with pytest.raises(AttributeError, match="verdict"):
        _ = later()[0].verdict
