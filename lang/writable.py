"""What may be written to an attribute: the VM, the length, the characters (PS3.5 6.2)."""

import re
from decimal import Decimal

from roteiro.core.program import Field, Scalar, ValueType
from roteiro.lang import chains, dictionary, impossible
from roteiro.lang.attributes import written
from roteiro.lang.functions import HASH_DIGITS
from roteiro.lang.literals import Element, Placed
from roteiro.lang.report import Report, hint, phrase
from roteiro.lang.source import Span

TEXTS = frozenset((ValueType.TEXT, ValueType.NAME, ValueType.UID))
SPLIT = impossible.SPLIT | {"PN"}
"""VRs of text whose values are separated by a backslash."""
VM = re.compile(r"(\d+)(?:-(\d*)(n?))?\Z")


class Limits:
    """Checks literals against the attribute they are written to."""

    def __init__(self, report: Report) -> None:
        """Report to `report`."""
        self.report = report

    def keep(self, text: str, literal: Element, field: Field, *, several: bool = True) -> bool:
        """Whether a value keeps the limits of its attribute; if not, that is reported.

        A literal alone may be `several` values, with backslashes between them.
        """
        if not text:
            name = written(field)
            helped = hint("write", word=f"blank {name}")
            self.report.add("RT108", literal.span, "empty_value", help=helped, name=name)
            return False
        values = text.split("\\") if several and field.vr in SPLIT else [text]
        why = next((why for value in values if (why := reason(value, literal, field))), None)
        if why is not None:
            helped = hint("impossible_help", reason=why)
            self.report.add(
                "RT108",
                literal.span,
                "unwritable",
                help=helped,
                name=written(field),
                vr=field.vr,
                value=text,
            )
            return False
        return self.multiplicity(len(values), literal, field)

    def hold(self, value: chains.Value, span: Span, field: Field) -> bool:
        """Whether a `hash` finds room in its attribute; if not, that is reported."""
        most = impossible.LENGTHS.get(field.vr, HASH_DIGITS)
        hashed = isinstance(value, chains.Apply) and value.function == "hash"
        if not hashed or most >= HASH_DIGITS:
            return True
        helped = hint("hash_too_long_help", most=most)
        self.report.add(
            "RT108",
            span,
            "hash_too_long",
            help=helped,
            name=written(field),
            vr=field.vr,
            digits=HASH_DIGITS,
        )
        return False

    def multiplicity(self, count: int, literal: Element, field: Field) -> bool:
        """Whether an attribute may have so many values."""
        attribute = None if field.creator else dictionary.by_tag(field.tag)
        if attribute is None or allows(attribute.vm, count):
            return True
        self.report.add(
            "RT110",
            literal.span,
            "wrong_vm",
            help=hint("wrong_vm_help") if count == 1 else None,
            name=written(field),
            vm=attribute.vm,
            count=count,
        )
        return False


def reason(value: str, literal: Element, field: Field) -> str | None:
    """Say why a value cannot be written; nothing when it can."""
    scalar: Scalar | None = value if field.type in TEXTS else None
    if field.type is ValueType.DECIMAL and field.vr not in impossible.FLOATS:
        scalar = Decimal(value)  # a float is rounded when it is written
    if field.vr == "DS" and len(value) > impossible.DECIMAL_STRING:
        return phrase("reason_decimal_string", most=impossible.DECIMAL_STRING)
    return (
        None if scalar is None else impossible.of_scalar(Placed(literal.span, scalar), field, "==")
    )


def allows(vm: str, count: int) -> bool:
    """Whether a value multiplicity such as `1`, `1-3`, `2-n` or `3-3n` allows a count."""
    for choice in vm.split(" or "):
        found = VM.match(choice)
        if found is None:
            return True
        low = int(found[1])
        if "-" not in choice:
            in_range = count == low
        elif found[3]:
            in_range = count >= low and count % int(found[2] or 1) == 0
        else:
            in_range = low <= count <= int(found[2])
        if in_range:
            return True
    return False
