"""Differences that were found once, made small by `differential.shrink` and kept."""

import pytest
from differential.engines import engines_of

from roteiro.core.program import Encoding, Envelope

HEAD = """language 1
timezone "Europe/Lisbon"
node hit { ae = "HIT" host = "127.0.0.1" port = 104 }
"""
KEPT = {
    "items of what implicit VR does not call a sequence are no values": (
        'count((0041,"ROT EIRO",05)) == 1',
        Encoding.IMPLICIT_LITTLE,
        "4100100008000000524f54204549524f41000510fffffffffeff00e000000000feff00e000000000feffdde000000000",
        Envelope(),
        True,
    ),
    "the same of a defined length": (
        'count((0041,"ROT EIRO",05)) == 1',
        Encoding.IMPLICIT_LITTLE,
        "4100100008000000524f54204549524f4100051010000000feff00e000000000feff00e000000000",
        Envelope(),
        True,
    ),
    "the offset of the object counts in items of items by the outermost sequence": (
        "ScheduledProtocolCodeSequence has (DirectoryRecordSequence has ("
        "InstanceCoercionDateTime == 2026-01-31T17:00:00+00:00))",
        Encoding.EXPLICIT_LITTLE,
        "08000102534806002d3130303020"
        "4000080053510000fffffffffeff00e032000000040020125351000026000000feff00e0ffffffff"
        "0800150044540e003230323630313331303730303030feff0de000000000feffdde000000000",
        Envelope(),
        True,
    ),
}


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT.keys())
def test_engines_agree(kept: tuple[str, Encoding, str, Envelope, bool]) -> None:
    condition, encoding, data, envelope, holds = kept
    text = f"{HEAD}table t all {{ rule r {{ when {condition} send to hit }} }}\n"
    decision = engines_of(text).agree(bytes.fromhex(data), encoding, envelope)
    assert (decision.verdict == "route") is holds
