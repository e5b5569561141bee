"""The tables that are loaded without pydicom are pydicom's own."""

import subprocess
import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import datadict, uid

from roteiro.lang import dictionary, standard

FACES = [
    ("DicomDictionary", datadict),
    ("RepeatersDictionary", datadict),
    ("UID_dictionary", uid),
]


def told(code: str) -> list[str]:
    """Give the words that a piece of Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_they_are_pydicoms_own() -> None:
    code = """
from roteiro.lang import standard
from pydicom import datadict, uid
print(standard.attributes() == datadict.DicomDictionary)
print(standard.repeaters() == datadict.RepeatersDictionary)
print(standard.uids() == uid.UID_dictionary)
"""
    assert told(code) == ["True"] * 3


def test_pydicom_itself_stays_out() -> None:
    code = """
import sys
from roteiro.lang.dictionary import by_keyword, uid_of
print(by_keyword("Modality").vr, uid_of("CTImageStorage"), "pydicom" in sys.modules)
"""
    assert told(code) == ["CS", "1.2.840.10008.5.1.4.1.1.2", "False"]


def test_what_others_write_into_pydicoms_tables_counts_nowhere() -> None:
    code = """
from pydicom.uid import UID_dictionary
UID_dictionary["1.2.3"] = ("Name", "Transfer Syntax", "", "", "Keyword")
from roteiro.lang.dictionary import uid_of, uid_type
print(uid_of("Keyword"), uid_type("1.2.3"))
"""
    assert told(code) == ["None", "None"]


@pytest.mark.parametrize("module", ["_moved", "_version"])
@pytest.mark.parametrize(("name", "face"), FACES)
def test_where_the_module_has_moved_its_face_answers(
    name: str, face: ModuleType, module: str
) -> None:
    shown = face.__name__.removeprefix("pydicom.")
    assert standard.table(name, module, shown) is getattr(face, name)


IN_GROUPS = st.builds(
    lambda group, digits, element: group + digits | element,
    st.sampled_from([0x5000_0000, 0x6000_0000, 0x0020_0000, 0x7F00_0000, 0x0028_0000]),
    st.integers(0, 0xFF).map(lambda digits: digits << 16),
    st.integers(0, 0xFFFF),
)


@given(st.integers(0, 2**32 - 1) | IN_GROUPS | st.sampled_from(sorted(datadict.DicomDictionary)))
def test_an_attribute_is_what_pydicom_says(tag: int) -> None:
    try:
        entry = datadict.get_entry(tag)
    except KeyError:
        assert dictionary.by_tag(tag) is None
    else:
        assert dictionary.by_tag(tag) == dictionary.make(tag, entry)


@pytest.mark.parametrize("mask", sorted(datadict.RepeatersDictionary))
def test_a_repeating_group_is_what_pydicom_says(mask: str) -> None:
    for digit in "02468ACE":
        tag = int(mask.replace("x", digit), 16)
        assert dictionary.by_tag(tag) == dictionary.make(tag, datadict.get_entry(tag))
