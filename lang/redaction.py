"""What a trace may show when it is to be shared: nothing that says who or where.

A value stays when it is technical: a code string or a number outside the groups that tell of the
patient and the visit, a UID that the standard registers, the size. Every other value, text, dates
and UIDs included, becomes a mark; states and results stay, so that a trace still explains itself.
Literals of the rules stay as they are: they are the author's, not the object's.
"""

from dataclasses import replace

from roteiro.core.program import Field, Source, View
from roteiro.lang.dictionary import uid_type
from roteiro.lang.trace import RuleTrace, TestTrace, Trace

HIDDEN = "[redacted]"
PLAIN_VRS = frozenset(("CS", "IS", "DS", "US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT"))
PLAIN_VRS_MIXED = "US or SS"
PERSONAL_GROUPS = frozenset((0x0010, 0x0032, 0x0038, 0x0040))
"""Patient, requested procedure, visit, procedure step (PS3.6)."""
PLAIN_MEMBERS = frozenset(("transfer_syntax", "sop_class", "size"))


def is_plain(field: Field) -> bool:
    """Say whether the values of a field tell of nobody."""
    if field.source is Source.CLOCK or field.view is View.COUNT:
        return True
    if field.source is Source.ENVELOPE:
        return field.name in PLAIN_MEMBERS
    if field.creator or field.tag >> 16 in PERSONAL_GROUPS:
        return False
    return field.vr in PLAIN_VRS or field.vr == PLAIN_VRS_MIXED


def redacted(values: tuple[str, ...], field: Field) -> tuple[str, ...]:
    """Give the values of a trace as they may be shared."""
    if is_plain(field):
        return values
    if field.vr == "UI":
        return tuple(value if uid_type(value) else HIDDEN for value in values)
    return tuple(HIDDEN for _ in values)


def redact(trace: Trace) -> Trace:
    """Give a trace as it may be shared."""
    return Trace(trace.decision, tuple(_rule(rule) for rule in trace.rules))


def _rule(rule: RuleTrace) -> RuleTrace:
    return replace(rule, tests=tuple(map(_test, rule.tests)))


def _test(test: TestTrace) -> TestTrace:
    items = tuple(tuple(map(_test, item)) for item in test.items)
    return replace(test, values=redacted(test.values, test.field), items=items)
