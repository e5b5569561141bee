"""Read by mypy, not run: what types the Python face has (see test_typing.py)."""

from datetime import datetime
from pathlib import Path
from typing import assert_type

import roteiro
from roteiro.core.program import Drop, Hold, Read, Refuse, Send
from roteiro.runtime.explain import Entry

rules = roteiro.compile("site.route")
assert_type(rules, roteiro.Rules)
assert_type(roteiro.compile(Path("site.route")), roteiro.Rules)
assert_type(roteiro.compile(text="language 1", name="x.route"), roteiro.Rules)
assert_type(rules.name, str)
assert_type(rules.rule_set, str)
assert_type(rules.findings, tuple[roteiro.Finding, ...])

decided = rules.decide(
    b"",
    calling_ae="CT1",
    called_ae="ROTEIRO",
    peer="10.0.0.7",
    transfer_syntax="1.2.840.10008.1.2.1",
    at=None,
    sop_class=None,
    sop_instance=None,
    tls_subject=None,
    listener=None,
)
assert_type(decided, roteiro.Decided)
assert_type(rules.decide(memoryview(b""), at="2026-01-31T10:00:00Z"), roteiro.Decided)
assert_type(rules.decide(bytearray(), at=datetime.now().astimezone()), roteiro.Decided)
assert_type(rules.decide_file("a.dcm", calling_ae="CT1"), roteiro.Decided)
assert_type(rules.reference.decide(b""), roteiro.Decided)
assert_type(rules.reference.decide_file(Path("a.dcm")), roteiro.Decided)

assert_type(decided.verdict, str)
assert_type(decided.sends, tuple[Send, ...])
assert_type([send.to for send in decided.sends], list[str])
assert_type(decided.holds, tuple[Hold, ...])
assert_type(decided.hold, Hold | None)
assert_type(decided.refuse, Refuse | None)
assert_type(decided.drop, Drop | None)
assert_type(decided.nothing, tuple[str, ...])
assert_type(decided.rules, tuple[str, ...])
assert_type(decided.read, Read)
assert_type(decided.explain(), Entry)
assert_type(decided.explain()["sends"][0]["rules"], list[str])

try:
    roteiro.compile("site.route")
except roteiro.RouteError as error:
    assert_type(error.findings, tuple[roteiro.Finding, ...])
    assert_type(error.findings[0].span.start.line, int)
    assert_type(error.findings[0].help, str | None)

# Each of these is a mistake; mypy's strictness makes an unneeded ignore an error too.
roteiro.compile()  # type: ignore[call-overload]
roteiro.compile("site.route", text="language 1")  # type: ignore[call-overload]
print(roteiro.compole)  # type: ignore[attr-defined]
rules.decide("text")  # type: ignore[arg-type]
rules.decide(b"", "CT1")  # type: ignore[call-arg]
rules.decide(b"", calling="CT1")  # type: ignore[call-arg]
decided.sends = ()  # type: ignore[misc]
