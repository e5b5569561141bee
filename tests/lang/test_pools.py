"""Pools: members, what `balance` hashes, what a send to one becomes."""

import pytest

from roteiro.core.program import Batch, Deliver, Notify, Release
from roteiro.lang.render.text import said
from roteiro.lang.settings import PoolSettings

NODES = (
    'language 1\nnode a { ae = "A" host = "h" port = 1 }\nnode b { ae = "B" host = "h" port = 2 }\n'
    'node caller { ae = "C" host = "h" may = { echo } }\n'
)


def wrong(text: str, program) -> list[tuple[str, str, str]]:
    text = NODES + text
    typed, findings = program({"x.route": text})
    found = [
        (one.code, text[one.span.start : one.span.end], said(one.message, "en"))
        for one in findings
        if one.level.name == "ERROR"
    ]
    assert (typed is None) == bool(found)
    return found


def accepted(text: str, program):
    typed, findings = program({"x.route": NODES + text})
    assert [one for one in findings if one.level.name == "ERROR"] == []
    return typed


def test_pools_of_all_kinds(program) -> None:
    typed = accepted(
        "pool f = failover (a, b)\npool l = balance PatientID over (b, a)\npool c = copy (a, b)\n"
        "table t all { rule r { send to f, l, c, a } }\n",
        program,
    )
    failover, balance = typed.settings.pools
    assert failover == PoolSettings("f", "failover", ("a", "b"))
    assert (balance.name, balance.kind, balance.members) == ("l", "balance", ("b", "a"))
    assert balance.key.name == "PatientID"
    # `copy` stands for its members, and `a` is one of them already
    effects = typed.tables[0].rules[0].effects
    assert [effect.to for effect in effects] == ["f", "l", "a", "b"]
    assert [one.what for one in typed.settings.uncarried] == [
        "`balance`: this version balances by `StudyInstanceUID` or `SeriesInstanceUID` only",
    ]


@pytest.mark.parametrize(
    ("key", "carried"),
    [
        ("StudyInstanceUID", True),
        ("SeriesInstanceUID", True),
        ("SOPInstanceUID", False),
        ("PatientID", False),
        ("ReferencedStudySequence[1].StudyInstanceUID", False),
        ("StudyInstanceUID[1]", False),
    ],
)
def test_what_a_pool_is_balanced_by(key: str, carried: bool, program) -> None:
    typed = accepted(f"pool l = balance {key} over (a, b)\n", program)
    assert (typed.settings.uncarried == ()) is carried


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("pool p = failover (a, nobody)", "RT104", "nobody", "no node `nobody`"),
        ("pool p = failover (a, caller)", "RT117", "caller", "cannot be sent to"),
        ("pool p = failover (a, a)", "RT105", "a", "is a member already"),
        ("pool p = failover (a, b)\npool q = copy (a, p)", "RT117", "p", "`p` is a pool"),
        ("pool p = failover (a, b)\npool p = copy (a, b)", "RT105", "p", "a second `p`"),
        ("pool a = failover (a, b)", "RT105", "a", "a second `a`"),
        ("pool p = balance PixelData over (a, b)", "RT120", "PixelData", "no value by which"),
        ("pool p = balance RequestAttributesSequence over (a, b)", "RT120",
         "RequestAttributesSequence", "no value by which"),
        ("pool p = balance PatientsID over (a, b)", "RT101", "PatientsID", "not in the dictionary"),
        ("table t all { rule r { send to caller } }", "RT117", "caller", "cannot be sent to"),
        ("table t all { rule r { send to q } }", "RT104", "q", "no node or pool `q`"),
    ],
)  # fmt: skip
def test_what_is_wrong(text: str, code: str, place: str, words: str, program) -> None:
    found = wrong(text, program)
    assert [(one[0], one[1]) for one in found] == [(code, place)]
    assert words in found[0][2]


# Options of a send --------------------------------------------------------------------------------

SCHEDULE = (
    'timezone "Europe/Lisbon"\nschedule night = 22:00..06:00\ntransform x { remove PatientID }\n'
)


def test_all_options_of_a_send(program) -> None:
    typed = accepted(
        SCHEDULE
        + "table t all { rule r { send to a via x batch by study after 90s within 10m late all"
        ' during night urgency stat notify oncall "look" } rule s { send to b } }\n',
        program,
    )
    (release, notify), (plain,) = (rule.effects for rule in typed.tables[0].rules)
    assert release == Deliver("a", ("x",), "stat", Release(Batch("study", 90, 600, "all"), "night"))
    assert notify == Notify("oncall", "look")
    assert plain == Deliver("b")
    assert [one.what.partition(":")[0] for one in typed.settings.uncarried] == [
        *("`via`", "`late`", "`notify`"),
    ]


@pytest.mark.parametrize(
    ("options", "code", "place", "words"),
    [
        ("via x via x", "RT108", "via x", "`via` is said a second time"),
        ("batch by study after 1s batch by study after 1s", "RT108", "batch by study after 1s",
         "`batch` is said a second time"),
        ("during night during night", "RT108", "during night", "`during` is said a second time"),
        ("urgency low urgency low", "RT108", "urgency low", "`urgency` is said a second time"),
        ("via y", "RT104", "y", "no transform or profile `y`"),
        ("during day", "RT104", "day", "no schedule `day`"),
        ("batch by patient after 1s", "RT108", "patient", "not by `patient`"),
        ("batch by series after 0s", "RT108", "0s", "no time to wait"),
        ("batch by series after 4000d", "RT108", "4000d", "no time to wait"),
        ("batch by series after 5m within 1m", "RT108", "1m", "before its quiet time"),
        ("urgency now", "RT108", "now", "no urgency `now`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_options(options, code, place, words, program) -> None:
    found = wrong(f"{SCHEDULE}table t all {{ rule r {{ send to a {options} }} }}", program)
    assert [(one[0], one[1]) for one in found] == [(code, place)]
    assert words in found[0][2]
