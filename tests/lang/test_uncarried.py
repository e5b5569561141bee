"""Nothing written is ignored: every construct is carried out by `serve`, or refused with a reason.

`WRITTEN` has a text for each construct of the grammar and what `serve` refuses in it. The grammar
itself says what there is to write, so that a construct that nobody thought of fails here.
"""

from collections.abc import Iterator

import pytest

from roteiro.lang import generator, grammar, machine, properties
from roteiro.lang.render.text import said
from roteiro.lang.uncarried import UNCARRIED
from tests.catalogue import catalogue

NODES = (
    'node a { ae = "A" host = "h" port = 1 }\nnode b { ae = "B" host = "h" port = 2 }\n'
    "transform x { remove PatientID }\nschedule night = 22:00..06:00\n"
)
FILES = {
    "other.route": "language 1\n",
    "old.route": "language 1\n",
    "peers.txt": "CT1\n",
    "ids.csv": "PatientID,SubjectID\n1,S1\n",
}


def rule(actions: str) -> str:
    return f"table t all {{ rule r {{ {actions} }} }}"


def when(condition: str) -> str:
    return f'{rule(f"when {condition} send to a")}\ncondition c = Rows > 1\nset s = {{ "A" }}'


def edit(text: str) -> str:
    return f"transform y {{ {text} }}"


def statement(text: str) -> str:
    return f"profile p extends dicom.basic_2024 {{ {text} }}"


def example(text: str) -> str:
    return f'test "e" {{ {text} }}\n{rule("when Rows > 1 send to a")}'


GIVEN = "given { Rows = 1 }"
WRITTEN: dict[str, tuple[str, set[str]]] = {
    # construct of the grammar: a text that has it, what `serve` refuses in it
    "edition": ("", set()),
    "use": ('use "other.route"', set()),
    "timezone": ('timezone "Europe/Lisbon"', set()),
    "router": ('router { ae = "X" }', set()),
    "listener": ("listener l { port = 104 }", set()),
    "accept": ("listener l { port = 104 accept unknown }", set()),
    "node": ("", set()),
    "pool": ("pool p = copy (a, b)", set()),
    "failover": ("pool p = failover (a, b)", set()),
    "balance": ("pool p = balance PatientID over (a, b)", {"balance"}),
    "copies": ("pool p = copy (a, b)\n" + rule("send to p"), set()),
    "set": ('set s = { "A" }', set()),
    "set_file": ('set s = file "peers.txt"', set()),
    # only `lookup(...)` in an edit reads it, and edits are made by `via`
    "lookup": ('lookup l = file "ids.csv" key PatientID value SubjectID', set()),
    "schedule": ("schedule s = mon 08:00..18:00", set()),
    "window": ("schedule s = mon 08:00..18:00", set()),
    "days": ("schedule s = mon..fri,sun 08:00..18:00", set()),
    "day": ("schedule s = mon 08:00..18:00", set()),
    "condition_item": (when("@c"), set()),
    "guard_head": ("guard { otherwise { pass } }", set()),
    "guard_rule": ("guard { rule r { when Rows > 1 pass } otherwise { pass } }", set()),
    "guard_otherwise": ("guard { otherwise { pass } }", set()),
    "table_head": (rule("send to a"), set()),
    "property": ("listener l { port = 104 }", set()),
    "bare": ("listener l { port = 104 unreadable = refuse }", set()),
    "rate": ('node c { ae = "C" host = "h" port = 3 rate = 5 per second }', set()),
    "amount": ('node c { ae = "C" host = "h" port = 3 rate = 5MiB per second }', set()),
    "retry": ('node c { ae = "C" host = "h" port = 3 retry = backoff 5s..15m for 72h }', set()),
    "secret": ('listener l { port = 104 key = secret("env:K") }', {"key"}),
    # rules
    "rule": (rule("send to a"), set()),
    "otherwise": ("table t all { otherwise { send to a } }", set()),
    "send": (rule("send to a, b"), set()),
    "names": (rule("send to a, b"), set()),
    "via": (rule("send to a via x"), {"via"}),
    "batch": (rule("send to a batch by study after 5m within 1h"), set()),
    "late_hold": (rule("send to a batch by study after 5m late hold"), set()),
    "late": (rule("send to a batch by study after 5m late all"), {"late"}),
    "during": (rule("send to a during night"), set()),
    "urgency": (rule("send to a urgency stat"), set()),
    "nothing": (rule('nothing "x"'), set()),
    "notify": (rule('send to a notify oncall "x"'), {"notify"}),
    "hold": (rule("hold q"), set()),
    "pass_on": ("guard { otherwise { pass } }", set()),
    "drop": ('guard { otherwise { drop "x" } }', set()),
    "refuse": ("guard { otherwise { refuse 0x0124 } }", set()),
    # conditions
    "or_": (when("Rows > 1 or Rows < 1"), set()),
    "and_": (when("Rows > 1 and Columns < 1"), set()),
    "not_": (when("not Rows is blank"), set()),
    "true_": (when("true"), set()),
    "false_": (when("false"), set()),
    "condition_ref": (when("@c"), set()),
    "comparison": (when("Rows > 1"), set()),
    "state_test": (when("Rows is blank"), set()),
    "sequence_test": (when("any RequestAttributesSequence has (CodeValue is blank)"), set()),
    "operand": (when("all Rows > 1"), set()),
    "count": (when("count(ImageType) > 1"), set()),
    "days_since": (when("days since StudyDate > 1"), set()),
    "quantifier": (when("no Rows > 1"), set()),
    "operator": (when("Rows > 1"), set()),
    "word_operator": (when("Modality in @s and PatientID like i\"*x\""), set()),
    "set_ref": (when("Modality in @s"), set()),
    "range": (when("Rows in 1..2"), set()),
    "set_literal": (when("Rows in { 1, 2 }"), set()),
    "tag_value": (when("FrameIncrementPointer in { (0018,1063) }"), set()),
    "text": (when('Modality == "CT"'), set()),
    "number": (when("Rows > 1.5"), set()),
    "date": (when("StudyDate == 2026-01-31"), set()),
    "time": (when("StudyTime > 22:00"), set()),
    "instant": (when("AcquisitionDateTime > 2026-01-31T10:00:00+01:00"), set()),
    "duration": (edit('set StudyDate = shift(StudyDate, 5d)'), set()),
    "age": (when("PatientAge < 18Y"), set()),
    "size": (when("instance.size > 20MiB"), set()),
    "uid": (when("SOPClassUID == 1.2.840.10008.5.1.4.1.1.2"), set()),
    "regex": (when("Modality matches /C.*/i"), set()),
    "path": (when("RequestAttributesSequence[1].CodeValue == \"x\""), set()),
    "step": (when('(0019,"ACME",0C) == 1 and ImageType[1] == "A" and PatientName.family == "B"'),
             set()),
    # edits and statements: made by `via`, which is refused; without it nothing is made of them
    "transform": (edit("remove Rows"), set()),
    "set_edit": (edit('set PatientID = "1"'), set()),
    "remove_edit": (edit("remove Rows"), set()),
    "blank_edit": (edit("blank Rows"), set()),
    "copy_edit": (edit("copy PatientID to StudyID"), set()),
    "if_edit": (edit("if Rows > 1 { remove Rows }"), set()),
    "each_edit": (edit("each RequestAttributesSequence { remove CodeValue }"), set()),
    "join": (edit('set PatientID = "A" + PatientID'), set()),
    "call": (edit("set PatientID = upper(PatientID)"), set()),
    "profile": (statement("keep Rows"), set()),
    "extends": (statement("keep Rows"), set()),
    "option": (statement("option clean_graphics"), set()),
    "keep": (statement("keep Rows"), set()),
    "remove": (statement("remove Rows"), set()),
    "blank": (statement("blank Rows"), set()),
    "replace": (statement('replace PatientID with "1"'), set()),
    "uids": (statement('uids hash secret("env:K")'), set()),
    "dates": (statement('dates shift within 5d per PatientID secret("env:K")'), set()),
    "private": (statement('private remove except (0019,"ACME",0C)'), set()),
    "pixels": (statement("pixels block 5x5+0+0 when true"), set()),
    "boxes": (statement("pixels block 5x5+0+0 when true"), set()),
    "paths": (statement("keep Rows, Columns"), set()),
    # tests and invariants have nothing to do with serving
    "test": (example(f"{GIVEN} expect drop"), set()),
    "given": (example('given file "x.dcm" { Rows = 1 } expect drop'), set()),
    "given_values": (example(f"{GIVEN} expect drop"), set()),
    "given_block": (example(f"{GIVEN} expect drop"), set()),
    "assign": (example(f"{GIVEN} expect drop"), set()),
    "absent": (example("given { Rows = absent } expect drop"), set()),
    "empty": (example("given { Rows = empty } expect drop"), set()),
    "list": (example('given { ImageType = ["A", "B"] } expect drop'), set()),
    "items": (example("given { RequestAttributesSequence = items({ StudyDate = 2026-01-31 }) }"
                      " expect drop"), set()),
    "at": (example(f"{GIVEN} at 2026-01-31T10:00:00Z expect drop"), set()),
    "expect": (example(f"{GIVEN} expect drop"), set()),
    "expect_exactly": (example(f"{GIVEN} expect exactly a"), set()),
    "expect_send": (example(f"{GIVEN} expect send a via x"), set()),
    "expect_no_send": (example(f"{GIVEN} expect no send a"), set()),
    "expect_rule": (example(f"{GIVEN} expect rule t.r"), set()),
    "expect_hold": (example(f"{GIVEN} expect hold unrouted"), set()),
    "expect_refuse": (example(f"{GIVEN} expect refuse 0x0124"), set()),
    "expect_drop": (example(f"{GIVEN} expect drop"), set()),
    "expect_nothing": (example(f"{GIVEN} expect nothing"), set()),
    "expect_pass": (example(f"{GIVEN} expect pass"), set()),
    "expect_result": (example(f"{GIVEN} expect result Rows is blank"), set()),
    "result_comparison": (example(f"{GIVEN} expect result Rows == 1"), set()),
    "invariant": ('invariant "i" { always pass }', set()),
    "never": ('invariant "i" { never send to a unless via x }', set()),
    "always": ('invariant "i" { always route when Rows > 1 }', set()),
    "equivalent": ('invariant "i" { equivalent "old.route" }', set()),
}  # fmt: skip


RECOVERING = {"transform_head", "profile_head", "if_head", "each_head"}
"""Rules of the grammar that only read what could not be read whole."""


def constructs() -> set[str]:
    """Give the rules of the grammar that make something of what they read."""
    found: set[str] = set()
    text = grammar.packaged("route.lark")
    assert text is not None
    for one in generator.generated(text, grammar.STARTS).rules:
        name = one.alias or str(one.origin.name)
        inlined = one.options.expand1 and not one.alias
        if not inlined and not name.startswith("_") and name not in RECOVERING:
            found.add(name)
    return found


@pytest.fixture(scope="module")
def seen() -> Iterator[set[str]]:
    """Give the set to which everything that is read adds its constructs."""
    found: set[str] = set()

    def watched(name: str):
        make = getattr(grammar.Builder, name)

        def made(*parts: object):
            found.add(name)
            return make(*parts)

        return made

    with pytest.MonkeyPatch.context() as patch:
        for name in constructs():
            patch.setattr(grammar.Builder, name, watched(name))
        tables = grammar.grammar.__wrapped__()
        patch.setattr(machine, "grammar", lambda: tables)
        yield found


def test_every_construct_of_the_grammar_is_written() -> None:
    assert constructs() == set(WRITTEN)


def refused(text: str, program) -> set[str]:
    typed, findings = program({"x.route": text, **FILES})
    assert [said(one.message, "en") for one in findings if one.level.name == "ERROR"] == []
    for one in typed.settings.uncarried:
        assert " this version " in one.what
        written = text[one.span.start : one.span.end]
        assert one.what.partition(":")[0].strip("`") in written
    return {one.what.partition(":")[0].strip("`") for one in typed.settings.uncarried}


@pytest.mark.parametrize("construct", WRITTEN)
def test_it_is_carried_out_or_refused(construct: str, program, seen: set[str]) -> None:
    text, wanted = WRITTEN[construct]
    seen.clear()
    assert refused(f"language 1\n{NODES}{text}\n", program) == wanted
    assert construct in seen


# Properties and their words -----------------------------------------------------------------------

VALUES = {
    "ae": ('"X"',),
    "port": ("105",),
    "address": ('"127.0.0.1"',),
    "called": ('{ "X" }',),
    "unreadable": ("hold", "refuse"),
    "tls": ("off", "required"),
    "certificate": ('"x.pem"',),
    "key": ('secret("file:x")',),
    "client_ca": ('"x.pem"',),
    "host": ('"h"',),
    "may": tuple(f"{{ {role} }}" for role in properties.ROLES),
    "associations": ("5",),
    "retry": ("backoff 5s..15m",),
    "rate": ("5 per second", "20MiB per second burst 40MiB"),
    "accept_syntax": ("{ ExplicitVRLittleEndian }",),
    "lossy": ("never", "allowed"),
    "deliver": ("stored", "cut_through"),
    "external": ("yes", "no"),
    "url": ('"https://x/"',),
}
KINDS = {"router": properties.ROUTER, "listener": properties.LISTENER, "node": properties.NODE}
CARRIED = {
    *(("router", name) for name in ("ae",)),
    *(("listener", name) for name in ("port", "address", "called", "unreadable")),
    *(("node", name) for name in ("ae", "host", "port", "may", "associations", "retry", "rate")),
}
"""Properties that `serve` carries out, whatever their value; of `may` that is said role by role."""
NEEDED = {"router": "", "listener": "port = 104", "node": 'ae = "N" host = "h"'}


def item(kind: str, name: str, value: str) -> str:
    needed = " ".join(part for part in (NEEDED[kind],) if part and not part.startswith(f"{name} ="))
    if kind == "node" and name in {"ae", "host"}:
        needed = 'host = "h"' if name == "ae" else 'ae = "N"'
    if (kind, value) == ("listener", "required"):
        needed += ' certificate = "x.pem" key = secret("file:x")'
    return f"{kind} {'' if kind == 'router' else 'n'} {{ {needed} {name} = {value} }}"


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (kind, name, value)
        for kind, names in KINDS.items()
        for name in names
        for value in VALUES[name]
    ],
)
def test_every_property_is_carried_out_or_refused(kind, name, value, program) -> None:
    found = refused(f"language 1\n{item(kind, name, value)}\n", program)
    role = value.strip("{} ") if name == "may" else ""
    wanted = role or name
    in_table = any((kind, name, each) in UNCARRIED for each in ("", value, role))
    secure = {"certificate", "key"} if (kind, value) == ("listener", "required") else set()
    assert found == ({wanted} | secure if in_table else set())
    plain = value in {"off", "never", "stored", "no"}
    assert in_table or plain or (kind, name) in CARRIED


def test_every_reason_is_a_text_and_is_met() -> None:
    texts = catalogue("en")
    assert all(f"language.{key}" in texts for key in UNCARRIED.values())
    written = {name for _, names in WRITTEN.values() for name in names}
    for where, what, _ in UNCARRIED:
        assert what in written or (where in KINDS and what in KINDS[where])
