"""The file of an object: round trip, every truncation, every flipped bit, hostile bytes."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.program import Decision, Drop, Envelope, Hold, Refuse, Send
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import DeliveryState, Record
from roteiro.runtime.spool.story import Fate, story_of
from tests.spool import samples
from tests.spool.samples import content, record, route

TEXT = st.text(max_size=20)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
NUMBER = st.integers(0, 2**40)
MAYBE = st.none() | TEXT
SEND = st.builds(Send, TEXT, TEXTS, TEXT, TEXTS, TEXT)
HOLD = st.builds(Hold, TEXT, TEXT)
DECISION = st.builds(
    Decision,
    verdict=TEXT,
    sends=st.lists(SEND, max_size=3).map(tuple),
    holds=st.lists(HOLD, max_size=2).map(tuple),
    hold=st.none() | HOLD,
    refuse=st.none() | st.builds(Refuse, st.integers(0, 0xFFFF), TEXT),
    drop=st.none() | st.builds(Drop, TEXT),
    nothing=TEXTS,
    rules=TEXTS,
)
ENVELOPE = st.builds(Envelope, *[MAYBE] * 8, size=st.none() | NUMBER)
TIME = st.floats(allow_nan=False, allow_infinity=False)
RECORD = st.builds(Record, ENVELOPE, DECISION, TEXT, TIME, TEXT, TEXT)
BECAME = st.sampled_from(layout.Became)
NOTE = st.builds(layout.Note, st.integers(0, 5), TEXT, BECAME, TIME, TEXT, TEXT)
RULING = st.builds(layout.Ruling, DECISION, TEXT, NUMBER, TIME, TEXT, TEXT)
NOTES = st.lists(NOTE | RULING, max_size=4).map(tuple)


def kept(data: bytes, what: Record, sequence: int = 7) -> layout.Kept:
    return layout.Kept(what, sequence, len(data), hashlib.sha256(data).hexdigest())


def file(data: bytes, about: layout.Kept, notes: tuple[layout.Note, ...] = ()) -> bytes:
    trailer = layout.pack_trailer(about)
    packed = layout.pack_head(len(data), trailer)
    head = layout.read_head(packed)
    return b"".join((packed, data, trailer, *(layout.pack_note(note, head) for note in notes)))


NOTED = (
    layout.Note(0, "pacs", layout.Became.HELD, 1.5, "status 0122"),
    layout.Note(1, "archive", layout.Became.DONE, 2.5, "0000"),
)
DATA = content(1, 100)
KEPT = kept(DATA, record(route("pacs", "archive")))
SAMPLE = file(DATA, KEPT, NOTED)
NOTES_AT = len(file(DATA, KEPT))


@given(st.binary(max_size=300), RECORD, NUMBER, NOTES)
def test_round_trip(
    data: bytes, what: Record, sequence: int, notes: tuple[layout.Note, ...]
) -> None:
    about = kept(data, what, sequence)
    whole = layout.parse(file(data, about, notes))
    assert (whole.data, whole.kept) == (data, about)
    assert whole.notes.notes == notes
    assert not whole.notes.torn


def test_the_layout_is_the_one_that_is_written_down() -> None:
    head = SAMPLE[:64]
    assert head[:8] == b"\x89ROTEIRO"
    assert head[8:12] == b"\x02\x00\x00\x00"
    trailer_length, data_length = int.from_bytes(head[12:16], "little"), 100
    assert head[16:24] == data_length.to_bytes(8, "little")
    trailer = SAMPLE[164 : 164 + trailer_length]
    assert head[24:56] == hashlib.sha256(trailer).digest()
    assert head[56:] == hashlib.sha256(head[:56]).digest()[:8]
    assert SAMPLE[64:164] == DATA
    assert json.loads(trailer)["digest"] == {
        "name": "sha-256",
        "value": hashlib.sha256(DATA).hexdigest(),
    }
    assert SAMPLE[NOTES_AT : NOTES_AT + 4] == b"\x89RN\n"


def test_every_truncation_is_noticed_or_harmless() -> None:
    for length in range(len(SAMPLE)):
        torn = SAMPLE[:length]
        if length < layout.HEAD_LENGTH:
            with pytest.raises(layout.Unfinished):
                layout.parse(torn)
        elif length < NOTES_AT:
            with pytest.raises(layout.Broken):
                layout.parse(torn)
        else:
            found = layout.parse(torn).notes
            assert found.notes == NOTED[: len(found.notes)]
            assert found.torn == (NOTES_AT + found.end < length)


def test_every_flipped_bit_is_noticed() -> None:
    for position in range(len(SAMPLE) * 8):
        flipped = bytearray(SAMPLE)
        flipped[position // 8] ^= 1 << position % 8
        if position // 8 < NOTES_AT:
            with pytest.raises(layout.Broken):
                layout.parse(bytes(flipped))
        else:
            found = layout.parse(bytes(flipped)).notes
            assert found.torn
            assert found.notes == NOTED[: len(found.notes)]


def test_a_file_whose_head_was_never_written_is_unfinished() -> None:
    with pytest.raises(layout.Unfinished):
        layout.parse(b"")
    with pytest.raises(layout.Unfinished):
        layout.parse(bytes(64) + DATA)


def test_a_version_of_the_future_is_named() -> None:
    plain = bytearray(SAMPLE[:56])
    plain[8] = 9
    head = bytes(plain) + hashlib.sha256(plain).digest()[:8]
    with pytest.raises(layout.Foreign, match="format version 9"):
        layout.parse(head + SAMPLE[64:])


@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([b"", SAMPLE[:8], SAMPLE[:56], SAMPLE[:64]]))
def test_hostile_bytes_get_one_of_the_answers(tail: bytes, start: bytes) -> None:
    with pytest.raises(layout.Unsound):
        layout.parse(start + tail)


@given(st.binary(max_size=200))
def test_hostile_notes_are_no_notes(tail: bytes) -> None:
    found = layout.parse(SAMPLE + tail).notes
    assert found.notes == NOTED
    assert found.torn == bool(tail)


def test_a_note_of_another_file_is_no_note() -> None:
    other = file(DATA, replace(KEPT, sequence=8), NOTED)
    assert layout.parse(SAMPLE[:NOTES_AT] + other[NOTES_AT:]).notes.notes == ()


@pytest.mark.parametrize(
    "change",
    [
        {"digest": {"name": "md5", "value": "00" * 16}},
        {"digest": {"name": "sha-256", "value": "00"}},
        {"digest": {"name": "sha-256", "value": "xy" * 32}},
        {"size": -1},
        {"size": 99},
        {"size": True},
        {"sequence": "7"},
        {"received": None},
        {"received": float("nan")},
        {"received": 10**400},
        {"sequence": 2**63},
        {"envelope": None},
        {"envelope": {}},
        {"decision": []},
        {"decision": {"verdict": "route"}},
    ],
)
def test_a_trailer_that_makes_no_sense_is_broken(change: dict[str, object]) -> None:
    content = json.loads(layout.pack_trailer(KEPT)) | change
    trailer = json.dumps(content).encode()
    with pytest.raises(layout.Broken):
        layout.parse(layout.pack_head(len(DATA), trailer) + DATA + trailer)


@pytest.mark.parametrize("trailer", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_trailer_that_is_no_record_is_broken(trailer: bytes) -> None:
    with pytest.raises(layout.Broken):
        layout.parse(layout.pack_head(len(DATA), trailer) + DATA + trailer)


def test_a_note_of_an_immense_length_is_refused() -> None:
    head = layout.read_head(SAMPLE)
    note = replace(NOTED[0], detail="x" * layout.NOTE_LIMIT)
    with pytest.raises(ValueError, match="too long"):
        layout.pack_note(note, head)


def states_of(*notes: layout.Note | layout.Ruling) -> list[tuple[DeliveryState, str]]:
    about = kept(DATA, record(route("pacs", "archive", "third")))
    return [(each.state, each.reason) for each in story_of(about, notes).deliveries]


def test_what_is_still_owed_is_read_from_the_file_alone() -> None:
    waiting = (DeliveryState.WAITING, "")
    held = (DeliveryState.HELD, "status 0122")
    done = (DeliveryState.DONE, "0000")
    assert states_of(*NOTED) == [held, done, waiting]
    again = (*NOTED, replace(NOTED[0], ordinal=1, to="archive"), replace(NOTED[1], ordinal=9))
    assert states_of(*again) == [held, done, waiting]
    assert states_of(replace(NOTED[1], to="pacs")) == [waiting, waiting, waiting]


def test_a_ruling_takes_the_place_of_what_held_the_object_and_adds_deliveries() -> None:
    about = kept(DATA, record(samples.HOLD))
    ruling = layout.Ruling(route("vna"), "sha256:2", 70, 9.0, "uid 7", "looked at")
    done = layout.Note(0, "vna", layout.Became.DISCARDED, 10.0, "not wanted", "uid 7")
    story = story_of(about, (ruling, done))
    assert (story.holds, story.fate, story.rulings) == ((), Fate.ROUTED, (ruling,))
    (vna,) = story.deliveries
    assert (vna.number, vna.send.to, vna.state) == (70, "vna", DeliveryState.DISCARDED)
    assert (vna.queued, vna.at, vna.by, vna.reason) == (9.0, 10.0, "uid 7", "not wanted")
    dropped = replace(ruling, decision=samples.DROP)
    assert story_of(about, (dropped,)).fate is Fate.DROPPED
    assert story_of(about).fate is Fate.HELD
    held_again = replace(NOTED[1], became=layout.Became.WAITING)
    assert states_of(NOTED[0], replace(held_again, ordinal=0, to="pacs"))[0] == (
        DeliveryState.WAITING,
        held_again.detail,
    )


def test_a_file_of_version_1_is_read() -> None:
    """What it did not have is empty; nothing else changed its meaning."""
    content = json.loads(layout.pack_trailer(KEPT))
    del content["study"], content["series"]
    trailer = json.dumps(content).encode()
    head = bytearray(layout.pack_head(len(DATA), trailer))
    head[8:10] = b"\x01\x00"
    head[56:] = hashlib.sha256(head[:56]).digest()[:8]
    note = json.dumps({"ordinal": 0, "to": "pacs", "became": "done", "at": 1, "detail": "0000"})
    plain = b"\x89RN\n" + len(note).to_bytes(4, "little") + note.encode()
    check = hashlib.sha256(hashlib.sha256(trailer).digest() + plain).digest()
    found = layout.parse(bytes(head) + DATA + trailer + plain + check)
    assert found.kept == KEPT
    assert (found.kept.record.study, found.kept.record.series) == ("", "")
    assert found.notes.notes == (layout.Note(0, "pacs", layout.Became.DONE, 1.0, "0000"),)
