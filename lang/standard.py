"""The tables of DICOM as pydicom has them: the one door to pydicom.

pydicom is a large package, and its tables are two of its modules that need nothing else of it. They
are loaded alone: reading a rule file does not wait for the rest, and what other packages write into
pydicom's tables (pynetdicom does) makes no word of a rule mean something else.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

Entry = tuple[str, str, str, str, str]

PACKAGE = "pydicom"


@cache
def attributes() -> Mapping[int, Entry]:
    """Give VR, VM, name, a word when it is retired, and keyword of each attribute, by tag."""
    return table("DicomDictionary", "_dicom_dict", "datadict")


@cache
def repeaters() -> Mapping[str, Entry]:
    """Give the same for repeating groups, by the digits of a tag, `x` for any."""
    return table("RepeatersDictionary", "_dicom_dict", "datadict")


@cache
def uids() -> Mapping[str, Entry]:
    """Give name, kind, remark, a word when it is retired, and keyword of each UID."""
    return table("UID_dictionary", "_uid_dict", "uid")


def table(name: str, module: str, face: str) -> dict[Any, Entry]:
    """Give a table of a module without the rest of pydicom, or by the face that shows it."""
    found = alone(module)
    if found is None or not hasattr(found, name):
        found = import_module(f"{PACKAGE}.{face}")
    entries: dict[Any, Entry] = getattr(found, name)
    return entries


@cache
def alone(module: str) -> ModuleType | None:
    """Load a module of pydicom and nothing else; nothing when it is not where it was."""
    package = find_spec(PACKAGE)
    places = package and package.submodule_search_locations
    spec = PathFinder.find_spec(f"{PACKAGE}.{module}", places) if places else None
    if spec is None or spec.loader is None:
        return None
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
