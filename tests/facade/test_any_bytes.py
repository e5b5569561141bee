"""Whatever the bytes are, the face answers, and core and reference say the same."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

import roteiro
from roteiro.runtime.dicom import read_part10

RULES = roteiro.compile(
    text="""\
language 1
node pacs { ae = "PACS" host = "127.0.0.1" port = 11113 }
guard { rule nobody { when PatientID is blank hold quarantine } otherwise { pass } }
table t first {
  rule ct { when Modality == "CT" and Rows in 64..1024 send to pacs }
  rule described { when StudyDescription like "*a*" or PatientName is invalid hold quarantine }
  otherwise { nothing "no" }
}
"""
)
SYNTAXES = st.sampled_from(
    [
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.1",
        "1.2.840.10008.1.2.2",
        "1.2.840.10008.1.2.1.99",
        "1.2.840.10008.1.2.4.90",
    ]
)
FOUND = get_testdata_file("CT_small.dcm", download=False)
assert isinstance(FOUND, str)
CONTENT = Path(FOUND).read_bytes()
CT = CONTENT[read_part10(CONTENT).offset :][:4096]


def same(data: bytes, syntax: str) -> None:
    fast = RULES.decide(data, transfer_syntax=syntax, calling_ae="CT1")
    slow = RULES.reference.decide(data, transfer_syntax=syntax, calling_ae="CT1")
    assert fast == slow
    assert fast.verdict in {"route", "hold"}
    assert json.dumps(fast.explain()) == json.dumps(slow.explain())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), SYNTAXES)
def test_any_bytes(data: bytes, syntax: str) -> None:
    same(data, syntax)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(CT) - 1), st.binary(min_size=1, max_size=8), SYNTAXES)
def test_a_real_object_with_some_bytes_changed(at: int, change: bytes, syntax: str) -> None:
    same(CT[:at] + change + CT[at + len(change) :], syntax)


def test_the_real_object_itself_is_routed() -> None:
    assert [send.to for send in RULES.decide(CT).sends] == ["pacs"]
