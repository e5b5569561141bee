"""Command sets: as pynetdicom writes and reads them, and nothing else out of hostile bytes."""

import contextlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynetdicom.dimse_messages import C_ECHO_RQ, C_STORE_RQ, C_STORE_RSP
from pynetdicom.dimse_primitives import C_ECHO, C_STORE
from pynetdicom.dsutils import decode as read_data_set
from pynetdicom.dsutils import encode as write_data_set

from roteiro.runtime.association.command import (
    BadCommandError,
    Command,
    CommandField,
    Priority,
    decode,
    echo_request,
    encode,
    response,
    store_request,
)
from tests.association.parts import CT, ECHO, echo_rq, elements, store_rq, ui, us

UID = st.from_regex(r"[0-9.]{1,64}", fullmatch=True)
SHORT = st.integers(0, 0xFFFF)


def theirs(message: C_STORE_RQ | C_STORE_RSP | C_ECHO_RQ) -> bytes:
    raw = write_data_set(message.command_set, True, True)
    assert raw is not None
    return bytes(raw)


def pynetdicom_store(instance: str, number: int) -> C_STORE_RQ:
    primitive = C_STORE()
    primitive.MessageID = number
    primitive.AffectedSOPClassUID = CT
    primitive.AffectedSOPInstanceUID = instance
    primitive.Priority = 0
    primitive.DataSet = BytesIO(b"\0\0")
    message = C_STORE_RQ()
    message.primitive_to_message(primitive)
    message.command_set.CommandGroupLength = 0
    return message


@pytest.mark.parametrize("instance", ["1.2.3", "1.2.34", "2.25." + "1" * 59])
def test_a_store_request_is_what_pynetdicom_writes(instance: str) -> None:
    reference = read_data_set(BytesIO(theirs(pynetdicom_store(instance, 17))), True, True)
    ours = read_data_set(
        BytesIO(encode(store_request(17, CT, instance, Priority.MEDIUM))), True, True
    )
    for element in ours:
        if element.keyword not in ("CommandGroupLength", "CommandDataSetType"):
            assert reference[element.tag] == element
    assert {element.tag for element in ours} == {element.tag for element in reference}
    assert ours.CommandDataSetType != 0x0101
    assert (
        ours.CommandGroupLength
        == len(encode(store_request(17, CT, instance, Priority.MEDIUM))) - 12
    )


def test_a_store_request_of_pynetdicom_is_read() -> None:
    command = decode(theirs(pynetdicom_store("1.2.3.4", 5)))
    assert command.CommandField == CommandField.C_STORE
    assert (command.MessageID, command.Priority) == (5, Priority.MEDIUM)
    assert (command.AffectedSOPClassUID, command.AffectedSOPInstanceUID) == (CT, "1.2.3.4")
    assert command.has_data_set


def test_an_echo_is_what_pynetdicom_writes() -> None:
    primitive = C_ECHO()
    primitive.MessageID = 3
    message = C_ECHO_RQ()
    message.primitive_to_message(primitive)
    message.command_set.CommandGroupLength = 0
    ours = decode(theirs(message))
    assert ours.CommandField == CommandField.C_ECHO
    assert not ours.has_data_set
    assert encode(echo_request(9, ECHO)) == echo_rq(9)


def test_a_response_is_read_by_pynetdicom() -> None:
    raw = encode(response(decode(store_rq("1.2.3", message=300)), 0xA700, "no room"))
    read = read_data_set(BytesIO(raw), True, True)
    message = C_STORE_RSP()
    message.command_set = read
    primitive = message.message_to_primitive()
    assert primitive.Status == 0xA700
    assert primitive.MessageIDBeingRespondedTo == 300
    assert (primitive.AffectedSOPClassUID, primitive.AffectedSOPInstanceUID) == (CT, "1.2.3")
    assert primitive.ErrorComment == "no room"


@given(
    st.builds(
        Command,
        CommandField=SHORT,
        CommandDataSetType=SHORT,
        AffectedSOPClassUID=st.none() | UID,
        MessageID=st.none() | SHORT,
        MessageIDBeingRespondedTo=st.none() | SHORT,
        Priority=st.none() | SHORT,
        Status=st.none() | SHORT,
        AffectedSOPInstanceUID=st.none() | UID,
        RequestedSOPInstanceUID=st.none() | UID,
    )
)
@settings(deadline=None)
def test_what_is_written_is_read(command: Command) -> None:
    assert decode(encode(command)) == command


BAD = {
    "nothing": b"",
    "half a header": elements((0x0100, us(1)))[:-7],
    "a value that is longer than the rest": bytes.fromhex("00000001ffffffff00"),
    "another group": bytes.fromhex("08000001020000000100"),
    "no command field": elements((0x0800, us(0x0101))),
    "no data set type": elements((0x0100, us(0x30))),
    "a command field of 4 bytes": elements((0x0100, bytes(4)), (0x0800, us(0x0101))),
    "an empty command field": elements((0x0100, b""), (0x0800, us(0x0101))),
    "an element twice": elements((0x0100, us(1)), (0x0100, us(1)), (0x0800, us(1))),
    "65 elements": elements(*((number, b"") for number in range(0x2000, 0x2041))),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_command_set_is_refused(name: str) -> None:
    with pytest.raises(BadCommandError):
        decode(BAD[name])


@given(st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_a_command_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadCommandError):
        decode(data)


@given(st.integers(0, 200), st.integers(1, 255), st.booleans())
@settings(max_examples=500, deadline=None)
def test_a_damaged_request_is_a_command_or_refused(at: int, flip: int, cut: bool) -> None:
    raw = bytearray(store_rq())
    at %= len(raw)
    raw[at] ^= flip
    with contextlib.suppress(BadCommandError):
        decode(bytes(raw[:at] if cut else raw))


def test_unknown_elements_and_a_wrong_group_length_do_not_matter() -> None:
    raw = bytearray(
        elements((0x0001, b"junk"), (0x0100, us(1)), (0x0800, us(1)), (0x5010, b"retired "))
    )
    raw[8:12] = b"\xff\xff\xff\xff"
    assert decode(bytes(raw)).CommandField == CommandField.C_STORE


def test_odd_characters_of_a_uid_survive() -> None:
    odd = "1.2.ü\n%s/../x"
    assert decode(store_rq(odd)).AffectedSOPInstanceUID == odd
    assert ui(odd) in encode(store_request(1, CT, odd, Priority.MEDIUM))
