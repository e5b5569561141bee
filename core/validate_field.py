"""What an engine may rely on in a field: it names something that an object can have."""

from roteiro.core.errors import ProgramError
from roteiro.core.program import Field, Source, Step, ValueType, View
from roteiro.core.vrs import CLASSES, COMPONENTS, alternatives

MEMBERS = {
    "calling_ae": ValueType.TEXT,
    "called_ae": ValueType.TEXT,
    "peer": ValueType.ADDRESS,
    "tls_subject": ValueType.TEXT,
    "listener": ValueType.TEXT,
    "transfer_syntax": ValueType.UID,
    "sop_class": ValueType.UID,
    "sop_instance": ValueType.UID,
    "size": ValueType.DECIMAL,
}
"""What the members of an envelope are."""
CLOCKS = {"local": ValueType.DECIMAL}
"""What the clock says."""
DELIMITERS = 0xFFFE0000
"""Tags from here on belong to items and delimiters."""
REPEATING = (0x5000, 0x6000)
"""The first groups of the two repeating kinds (PS3.5 7.6)."""
STEP_LIMIT = 32


def check_field(field: Field) -> None:
    """Check one field. Raises `ProgramError`."""
    if field.source is Source.ENVELOPE:
        _check_named(field, MEMBERS, "member of the envelope")
    elif field.source is Source.CLOCK:
        _check_named(field, CLOCKS, "clock")
    else:
        _check_element(field)


def _check_named(field: Field, known: dict[str, ValueType], what: str) -> None:
    kind = known.get(field.name)
    if kind is None:
        raise ProgramError(f"no {what}: {field.name!r}")
    if field.type not in (kind, ValueType.STATE_ONLY):
        raise ProgramError(f"{field.name} is {kind.value}, not {field.type.value}")
    if field.steps or field.position or field.component or field.view is not View.VALUES:
        raise ProgramError(f"{field.name} is no element")


def _check_element(field: Field) -> None:
    _check_tag(field.tag, field.creator)
    for step in field.steps:
        _check_step(step)
    if len(field.steps) > STEP_LIMIT:
        raise ProgramError(f"a way of {len(field.steps)} steps")
    if field.type is ValueType.ADDRESS:
        raise ProgramError("no element holds an address")
    if unknown := set(alternatives(field.vr)) - set(CLASSES):
        raise ProgramError(f"no value representation: {min(unknown)!r}")
    if field.repeating and (field.creator or field.tag >> 16 not in REPEATING):
        raise ProgramError(f"no repeating group: {field.tag:#x}")
    if field.position < 0:
        raise ProgramError(f"no position: {field.position}")
    _check_component(field)
    _check_view(field)


def _check_tag(tag: int, creator: str) -> None:
    if not 0 <= tag < DELIMITERS:
        raise ProgramError(f"no tag of an element: {tag:#x}")
    if creator and (not tag & 0x10000 or tag & 0xFF00):
        raise ProgramError(f"no tag of a private element: {tag:#x}")


def _check_step(step: Step) -> None:
    _check_tag(step.tag, step.creator)
    if step.item < 1:
        raise ProgramError(f"no item: {step.item}")


def _check_component(field: Field) -> None:
    if not field.component:
        return
    if field.component not in COMPONENTS:
        raise ProgramError(f"no component of a name: {field.component!r}")
    if field.vr != "PN" or field.type not in (ValueType.TEXT, ValueType.STATE_ONLY):
        raise ProgramError(f"a component of {field.vr}, {field.type.value}")


def _check_view(field: Field) -> None:
    if field.view is View.VALUES:
        return
    if field.type not in (ValueType.DECIMAL, ValueType.STATE_ONLY):
        raise ProgramError(f"{field.view.value} is decimal, not {field.type.value}")
    if field.position or field.component:
        raise ProgramError(f"{field.view.value} of a part of an element")
    if field.view is View.DAYS_SINCE and field.vr != "DA":
        raise ProgramError(f"days since {field.vr}")
