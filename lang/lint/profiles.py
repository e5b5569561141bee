"""RT503: profiles that leave in more than the basic profile of the standard does (PS3.15 E)."""

from roteiro.lang import nodes
from roteiro.lang.lint.identity import TELLING
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint

IDENTIFYING = TELLING | frozenset(
    (
        *("PatientID", "OtherPatientIDs", "OtherPatientIDsSequence", "IssuerOfPatientID"),
        *("PatientBirthDate", "PatientBirthTime", "AccessionNumber", "ReferringPhysicianName"),
        *("AdmissionID", "InsurancePlanIdentification", "MilitaryRank"),
    )
)
"""Attributes that the basic profile removes or replaces, and that tell who the patient is."""


def look(program: Program) -> None:
    """Report profiles that start from nothing, and what they keep that tells who the patient is."""
    for profile in program.of(nodes.Profile):
        name = profile.name.text
        if not profile.extends:
            helped = hint("profile_alone_help", name=name)
            program.report.add("RT503", profile.name.span, "profile_alone", help=helped, name=name)
        for statement in profile.statements:
            if isinstance(statement, nodes.PathsStatement) and statement.verb == "keep":
                for path in statement.paths:
                    kept(program, path)


def kept(program: Program, path: nodes.Path) -> None:
    """Report an attribute that a profile keeps."""
    what = path.steps[-1].what
    if isinstance(what, nodes.Name) and what.text in IDENTIFYING:
        helped = hint("profile_keeps_help")
        program.report.add("RT503", path.span, "profile_keeps", help=helped, name=what.text)
