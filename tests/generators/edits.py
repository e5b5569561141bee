"""Transforms and profiles as text."""

from roteiro.core.program import ValueType

from generators.dice import Dice  # isort: skip
from generators.predicates import Names, Use, condition  # isort: skip

VALUES = (
    '"A"', '"S\u00e3o Tom\u00e9"', "upper(PatientID)", 'coalesce(StudyDescription, "none")',
    'PatientID + "-" + Modality', "slice(PatientID, 1, 3)", 'part(PatientID, "-", 2)',
    'replace(PatientID, "A", "B")', "trim(InstitutionName)", "lower(StationName)",
    'hash(PatientID, secret("env:KEY"))', "assoc.calling_ae",
)  # fmt: skip
TARGETS = ("StudyDescription", "InstitutionName", "PatientComments", '(0041,"ROT EIRO",07)')
PLAIN = (
    "remove PatientID", "remove PixelData", "blank PatientName", "remove (60xx,3000)",
    'remove (0041,"ROT EIRO",03)', "blank RequestAttributesSequence", "set PatientAge = 018Y",
    "copy PatientID to OtherPatientIDs", "copy StudyDate to SeriesDate", "set Rows = 12",
    "set StudyDate = shift(StudyDate, 3d)", 'set PatientName = "Muster^" + PatientID',
    'set StudyInstanceUID = uid_hash(StudyInstanceUID, secret("env:KEY"))',
    'set RequestAttributesSequence[1].ScheduledProcedureStepID = "X"',
    "copy RequestAttributesSequence to ProcedureCodeSequence", "remove ContentSequence",
)  # fmt: skip
STATEMENTS = (
    "keep PatientSex, PatientAge", "remove InstitutionName, PatientComments", "blank StudyTime",
    'replace PatientID with "X"', 'uids hash secret("env:KEY")',
    'dates shift within 365d per PatientID secret("env:KEY")',
    'pixels block 2x2+0+0 when Modality == "US"',
)  # fmt: skip
PRIVATE = ("private remove", 'private remove except (0041,"ROT EIRO",03)')
"""One of a kind in a profile."""


def edits(dice: Dice, uses: tuple[Use, ...], names: Names, depth: int = 2) -> str:
    """Write some edits."""
    return " ".join(edit(dice, uses, names, depth) for _ in range(dice.randint(1, 3)))


def edit(dice: Dice, uses: tuple[Use, ...], names: Names, depth: int) -> str:
    """Write an edit."""
    shape = dice.upto(6)
    if shape <= 2:
        return dice.choice(PLAIN)
    if shape <= 4 or not depth:
        return f"set {dice.choice(TARGETS)} = {dice.choice(VALUES)}"
    if shape == 5:
        made = condition(dice, uses, names, 1)
        return f"if {made} {{ {edits(dice, uses, names, depth - 1)} }}"
    return each(dice, uses, names, depth)


def each(dice: Dice, uses: tuple[Use, ...], names: Names, depth: int) -> str:
    """Write edits of all items of a sequence that the program reads, or of another."""
    sequences = [
        use for use in uses if use.kind is ValueType.SEQUENCE and not use.attribute.creator
    ]
    if not sequences:
        return "each RequestAttributesSequence { blank RequestedProcedureDescription }"
    use = dice.choice(sequences)
    return f"each {use.attribute.path} {{ {edits(dice, use.inner, names, depth - 1)} }}"


def chains(dice: Dice, uses: tuple[Use, ...], names: Names) -> dict[str, str]:
    """Write a transform and a profile."""
    made = {"tidy": f"transform tidy {{ {edits(dice, uses, names)} }}"}
    if dice.one(2):
        body = " ".join(dice.some(STATEMENTS, 1, 4) + dice.some(PRIVATE, 0, 1))
        made["trial"] = f"profile trial {{ {body} }}"
    return made
