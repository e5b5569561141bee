"""What may be written to an attribute: the VM, the length, the characters (PS3.5 6.2)."""

import re
from decimal import Decimal

from roteiro.core.program import Field, ValueType
from roteiro.lang import dictionary, impossible, nodes
from roteiro.lang.attributes import written
from roteiro.lang.report import Report, hint, phrase

WRITTEN = {"DS": 16, "IS": 12, "UI": 64, "AS": 4, "PN": 64}
"""Characters of one value at most (of a name: of one group), where `impossible` does not say."""
SPLIT = impossible.SPLIT | {"PN"}
"""VRs of text whose values are separated by a backslash."""
VM = re.compile(r"(\d+)(?:-(\d*)(n?))?\Z")


class Limits:
    """Checks literals against the attribute they are written to."""

    def __init__(self, report: Report) -> None:
        """Report to `report`."""
        self.report = report

    def keep(self, text: str, literal: nodes.Literal | nodes.Name, field: Field) -> bool:
        """Whether a value keeps the limits of its attribute; if not, that is reported."""
        if not text:
            name = written(field)
            helped = hint("write", word=f"blank {name}")
            self.report.add("RT108", literal.span, "empty_value", help=helped, name=name)
            return False
        values = text.split("\\") if field.vr in SPLIT else [text]
        why = next((why for value in values if (why := self.reason(value, field))), None)
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

    def reason(self, value: str, field: Field) -> str | None:
        """Say why a value cannot be written; nothing when it can."""
        if field.type is ValueType.DECIMAL:
            number = impossible.of_number(Decimal(value), field.vr)
            if number is not None:
                return number
        why = impossible.of_text(value, field, "==") if field.type is ValueType.TEXT else None
        most = WRITTEN.get(field.vr, len(value))
        longest = max(map(len, value.split("=") if field.vr == "PN" else [value]))
        too_long = phrase("reason_length", vr=field.vr, most=most) if longest > most else None
        return why or too_long

    def multiplicity(self, count: int, literal: nodes.Literal | nodes.Name, field: Field) -> bool:
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
