"""Names as they are written in Portugal, Angola and São Tomé, in each character set that has them.

All three engines read them, in every encoding, in items as well.
"""

import pytest
from differential.engines import engines_of
from generators.charsets import CHARSETS
from generators.encode import Item, Raw, Series, encode
from generators.objects import padded

from roteiro.core.program import Encoding, Envelope

TEXT = """language 1
node hit { ae = "HIT" host = "127.0.0.1" port = 104 }
table t all {
  rule family { when PatientName.family == "joão" send to hit }
  rule given_ { when PatientName.given starts with "conceiç" send to hit }
  rule whole { when PatientName == "JOÃO^CONCEIÇÃO^DE" send to hit }
  rule folded { when InstitutionName contains i"SÃO TOMÉ" send to hit }
  rule exact { when InstitutionName == "Hospital de São Tomé" send to hit }
  rule pattern { when InstitutionName matches /hospital de s.o tom[éê]/i send to hit }
  rule item { when RequestAttributesSequence has (CodeMeaning like "*ção") send to hit }
  rule step { when RequestAttributesSequence[1].CodeMeaning == "Observação" send to hit }
}
"""
LATIN = [charset for charset in CHARSETS if b"100" in charset or charset == b"ISO_IR 192"]
RULES = ("family", "given_", "whole", "folded", "exact", "pattern", "item", "step")


@pytest.mark.parametrize("charset", LATIN, ids=[each.decode() for each in LATIN])
@pytest.mark.parametrize("encoding", Encoding)
def test_names_are_read_in_each_character_set(charset: bytes, encoding: Encoding) -> None:
    def text(tag: int, vr: str, value: str) -> Raw:
        return Raw(tag, vr, padded(CHARSETS[charset](value), b" "))

    meaning = text(0x00080104, "LO", "Observação")
    elements = (
        Raw(0x00080005, "CS", padded(charset, b" ")),
        text(0x00080080, "LO", "Hospital de São Tomé"),
        text(0x00100010, "PN", "João^Conceição^de"),
        Raw(0x00400275, "SQ", Series((Item((meaning,), False),), False)),
    )
    decision = engines_of(TEXT).agree(encode(elements, encoding), encoding, Envelope())
    assert decision.rules == tuple(f"t.{rule}" for rule in RULES)
