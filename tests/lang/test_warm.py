"""A file of which one rule changed is checked in part, with all the findings of a whole check."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given, settings

from roteiro.lang.check import Checking, outcome
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.lint import program
from roteiro.lang.load import load
from roteiro.lang.report import place
from roteiro.lang.source import Source
from roteiro.lang.suppress import apply
from roteiro.lang.warm import keep, related
from roteiro.lang.warm.again import again
from roteiro.lang.warm.answer import first_places, unchanged
from roteiro.lang.warm.edit import edit_of
from roteiro.lang.warm.memory import Memory, packed, unpacked
from roteiro.lang.warm.plain import finding, plain

from generators import clusters, programs  # isort: skip
from generators.dice import SEEDS, Dice  # isort: skip
from generators.large import file  # isort: skip

TODAY = date(2026, 11, 24)
VERSION = b"this one"
STEPS = 3
ONE_LINE = re.compile(r"^  rule \w+ .*\}$", re.MULTILINE)
TEXT = """\
language 1
node a { ae = "A" host = "10.0.0.1" port = 104 }
node b { ae = "B" host = "10.0.0.2" port = 104 }
node spare { ae = "S" host = "10.0.0.3" port = 104 }
table t all {
  rule one {
    when StationName == "S1" and Rows > 1
    send to a
  }
  # a comment
  rule two {
    when StationName == "S2" and Rows > 1
    send to b
  }  # another
  rule three {
    when StationName == "S3"
    hold q
  }
  otherwise { hold q }
}
"""


class Found(NamedTuple):
    """What a check says."""

    findings: tuple[Diagnostic, ...]
    unserved: tuple[tuple[str, int], ...]
    memory: Memory | None


@pytest.fixture(autouse=True)
def any_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "LARGE", 0)


def of(text: str) -> Source:
    return Source("x.route", text)


def cold(text: str) -> Found:
    """Check a text from its beginning."""
    run = Checking(load(of(text)))
    program = run.program()
    found = outcome(run, program, TODAY)[1]
    ordered = tuple(sorted((*run.loaded.findings, *found), key=place))
    unserved = first_places(keep.uncarried(program.settings.uncarried))
    return Found(ordered, unserved, keep.kept(run, program))


def warm(memory: Memory, text: str) -> Found | None:
    """Check a text in part."""
    source = of(text)
    answer = unchanged(memory, source) or again(memory, source)
    if answer is None:
        return None
    found = sorted(answer.found, key=place)
    left = apply(found, (source,), TODAY, whole=answer.whole, begins=answer.begins)
    ordered = tuple(sorted((*answer.read, *left), key=place))
    return Found(ordered, answer.unserved, answer.memory)


def remembered(text: str) -> Memory:
    """Give what is kept of a text, as it is read from a disk."""
    memory = cold(text).memory
    assert memory is not None
    again_read = unpacked(packed(memory, VERSION), VERSION)
    assert again_read is not None
    return again_read


def same(one: Found, other: Found) -> None:
    """Make sure that two checks say the same, in every language."""
    assert one.findings == other.findings
    assert list(map(plain, one.findings)) == list(map(plain, other.findings))
    assert one.unserved == other.unserved


# The same findings --------------------------------------------------------------------------------


def follow(dice: Dice, text: str) -> Iterator[bool]:
    """Change one rule after the other; say of each whether a part was enough to see."""
    memory = cold(text).memory
    for _ in range(STEPS):
        if memory is None:
            return
        text = clusters.edited(dice, memory.places.text)
        whole, part = cold(text), warm(memory, text)
        if part is not None:
            same(part, whole)
        memory = (part and part.memory) or whole.memory or memory
        yield part is not None


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_rules_that_have_much_to_do_with_each_other(seed: int) -> None:
    dice = Dice(seed)
    list(follow(dice, clusters.program(dice, 10)))


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_rules_of_many_wards(seed: int) -> None:
    dice = Dice(seed)
    list(follow(dice, clusters.program(dice, 40, wards=20)))


def exchanged(dice: Dice) -> Iterator[bool]:
    """Put rules of one program in the place of those of another; say of each as `follow` does."""
    uses = programs.scope(dice, programs.ALL, programs.DEPTH)
    text = programs.program_of(dice, uses).text
    memory = cold(text).memory
    others = ONE_LINE.findall(programs.program_of(dice, uses).text)
    places = [found.span() for found in ONE_LINE.finditer(text)]
    assert memory is not None
    for other in others[:STEPS]:
        begin, end = dice.choice(places)
        changed = text[:begin] + other + text[end:]
        part = warm(memory, changed)
        if part is not None:
            same(part, cold(changed))
        yield part is not None


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_rules_of_all_constructs(seed: int) -> None:
    list(exchanged(Dice(seed)))


@pytest.mark.parametrize(
    ("changes", "programs_of_it", "least"),
    [
        (lambda dice: follow(dice, clusters.program(dice, 10)), 12, 0.7),
        (lambda dice: follow(dice, clusters.program(dice, 40, wards=20)), 8, 0.6),
        (exchanged, 12, 0.9),
    ],
)
def test_most_changes_are_seen_in_a_part(
    changes: Callable[[Dice], Iterator[bool]], programs_of_it: int, least: float
) -> None:
    seen = [one for seed in range(programs_of_it) for one in changes(Dice(seed))]
    assert len(seen) >= 2 * programs_of_it
    assert sum(seen) > len(seen) * least


def test_many_changes_in_a_row() -> None:
    text = file(300, tables=2)
    memory = remembered(text)
    for number in range(4, 100, 8):
        text = text.replace(f'"ROOM{number}A"', f'"ROOM{number + 4}A"')
        found = warm(memory, text)
        assert found is not None
        assert found.memory is not None
        memory = found.memory
    whole = cold(text)
    same(found, whole)
    assert whole.memory is not None
    assert memory.index == whole.memory.index
    assert memory.places == whole.memory.places


def test_a_table_of_which_the_first_rule_wins() -> None:
    text = file(300, tables=1).replace("wards_0 all {", "wards_0 first {")
    text = text[: text.rindex("}")] + "  otherwise { send to vna }\n}\n"
    memory = remembered(text)
    for old, new in (
        ('"ROOM40A"', '"ROOM44A"'),
        ("rule ward_41 priority 41", "rule ward_41 priority 7"),
        ('"S41"', '"S45"'),
    ):
        changed = text.replace(old, new)
        found = warm(memory, changed)
        assert found is not None
        same(found, cold(changed))


# What is seen in a part ---------------------------------------------------------------------------

RULE = 'when StationName == "S2" and Rows > 1\n    send to b'


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ('"S2"', '"S1"', []),
        ("two", "twofold", []),
        ("two {", "two priority 3 {", ["RT220"]),
        ("two {", "one {", ["RT105"]),
        (RULE, RULE + "\n    send to spare", []),
        (RULE, RULE.replace("to b", "to a"), []),
        (RULE, 'when StationName == "S1" and Rows > 2\n    send to a', ["RT306"]),
        (RULE, 'when Rows > 1 and StationName == "S1"\n    send to b', ["RT222"]),
        (RULE, "when Rows > 1 and Rows > 1\n    send to b", ["RT202"]),
        (RULE, "when Rows > 1\n    hold qs", ["RT226", "RT221"]),
        (RULE, "when StudyDate is Rows\n    send to b", ["RT100"]),
        (RULE, "when Modalty == 3\n    send to b", ["RT101"]),
        (RULE, "when Rows > 1\n    send to nobody", ["RT104"]),
        (RULE, "when\n      # a line more\n      Rows > 1\n    send to b", []),
        (RULE, "send to b batch by study after 2s", []),
        ("# a comment", "# route: ignore[redundant-rule] because", ["RT900"]),
        ("  # a comment\n", "", []),
        ("  # a comment\n", "\n  # a comment\n\n  ## more\n", []),
        ("# another", "# yet another", []),
        ("  # another\n", "\n", []),
        ("  rule two", "  # one more\n  rule two", []),
        ("# a comment\n  rule two", "# a comment\n rule two", []),
    ],
)
def test_a_change_of_one_rule(old: str, new: str, codes: list[str]) -> None:
    text = TEXT.replace(old, new)
    part, whole = warm(remembered(TEXT), text), cold(text)
    assert part is not None
    same(part, whole)
    assert set(codes) <= {one.code for one in part.findings}


def test_what_otherwise_sends_goes_with_what_rules_send() -> None:
    text = TEXT.replace("table t", "pool p = failover (a, spare)\ntable t")
    text += "table u all {\n  rule x {\n    when Rows > 3\n    hold q\n  }\n}\n"
    text += "table v all {\n  otherwise { send to p }\n}\n"
    changed = text.replace("Rows > 3\n    hold q", "Rows > 3\n    send to a")
    part, whole = warm(remembered(text), changed), cold(changed)
    assert part is not None
    same(part, whole)
    assert [one.code for one in part.findings].count("RT324") == 1


TWO_WAYS = (
    TEXT.replace("table t", "transform x { remove StudyDescription }\ntable t")
    + "table many all {\n"
    + "".join(
        f'  rule r{n} {{\n    when StationName == "W{n}" and Rows > {n}\n'
        f"    send to a{' via x' * (n % 2)}\n  }}\n"
        for n in range(2 * related.LIMIT)
    )
    + "}\n"
)


def test_a_second_send_among_many_is_seen_in_a_part() -> None:
    memory = remembered(TWO_WAYS)
    for old, new, count in (
        ('"W301"', '"W500"', 1),
        ('"W10"', '"W17"', 1),
        ('"W41"', '"S1"', 1),
        ('StationName == "W77" and', "KVP > 1 and", None),
        ('"W17" and Rows > 10', '"W10" and Rows > 10', 1),
        ('"W300"', '"W3000"', 1),
    ):
        text = memory.places.text.replace(old, new, 1)
        part, whole = warm(memory, text), cold(text)
        assert (part is None) == (count is None)
        if part is not None and part.memory is not None:
            same(part, whole)
            assert [one.code for one in part.findings].count("RT321") == count
            memory = part.memory


def test_a_second_send_whose_finding_another_one_hides() -> None:
    rules = (
        ('StationName == "A" and Rows > 5', "via x"),
        ('StationName == "B" and KVP > 5', "via y"),
        ("Columns > 5", ""),
        ('StationName == "C" and KVP > 7', "via x"),
        ('StationName == "D" and Rows > 7', "via y"),
    )
    body = "".join(
        f"  rule r{n} {{\n    when {condition}\n    send to spare {way}\n  }}\n"
        for n, (condition, way) in enumerate(rules)
    )
    chains = "".join(f"transform {name} {{ remove StudyDescription }}\n" for name in "xy")
    text = TEXT.replace("table t", f"{chains}table t") + f"table many all {{\n{body}}}\n"
    changed = text.replace('"D" and Rows > 7', '"C" and Rows > 7')
    part, whole = warm(remembered(text), changed), cold(changed)
    assert part is not None
    same(part, whole)


def test_a_finding_of_sends_that_goes_away_is_looked_for_among_all() -> None:
    memory = remembered(TWO_WAYS.replace('"W301"', '"W500"'))
    assert warm(memory, TWO_WAYS) is None


def test_sends_that_take_longer_than_their_time_are_checked_from_the_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = TWO_WAYS[: TWO_WAYS.index("  rule r40 ")] + "}\n"
    text = re.sub(r'StationName == "W(\d+)"', r"Rows in 1\g<1>00..1\g<1>50", text)
    text = text.replace('StationName == "S1" and Rows > 1', "Rows < 900")
    for budget, seen in ((10**6, True), (2_000, False)):
        monkeypatch.setattr(program, "BUDGET", budget)
        changed = text.replace("11250", "11251")
        part = warm(remembered(text), changed)
        assert (part is not None) == seen
        if part is not None:
            same(part, cold(changed))


def test_no_change_at_all() -> None:
    found = warm(remembered(TEXT), TEXT)
    assert found is not None
    assert found.memory is None
    same(found, cold(TEXT))


def test_an_error_is_kept_apart_and_the_next_change_is_seen_too() -> None:
    memory = remembered(TEXT)
    wrong = warm(memory, TEXT.replace('"S2"', "S2"))
    assert wrong is not None
    assert wrong.memory is None
    mended = TEXT.replace('"S2"', '"S20"')
    found = warm(memory, mended)
    assert found is not None
    same(found, cold(mended))


def test_a_program_with_an_error_elsewhere() -> None:
    text = TEXT.replace('"S3"', "3")
    memory = remembered(text)
    changed = text.replace('"S2"', '"S4"').replace("to b", "to a")
    found = warm(memory, changed)
    assert found is not None
    assert "RT120" in [one.code for one in found.findings]
    same(found, cold(changed))
    assert warm(memory, text.replace("StationName == 3", 'StationName == "S3"')) is None


def test_suppressions_hold_for_the_whole() -> None:
    note = "  # route: ignore[redundant-rule] looked at\n"
    text = TEXT
    for name in ("one", "two"):
        text = text.replace(f"  rule {name}", f"{note}  rule {name}")
    memory = remembered(text)
    changed = text.replace(RULE, 'when StationName == "S1" and Rows > 2\n    send to a')
    for each in (text, changed):
        found = warm(memory, each)
        assert found is not None
        same(found, cold(each))
    assert [one.code for one in found.findings].count("RT900") == 1


def test_lines_that_a_finding_names_move_with_the_text() -> None:
    rules = "".join(
        f"  rule {name} {{\n    when Rows > {rows}\n    hold {name}\n  }}\n"
        for name, rows in (("wide", 1), ("narrow", 2))
    )
    text = TEXT + f"table u first {{\n{rules}  otherwise {{ hold q }}\n}}\n"
    changed = text.replace('"S2" and', '"S2"\n         and')
    found = warm(remembered(text), changed)
    assert found is not None
    same(found, cold(changed))
    (shadowed,) = [one for one in found.findings if one.code == "RT302"]
    assert shadowed.others


# What is not --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('10.0.0.1"', '10.0.0.9"'),
        ('"S1" and Rows > 1', '"S9" and Rows > 9'),
        ("  rule three {", "  rule more { hold q }\n  rule three {"),
        (TEXT[TEXT.index("  # a comment") : TEXT.index("  rule three")], ""),
        ("send to b\n  }", "send to b\n  "),
        ("send to b", 'send to b hold "'),
        ("send to b\n  }", "send to b\n  } rule more { hold q }"),
        ("send to b", "send to b\nnode c"),
        ("rule two", "Rule two"),
        ("# a comment", "# a comment\nx"),
        ("  # another", "  /"),
        ("otherwise { hold q }", "otherwise { hold r }"),
    ],
)
def test_what_is_more_than_a_rule_is_checked_from_the_beginning(old: str, new: str) -> None:
    changed = TEXT.replace(old, new)
    if old == '"S1" and Rows > 1':
        changed = changed.replace('"S3"', '"S8"')
    assert changed != TEXT
    assert warm(remembered(TEXT), changed) is None


@pytest.mark.parametrize(("count", "seen"), [(14, True), (15, False), (16, True)])
def test_what_becomes_common_is_looked_for_elsewhere(count: int, *, seen: bool) -> None:
    rules = "".join(
        f'  rule r{n} {{\n    when PatientID == "P1" and StudyID == "X{n}"\n    hold q\n  }}\n'
        for n in range(count)
    )
    text = TEXT + f"table many all {{\n{rules}}}\n"
    changed = text.replace('StationName == "S2" and', 'PatientID == "P1" and')
    found = warm(remembered(text), changed)
    assert (found is not None) == seen
    if found is not None:
        same(found, cold(changed))


def test_too_many_rules_that_have_to_do_with_it() -> None:
    rules = "".join(
        f'  rule r{n} {{\n    when Modality == "CT" and Rows > {n}\n    hold q\n  }}\n'
        for n in range(related.LIMIT + 20)
    )
    text = TEXT + f"table many all {{\n{rules}}}\n"
    changed = text.replace('"CT" and Rows > 3\n', '"CT"\n')
    assert warm(remembered(text), changed) is None


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("language 1\n", 'language 1\nuse "other.route"\n'),
        TEXT + 'set s = file "s.txt"\n',
        TEXT + 'lookup l = file "s.txt" key PatientID value PatientName\n',
        TEXT.replace('"S1" and', '"S1" und'),
        TEXT.replace("  }\n  # a comment\n  rule two", "  } rule two"),
        TEXT.replace("{\n  rule one", "{ rule one"),
        TEXT.replace("    send to b", "  send to b"),
        TEXT + TEXT[TEXT.index("table t") :],
        TEXT.replace("two {", f"two priority {2**61} {{"),
    ],
)
def test_what_is_not_kept(text: str) -> None:
    assert cold(text).memory is None


def test_small_files_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "LARGE", len(TEXT) + 1)
    assert cold(TEXT).memory is None


# What is kept -------------------------------------------------------------------------------------


def test_damage_is_seen() -> None:
    memory = remembered(TEXT)
    data = packed(memory, VERSION)
    assert unpacked(data, VERSION) == memory
    assert unpacked(data, b"another") is None
    for at in range(0, len(data), 61):
        assert unpacked(data[:at], VERSION) is None
        assert unpacked(data[:at] + bytes((data[at] ^ 4,)) + data[at + 1 :], VERSION) is None


def test_findings_are_the_same_when_they_come_back() -> None:
    dice = Dice(3)
    for _ in range(20):
        text = clusters.edited(dice, clusters.program(dice, 6))
        for one in cold(text).findings:
            assert finding(plain(one), one.source) == one


def test_where_the_change_is() -> None:
    memory = remembered(TEXT)
    edit = edit_of(memory, TEXT.replace('"S2" and', '"S22"\n and'))
    assert edit is None  # a line that begins to the left of its rule
    edit = edit_of(memory, TEXT.replace('"S2" and', '"S22"\n      and'))
    assert edit is not None
    assert edit.number == 1
    assert (edit.more, edit.lines) == (7, 1)
    assert TEXT[edit.old.start : edit.old.end].endswith("send to b\n  }")
    assert edit.at(0) == 0
    assert edit.at(len(TEXT)) == len(TEXT) + edit.more
