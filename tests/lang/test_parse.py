"""Each construct becomes the node that stands for it, with the places of its text."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from roteiro.lang import nodes
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.source import Source, Span

AT = Span(0, 0)
ROOT = Path(__file__).resolve().parents[2]
EDITION = sorted((Path(__file__).parent / "edition1").glob("*.route"))


def read(text: str, file: int = 0) -> nodes.File:
    tree, findings = parse(Source("x.route", f"language 1\n{text}\n"), file)
    assert findings == ()
    assert tree is not None
    assert tree.whole
    return tree


def item(text: str) -> nodes.Item:
    (only,) = read(text).items
    return only


def name(text: str) -> nodes.Name:
    return nodes.Name(text, AT)


def text(value: str, *, folded: bool = False) -> nodes.Text:
    return nodes.Text(value, folded, AT)


def number(value: str) -> nodes.Number:
    return nodes.Number(Decimal(value), AT)


def path(*steps: str | tuple[str, int]) -> nodes.Path:
    pairs = [step if isinstance(step, tuple) else (step, None) for step in steps]
    return nodes.Path(tuple(nodes.Step(name(word), at, AT) for word, at in pairs), AT)


def of_tag(tag: nodes.Tag | nodes.PrivateTag) -> nodes.Path:
    return nodes.Path((nodes.Step(tag, None, AT),), AT)


def duration(value: str) -> nodes.Duration:
    return nodes.Duration(value, AT)


def names(*words: str) -> tuple[nodes.Name, ...]:
    return tuple(map(name, words))


def secret(place: str) -> nodes.Secret:
    return nodes.Secret(text(place), AT)


def compared(operator: str, right: object, *, negated: bool = False, **asked) -> nodes.Comparison:
    given = {"quantifier": None, "path": path("A"), "function": None} | asked
    return nodes.Comparison(
        **given, operator=operator, negated=negated, right=right, span=AT, operator_span=AT
    )


TAG = nodes.Tag("0018,0060", AT)
PRIVATE = nodes.PrivateTag(0x0019, "SIEMENS MR HEADER", 0x0C, AT)
CONDITIONS = {
    'A == "x"': compared("==", text("x")),
    'A != i"x"': compared("==", text("x", folded=True), negated=True),
    "A <= -1.50": compared("<=", number("-1.5")),
    "any A == B": compared("==", name("B"), quantifier="any"),
    "all A != B.c": compared("==", path("B", "c"), negated=True, quantifier="all"),
    "no A[2] in { 1, 2..3, B, }": compared(
        "in",
        nodes.SetLiteral((number("1"), nodes.Range(number("2"), number("3"), AT), name("B")), AT),
        path=path(("A", 2)),
        quantifier="no",
    ),
    "A in {}": compared("in", nodes.SetLiteral((), AT)),
    "A in { (0018,0060) }": compared("in", nodes.SetLiteral((of_tag(TAG),), AT)),
    "A not in @b": compared("in", nodes.SetRef(name("b"), AT), negated=True),
    "A starts with B": compared("starts with", name("B")),
    "A not ends with B": compared("ends with", name("B"), negated=True),
    "A matches /x(a|b)*/": compared("matches", nodes.Regex("x(a|b)*", False, AT)),
    r"A matches /a\/\d/i": compared("matches", nodes.Regex(r"a\/\d", True, AT)),
    "A under 1.3.12": compared("under", nodes.Uid("1.3.12", AT)),
    "A in 22:00..06:00": compared(
        "in", nodes.Range(nodes.Time("22:00", AT), nodes.Time("06:00", AT), AT)
    ),
    "A < 24:00": compared("<", nodes.Time("24:00", AT)),
    "A < 2024-06-01T00:00:00+02:00": compared("<", nodes.Instant("2024-06-01T00:00:00+02:00", AT)),
    "A == 2024-06-01": compared("==", nodes.Date("2024-06-01", AT)),
    "A < 18Y": compared("<", nodes.Age("18Y", AT)),
    "A > 20MiB": compared(">", nodes.Size("20MiB", AT)),
    "A > 90s": compared(">", duration("90s")),
    "count(A) >= 3": compared(">=", number("3"), function="count"),
    "count ((0018,0060)) == 1": compared("==", number("1"), function="count", path=of_tag(TAG)),
    "days since A > 30": compared(">", number("30"), function="days since"),
    '(0019,"SIEMENS MR HEADER",0C) == 1': compared("==", number("1"), path=of_tag(PRIVATE)),
    "(60xx,3000) is valued": nodes.StateTest(of_tag(nodes.Tag("60xx,3000", AT)), "valued", AT),
    "A[1].b is absent": nodes.StateTest(path(("A", 1), "b"), "absent", AT),
    "A has (true)": nodes.SequenceTest("any", path("A"), nodes.Constant(True, AT), AT),
    "no A has (@b)": nodes.SequenceTest("no", path("A"), nodes.ConditionRef(name("b"), AT), AT),
    "not (false)": nodes.Not(nodes.Constant(False, AT), AT),
    "true and (true and false)": nodes.And(
        (
            nodes.Constant(True, AT),
            nodes.And((nodes.Constant(True, AT), nodes.Constant(False, AT)), AT),
        ),
        AT,
    ),
    "true or true and not @a": nodes.Or(
        (
            nodes.Constant(True, AT),
            nodes.And(
                (nodes.Constant(True, AT), nodes.Not(nodes.ConditionRef(name("a"), AT), AT)), AT
            ),
        ),
        AT,
    ),
}
ACTIONS = {
    "send to a, b via c, d batch by study after 5m within 1h late all during e urgency stat": (
        nodes.SendTo(
            names("a", "b"),
            (
                nodes.Via(names("c", "d"), AT),
                nodes.BatchBy(name("study"), duration("5m"), duration("1h"), "all", AT),
                nodes.During(name("e"), AT),
                nodes.Urgency(name("stat"), AT),
            ),
            AT,
        ),
    ),
    "send to a batch by series after 45s late hold urgency low urgency low": (
        nodes.SendTo(
            names("a"),
            (
                nodes.BatchBy(name("series"), duration("45s"), None, "hold", AT),
                nodes.Urgency(name("low"), AT),
                nodes.Urgency(name("low"), AT),
            ),
            AT,
        ),
    ),
    'hold q "why" notify a "b" nothing "c"': (
        nodes.HoldIn(name("q"), text("why"), AT),
        nodes.NotifyTo(name("a"), text("b"), AT),
        nodes.NothingTo(text("c"), AT),
    ),
}
EDITS = {
    'set A = "x"': nodes.SetEdit(path("A"), text("x"), AT),
    'set A[1].B = "x" + B + upper(C)': nodes.SetEdit(
        path(("A", 1), "B"),
        nodes.Join((text("x"), path("B"), nodes.Call(name("upper"), (path("C"),), AT)), AT),
        AT,
    ),
    'set A = lookup(@b, C, "n" + D)': nodes.SetEdit(
        path("A"),
        nodes.Call(
            name("lookup"),
            (
                nodes.SetRef(name("b"), AT),
                path("C"),
                nodes.Join((text("n"), path("D")), AT),
            ),
            AT,
        ),
        AT,
    ),
    'set A = hash(B, secret("env:K"))': nodes.SetEdit(
        path("A"), nodes.Call(name("hash"), (path("B"), secret("env:K")), AT), AT
    ),
    "set A = shift(B, 5d)": nodes.SetEdit(
        path("A"), nodes.Call(name("shift"), (path("B"), duration("5d")), AT), AT
    ),
    "set A = slice(1234,5678)": nodes.SetEdit(
        path("A"), nodes.Call(name("slice"), (number("1234"), number("5678")), AT), AT
    ),
    "set A = f()": nodes.SetEdit(path("A"), nodes.Call(name("f"), (), AT), AT),
    "set (0018,0060) = 5": nodes.SetEdit(of_tag(TAG), number("5"), AT),
    "remove A": nodes.RemoveEdit(path("A"), AT),
    "blank A": nodes.BlankEdit(path("A"), AT),
    "copy A to B": nodes.CopyEdit(path("A"), path("B"), AT),
    "if A in { 1 } { remove B blank C }": nodes.IfEdit(
        compared("in", nodes.SetLiteral((number("1"),), AT)),
        (nodes.RemoveEdit(path("B"), AT), nodes.BlankEdit(path("C"), AT)),
        AT,
    ),
    "each A { }": nodes.EachEdit(path("A"), (), AT),
}
STATEMENTS = {
    "option a, b": nodes.OptionStatement(names("a", "b"), AT),
    "keep A, (0018,0060)": nodes.PathsStatement("keep", (path("A"), of_tag(TAG)), AT),
    "remove A": nodes.PathsStatement("remove", (path("A"),), AT),
    "blank A.B": nodes.PathsStatement("blank", (path("A", "B"),), AT),
    'replace A with "x"': nodes.ReplaceStatement(path("A"), text("x"), AT),
    'uids hash secret("env:K")': nodes.UidsStatement(secret("env:K"), AT),
    'dates shift within 365d per A secret("env:K")': nodes.DatesStatement(
        duration("365d"), path("A"), secret("env:K"), AT
    ),
    "private remove": nodes.PrivateStatement((), AT),
    'private remove except (0019,"SIEMENS MR HEADER",0C)': nodes.PrivateStatement(
        (of_tag(PRIVATE),), AT
    ),
    "pixels block 512x80+0+0, 1x2+3+4 when true": nodes.PixelsStatement(
        (nodes.Box(512, 80, 0, 0, AT), nodes.Box(1, 2, 3, 4, AT)), nodes.Constant(True, AT), AT
    ),
}
FRI = (nodes.Days(name("mon"), name("fri")), nodes.Days(name("sun"), name("sun")))
ITEMS = {
    'use "a.route"': nodes.Use(text("a.route"), AT),
    'timezone "Europe/Lisbon"': nodes.Timezone(text("Europe/Lisbon"), AT),
    "pool p = failover (a, b)": nodes.Pool(name("p"), "failover", None, names("a", "b"), AT),
    "pool p = copy (a)": nodes.Pool(name("p"), "copy", None, names("a"), AT),
    "pool p = balance A over (a)": nodes.Pool(name("p"), "balance", path("A"), names("a"), AT),
    'set s = { "A" }': nodes.SetItem(name("s"), None, nodes.SetLiteral((text("A"),), AT), AT),
    'set s : AE = file "a"': nodes.SetItem(name("s"), name("AE"), nodes.SetFile(text("a"), AT), AT),
    'lookup l = file "a" key K value V': nodes.Lookup(
        name("l"), text("a"), name("K"), name("V"), AT
    ),
    "schedule s = always": nodes.Schedule(name("s"), (), AT),
    "schedule s = mon..fri,sun 19:00..06:00 or 00:00..24:00": nodes.Schedule(
        name("s"),
        (
            nodes.Window(FRI, nodes.Time("19:00", AT), nodes.Time("06:00", AT), AT),
            nodes.Window((), nodes.Time("00:00", AT), nodes.Time("24:00", AT), AT),
        ),
        AT,
    ),
    "profile p { }": nodes.Profile(name("p"), (), (), AT),
    "profile p extends a.b.c { }": nodes.Profile(name("p"), names("a", "b", "c"), (), AT),
    "node n { retry = backoff 5s..10m for 72h rate = 20MiB per second burst 40MiB }": nodes.Node(
        name("n"),
        (
            nodes.Property(
                name("retry"),
                nodes.Retry(Decimal(5), Decimal(600), Decimal(72 * 3600), AT),
                AT,
            ),
            nodes.Property(
                name("rate"),
                nodes.Rate(Decimal(20 << 20), True, name("second"), Decimal(40 << 20), AT),
                AT,
            ),
        ),
        AT,
    ),
    'invariant "i" { never send to a, b unless via c always route when true }': nodes.Invariant(
        text("i"),
        (
            nodes.Never(names("a", "b"), names("c"), None, AT),
            nodes.Always("route", (), nodes.Constant(True, AT), AT),
        ),
        AT,
    ),
    'invariant "i" { never send to a unless when true always send to b, c }': nodes.Invariant(
        text("i"),
        (
            nodes.Never(names("a"), (), nodes.Constant(True, AT), AT),
            nodes.Always("send", names("b", "c"), None, AT),
        ),
        AT,
    ),
    'invariant "i" { always pass equivalent "old.route" }': nodes.Invariant(
        text("i"),
        (nodes.Always("pass", (), None, AT), nodes.Equivalent(text("old.route"), AT)),
        AT,
    ),
}


@pytest.mark.parametrize("written", CONDITIONS)
def test_conditions(written: str) -> None:
    made = item(f"condition c = {written}")
    assert isinstance(made, nodes.ConditionItem)
    assert same(made.condition, CONDITIONS[written])


@pytest.mark.parametrize("written", ACTIONS)
def test_actions(written: str) -> None:
    made = item(f"table t all {{ rule r {{ {written} }} }}")
    assert isinstance(made, nodes.Table)
    assert same(made.rules[0].actions, ACTIONS[written])


@pytest.mark.parametrize("written", EDITS)
def test_edits(written: str) -> None:
    made = item(f"transform t {{ {written} }}")
    assert isinstance(made, nodes.Transform)
    assert same(made.edits, (EDITS[written],))


@pytest.mark.parametrize("written", STATEMENTS)
def test_statements(written: str) -> None:
    made = item(f"profile p {{ {written} }}")
    assert isinstance(made, nodes.Profile)
    assert same(made.statements, (STATEMENTS[written],))


@pytest.mark.parametrize("written", ITEMS)
def test_items(written: str) -> None:
    assert same(item(written), ITEMS[written])


def test_tests() -> None:
    made = item(
        'test "t" { given file "a.dcm" { A = "x" A[2] = absent } given { B = [1, (0018,0060), c]'
        " C = empty D = [] S = items({ E = 5 }, { }) } at 2026-03-02T14:00:00+01:00"
        " expect exactly a, b expect send a via c, d expect no send a expect rule t.otherwise"
        ' expect hold q expect refuse 0x0124 "no" expect drop expect drop "x" expect nothing'
        ' expect pass expect result A != "x" expect result A is absent }'
    )
    assert isinstance(made, nodes.TestItem)
    refusal = nodes.RefuseIt(0x0124, text("no"), AT)
    expected = nodes.TestItem(
        text("t"),
        text("a.dcm"),
        (
            nodes.Given(path("A"), (text("x"),), AT),
            nodes.Given(path(("A", 2)), None, AT),
            nodes.Given(path("B"), (number("1"), of_tag(TAG), name("c")), AT),
            nodes.Given(path("C"), (), AT),
            nodes.Given(path("D"), (), AT),
            nodes.Given(
                path("S"), nodes.Items(((nodes.Given(path("E"), (number("5"),), AT),), ()), AT), AT
            ),
        ),
        nodes.Instant("2026-03-02T14:00:00+01:00", AT),
        (
            nodes.Expect("exactly", names("a", "b"), (), None, AT),
            nodes.Expect("send", names("a"), names("c", "d"), None, AT),
            nodes.Expect("no send", names("a"), (), None, AT),
            nodes.Expect("rule", names("t", "otherwise"), (), None, AT),
            nodes.Expect("hold", names("q"), (), nodes.HoldIn(name("q"), None, AT), AT),
            nodes.Expect("refuse", (), (), refusal, AT),
            nodes.Expect("drop", (), (), None, AT),
            nodes.Expect("drop", (), (), nodes.DropIt(text("x"), AT), AT),
            nodes.Expect("nothing", (), (), None, AT),
            nodes.Expect("pass", (), (), nodes.PassOn(AT), AT),
            nodes.ExpectedResult(compared("==", text("x"), negated=True), AT),
            nodes.ExpectedResult(nodes.StateTest(path("A"), "absent", AT), AT),
        ),
        AT,
    )
    assert same(made, expected)


# Places -------------------------------------------------------------------------------------------


def spans(tree: object) -> Iterator[Span]:
    """Give all places in a tree."""
    if isinstance(tree, Span):
        yield tree
    elif isinstance(tree, tuple):
        for part in tree:
            yield from spans(part)
    elif is_dataclass(tree):
        for field in fields(tree):
            yield from spans(getattr(tree, field.name))


@pytest.mark.parametrize("route", EDITION, ids=lambda route: route.stem)
def test_the_files_of_the_paper(route: Path) -> None:
    source = Source(route.name, route.read_text(encoding="utf-8"))
    tree, findings = parse(source, 5)
    assert findings == ()
    assert tree is not None
    places = list(spans(tree))
    assert len(places) > 100
    assert {place.file for place in places} == {5}
    assert all(0 <= place.start < place.end <= len(source.text) for place in places)


def test_findings_have_the_number_of_their_file() -> None:
    text = 'language 1\nnode a { ae "A" }\ncondition c = A == "\\q"\ntransform t { sett A = 1\n'
    _, findings = parse(Source("x.route", text), 7)
    assert len(findings) == 4
    assert {found.span.file for found in findings} == {7}
    assert {found.fix.span.file for found in findings if found.fix} == {7}


@pytest.mark.parametrize(
    ("text", "pick", "words"),
    [
        ("condition c = (A == 1) and B", lambda one: one.condition, "(A == 1) and B is blank"),
        ("condition c = (A == 1) and B", lambda one: one.condition.parts[0], "A == 1"),
        ("condition c = not in x", lambda one: one.condition.part.operator_span, "not in"),
        ("transform t { set A = b + c(d) }", lambda one: one.edits[0].value, "b + c(d)"),
        ("transform t { set A = b + c(d) }", lambda one: one.edits[0].value.parts[1], "c(d)"),
        ("schedule s = mon 08:00..09:00", lambda one: one.windows[0], "mon 08:00..09:00"),
        ("table t all { rule r { send to a } }", lambda one: one.rules[0], "rule r { send to a }"),
    ],
)  # fmt: skip
def test_places_are_those_of_the_text(text: str, pick, words: str) -> None:
    whole = text.replace("and B", "and B is blank").replace("not in x", "not A not in x")
    found = pick(item(whole))
    span = found if isinstance(found, Span) else found.span
    assert f"language 1\n{whole}"[span.start : span.end] == words


def test_escapes_are_read_and_bad_ones_are_found_where_they_stand() -> None:
    (made,) = read(r'use "a\"b\\c\n\t\u{e9}\u{10FFFF}"').items
    assert isinstance(made, nodes.Use)
    assert made.path.value == 'a"b\\c\n\té\U0010ffff'
    text = r'language 1 set s = { i"\q", "x\u{D800}" }'
    _, findings = parse(Source("x.route", text))
    assert [text[one.span.start : one.span.end] for one in findings] == [r"\q", r"\u{D800}"]


@pytest.mark.parametrize(
    "text",
    [
        'table t first { rule a { hold rule nothing "x" } }\n',
        'table t first { rule a { hold\n  rule nothing "x" } otherwise { nothing "y" } }\n',
        "table t all { rule a { send to\nnode, rule via rule } rule b { send to node } }\n",
    ],
)
def test_a_name_may_read_like_a_rule_or_an_item(text: str) -> None:
    tree, findings = parse(Source("x.route", f"language 1\n{text}"))
    assert findings == ()
    assert tree is not None
    assert tree.whole
