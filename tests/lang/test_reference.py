"""The reference interpreter against the tables of the paper, row by row."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase

import pytest
from generators.compile import typed_of
from generators.counter import Tally
from generators.encode import Raw, encode
from generators.fields import PUBLIC
from generators.handmade import (
    SPAN,
    compare,
    element,
    is_state,
    member,
    program,
    rule,
    table,
)
from generators.objects import damaged, objects
from generators.programs import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.core.program import (
    BLANK,
    NO_RULE,
    Batch,
    Decision,
    Deliver,
    Drop,
    Encoding,
    Envelope,
    Field,
    Hold,
    Interval,
    Nothing,
    Notify,
    Pass,
    Refuse,
    Release,
    Send,
    Source,
    State,
    ValueType,
    View,
)
from roteiro.lang.clock import EPOCH
from roteiro.lang.operators import like
from roteiro.lang.reference import Reference
from roteiro.lang.settings import Settings
from roteiro.lang.typed import And, Constant, Not, Or, TypedGuard, TypedGuardRule

EXPLICIT = Encoding.EXPLICIT_LITTLE
MODALITY = element(0x00080060, "CS")
STUDY_DATE = element(0x00080020, "DA")
STUDY_TIME = element(0x00080030, "TM")
THICKNESS = element(0x00180050, "DS")
SOP_CLASS = element(0x00080016, "UI")
PEER = member("peer", ValueType.ADDRESS)
SEND = Deliver("pacs")
TRUE, FALSE = Constant(True), Constant(False)


def decide(typed, *elements, envelope=Envelope()):  # noqa: B008  it is frozen
    return Reference(typed).decide(encode(elements, EXPLICIT), EXPLICIT, envelope)


def holds(condition, *elements, envelope=Envelope()):  # noqa: B008
    decision = decide(program(table("t", rule("r", condition, SEND))), *elements, envelope=envelope)
    assert decision.verdict in {"route", "hold"}
    assert decision.hold is None or decision.hold.reason == NO_RULE
    return decision.verdict == "route"


# The rows of the table of predicates (2c) ------------------------------------------------------

VALUES = {  # of Modality
    "absent": None,
    "empty": b"  ",
    "invalid": ("OB", b"CT"),
    "CT": b"CT",
    "MR": b"MR",
    "CT and MR": b"CT\\MR ",
    "CT and nothing": b"CT\\ ",
}
ROWS = {  # quantifier, negated -> the values of Modality with which it holds against "CT"
    (None, False): {"CT", "CT and MR", "CT and nothing"},
    ("any", False): {"CT", "CT and MR", "CT and nothing"},
    (None, True): {"MR"},
    ("any", True): {"MR", "CT and MR"},
    ("all", False): {"CT", "CT and nothing"},
    ("all", True): {"MR"},
    ("no", False): {"MR", "absent", "empty", "invalid"},
    ("no", True): {"CT", "CT and nothing", "absent", "empty", "invalid"},
}


@pytest.mark.parametrize(("quantifier", "negated"), ROWS)
@pytest.mark.parametrize("operator", ["==", "in", "contains", "like"])
@pytest.mark.parametrize("shown", VALUES)
def test_rows_of_the_table_of_predicates(quantifier, negated, operator, shown):
    value = VALUES[shown]
    vr, raw = value if isinstance(value, tuple) else ("CS", value)
    elements = [] if raw is None else [Raw(MODALITY.tag, vr, raw)]
    test = compare(MODALITY, operator, "CT", quantifier=quantifier, negated=negated)
    assert holds(test, *elements) == (shown in ROWS[quantifier, negated])


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (State.ABSENT, {"absent"}),
        (State.EMPTY, {"empty"}),
        (BLANK, {"absent", "empty"}),
        (State.INVALID, {"invalid"}),
        (State.VALUED, {"CT", "MR", "CT and MR", "CT and nothing"}),
    ],
)
def test_states(states, shown):
    for name, value in VALUES.items():
        vr, raw = value if isinstance(value, tuple) else ("CS", value)
        elements = [] if raw is None else [Raw(MODALITY.tag, vr, raw)]
        assert holds(is_state(MODALITY, states), *elements) == (name in shown)


@pytest.mark.parametrize(
    ("field", "operator", "values", "raw", "result"),
    [
        (THICKNESS, "==", [Decimal("1.5")], b"1.50", True),
        (THICKNESS, "<", [Decimal("1.5")], b"1.50", False),
        (THICKNESS, "<=", [Decimal("1.5")], b"1.50", True),
        (THICKNESS, ">", [Decimal("1.5")], b"1e999999999 ", True),
        (THICKNESS, ">=", [Decimal("1.5")], b"1.499999999999999999999999999999999999", False),
        (THICKNESS, "<", [Decimal("0.1")], b"0.09999999999999999999999999", True),
        (STUDY_DATE, ">", [20260131], b"20260201", True),
        (STUDY_DATE, ">", [20260131], b"20260131", False),
        (STUDY_TIME, "==", [22 * 3_600_000_000], b"22", True),
        (STUDY_TIME, ">=", [86_399_999_999], b"235960", True),
        (SOP_CLASS, "==", ["1.2.3"], b"1.2.3\0", True),
        (SOP_CLASS, "==", ["1.2.3"], b"1.2.03", False),
        (MODALITY, "==", ["CT"], b"ct", False),
        (MODALITY, "starts with", ["C", "X"], b"CT", True),
        (MODALITY, "starts with", ["T"], b"CT", False),
        (MODALITY, "ends with", ["T"], b"CT", True),
        (MODALITY, "ends with", ["C"], b"CT", False),
        (MODALITY, "contains", ["X", "T"], b"CT", True),
        (MODALITY, "contains", ["TC"], b"CT", False),
        (MODALITY, "like", ["C*", "?"], b"CT", True),
        (MODALITY, "like", ["C"], b"CT", False),
    ],
)
def test_operators(field, operator, values, raw, result):
    assert holds(compare(field, operator, *values), Raw(field.tag, field.vr, raw)) == result


@pytest.mark.parametrize(
    ("interval", "inside"),
    [
        (Interval(Decimal(1), Decimal(5)), {1, 3, 5}),
        (Interval(Decimal(1), Decimal(5), low_closed=False), {3, 5}),
        (Interval(Decimal(1), Decimal(5), high_closed=False), {1, 3}),
        (Interval(None, Decimal(1)), {0, 1}),
        (Interval(Decimal(5), None), {5, 6}),
        (Interval(), {0, 1, 3, 5, 6}),
    ],
)
def test_intervals(interval, inside):
    test = compare(THICKNESS, "in", intervals=(interval,))
    for number in (0, 1, 3, 5, 6):
        raw = Raw(THICKNESS.tag, "DS", f"{number}".encode())
        assert holds(test, raw) == (number in inside)


def test_an_address_in_a_network():
    network = Interval(0xFFFF0A000000, 0xFFFF0AFFFFFF)
    test = compare(PEER, "in", intervals=(network,))
    assert holds(test, envelope=Envelope(peer="10.9.8.7"))
    assert not holds(test, envelope=Envelope(peer="11.0.0.0"))
    assert not holds(test, envelope=Envelope(peer="nowhere"))
    assert not holds(test)


@given(st.text("ab\n", max_size=6), st.text("ab*?\n", max_size=6))
def test_like_is_the_shell_pattern_without_classes(value, pattern):
    assert like(value, pattern) == fnmatchcase(value, pattern)


def test_like_with_many_stars_is_quick():
    assert not like("a" * 2000, "*a" * 50 + "b")


def test_like_counts_code_points():
    assert like("\U0001f600", "?")
    assert not like("", "?")
    assert like("", "")
    assert like("", "**")


# and, or, not: classical -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        (TRUE, True),
        (FALSE, False),
        (Not(FALSE), True),
        (And((TRUE, TRUE)), True),
        (And((TRUE, FALSE)), False),
        (Or((FALSE, FALSE)), False),
        (Or((FALSE, TRUE)), True),
        (And(()), True),
        (Or(()), False),
    ],
)
def test_connectives(condition, result):
    assert holds(condition) == result


def test_strong_and_plain_negation_differ_on_blank_and_invalid():
    strong = compare(MODALITY, "==", "CT", negated=True)
    plain = Not(compare(MODALITY, "==", "CT"))
    assert not holds(strong)
    assert holds(plain)
    for raw in (Raw(MODALITY.tag, "CS", b""), Raw(MODALITY.tag, "OB", b"\0\0")):
        assert not holds(strong, raw)
        assert holds(plain, raw)


# Order and choice --------------------------------------------------------------------------------

TO_A, TO_B = Deliver("a"), Deliver("b")


def guard(*verdicts, otherwise=Pass()):  # noqa: B008
    rules = tuple(
        TypedGuardRule(f"g{at}", condition, verdict, SPAN)
        for at, (condition, verdict) in enumerate(verdicts)
    )
    return TypedGuard(rules, otherwise)


def test_the_first_rule_of_the_guard_wins():
    drop, refuse, hold = Drop("no"), Refuse(0x0124, ""), Hold("aside", "")
    tables = (table("t", rule("r", TRUE, SEND)),)
    cases = [
        (guard((FALSE, drop), (TRUE, refuse)), Decision("refuse", refuse=refuse)),
        (guard((TRUE, drop), (TRUE, refuse)), Decision("drop", drop=drop)),
        (guard((TRUE, hold)), Decision("hold", hold=hold)),
    ]
    for made, expected in cases:
        found = decide(program(*tables, guard=made))
        winner = "guard.g1" if expected.refuse else "guard.g0"
        assert found == Decision(
            expected.verdict,
            hold=expected.hold,
            refuse=expected.refuse,
            drop=expected.drop,
            rules=(winner,),
        )


def test_who_passes_the_guard_is_named_first():
    tables = (table("t", rule("r", TRUE, SEND)),)
    send = Send("pacs", (), "t.r", ("t.r",))
    passed = decide(program(*tables, guard=guard((TRUE, Pass()), (TRUE, Drop("no")))))
    assert passed == Decision("route", (send,), rules=("guard.g0", "t.r"))
    otherwise = decide(program(*tables, guard=guard((FALSE, Drop("no")))))
    assert otherwise.rules == ("guard.otherwise", "t.r")
    held = decide(program(*tables, guard=guard(otherwise=Hold("aside", "why"))))
    assert held == Decision("hold", hold=Hold("aside", "why"), rules=("guard.otherwise",))


def test_priorities_then_positions():
    rules = (
        rule("low", TRUE, TO_A, priority=-1),
        rule("plain", TRUE, TO_A),
        rule("second", TRUE, TO_A),
        rule("high", TRUE, TO_A, priority=10),
    )
    everything = decide(program(table("t", *rules)))
    assert everything.rules == ("t.high", "t.plain", "t.second", "t.low")
    assert decide(program(table("t", *rules, first=True))).rules == ("t.high",)
    assert decide(program(table("t", *rules[:3], first=True))).rules == ("t.plain",)


@pytest.mark.parametrize("first", [True, False])
def test_otherwise_fires_when_no_rule_did(first):
    def made(condition):
        return program(table("t", rule("r", condition, TO_A), first=first, otherwise=(TO_B,)))

    assert decide(made(TRUE)).rules == ("t.r",)
    assert decide(made(FALSE)).rules == ("t.otherwise",)
    assert [send.to for send in decide(made(FALSE)).sends] == ["b"]


def test_sends_of_one_destination_and_chain_are_one_delivery():
    low, stat = Deliver("a", urgency="low"), Deliver("a", urgency="stat")
    chained = Deliver("a", ("trial",))
    typed = program(
        table("t", rule("r", TRUE, TO_B, low, chained)),
        table("u", rule("r", TRUE, stat), rule("s", TRUE, TO_A, TO_A)),
    )
    assert decide(typed).sends == (
        Send("b", (), "t.r", ("t.r",)),
        Send("a", (), "t.r", ("t.r", "u.r", "u.s"), "stat"),
        Send("a", ("trial",), "t.r", ("t.r",)),
    )


def release(after, late="new", during=None):
    return Release(Batch("study", after, late=late), during)


@pytest.mark.parametrize(
    ("ways", "merged"),
    [
        ([Release()], [Release()]),
        ([Release(), Release()], [Release()]),
        ([release(5.0), Release()], [release(5.0), Release()]),
        ([release(5.0), release(9.0)], [release(5.0), release(9.0)]),
        ([Release(during="night"), release(5.0)], [Release(during="night"), release(5.0)]),
        ([release(5.0), release(5.0, "all")], [release(5.0, "all")]),
        ([release(5.0, "hold"), release(9.0)], [release(5.0), release(9.0)]),
        ([release(5.0, "hold"), Release()], [release(5.0, "hold"), Release()]),
        ([release(9.0, "hold"), release(5.0, "all")], [release(9.0, "all"), release(5.0, "all")]),
        (
            [release(5.0, "hold", "night"), release(5.0, "new"), release(5.0, "hold", "night")],
            [release(5.0, "new", "night"), release(5.0, "new")],
        ),
    ],
)
def test_the_ways_of_one_delivery(ways, merged):
    """Each way it may start, once; of different `late` clauses the one that sends most (2c)."""
    rules = (rule(f"r{at}", TRUE, Deliver("a", release=way)) for at, way in enumerate(ways))
    (send,) = decide(program(table("t", *rules))).sends
    assert list(send.release) == merged


@given(
    st.permutations(
        [
            Deliver("a", urgency="low", release=release(5.0, "hold")),
            Deliver("a", urgency="stat", release=Release(during="night")),
            Deliver("a", release=release(9.0, "new")),
            Deliver("b", ("x",)),
        ]
    )
)
def test_the_merge_is_commutative(effects):
    """So `all` tables stay free of order: only the order of what is listed differs."""
    sends = decide(program(table("t", rule("r", TRUE, *effects)))).sends
    assert {(send.to, send.via, send.urgency, frozenset(send.release)) for send in sends} == {
        (
            "a",
            (),
            "stat",
            frozenset((release(5.0), Release(during="night"), release(9.0))),
        ),
        ("b", ("x",), "normal", frozenset((Release(),))),
    }


def test_notices_route_nothing():
    notice, other = Notify("oncall", "look"), Notify("oncall", "again")
    alone = decide(program(table("t", rule("r", TRUE, notice, notice, other))))
    unrouted = Hold("unrouted", NO_RULE)
    assert alone == Decision("hold", hold=unrouted, rules=("t.r",), notify=(notice, other))
    sent = decide(program(table("t", rule("r", TRUE, notice, SEND))))
    assert (sent.verdict, sent.notify) == ("route", (notice,))
    held = decide(program(table("t", rule("r", TRUE, notice, Hold("aside", "")))))
    assert (held.verdict, held.hold, held.notify) == ("hold", None, (notice,))
    dropped = program(table("t", rule("r", TRUE, notice)), guard=guard((TRUE, Drop("no"))))
    assert decide(dropped).notify == ()


def local(*windows, negated=False):
    hours = tuple(
        Interval(Decimal(low * HOUR), Decimal(high * HOUR), high_closed=False)
        for low, high in windows
    )
    return compare(CLOCK, "in", intervals=hours, negated=negated)


CLOCK = Field(Source.CLOCK, ValueType.DECIMAL, name="local")
HOUR = 3_600_000_000
NIGHT = ((19, 30), (43, 54))
"""mon 19:00..06:00 and tue 19:00..06:00, hours since Monday."""


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-02-02T18:00:00", True),  # Monday 19:00 in Berlin: closed at its start
        ("2026-02-02T17:59:59.999999", False),
        ("2026-02-03T04:59:59.999999", True),
        ("2026-02-03T05:00:00", False),  # open at its end
        ("2026-02-03T18:00:00", True),
        ("2026-02-04T18:00:00", False),
        ("2026-08-03T17:00:00", True),  # summer time
    ],
)
def test_the_clock_in_a_schedule(at, inside):
    typed = program(table("t", rule("r", local(*NIGHT), SEND)))
    typed = replace(typed, settings=Settings(zone="Europe/Berlin"))
    instant = (datetime.fromisoformat(f"{at}+00:00") - EPOCH) // timedelta(microseconds=1)
    assert (decide(typed, envelope=Envelope(at=instant)).verdict == "route") == inside
    assert holds(local(*NIGHT, negated=True), envelope=Envelope(at=0))


def test_without_an_instant_the_clock_is_absent():
    assert holds(is_state(CLOCK, State.ABSENT))
    assert not holds(local((0, 168)))
    assert not holds(local((0, 168), negated=True))
    assert holds(local((0, 168)), envelope=Envelope(at=0))


def test_days_since_of_a_negated_operator_is_strong():
    """2e: valued, and no value satisfies it."""
    since = replace(STUDY_DATE, type=ValueType.DECIMAL, view=View.DAYS_SINCE)
    at = Envelope(at=10 * 24 * HOUR)  # 1970-01-11
    few = compare(since, "in", Decimal(1), Decimal(2), negated=True)
    for raw, result in ((b"19700101", True), (b"19700109", False), (b"19700101\\19700110", False)):
        assert holds(few, Raw(STUDY_DATE.tag, "DA", raw), envelope=at) == result
    assert not holds(few, envelope=at)
    assert not holds(few, Raw(STUDY_DATE.tag, "DA", b"19700101"))
    assert not holds(few, Raw(STUDY_DATE.tag, "DA", b"x "), envelope=at)


def test_verdicts_of_tables():
    hold, other = Hold("aside", "look"), Hold("aside", "")

    def verdict(*effects):
        return decide(program(table("t", rule("r", TRUE, *effects))))

    assert verdict(SEND, hold, hold, other) == Decision(
        "route", (Send("pacs", (), "t.r", ("t.r",)),), (hold, other), rules=("t.r",)
    )
    assert verdict(hold) == Decision("hold", holds=(hold,), rules=("t.r",))
    assert verdict(Nothing("x"), Nothing("x")) == Decision("route", nothing=("x",), rules=("t.r",))
    assert verdict(Nothing("x"), hold) == Decision(
        "hold", holds=(hold,), nothing=("x",), rules=("t.r",)
    )


def test_nothing_is_lost_silently():
    hold = Hold("unrouted", NO_RULE)
    assert decide(program(table("t", rule("r", FALSE, SEND)))) == Decision("hold", hold=hold)
    assert decide(program()) == Decision("hold", hold=hold)
    passed = decide(program(guard=guard()))
    assert passed == Decision("hold", hold=hold, rules=("guard.otherwise",))


def test_an_unreadable_object_is_held_whatever_the_rules_say():
    typed = program(
        table("t", rule("r", Or((TRUE, is_state(MODALITY, State.VALUED))), SEND)),
        guard=guard((TRUE, Refuse(0x0124, ""))),
    )
    decision = Reference(typed).decide(b"\x08\0\x60\0CS\x04\0CT", EXPLICIT, Envelope())
    reason = "the data set ends inside an element in (0008,0060)"
    assert decision == Decision("hold", hold=Hold("unreadable", reason))


# Traces ------------------------------------------------------------------------------------------


def test_a_trace_shows_the_guard_up_to_its_winner_and_what_fired():
    test = compare(MODALITY, "==", "CT")
    typed = program(
        table("t", rule("no", Not(test), SEND), rule("r", And((test, test)), SEND), first=True),
        table("u", rule("r", FALSE, SEND), otherwise=(SEND,)),
        guard=guard((Not(test), Drop("no")), (test, Pass()), (TRUE, Drop("no"))),
    )
    data = encode([Raw(MODALITY.tag, "CS", b"CT\\ ")], EXPLICIT)
    trace = Reference(typed).trace(data, EXPLICIT, Envelope())
    assert [entry["rule"] for entry in trace.as_json()] == [
        "guard.g0",
        "guard.g1",
        "t.r",
        "u.otherwise",
    ]
    assert trace.as_json()[2] == {
        "rule": "t.r",
        "result": True,
        "tests": [{"test": "test", "state": "valued", "values": ["CT"], "result": True}] * 2,
    }
    names = [entry["rule"] for entry in trace.as_json(everything=True)]
    assert names == [
        *("guard.g0", "guard.g1", "guard.g2", "guard.otherwise"),
        *("t.no", "t.r", "u.r", "u.otherwise"),
    ]
    asked = [entry["rule"] for entry in trace.as_json(why_not="t.no")]
    assert asked == ["guard.g0", "guard.g1", "t.no", "t.r", "u.otherwise"]


@pytest.mark.parametrize(
    ("field", "raw", "values"),
    [
        (STUDY_DATE, b"2026.01.31", ["2026-01-31"]),
        (STUDY_TIME, b"0700\\235960.5 ", ["07:00:00", "24:00:00.5"]),
        (THICKNESS, b"1.50", ["1.50"]),
        (MODALITY, b"x" * 100, ["x" * 63 + "…"]),
        (MODALITY, b"\\".join([b"x"] * 40), ["x"] * 32 + ["…"]),
        (element(0x00100010, "PN"), b"Muster^Max", []),
    ],
)
def test_values_are_shown_as_text(field, raw, values):
    typed = program(table("t", rule("r", Not(is_state(field, State.ABSENT)), SEND)))
    data = encode([Raw(field.tag, field.vr, raw)], EXPLICIT)
    (fired,) = Reference(typed).trace(data, EXPLICIT, Envelope()).rules
    assert list(fired.tests[0].values) == values


def test_an_address_is_shown_as_people_write_it():
    typed = program(table("t", rule("r", Not(is_state(PEER, State.ABSENT)), SEND)))
    for peer in ("10.0.0.7", "fe80::1"):
        trace = Reference(typed).trace(b"", EXPLICIT, Envelope(peer=peer))
        assert trace.rules[0].tests[0].values == (peer,)


# Properties over generated programs and objects ---------------------------------------------------

RUN = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_the_generators_make_tests_true_and_false():
    """Programs check without errors, decisions and traces agree, nothing raises."""
    tally = Tally()

    @RUN
    @given(st.data())
    def run(data):
        case = data.draw(cases())
        reference = Reference(typed_of(case.text))
        for encoding in (*Encoding, *Encoding):
            made = data.draw(objects(case))
            encoded = made.encoded(encoding)
            trace = reference.trace(encoded, encoding, made.envelope)
            assert trace.decision == reference.decide(encoded, encoding, made.envelope)
            fired = tuple(rule.rule for rule in trace.rules if rule.fired)
            assert fired == trace.decision.rules
            tally.record(reference, encoded, encoding, made.envelope)

    run()
    print(tally.report())
    assert tally.poor(enough=400) == []  # fifty tests of a kind at least


@RUN
@given(st.data())
def test_one_object_has_one_meaning_in_every_encoding(data):
    """Tidy objects follow the standard, so no encoding knows more than another."""
    case = data.draw(cases(PUBLIC))
    reference = Reference(typed_of(case.text))
    made = data.draw(objects(case, tidy=True))
    decisions = [
        reference.decide(made.encoded(encoding), encoding, made.envelope) for encoding in Encoding
    ]
    assert decisions == decisions[:1] * len(decisions)


@RUN
@given(st.data())
def test_damage_is_unreadable_or_changes_nothing_before_it(data):
    """Whatever happens to the bytes, there is a decision; a cut is held or a shorter object."""
    case = data.draw(cases())
    reference = Reference(typed_of(case.text))
    made = data.draw(objects(case))
    encoding = data.draw(st.sampled_from(Encoding))
    broken = data.draw(damaged(made.encoded(encoding)))
    decision = reference.decide(broken, encoding, made.envelope)
    assert decision.verdict in {"route", "hold", "refuse", "drop"}
    if decision.hold is not None and decision.hold.queue == "unreadable":
        assert decision.rules == ()
        assert decision.hold.reason
