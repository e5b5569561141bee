"""Ten errors in ten items, five or more of them of syntax: ten findings, each in its item."""
# ruff: noqa: E501  the tables have one case a line

import random
from dataclasses import dataclass

import pytest

from roteiro.lang.source import Source

SHARED = 'node ok { ae = "OK" host = "127.0.0.1" port = 104 may = { store } }\n'
"""What the items below may use; `#` in them stands for the number of the item."""


@dataclass(frozen=True)
class Kind:
    """An item with one error."""

    name: str
    text: str
    code: str = "RT100"

    def written(self, number: int) -> str:
        """Give the item with names of its own."""
        return self.text.replace("#", str(number)) + "\n"

    @property
    def single(self) -> str:
        """Say of which item there is one in a file at most."""
        return next((word for word in ("guard", "router") if word in self.text.split()), "")


def node(text: str) -> str:
    return text.replace("ADDRESS", 'ae = "N#" host = "10.0.0.#" port = 104')


def table(rules: str, head: str = "table t# first {") -> str:
    return f"{head}\n{rules}\n}}"


def rule(condition: str) -> str:
    return table(f'  rule r {{ when {condition} send to ok }}\n  otherwise {{ nothing "x" }}')


OTHERWISE = "  otherwise { send to ok }"
CT = '  rule ct { when Modality == "CT" send to ok }\n'
BUILT = 'test "t#" { given { Modality = "CT" } expect send ok }'
SYNTAX = (
    Kind("router without =", 'router { ae "ROTEIRO" }'),
    Kind("router without {", 'router ae = "ROTEIRO" }'),
    Kind("router without }", 'router { ae = "ROTEIRO"'),
    Kind("listener without name", "listener { port = 11# }"),
    Kind("listener without }", "listener l# { port = 11#"),
    Kind("listener without value", "listener l# { port = }"),
    Kind("listener, one line a property, without }", "listener l# {\n  port = 11#\n  accept unknown"),
    Kind("node without }", node("node n# { ADDRESS may = { store }")),
    Kind("node, one line a property, without }", node("node n# {\n  ADDRESS\n  may = { store }")),
    Kind("node without {", node("node n# ADDRESS may = { store } }")),
    Kind("node without { and a set in the middle", node("node n# may = { store } ADDRESS }")),
    Kind("node without name", node("node { ADDRESS may = { store } }")),
    Kind("node, misspelt", node("nod n# { ADDRESS may = { store } }")),
    Kind("node in parentheses", node("node n# ( ADDRESS may = { store } )")),
    Kind("node with colons", 'node n# { ae: "N#" }'),
    Kind("node with commas", 'node n# { ae = "N#", host = "h" }'),
    Kind("node with semicolons", 'node n# { ae = "N#"; host = "h" }'),
    Kind("node with a text that is not closed", 'node n# { ae = "N# host = 5 may = { store } }'),
    Kind("node with a set that is not closed", node("node n# { ADDRESS may = { store")),
    Kind("node with a set and no } of it", node("node n# { ADDRESS may = { store }\n")),
    Kind("node with a brace too many", node("node n# { ADDRESS may = { store } } }")),
    Kind("node with a set in brackets", node("node n# { ADDRESS may = [ store ] }")),
    Kind("set without comma", 'set s# = { "A" "B" }'),
    Kind("set without =", 'set s# { "A", "B" }'),
    Kind("set without }", 'set s# = { "A", "B"'),
    Kind("set without {", 'set s# = "A", "B" }'),
    Kind("set in parentheses", 'set s# = ( "A", "B" )'),
    Kind("set in brackets", 'set s# = [ "A", "B" ]'),
    Kind("set, misspelt", 'sett s# = { "A", "B" }'),
    Kind("set with a text that is not closed", 'set s# = { "A", "B }'),
    Kind("set in single quotes", "set s# = { 'A' }"),
    Kind("set of two lines without }", 'set s# = {\n  "A",\n  "B"'),
    Kind("condition without =", 'condition c# Modality == "CT"'),
    Kind("condition with =", 'condition c# = Modality = "CT"'),
    Kind("condition with &&", 'condition c# = Modality == "CT" && Rows > 1'),
    Kind("condition with a ( too many", 'condition c# = (Modality == "CT"'),
    Kind("condition with a ) too many", 'condition c# = Modality == "CT")'),
    Kind("condition without right side", "condition c# = Modality =="),
    Kind("condition that ends with and", 'condition c# = Modality == "CT" and'),
    Kind("condition of nothing", "condition c# ="),
    Kind("condition with a misspelt operator", 'condition c# = PatientID contians "X"'),
    Kind("condition, misspelt", 'conditon c# = Modality == "CT"'),
    Kind("condition with is not", "condition c# = Modality is not blank"),
    Kind("condition with a misspelt state", "condition c# = Modality is blnak"),
    Kind("condition with a value alone", 'condition c# = Modality == "CT" or "MR"'),
    Kind("condition with a set that is not closed", 'condition c# = Modality in { "CT", "MR"'),
    Kind("condition with a byte order mark", "condition c# = Modality is blank \ufeff"),
    Kind("table, misspelt", table(OTHERWISE, "tabel t# first {")),
    Kind("table without mode", table(OTHERWISE, "table t# {")),
    Kind("table with a misspelt mode", table(OTHERWISE, "table t# frist {")),
    Kind("table without name", table(OTHERWISE, "table first {")),
    Kind("table without {", table(OTHERWISE, "table t# first")),
    Kind("table without { and two rules", table(CT + OTHERWISE, "table t# first")),
    Kind("table without }", f"table t# first {{\n{CT}{OTHERWISE}"),
    Kind("table of one line without }", "table t# first { otherwise { send to ok }"),
    Kind("table with a brace too many", table(OTHERWISE + "\n}")),
    Kind("table with a brace too many in it", table(CT + "  }\n" + OTHERWISE)),
    Kind("table with a stray line", table("  frobnicate\n" + OTHERWISE)),
    Kind("table with a stray block", table("  on ct { send to ok }\n" + OTHERWISE)),
    Kind("rule without {", table('  rule r when Modality == "CT" send to ok }\n' + OTHERWISE)),
    Kind("last rule without {", table('  rule r when Modality == "CT" send to ok }')),
    Kind("rule without braces", table('  rule r when Modality == "CT" send to ok\n' + OTHERWISE)),
    Kind("last rule without braces", table('  rule r when Modality == "CT" send to ok')),
    Kind("rule without }", table('  rule r { when Modality == "CT" send to ok\n' + OTHERWISE)),
    Kind("last rule without }", table('  rule r { when Modality == "CT" send to ok')),
    Kind("rule, misspelt", table('  rul r { when Modality == "CT" send to ok }\n' + OTHERWISE)),
    Kind("rule without name", table('  rule { when Modality == "CT" send to ok }\n' + OTHERWISE)),
    Kind("rule called otherwise", table("  rule otherwise { send to ok }")),
    Kind("rule with a text that is not closed", table('  rule r { when Modality == "CT send to ok }\n' + OTHERWISE)),
    Kind("rule without when", table('  rule r { Modality == "CT" send to ok }\n' + OTHERWISE)),
    Kind("rule with when behind", table('  rule r { send to ok when Modality == "CT" }\n' + OTHERWISE)),
    Kind("rule with if", table('  rule r { if Modality == "CT" send to ok }\n' + OTHERWISE)),
    Kind("send without to", table("  otherwise { send ok }")),
    Kind("send to nobody", table("  otherwise { send to }")),
    Kind("send, misspelt", table("  otherwise { sned to ok }")),
    Kind("hold without queue", table("  otherwise { hold }")),
    Kind("nothing without reason", table("  otherwise { nothing }")),
    Kind("drop in a table", table('  otherwise { drop "x" }')),
    Kind("otherwise with a wrong bracket", table("  otherwise { send to ok ]")),
    Kind("otherwise with a bracket too many", table("  otherwise { send to ok ] }")),
    Kind("otherwise in parentheses", table("  otherwise ( send to ok )")),
    Kind("otherwise without {", table("  otherwise send to ok }")),
    Kind("otherwise without braces", table("  otherwise send to ok")),
    Kind("otherwise, misspelt", table("  otherwize { send to ok }")),
    Kind("otherwise, misspelt, of one line", "table t# first { otherwis { send to ok } }"),
    Kind("else", table(CT + "  else { send to ok }")),
    Kind("default", table(CT + "  default { send to ok }")),
    Kind("guard that sends", "guard {\n  otherwise { send to ok }\n}"),
    Kind("guard without {", "guard\n  otherwise { pass }\n}"),
    Kind("guard without }", "guard {\n  otherwise { pass }"),
    Kind("guard with a misspelt otherwise", "guard {\n  otherwize { pass }\n}"),
    Kind("guard with else", "guard {\n  else { pass }\n}"),
    Kind("guard with a name", "guard g {\n  otherwise { pass }\n}"),
    Kind("guard, misspelt", "gaurd {\n  otherwise { pass }\n}"),
    Kind("guard with a priority", 'guard {\n  rule r priority 1 { when true drop "x" }\n  otherwise { pass }\n}'),
    Kind("test without name", BUILT.replace('"t#" ', "")),
    Kind("test without {", BUILT.replace("t#\" {", 't#"')),
    Kind("test without }", BUILT[:-2]),
    Kind("test with given that is not closed", BUILT.replace('"CT" }', '"CT"')),
    Kind("test without given", 'test "t#" { expect send ok }'),
    Kind("test with given without braces", BUILT.replace("{ Modality = \"CT\" }", 'Modality = "CT"')),
    Kind("test, misspelt", BUILT.replace("test", "tset")),
    Kind("test with a misspelt expect", BUILT.replace("expect", "expcet")),
    Kind("test with ==", BUILT.replace("Modality =", "Modality ==")),
    Kind("test with a name in single quotes", BUILT.replace('"t#"', "'t#'")),
    Kind("test with a bracket", BUILT.replace('"CT"', '["CT"')),
    Kind("test with a result of nothing", BUILT.replace("expect send ok", "expect result is blank")),
    Kind("test with an instant in a text", BUILT.replace("expect", 'at "2026-01-31" expect')),
    Kind("test with items in brackets", BUILT.replace('"CT"', "items[{ }]")),
    Kind("test with via of nobody", BUILT.replace("send ok", "send ok via")),
    Kind("use without quotes", "use other.route"),
    Kind("use with =", 'use = "other.route"'),
    Kind("time zone without quotes", "timezone Europe/Lisbon"),
    Kind("pool without =", "pool p# failover (ok)"),
    Kind("pool without (", "pool p# = failover ok"),
    Kind("pool without )", "pool p# = failover (ok"),
    Kind("pool in braces", "pool p# = failover { ok }"),
    Kind("pool of one kind, misspelt", "pool p# = failver (ok)"),
    Kind("pool, misspelt", "pol p# = failover (ok)"),
    Kind("pool that balances nothing", "pool p# = balance over (ok)"),
    Kind("lookup without key", 'lookup l# = file "x.csv" value B'),
    Kind("lookup without file", 'lookup l# = "x.csv" key A value B'),
    Kind("lookup, misspelt", 'lokup l# = file "x.csv" key A value B'),
    Kind("schedule without =", "schedule s# mon..fri 08:00..09:00"),
    Kind("schedule with one time", "schedule s# = mon..fri 08:00"),
    Kind("schedule with a dash", "schedule s# = mon..fri 08:00-09:00"),
    Kind("schedule with a comma between windows", "schedule s# = mon 08:00..09:00, tue 08:00..09:00"),
    Kind("schedule of nothing", "schedule s# ="),
    Kind("schedule, misspelt", "schedul s# = always"),
    Kind("transform, misspelt", "transfrom t# { remove StudyID }"),
    Kind("transform without {", "transform t# remove StudyID }"),
    Kind("transform without { on its line", "transform t#\n  remove StudyID\n  blank PatientID\n}"),
    Kind("transform without }", "transform t# { remove StudyID"),
    Kind("transform, one line an edit, without }", "transform t# {\n  remove StudyID\n  blank PatientID"),
    Kind("transform with a brace too many", "transform t# { remove StudyID } }"),
    Kind("transform with a brace too many in it", "transform t# {\n  if Rows > 1 { remove StudyID } }\n  blank PatientID\n}"),
    Kind("edit, misspelt", 'transform t# {\n  sett StudyID = "1"\n  blank PatientID\n}'),
    Kind("edit, misspelt, on one line", 'transform t# { blank PatientID removed StudyID }'),
    Kind("edit without =", 'transform t# { set StudyID "1" blank PatientID }'),
    Kind("edit with ==", 'transform t# { set StudyID == "1" blank PatientID }'),
    Kind("edit without value", "transform t# {\n  set StudyID =\n  blank PatientID\n}"),
    Kind("edit that ends with +", 'transform t# { set StudyID = "1" + blank PatientID }'),
    Kind("edit of two attributes", "transform t# { remove StudyID, PatientID }"),
    Kind("edit of another language", "transform t# {\n  delete StudyID\n  blank PatientID\n}"),
    Kind("call without )", 'transform t# {\n  set StudyID = upper(StudyID\n  blank PatientID\n}'),
    Kind("copy without to", "transform t# { copy StudyID PatientID }"),
    Kind("if without {", "transform t# {\n  if Rows > 1 remove StudyID }\n  blank PatientID\n}"),
    Kind("if without }", "transform t# {\n  if Rows > 1 { remove StudyID\n  blank PatientID\n}"),
    Kind("if without condition", "transform t# {\n  if { remove StudyID }\n  blank PatientID\n}"),
    Kind("if with when", "transform t# {\n  when Rows > 1 { remove StudyID }\n  blank PatientID\n}"),
    Kind("else of an edit", "transform t# {\n  if Rows > 1 { remove StudyID } else { blank StudyID }\n  blank PatientID\n}"),
    Kind("each without path", "transform t# { each { remove StudyID } }"),
    Kind("edit with a text that is not closed", 'transform t# {\n  set StudyID = "1\n  blank PatientID\n}'),
    Kind("profile, misspelt", "profil p# { keep PatientID }"),
    Kind("profile without {", "profile p# keep PatientID }"),
    Kind("profile without }", "profile p# {\n  keep PatientID\n  remove StudyID"),
    Kind("profile that extends nothing", "profile p# extends { keep PatientID }"),
    Kind("profile that extends a text", 'profile p# extends "dicom.basic" { keep PatientID }'),
    Kind("statement, misspelt", "profile p# {\n  kep PatientID\n  remove StudyID\n}"),
    Kind("statement of a transform", 'profile p# {\n  set PatientID = "1"\n  remove StudyID\n}'),
    Kind("statement without comma", "profile p# {\n  keep PatientID StudyID\n  remove StudyDate\n}"),
    Kind("statement that ends with a comma", "profile p# {\n  keep PatientID,\n}"),
    Kind("replace without with", 'profile p# { replace PatientID "1" remove StudyID }'),
    Kind("uids without secret", "profile p# { uids hash remove StudyID }"),
    Kind("dates without within", 'profile p# { dates shift 5d per PatientID secret("env:K") }'),
    Kind("pixels without when", "profile p# { pixels block 10x10+0+0 }"),
    Kind("pixels with half a box", 'profile p# { pixels block 10x10 when Rows > 1 }'),
    Kind("private without remove", "profile p# { private except StudyID }"),
    Kind("invariant without name", "invariant { always pass }"),
    Kind("invariant, misspelt", 'invarient "i#" { always pass }'),
    Kind("invariant without {", 'invariant "i#" always pass }'),
    Kind("invariant without }", 'invariant "i#" { always pass'),
    Kind("invariant without claims", 'invariant "i#" { }'),
    Kind("claim, misspelt", 'invariant "i#" { nevr send to ok }'),
    Kind("claim without to", 'invariant "i#" { never send ok }'),
    Kind("claim of another language", 'invariant "i#" { always send to ok if Rows > 1 }'),
    Kind("send with a batch of nothing", table("  otherwise { send to ok batch after 5m }")),
    Kind("send with late and no batch", table("  otherwise { send to ok late new }")),
    Kind("send with an option, misspelt", table("  otherwise { send to ok urgancy stat }")),
    Kind("notify without message", table("  otherwise { send to ok notify oncall }")),
    Kind("has without (", 'condition c# = RequestAttributesSequence has StudyID == "1"'),
    Kind("has without )", 'condition c# = RequestAttributesSequence has (StudyID == "1"'),
    Kind("count without (", "condition c# = count ImageType > 1"),
    Kind("any count", "condition c# = any count(ImageType) > 1"),
    Kind("days without since", "condition c# = days StudyDate > 1"),
    Kind("position that is no number", 'condition c# = ImageType[one] == "A"'),
    Kind("position without ]", 'condition c# = ImageType[1 == "A"'),
    Kind("pattern that is not closed", "condition c# = Modality matches /CT"),
    Kind("a word", "frobnicate"),
    Kind("a sentence", "everything goes to the archive"),
    Kind("marks", "$$$ what is this"),
    Kind("a text", '"what is this'),
    Kind("an item of another language", 'route r# { to = "ok" }'),
    Kind("an item of another language, without }", 'route r# { to = "ok"'),
    Kind("a definition of another language", "let x# = 5"),
)  # fmt: skip
SEMANTIC = (
    Kind("attribute that is not there", rule('Modalty == "CT"'), "RT101"),
    Kind("member that is not there", rule('assoc.caller == "CT"'), "RT101"),
    Kind("node that is not there", table("  otherwise { send to nobody }"), "RT104"),
    Kind("set that is not there", rule("Modality in @nothing"), "RT104"),
    Kind("condition that is not there", rule("@nothing"), "RT104"),
    Kind("rules of one name", table(CT + CT + OTHERWISE), "RT105"),
    Kind("two otherwise", table(OTHERWISE + "\n" + OTHERWISE), "RT106"),
    Kind("property that is not there", "listener l# { port = 11# prot = 1 }", "RT107"),
    Kind("port too large", "listener l# { port = 70000 }", "RT108"),
    Kind("role that is not there", 'node n# { ae = "N#" host = "h" may = { stare } }', "RT108"),
    Kind("status of success", 'guard { rule r { when true refuse 0x0000 } otherwise { pass } }', "RT108"),
    Kind("node without host", 'node n# { ae = "N#" may = { store } }', "RT109"),
    Kind("order of texts", rule('Modality < "CT"'), "RT111"),
    Kind("pattern", rule("Modality matches /(C/"), "RT124"),
    Kind("pool of nobody", "pool p# = failover (ok, nobody)", "RT104"),
    Kind("schedule", "schedule s# = mon..fri 19:00..26:00", "RT113"),
    Kind("set of a file", 'set s# = file "x.txt"', "RT130"),
    Kind("position of nothing", rule("Rows[2] > 5"), "RT110"),
    Kind("day that is not there", rule("StudyDate == 2026-02-30"), "RT113"),
    Kind("empty text", rule('PatientID == ""'), "RT114"),
    Kind("range from behind", rule("Rows in 9..1"), "RT115"),
    Kind("private tag", rule("(0019,1010) is valued"), "RT116"),
    Kind("condition of itself", "condition c# = @c#", "RT118"),
    Kind("rule without action", table("  rule r { when Rows > 1 }\n" + OTHERWISE), "RT119"),
    Kind("number as text", rule('Rows == "5"'), "RT120"),
    Kind("UID without name", rule("SOPClassUID == CTImageStorag"), "RT122"),
    Kind("two attributes", rule("PatientID == StudyID"), "RT125"),
    Kind("through a sequence", rule("RequestAttributesSequence.StudyID is valued"), "RT128"),
    Kind("guard without otherwise", 'guard { rule r { when true drop "x" } }', "RT129"),
    Kind("table without otherwise", table(CT), "RT301"),
    Kind("test of what is not there", BUILT.replace("send ok", "send nobody"), "RT104"),
)  # fmt: skip
FINE = (
    'condition fine# = Modality == "CT"\n  and Rows > 1\n',
    'condition fine# =\nModality == "CT"\nand Modality in {\n"CT",\n"MR"\n}\nor not\nRows is blank\n',
    'node fine# {\nae = "F#"\nhost = "10.1.0.#"\nmay = {\nstore,\necho }\n}\n',
    "set fine# = {\nCTImageStorage,\nMRImageStorage\n}\n",
    'table fine# first {\nrule a "what\'s this" {\nwhen Modality == "CT"\nsend to\nok\n}\notherwise {\nsend to ok\n}\n}\n',
    'test "fine#" {\ngiven {\nModality = "CT"\n}\nexpect send\nok\n}\n',
)
COMBINATIONS = 400


def chosen(seed: int) -> list[Kind]:
    """Choose ten kinds, five or more of syntax, no two guards and no two routers."""
    choice = random.Random(seed)
    count = choice.choice((5, 5, 5, 7, 10))
    found: list[Kind] = []
    for kinds, wanted in ((SYNTAX, count), (SEMANTIC, 10 - count)):
        left = list(kinds)
        choice.shuffle(left)
        before = len(found)
        while len(found) < before + wanted:
            kind = left.pop()
            if not kind.single or kind.single not in {one.single for one in found}:
                found.append(kind)
    choice.shuffle(found)
    return found


def file_of(kinds: list[Kind], seed: int) -> tuple[str, list[tuple[Kind, int, int]]]:
    """Write the items in one file; give it and where each of them stands."""
    choice = random.Random(seed)
    text = f"language 1\n{SHARED}"
    placed: list[tuple[Kind, int, int]] = []
    for number, kind in enumerate(kinds, 10):
        if choice.random() < 0.3:
            text += choice.choice(FINE).replace("#", f"{number}")
        written = kind.written(number)
        placed.append((kind, len(text), len(text) + len(written)))
        text += written + choice.choice(("", "", "\n", "# a comment { \n"))
    return text, placed


def complaints(
    text: str, placed: list[tuple[Kind, int, int]], examine, *, but: str = ""
) -> list[str]:
    """Say where the findings are not exactly one an item, of its code; those of `but` apart."""
    _, findings = examine(text)
    source = Source("x.route", text)
    left = [one for one in findings if one.code != but]
    wrong: list[str] = []
    for kind, start, end in placed:
        inside = [one for one in left if start <= one.span.start <= one.span.end <= end]
        left = [one for one in left if one not in inside]
        codes = [one.code for one in inside]
        if codes != [kind.code]:
            wrong.append(f"{kind.name}: {codes}")
    return wrong + [f"{source.position(one.span.start)}: {one.code}" for one in left]


def test_there_are_kinds_enough() -> None:
    assert len(SYNTAX) >= 40
    assert len(SEMANTIC) >= 15
    assert len({kind.name for kind in SYNTAX + SEMANTIC}) == len(SYNTAX + SEMANTIC)


@pytest.mark.parametrize("kind", SYNTAX + SEMANTIC, ids=lambda kind: kind.name)
@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
def test_one_error_is_one_finding(kind: Kind, last: bool, examine) -> None:
    text = f"language 1\n{SHARED}"
    start = len(text)
    text += kind.written(1)
    if last:
        text = text.rstrip("\n")
    else:
        text += "".join(fine.replace("#", str(one)) for one, fine in enumerate(FINE))
    place = (kind, start, start + len(kind.written(1)))
    unused = "RT221" if kind in SEMANTIC else ""  # what is not read may use anything
    assert complaints(text, [place], examine, but=unused) == []


@pytest.mark.parametrize("seed", range(COMBINATIONS))
def test_ten_errors_are_ten_findings(seed: int, examine) -> None:
    text, placed = file_of(chosen(seed), seed)
    assert complaints(text, placed, examine) == [], text
