"""What callers say of objects is prepared once: it must never show."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import roteiro
from roteiro.core import build
from roteiro.core.program import Encoding, Envelope
from roteiro.lang.lower import lower
from roteiro.runtime import rules as module
from roteiro.runtime.instant import instant_of, micros_of

TEXT = """\
language 1
timezone "Atlantic/Azores"
node pacs { ae = "PACS" host = "127.0.0.1" port = 11113 }
table t all {
  rule ae { when assoc.calling_ae in { "A", "Ä" } send to pacs }
  rule peer { when assoc.peer in { "10.0.0.0/8", "::1/128" } send to pacs }
  rule sop { when instance.sop_class == CTImageStorage send to pacs }
  rule uid { when instance.sop_instance under 1.2.3 send to pacs }
  rule side { when assoc.listener == "side" and assoc.called_ae == "B" send to pacs }
  rule tls { when assoc.tls_subject contains "CN=a" send to pacs }
  %s
}
"""
TIMED = "rule old { when days since StudyDate > 30 send to pacs }"
SIZED = "rule large { when instance.size > 40 send to pacs }"
CT = b"\x08\x00\x20\x00DA\x08\x0020260101" + b"\x08\x00\x60\x00CS\x02\x00CT"
LONG = "L" * 4000
SOME = {
    "calling_ae": st.sampled_from(("A", "Ä", " A ", "B", "", LONG)),
    "called_ae": st.sampled_from(("A", "B")),
    "peer": st.sampled_from(("10.0.0.7", "::1", "192.0.2.1")),
    "transfer_syntax": st.sampled_from(("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")),
    "sop_class": st.sampled_from(("1.2.840.10008.5.1.4.1.1.2", "1.2.3")),
    "sop_instance": st.sampled_from(("1.2.3.4", "1.2.4", "x")),
    "tls_subject": st.sampled_from(("CN=a", "CN=b")),
    "listener": st.sampled_from(("side", "front")),
}
WORDS = st.fixed_dictionaries({}, optional=SOME)
INSTANTS = st.one_of(
    st.datetimes(
        timezones=st.sampled_from((UTC, ZoneInfo("Europe/Lisbon"))), allow_imaginary=False
    ),
    st.datetimes(datetime(2025, 12, 1), datetime(2026, 3, 1), timezones=st.just(UTC)),
    st.just("2026-02-01T00:00:00Z"),
)
KINDS = {name: TEXT % more for name, more in (("plain", ""), ("timed", TIMED), ("sized", SIZED))}


@pytest.fixture(scope="module", params=sorted(KINDS))
def rules(request: pytest.FixtureRequest) -> roteiro.Rules:
    return roteiro.compile(text=KINDS[request.param], name="given.route")


@settings(max_examples=60)
@given(calls=st.lists(st.tuples(WORDS, INSTANTS, st.sampled_from((CT, CT + CT, b""))), max_size=6))
def test_callers_before_do_not_show(
    rules: roteiro.Rules, calls: list[tuple[dict[str, str], datetime | str, bytes]]
) -> None:
    for words, at, data in calls:
        assert rules.decide(data, at=at, **words) == rules.reference.decide(data, at=at, **words)


def test_what_is_wrong_is_wrong_each_time(rules: roteiro.Rules) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="example"):
            rules.decide(CT, peer="a.example.org")
        with pytest.raises(ValueError, match=r"1\.2\.3"):
            rules.decide(CT, transfer_syntax="1.2.3")
        rules.decide(CT, calling_ae="A")
        with pytest.raises(ValueError, match="instant"):
            rules.decide(CT, calling_ae="A", at="yesterday")


def test_callers_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KNOWN", 3)
    rules = roteiro.compile(text=KINDS["plain"], name="given.route")
    for turn in range(20):
        fired = rules.decide(CT, calling_ae="A", sop_instance=f"1.2.3.{turn}").rules
        assert fired == ("t.ae", "t.uid")
        assert len(rules._known) <= 3
    rules.decide(CT, calling_ae=LONG)
    assert all(LONG not in each for each in rules._known)


def test_bytes_that_change_later_are_explained_as_they_were(rules: roteiro.Rules) -> None:
    data = bytearray(CT)
    decided = rules.decide(data, calling_ae="A", at="2026-02-01T00:00:00Z")
    before = decided.explain()
    data[:] = b"\0" * len(data)
    assert decided.explain() == before


def test_what_is_decided_is_like_any_other(rules: roteiro.Rules) -> None:
    """However it was made: equal, hashed, shown, replaced and closed as its class says."""
    decided = rules.decide(CT, calling_ae="A", at="2026-02-01T00:00:00Z")
    same = roteiro.Decided(decided.decision, decided.read, decided.explain)
    assert (decided, hash(decided), repr(decided)) == (same, hash(same), repr(same))
    assert [field.name for field in fields(decided)] == ["decision", "read", "_explain"]
    assert replace(decided, read=same.read) == decided
    with pytest.raises(FrozenInstanceError):
        decided.decision = same.decision  # type: ignore[misc]


def test_another_matcher_refuses_what_was_prepared() -> None:
    made = lower(roteiro.compile(text=KINDS["plain"], name="given.route").typed)
    one, other = build(made), build(made)
    known = one.known(Envelope(calling_ae="A"))
    assert one.decide_known(CT, Encoding.EXPLICIT_LITTLE, known, 0).decision.verdict == "route"
    with pytest.raises(ValueError, match="another"):
        other.decide_known(CT, Encoding.EXPLICIT_LITTLE, known, 0)
    with pytest.raises(TypeError):
        one.decide_known(CT, Encoding.EXPLICIT_LITTLE, None, 0)


@given(
    st.one_of(
        st.datetimes(timezones=st.just(UTC)),
        st.datetimes(
            timezones=st.sampled_from((ZoneInfo("Europe/Lisbon"), timezone(timedelta(hours=-7))))
        ),
    )
)
def test_instants_are_exact(at: datetime) -> None:
    try:
        whole = instant_of(at)
    except ValueError:
        with pytest.raises(ValueError, match="instant"):
            micros_of(at)
        return
    since = whole - datetime(1970, 1, 1, tzinfo=UTC)
    assert micros_of(at) == (since.days * 86400 + since.seconds) * 10**6 + since.microseconds
