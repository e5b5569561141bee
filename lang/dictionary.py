"""The DICOM dictionary as the language needs it.

Attributes by keyword and by tag (PS3.6 6), UIDs by name (PS3.6 A).
"""

from dataclasses import dataclass, replace
from functools import cache, lru_cache

from roteiro.lang import standard
from roteiro.lang.standard import Entry


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the dictionary; `vr` may be a choice such as `US or SS`."""

    tag: int
    keyword: str
    vr: str
    vm: str
    name: str
    retired: bool
    repeating: bool = False
    """Whether it stands for all groups of its kind, 50xx or 60xx; `tag` is of the first."""


def make(tag: int, entry: Entry) -> Attribute:
    """Make an attribute of an entry of the dictionary."""
    vr, vm, name, retired, keyword = entry
    return Attribute(tag, keyword, vr, vm, name, bool(retired))


@cache
def tags() -> dict[str, int]:
    """Give the tag of every keyword."""
    return {entry[4]: tag for tag, entry in standard.attributes().items() if entry[4]}


@cache
def repeating() -> frozenset[str]:
    """Give the keywords of repeating groups, which stand for many tags (PS3.5 7.6)."""
    return frozenset(entry[4] for entry in standard.repeaters().values() if entry[4])


@cache
def groups() -> dict[str, Attribute]:
    """Give the attributes of the groups 50xx and 60xx by their digits, such as `60xx0010`."""
    return {
        mask.lower(): replace(make(int(mask.replace("x", "0"), 16), entry), repeating=True)
        for mask, entry in standard.repeaters().items()
        if mask[:4] in {"50xx", "60xx"}
    }


@cache
def grouped() -> dict[str, Attribute]:
    """Give the attributes of the groups 50xx and 60xx by their keywords."""
    return {attribute.keyword: attribute for attribute in groups().values()}


@cache
def keywords() -> tuple[str, ...]:
    """Give all keywords that a rule may name."""
    return (*tags(), *grouped())


@lru_cache(maxsize=8192)
def by_keyword(keyword: str) -> Attribute | None:
    """Look an attribute up by its keyword; of groups 50xx and 60xx it stands for them all."""
    tag = tags().get(keyword)
    return grouped().get(keyword) if tag is None else make(tag, standard.attributes()[tag])


def by_group(digits: str) -> Attribute | None:
    """Look `60xx0010` up: an attribute of all groups of its kind."""
    return groups().get(digits.lower())


def by_tag(tag: int) -> Attribute | None:
    """Look an attribute up by its tag, members of repeating groups included."""
    entry = standard.attributes().get(tag) or repeated(tag)
    return make(tag, entry) if entry else None


def repeated(tag: int) -> Entry | None:
    """Give the entry of the repeating group of a tag; those of odd groups have none."""
    digits = f"{tag:08x}"
    if tag >> 16 & 1:
        return None
    masks = standard.repeaters().items()
    return next((entry for mask, entry in masks if matches(digits, mask.lower())), None)


def is_one_of_many(tag: int) -> bool:
    """Whether a tag has an entry only through its repeating group."""
    return tag not in standard.attributes() and repeated(tag) is not None


def matches(digits: str, mask: str) -> bool:
    """Whether the digits of a tag fit a mask, `x` for any digit."""
    return all(wanted in {"x", digit} for digit, wanted in zip(digits, mask, strict=True))


@cache
def uids() -> dict[str, str]:
    """Give the UID of every name."""
    return {entry[4]: uid for uid, entry in standard.uids().items() if entry[4]}


def uid_names() -> tuple[str, ...]:
    """Give all names of UIDs."""
    return tuple(uids())


def uid_of(name: str) -> str | None:
    """Give the dotted form of a UID's name."""
    return uids().get(name)


@cache
def transfer_syntaxes() -> frozenset[str]:
    """Give the transfer syntaxes of the dictionary."""
    return frozenset(uid for uid in standard.uids() if uid_type(uid) == "Transfer Syntax")


def uid_type(uid: str) -> str | None:
    """Say what a UID of the dictionary is, such as `SOP Class`."""
    entry = standard.uids().get(uid)
    return entry[1] if entry else None


def uid_title(uid: str) -> str | None:
    """Give the name of a UID in the dictionary's own words, such as `CT Image Storage`."""
    entry = standard.uids().get(uid)
    return entry[0] if entry else None
