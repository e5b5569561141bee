"""Rules as the engine's program, the same as `roteiro.lang` makes of their text."""

from decimal import Decimal
from functools import cache

from bench.families import EFFECTS, Asked, Rule, Scalar
from roteiro.core import program as core
from roteiro.core.program import Field, Source, ValueType
from roteiro.lang.regex import parse

HOUR = 3_600_000_000
YEAR = 5844
"""Sixteenths of a day."""
ELEMENTS: dict[str, tuple[int, str, ValueType]] = {
    "ImageType": (0x00080008, "CS", ValueType.TEXT),
    "SOPClassUID": (0x00080016, "UI", ValueType.UID),
    "StudyDate": (0x00080020, "DA", ValueType.DATE),
    "StudyTime": (0x00080030, "TM", ValueType.TIME),
    "Modality": (0x00080060, "CS", ValueType.TEXT),
    "Manufacturer": (0x00080070, "LO", ValueType.TEXT),
    "InstitutionName": (0x00080080, "LO", ValueType.TEXT),
    "StationName": (0x00081010, "SH", ValueType.TEXT),
    "StudyDescription": (0x00081030, "LO", ValueType.TEXT),
    "SeriesDescription": (0x0008103E, "LO", ValueType.TEXT),
    "InstitutionalDepartmentName": (0x00081040, "LO", ValueType.TEXT),
    "ManufacturerModelName": (0x00081090, "LO", ValueType.TEXT),
    "ReferencedImageSequence": (0x00081140, "SQ", ValueType.SEQUENCE),
    "ReferencedSOPClassUID": (0x00081150, "UI", ValueType.UID),
    "PatientID": (0x00100020, "LO", ValueType.TEXT),
    "PatientAge": (0x00101010, "AS", ValueType.AGE),
    "BodyPartExamined": (0x00180015, "CS", ValueType.TEXT),
    "SliceThickness": (0x00180050, "DS", ValueType.DECIMAL),
    "KVP": (0x00180060, "DS", ValueType.DECIMAL),
    "InstanceNumber": (0x00200013, "IS", ValueType.DECIMAL),
    "ScheduledProcedureStepID": (0x00400009, "SH", ValueType.TEXT),
    "PerformedProcedureStepDescription": (0x00400254, "LO", ValueType.TEXT),
    "RequestAttributesSequence": (0x00400275, "SQ", ValueType.SEQUENCE),
    "RequestedProcedureID": (0x00401001, "SH", ValueType.TEXT),
}
PATTERNS = {kind.value: kind for kind in core.PatternKind}


def field_of(name: str) -> Field:
    """Give a field by its name."""
    if name == "calling_ae":
        return Field(Source.ENVELOPE, ValueType.TEXT, name=name)
    tag, vr, kind = ELEMENTS[name]
    return Field(Source.ELEMENT, kind, tag, vr, name)


def constant(name: str, value: Scalar) -> Scalar:
    """Give a literal as the engine has it."""
    if name == "PatientAge":
        return int(value) * YEAR
    if name == "StudyTime":
        return int(value) * HOUR
    return value


@cache
def expression(pattern: str, *, folded: bool) -> core.Expression:
    """Read a pattern, each once."""
    return parse(pattern, folded=folded)


def match_of(asked: Asked) -> core.Match:
    """Say what a value must be."""
    plain = [value for value in asked.values if not isinstance(value, Asked)]
    values = tuple(sorted({constant(asked.field, value) for value in plain}, key=_order))
    match asked.operator:
        case "==" | "in":
            return core.Among((), (), _texts(values)) if asked.folded else core.Among(values)
        case "range":
            low, high = (constant(asked.field, value) for value in plain)
            return core.Among(intervals=(core.Interval(low, high),))
        case "matches":
            return core.Matches((expression(str(plain[0]), folded=asked.folded),))
        case "<" | "<=":
            return core.Among(
                intervals=(core.Interval(None, values[0], high_closed=asked.operator == "<="),)
            )
        case ">" | ">=":
            return core.Among(
                intervals=(core.Interval(values[0], None, low_closed=asked.operator == ">="),)
            )
    kind, texts = PATTERNS[asked.operator], _texts(values)
    return core.Pattern(kind, (), texts) if asked.folded else core.Pattern(kind, texts)


def _order(value: Scalar) -> tuple[Decimal, str]:
    return (Decimal(0), value) if isinstance(value, str) else (Decimal(value), "")


def _texts(values: tuple[Scalar, ...]) -> tuple[str, ...]:
    return tuple(map(str, values))


class Scope:
    """Fields and tests by number; equal ones are one."""

    def __init__(self) -> None:
        self.fields: dict[Field, int] = {}
        self.tests: dict[core.Test, int] = {}

    def condition(self, asked: tuple[Asked, ...]) -> core.Condition:
        """Lower a conjunction."""
        parts = tuple(map(self.part, asked))
        return parts[0] if len(parts) == 1 else core.Conjunction(parts)

    def part(self, asked: Asked) -> core.Condition:
        """Lower one condition."""
        number = self.fields.setdefault(field_of(asked.field), len(self.fields))
        test: core.Test
        if asked.operator == "has":
            inner = Scope()
            lowered = inner.condition(tuple(v for v in asked.values if isinstance(v, Asked)))
            test = core.SomeItem(
                number, core.Inside(tuple(inner.fields), tuple(inner.tests), lowered)
            )
        else:
            test = core.Some(number, match_of(asked))
        holds = core.Holds(self.tests.setdefault(test, len(self.tests)))
        return core.Negation(holds) if asked.negated else holds


def program(made: tuple[Rule, ...], *, first: bool) -> core.Program:
    """Make the engine's program of rules."""
    scope = Scope()
    lowered = tuple(
        core.Rule(f"t.{rule.name}", scope.condition(rule.asked), (core.Deliver(f"d{rule.to}"),))
        for rule in made
    )
    table = core.Table("t", first, lowered, (core.Deliver(f"d{EFFECTS}"),))
    return core.Program(tuple(scope.fields), tuple(scope.tests), None, (table,), "sha256:bench")
