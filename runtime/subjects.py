"""What `explain` decides: objects of DICOM files, of DICOM JSON, and of words (`Modality=CT`).

Words are put over each object of a file; alone they are an object.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from roteiro.core.program import Encoding, Envelope, Source
from roteiro.lang.attributes import written
from roteiro.lang.elements import Damaged
from roteiro.lang.given import Unwritable
from roteiro.lang.messages import Phrase
from roteiro.lang.overlay import MissingItem, overlaid
from roteiro.lang.selftest import SOP_CLASS, SOP_INSTANCE, member_of
from roteiro.lang.tested import Level
from roteiro.lang.tree import DataSet, parse, write
from roteiro.lang.typed import Assigned
from roteiro.runtime.dicom import PREAMBLE, PREFIX, NotDicomError
from roteiro.runtime.dicomjson import JsonObject, NotJsonModelError, json_objects
from roteiro.runtime.rules import Subject, UnknownSyntaxError, subject_of_file

META = {
    0x00020002: "sop_class",
    0x00020003: "sop_instance",
    0x00020010: "transfer_syntax",
}
"""What the file meta says of the envelope."""
UTF_8_MARK = b"\xef\xbb\xbf"


class UnusableObjectError(ValueError):
    """Nothing can be decided of it; `phrase` says why."""

    def __init__(self, phrase: Phrase) -> None:
        """Keep why."""
        super().__init__(phrase)
        self.phrase = phrase


@dataclass(frozen=True, slots=True)
class Words:
    """What words give, and what is known besides them."""

    known: Envelope
    given: tuple[Assigned, ...] = ()
    elements: tuple[Assigned, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Find those that are elements."""
        elements = tuple(each for each in self.given if each.field.source is Source.ELEMENT)
        object.__setattr__(self, "elements", elements)

    def over(self, envelope: Envelope) -> Envelope:
        """Put what is given of the envelope over it; UIDs of the data set count where none is."""
        texts = {
            each.field.tag: each.values[0]
            for each in self.elements
            if each.values and not each.field.steps
        }
        members: dict[str, Any] = {
            each.field.name: member_of(each)
            for each in self.given
            if each.field.source is Source.ENVELOPE
        }
        envelope = replace(
            envelope,
            sop_class=texts.get(SOP_CLASS, envelope.sop_class),
            sop_instance=texts.get(SOP_INSTANCE, envelope.sop_instance),
        )
        return replace(envelope, **members)


def is_json(name: str, content: bytes) -> bool:
    """Say whether a file is to be read as JSON: by its name, or by how it begins."""
    if content[PREAMBLE : PREAMBLE + len(PREFIX)] == PREFIX:
        return False
    begins = content.removeprefix(UTF_8_MARK).lstrip()[:1]
    return begins in {b"{", b"["} or name.lower().endswith(".json")


def subjects_of(
    name: str, content: bytes, words: Words, tested: Level, shown: str
) -> list[tuple[str, Subject]]:
    """Give the objects of a file, each as it is shown; `UnusableObjectError` when there is none.

    `tested` is what the rules ask: a value that is not in the document must not be asked.
    """
    if not is_json(name, content):
        return [(shown, _of_file(content, words))]
    try:
        found = json_objects(content)
    except NotJsonModelError as wrong:
        raise UnusableObjectError(wrong.phrase) from None
    made = [_of_json(each, words, tested) for each in found]
    names = [shown] if len(made) == 1 else [f"{shown}[{at}]" for at in range(1, len(made) + 1)]
    return list(zip(names, made, strict=True))


def subject_of_words(words: Words) -> Subject:
    """Give the object that words are; `UnusableObjectError` when a value has no place."""
    data = write(_overlaid({}, words.elements))
    return Subject(data, Encoding.EXPLICIT_LITTLE, words.over(words.known))


def _of_file(content: bytes, words: Words) -> Subject:
    try:
        subject = subject_of_file(content, words.known)
    except NotDicomError as wrong:
        raise UnusableObjectError(Phrase(f"runtime.part10_{wrong.cause.value}")) from None
    except UnknownSyntaxError as wrong:
        raise UnusableObjectError(Phrase("command.unknown_syntax", uid=wrong.uid)) from None
    subject = replace(subject, envelope=words.over(subject.envelope))
    if not words.elements:
        return subject
    try:
        data_set = parse(subject.data, subject.encoding)
    except Damaged:
        raise UnusableObjectError(Phrase("command.words_over_damaged")) from None
    data = write(_overlaid(data_set, words.elements))
    return replace(subject, data=data, encoding=Encoding.EXPLICIT_LITTLE)


def _of_json(found: JsonObject, words: Words, tested: Level) -> Subject:
    given = {each.field.tag for each in words.elements}
    for tag in sorted(found.elsewhere - given):
        if _asks(tested, tag):
            shown = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
            raise UnusableObjectError(Phrase("command.json_elsewhere", tag=shown))
    uids = {SOP_CLASS: "sop_class", SOP_INSTANCE: "sop_instance"}
    members: dict[str, Any] = {
        name: found.data_set[tag].value.decode("latin-1").strip("\0 ") or None
        for tag, name in uids.items()
        if tag in found.data_set
    }
    members |= {name: found.meta[tag] for tag, name in META.items() if found.meta.get(tag)}
    envelope = replace(words.known, **members)
    data = write(_overlaid(found.data_set, words.elements))
    return Subject(data, Encoding.EXPLICIT_LITTLE, words.over(envelope))


def _asks(level: Level, tag: int) -> bool:
    """Say whether rules ask for a tag, at any level."""
    private = (tag & 0xFFFF00FF) in {one for one, _ in level.private}
    inside = any(_asks(inner, tag) for inner in level.opened.values())
    return tag in level.plain or private or inside


def _overlaid(data_set: DataSet, elements: Sequence[Assigned]) -> DataSet:
    try:
        return overlaid(data_set, elements)
    except Unwritable as wrong:
        given = wrong.given
        value = "\\".join(given.values or ())
        name = written(given.field)
        phrase = Phrase("selftest.no_value", name=name, vr=given.field.vr, value=value)
        raise UnusableObjectError(phrase) from None
    except MissingItem as wrong:
        phrase = Phrase("selftest.no_item", name=written(wrong.given.field), there=wrong.there)
        raise UnusableObjectError(phrase) from None
