"""Fields and literals that a real data set has, as pydicom reads it: programs that fit it."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from pydicom import Dataset
from pydicom.datadict import dictionary_has_tag, keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.multival import MultiValue

from roteiro.core.program import ValueType

from generators.dice import Dice  # isort: skip
from generators.fields import ASCII_VRS, KINDS, Attribute, attribute, private  # isort: skip
from generators.predicates import Use  # isort: skip

LONGEST = 40
CREATOR = re.compile(r'[^"\\\n]{1,64}')


def uses_of(dice: Dice, data_set: Dataset, most: int = 5, depth: int = 2) -> tuple[Use, ...]:
    """Choose fields of a data set, with its own values as literals."""
    elements = list(data_set)
    uses = [use_of(dice, one, data_set, depth) for one in dice.some(elements, 1, most)]
    return tuple({use.attribute.path: use for use in uses if use is not None}.values())


def use_of(dice: Dice, one: DataElement, data_set: Dataset, depth: int) -> Use | None:
    """Make a use of an element."""
    named = attribute_of(one, data_set)
    if named is None:
        return None
    if named.kind is ValueType.SEQUENCE:
        items = one.value if one.VR == "SQ" and depth else ()
        inner = uses_of(dice, dice.choice(items), 3, depth - 1) if len(items) else ()
        return Use(named, inner=inner) if inner else None
    values = one.value if isinstance(one.value, MultiValue) else [one.value]
    written = (literal_of(value, named.kind) for value in values)
    known = [each for each in written if each and len(each) <= LONGEST]
    if named.vr in ASCII_VRS:
        known = [each for each in known if each.isascii()]
    return Use(named, tuple(dict.fromkeys(known[:3])))


def attribute_of(one: DataElement, data_set: Dataset) -> Attribute | None:
    """Name an element as a rule does."""
    tag = one.tag
    if tag.is_private:
        return private_of(one, data_set)
    if not dictionary_has_tag(tag) or tag.group <= 2 or not keyword_for_tag(tag):
        return None
    return attribute(keyword_for_tag(tag))


def private_of(one: DataElement, data_set: Dataset) -> Attribute | None:
    """Name a private element by its creator."""
    creator = str(data_set.get((one.tag.group, one.tag.elem >> 8), DataElement(0, "LO", "")).value)
    vr = one.VR if one.VR in KINDS else "LO"
    fits = one.tag.elem > 0xFF and one.tag.group > 8 and CREATOR.fullmatch(creator)
    if not fits or creator != creator.strip():
        return None
    made = private(creator, one.tag.elem & 0xFF, vr)
    path = f'({one.tag.group:04X},"{creator}",{one.tag.elem & 0xFF:02X})'
    return Attribute(path, made.kind, one.tag.group << 16 | made.tag & 0xFF, vr, creator, most=9)


def literal_of(value: object, kind: ValueType) -> str | None:
    """Write a value as a literal; nothing when it cannot be one."""
    try:
        return WAYS.get(kind, str)(value)
    except (ValueError, ArithmeticError):
        return None


def text(value: object) -> str:
    return "".join(sign for sign in str(value) if sign.isprintable() and sign != "\ufffd").strip()


def decimal(value: object) -> str:
    number = Decimal(str(value))
    return format(number, "f") if number.is_finite() else ""


def date(value: object) -> str:
    return datetime.strptime(str(value), "%Y%m%d").date().isoformat()


def time(value: object) -> str:
    return datetime.strptime(str(value).partition(".")[0], "%H%M%S").time().isoformat()


def instant(value: object) -> str:
    moment = datetime.strptime(str(value)[:14], "%Y%m%d%H%M%S")
    return f"{moment.isoformat()}+00:00"


def uid(value: object) -> str:
    return str(value) if re.fullmatch(r"[0-2](\.(0|[1-9]\d*)){2,}", str(value)) else ""


def age(value: object) -> str:
    return str(value) if re.fullmatch(r"\d{1,3}[DWMY]", str(value)) else ""


def tag(value: object) -> str:
    number = int(str(value), 16) if not isinstance(value, int) else value
    return f"({number >> 16:04X},{number & 0xFFFF:04X})"


WAYS: dict[ValueType, Callable[[object], str]] = {
    ValueType.TEXT: text,
    ValueType.NAME: lambda value: text(value) if text(value).strip("^= ") else "",
    ValueType.DECIMAL: decimal,
    ValueType.DATE: date,
    ValueType.TIME: time,
    ValueType.INSTANT: instant,
    ValueType.UID: uid,
    ValueType.AGE: age,
    ValueType.TAG: tag,
}
