"""RT502: rules that compare who the patient is.

Whatever a rule compares is read of every object, and stands in the trace of each decision.
"""

from roteiro.core.program import Field, Source, View
from roteiro.lang import dictionary, nodes
from roteiro.lang.attributes import written
from roteiro.lang.lint.late import Routing
from roteiro.lang.lint.program import Program, within
from roteiro.lang.report import hint

TELLING = frozenset(
    (
        *("PatientName", "OtherPatientNames", "PatientBirthName", "PatientMotherBirthName"),
        *("PatientAddress", "PatientTelephoneNumbers", "PatientTelecomInformation"),
        *("ResponsiblePerson", "PatientInsurancePlanCodeSequence", "MedicalRecordLocator"),
        *("PersonName", "PersonAddress", "PersonTelephoneNumbers", "PersonTelecomInformation"),
    )
)
"""Attributes that name a person to everybody who reads them."""


def look(program: Program) -> None:
    """Report names and addresses of patients, each once a condition; a state shows no value."""
    for each in program.stated:
        if not isinstance(each.owner, Routing):
            continue
        said: set[int] = set()
        for part in within(each.condition):
            leaf = program.leaves.get(part.span)
            if isinstance(part, nodes.Comparison) and leaf is not None and telling(leaf.field):
                if leaf.field.tag not in said:
                    name = written(leaf.field)
                    helped = hint("identity_help")
                    program.report.add("RT502", part.path.span, "identity", help=helped, name=name)
                said.add(leaf.field.tag)


def telling(field: Field) -> bool:
    """Whether an attribute says who somebody is."""
    if field.source is not Source.ELEMENT or field.creator or field.view is View.COUNT:
        return False
    known = dictionary.by_tag(field.tag)
    return known is not None and known.keyword in TELLING
