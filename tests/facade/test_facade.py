"""`import roteiro`: the Python face."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

import roteiro

HEAVY = ("lark", "pydicom", "pynetdicom", "uvloop", "apsw", "click", "structlog", "asyncio")

TEXT = """\
language 1
node pacs { ae = "PACS" host = "127.0.0.1" port = 11113 }
node vna  { ae = "VNA"  host = "127.0.0.1" port = 11114 }
guard {
  rule stranger { when assoc.calling_ae == "EVIL" refuse 0x0124 "not authorised" }
  rule silent { when assoc.tls_subject == "CN=test" drop "only a test" }
  rule inbox { when assoc.listener == "side" hold side "came in at the side" }
  rule test { when assoc.called_ae == "SIDE" hold side }
  otherwise { pass }
}
table t all {
  rule ct { when Modality == "CT" and instance.size > 0 send to pacs urgency stat }
  rule peer { when assoc.peer == "10.0.0.7" send to vna }
  rule sop { when instance.sop_class == CTImageStorage nothing "seen" }
}
"""
# (0008,0060) CS "CT", explicit VR little endian
EXPLICIT = b"\x08\x00\x60\x00CS\x02\x00CT"
IMPLICIT = b"\x08\x00\x60\x00\x02\x00\x00\x00CT"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"


@pytest.fixture
def ct() -> Path:
    found = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(found, str)
    return Path(found)


@pytest.fixture
def rules() -> roteiro.Rules:
    return roteiro.compile(text=TEXT, name="face.route")


def loaded_by(code: str) -> set[str]:
    """Give which of the heavy modules a piece of Python loads."""
    tail = f"\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code + tail], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_import_is_light() -> None:
    assert loaded_by("import roteiro") == set()


def test_the_error_is_light() -> None:
    assert loaded_by("import roteiro; roteiro.RouteError; roteiro.Finding") == set()


def test_names_of_the_face() -> None:
    for name in roteiro.__all__:
        assert getattr(roteiro, name) is not None
    with pytest.raises(AttributeError, match="compole"):
        roteiro.compole  # noqa: B018  type: ignore[attr-defined]


def test_compile_a_text(rules: roteiro.Rules) -> None:
    assert rules.name == "face.route"
    assert rules.rule_set.startswith("sha256:")
    assert [finding.code for finding in rules.findings] == ["RT510", "RT401"]
    assert "face.route" in repr(rules)


@pytest.mark.parametrize("kind", [str, Path])
def test_compile_a_path(tmp_path: Path, kind: type) -> None:
    path = tmp_path / "site.route"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    rules = roteiro.compile(kind(path))
    assert rules.name == str(path)
    assert rules.decide(EXPLICIT).verdict == "route"


def test_compile_wants_one_of_the_two(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        roteiro.compile()  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        roteiro.compile("a.route", text=TEXT)  # type: ignore[call-overload]
    with pytest.raises(FileNotFoundError):
        roteiro.compile(tmp_path / "none.route")
    with pytest.raises(IsADirectoryError):
        roteiro.compile(tmp_path)


def test_errors_are_raised_with_all_findings() -> None:
    text = TEXT + 'set unused = { "a" }\n'
    text += 'table u all { rule r { when Modalty == "CT" nothing "" } }\n'
    with pytest.raises(roteiro.RouteError) as raised:
        roteiro.compile(text=text, name="wrong.route")
    findings = raised.value.findings
    assert {finding.level for finding in findings} >= {"error", "warning"}
    (unknown,) = [finding for finding in findings if finding.code == "RT101"]
    assert unknown.name == "unknown-attribute"
    assert unknown.file == "wrong.route"
    assert unknown.span.start.line == text.count("\n")
    assert "wrong.route:" in str(raised.value)
    assert "error[RT101 unknown-attribute]" in str(raised.value)
    assert len(str(raised.value).splitlines()) == len(findings)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.route"
    path.write_bytes(b"language 1 # \xe9")
    with pytest.raises(roteiro.RouteError) as raised:
        roteiro.compile(path)
    assert [finding.code for finding in raised.value.findings] == ["RT100"]


def test_warnings_do_not_stop() -> None:
    rules = roteiro.compile(text=TEXT + 'set unused = { "a" }\n')
    last = rules.findings[-1]
    assert (last.code, last.level) == ("RT221", "warning")


def test_a_decision(rules: roteiro.Rules) -> None:
    decided = rules.decide(EXPLICIT, calling_ae="CT1", peer="10.0.0.7")
    assert decided.verdict == "route"
    assert [send.to for send in decided.sends] == ["pacs", "vna"]
    first = decided.sends[0]
    assert (first.rule, first.rules, first.urgency, first.via) == ("t.ct", ("t.ct",), "stat", ())
    assert decided.rules == ("guard.otherwise", "t.ct", "t.peer")
    assert (decided.hold, decided.refuse, decided.drop) == (None, None, None)
    assert (decided.holds, decided.nothing) == ((), ())
    assert decided.read.last_tag == 0x0008_0060


def test_the_guard(rules: roteiro.Rules) -> None:
    refused = rules.decide(EXPLICIT, calling_ae="EVIL")
    assert refused.refuse is not None
    assert (refused.verdict, refused.refuse.status) == ("refuse", 0x0124)
    dropped = rules.decide(EXPLICIT, tls_subject="CN=test")
    assert dropped.drop is not None
    assert (dropped.verdict, dropped.drop.reason) == ("drop", "only a test")
    held = rules.decide(EXPLICIT, listener="side")
    assert held.hold is not None
    assert (held.verdict, held.hold.queue) == ("hold", "side")


def test_what_is_not_given_is_absent(rules: roteiro.Rules) -> None:
    assert [send.to for send in rules.decide(EXPLICIT).sends] == ["pacs"]
    assert rules.decide(b"").hold is not None
    assert rules.decide(EXPLICIT, sop_class="1.2.840.10008.5.1.4.1.1.2").nothing == ("seen",)


def test_the_transfer_syntax_says_how_to_read(rules: roteiro.Rules) -> None:
    assert [s.to for s in rules.decide(IMPLICIT, transfer_syntax=IMPLICIT_LITTLE).sends] == ["pacs"]
    misread = rules.decide(IMPLICIT)
    assert misread.hold is not None
    assert misread.hold.queue == "unreadable"
    with pytest.raises(ValueError, match=r"1\.2\.3"):
        rules.decide(EXPLICIT, transfer_syntax="1.2.3")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_kinds_of_bytes(rules: roteiro.Rules, kind: type) -> None:
    assert rules.decide(kind(EXPLICIT)).verdict == "route"


@pytest.mark.parametrize(
    "at",
    [
        None,
        "2026-01-31T10:00:00+00:00",
        datetime(2026, 1, 31, tzinfo=UTC),
        datetime(2026, 1, 31, tzinfo=timezone(timedelta(hours=-1))),
    ],
)
def test_instants(rules: roteiro.Rules, at: datetime | str | None) -> None:
    assert rules.decide(EXPLICIT, at=at).verdict == "route"


@pytest.mark.parametrize("at", ["", "now", "20260131T100000Z", datetime(2026, 1, 31)])
def test_what_is_no_instant(rules: roteiro.Rules, ct: Path, at: datetime | str) -> None:
    with pytest.raises(ValueError, match="instant"):
        rules.decide(EXPLICIT, at=at)
    with pytest.raises(ValueError, match="instant"):
        rules.decide_file(ct, at=at)


def test_what_is_no_address(rules: roteiro.Rules, ct: Path) -> None:
    with pytest.raises(ValueError, match="ct1"):
        rules.decide(EXPLICIT, peer="ct1.example.org")
    with pytest.raises(ValueError, match="ct1"):
        rules.decide_file(ct, peer="ct1.example.org")


def test_a_file(rules: roteiro.Rules, ct: Path) -> None:
    decided = rules.decide_file(ct, calling_ae="CT1")
    assert [send.to for send in decided.sends] == ["pacs"]
    assert decided.nothing == ("seen",)
    assert rules.decide_file(str(ct)).decision == decided.decision


def test_a_file_is_its_data_set(rules: roteiro.Rules, ct: Path) -> None:
    data = dcmread(ct)
    meta = 132 + 12 + data.file_meta.FileMetaInformationGroupLength
    direct = rules.decide(
        ct.read_bytes()[meta:],
        transfer_syntax=data.file_meta.TransferSyntaxUID,
        sop_class=data.file_meta.MediaStorageSOPClassUID,
        sop_instance=data.file_meta.MediaStorageSOPInstanceUID,
    )
    assert direct.decision == rules.decide_file(ct).decision


def test_no_dicom_file(rules: roteiro.Rules, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("dear colleague, " * 20)
    with pytest.raises(ValueError, match=r"DICOM|text"):
        rules.decide_file(tmp_path / "a.txt")
    with pytest.raises(FileNotFoundError):
        rules.decide_file(tmp_path / "none.dcm")


def test_the_reference_says_the_same(rules: roteiro.Rules, ct: Path) -> None:
    slow = rules.reference.decide_file(ct, calling_ae="CT1", peer="10.0.0.7")
    fast = rules.decide_file(ct, calling_ae="CT1", peer="10.0.0.7")
    assert slow == fast
    assert slow.explain() == fast.explain()
    assert rules.reference.decide(EXPLICIT).decision == rules.decide(EXPLICIT).decision


def test_explain_is_the_entry_without_object(rules: roteiro.Rules) -> None:
    entry = rules.decide(EXPLICIT, calling_ae="CT1").explain()
    assert "object" not in entry
    assert entry["verdict"] == "route"
    assert entry["sends"][0]["to"] == "pacs"
    assert entry["rule_set"] == rules.rule_set
    assert entry["read"]["last_tag"] == "(0008,0060)"
    assert entry["trace"][-1]["tests"][0]["values"] == ["CT"]
    assert isinstance(entry["sends"], list)
