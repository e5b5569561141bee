"""Which contexts are accepted, and with which transfer syntax."""

import pytest
from pydicom.uid import UID_dictionary

from roteiro.runtime.association.contexts import (
    ABSTRACT_SYNTAX_NOT_SUPPORTED,
    ACCEPTED,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    USER_REJECTION,
    answer,
    choose,
)
from roteiro.runtime.dicom import transfer_syntaxes
from tests.association.parts import BIG, BOTH, CT, ECHO, EXPLICIT, IMPLICIT, J2K, JPEG

GE_PRIVATE = "1.2.840.113619.5.2"
PAPYRUS = "1.2.840.10008.1.20"
DEFLATED = "1.2.840.10008.1.2.1.99"


@pytest.mark.parametrize(
    ("proposed", "taken"),
    [
        ([EXPLICIT], EXPLICIT),
        ([JPEG, IMPLICIT, EXPLICIT], EXPLICIT),
        ([IMPLICIT, JPEG, J2K], JPEG),
        ([J2K, JPEG], J2K),
        ([BIG, IMPLICIT], IMPLICIT),
        ([IMPLICIT, BIG], IMPLICIT),
        ([BIG], BIG),
        ([BIG, IMPLICIT, DEFLATED], DEFLATED),
        ([GE_PRIVATE, JPEG], JPEG),
        ([GE_PRIVATE, IMPLICIT], IMPLICIT),
        ([GE_PRIVATE], ""),
        ([PAPYRUS, "1.2.840.10008.1.2.6.1", "1.2.840.10008.1.2.6.2"], ""),
        ([], ""),
    ],
)
def test_the_choice_of_a_syntax(proposed: list[str], taken: str) -> None:
    assert choose(proposed) == taken


def test_known_syntaxes_are_those_whose_encoding_is_known() -> None:
    known = transfer_syntaxes()
    assert len(known) > 40
    assert {IMPLICIT, EXPLICIT, BIG, JPEG, J2K, DEFLATED} <= known
    assert not {GE_PRIVATE, PAPYRUS, "1.2.840.10008.1.2.6.2"} & known


def test_every_storage_class_is_stored_retired_ones_included() -> None:
    classes = [
        uid
        for uid, (_, kind, *_) in UID_dictionary.items()
        if kind == "SOP Class" and uid.startswith("1.2.840.10008.5.1.4.1.1.")
    ]
    assert len(classes) > 150
    assert any(UID_dictionary[uid][3] == "Retired" for uid in classes)
    assert {answer(uid, [EXPLICIT], BOTH).result for uid in classes} == {ACCEPTED}


@pytest.mark.parametrize("private", ["1.2.840.113619.4.30", "1.3.46.670589.5.0.1", "2.25.1"])
def test_private_classes_are_stored(private: str) -> None:
    assert answer(private, [JPEG], BOTH).syntax == JPEG


@pytest.mark.parametrize(
    "other",
    [
        "1.2.840.10008.5.1.4.1.2.2.1",  # Study Root FIND
        "1.2.840.10008.1.20.1",  # Storage Commitment
        "1.2.840.10008.5.1.4.1.1",  # the prefix itself is no class
        "1.2.840.10008.5.1.4.1.11",
        "1.2.840.10008.5.1.4.31",  # Modality Worklist
    ],
)
def test_other_services_are_not_supported(other: str) -> None:
    assert answer(other, [EXPLICIT], BOTH).result == ABSTRACT_SYNTAX_NOT_SUPPORTED


@pytest.mark.parametrize(
    ("abstract", "roles", "result"),
    [
        (CT, {"store"}, ACCEPTED),
        (CT, {"echo", "query"}, USER_REJECTION),
        (ECHO, {"echo"}, ACCEPTED),
        (ECHO, {"store"}, USER_REJECTION),
    ],
)
def test_a_role_that_is_missing_is_a_rejection_by_the_user(
    abstract: str, roles: set[str], result: int
) -> None:
    assert answer(abstract, [IMPLICIT], roles).result == result


def test_only_unknown_syntaxes() -> None:
    assert answer(CT, [GE_PRIVATE], BOTH).result == TRANSFER_SYNTAXES_NOT_SUPPORTED
