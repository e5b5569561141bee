"""Objects in the DICOM JSON model (PS3.18 annex F), as a data set that engines read.

Texts go into the character set that the object declares where it has them all, else the whole
object becomes UTF-8. Numbers are taken digit by digit, so that `1.50` stays what was written.
"""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from roteiro.lang import dictionary
from roteiro.lang.given import UTF_8
from roteiro.lang.messages import Phrase
from roteiro.lang.raw import CHARACTER_SET
from roteiro.lang.texts_of_values import codec_of, packed, padded
from roteiro.lang.tree import DataSet, Node, terms_of
from roteiro.lang.vrs import BULK, CHARSET_VRS, NUMBERS, TEXT, UNSPLIT

TAG = re.compile(r"[0-9A-Fa-f]{8}")
META_GROUP = 0x0002
GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
"""Members of a person name."""
HELD = ("Value", "InlineBinary", "BulkDataURI")
"""Members that hold the value; an element has one of them at most."""
ELSEWHERE = BULK - {"UN"}
"""VRs of which only the length counts, so that a value may be elsewhere."""
CHARACTERS = TEXT | {"AS", "DA", "DS", "DT", "IS", "TM", "UI"}
UNCHARTED = "\xff"
"""A byte that is no character of the default repertoire."""


class NotJsonModelError(ValueError):
    """The text is no object of the DICOM JSON model."""

    def __init__(self, key: str, **values: object) -> None:
        """Name a text of the catalogue and its values."""
        self.phrase = Phrase(f"command.{key}", **values)
        super().__init__(str(self.phrase))


class Number(str):
    """A number, as the document writes it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class JsonObject:
    """One object: its data set, and the values of its file meta where it has them."""

    data_set: DataSet
    meta: dict[int, str]
    elsewhere: frozenset[int] = frozenset()
    """Tags whose values are not in the document, at every level, of VRs whose values count."""


def json_objects(content: bytes) -> list[JsonObject]:
    """Read a document of one object, or of a list of them; `NotJsonModelError` when it is none."""
    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
            object_pairs_hook=_members,
        )
        return [_object(each) for each in _listed(document)]
    except UnicodeDecodeError as wrong:
        raise NotJsonModelError("json_not_utf8", at=wrong.start + 1) from None
    except json.JSONDecodeError as wrong:
        raise NotJsonModelError("json_syntax", line=wrong.lineno, column=wrong.colno) from None
    except RecursionError:
        raise NotJsonModelError("json_too_deep") from None


def _listed(document: object) -> list[object]:
    found = document if isinstance(document, list) else [document]
    if not found:
        raise NotJsonModelError("json_no_object")
    return found


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of JSON; a member that is there twice could mean either."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJsonModelError("json_twice", value=_shown(twice))
    return found


def _object(document: object) -> JsonObject:
    for writer in (_Writer(), _Writer(whole=True)):
        try:
            data_set = writer.level(document, ())
        except UnicodeEncodeError:
            continue
        if writer.whole and not all(map(str.isascii, writer.texts)):
            data_set[CHARACTER_SET] = Node("CS", UTF_8.encode("ascii"))
        return _apart(data_set, frozenset(writer.elsewhere))
    raise AssertionError  # UTF-8 has every character


def _apart(data_set: DataSet, elsewhere: frozenset[int]) -> JsonObject:
    """Take the file meta out of a data set."""
    tags = [tag for tag in data_set if tag >> 16 == META_GROUP]
    meta = {tag: data_set.pop(tag).value.decode("latin-1").strip("\0 ") for tag in tags}
    return JsonObject(data_set, meta, elsewhere)


@dataclass(slots=True)
class _Writer:
    """Makes elements of members; `whole` writes all texts as UTF-8."""

    whole: bool = False
    elsewhere: set[int] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)

    def level(self, document: object, around: tuple[str, ...]) -> DataSet:
        """Make one level; `around` is the character set of the level around it."""
        if not isinstance(document, dict):
            raise NotJsonModelError("json_no_data_set", value=_shown(document))
        members = {_tag(name): (name, element) for name, element in document.items()}
        terms = self._terms(members) or around
        return {
            tag: self.element(tag, name, element, terms)
            for tag, (name, element) in sorted(members.items())
            if not (self.whole and tag == CHARACTER_SET)
        }

    def _terms(self, members: dict[int, tuple[str, object]]) -> tuple[str, ...]:
        """Give the character set that a level declares; of a `whole` object it does not count."""
        if self.whole:
            return (UTF_8,)
        if CHARACTER_SET not in members:
            return ()
        node = self.element(CHARACTER_SET, *members[CHARACTER_SET], ())
        return terms_of({CHARACTER_SET: node})

    def element(self, tag: int, name: str, element: object, terms: tuple[str, ...]) -> Node:
        """Make one element of its member."""
        vr = element.get("vr") if isinstance(element, dict) else None
        if not isinstance(element, dict) or not isinstance(vr, str):
            raise NotJsonModelError("json_no_vr", name=name)
        held = [member for member in HELD if member in element]
        if len(held) > 1:
            raise NotJsonModelError("json_two_values", name=name, one=held[0], other=held[1])
        at = _Element(tag, name, _one_vr(vr, element.get("Value")), terms)
        if not held:
            return Node(at.vr, items=[] if at.vr == "SQ" else None)
        return self.held(at, held[0], element[held[0]])

    def held(self, at: "_Element", member: str, value: object) -> Node:
        """Make an element of what it holds."""
        if at.vr == "SQ" and member != "Value":
            raise NotJsonModelError("json_no_items", name=at.name, member=member)
        if member == "BulkDataURI":
            if at.vr not in ELSEWHERE:
                self.elsewhere.add(at.tag)
            return Node(at.vr, b"\0\0")
        if member == "InlineBinary":
            return Node(at.vr, _binary(at, value))
        if not isinstance(value, list):
            raise NotJsonModelError("json_no_list", name=at.name)
        if at.vr == "SQ":
            return Node("SQ", items=[self.item(each, at.terms) for each in value])
        return Node(at.vr, self.values(at, [_text(at, each) for each in value]))

    def item(self, item: object, around: tuple[str, ...]) -> DataSet:
        """Make one item; null is an empty one."""
        return {} if item is None else self.level(item, around)

    def values(self, at: "_Element", values: list[str]) -> bytes:
        """Write values that are texts, or numbers as texts."""
        if at.vr in NUMBERS or at.vr == "AT":
            return packed(tuple(map(_whole_number, values)), at.vr, at.unfit(values))
        if at.vr not in CHARACTERS or (at.vr in UNSPLIT and len(values) > 1):
            raise at.unfit(values)()
        text = "\\".join(values)
        if at.vr not in CHARSET_VRS:
            plain = "".join(char if char.isascii() else UNCHARTED for char in text)
            return padded(plain.encode("latin-1"), b"\0" if at.vr == "UI" else b" ")
        self.texts.append(text)
        return padded(text.encode(codec_of(at.terms)), b" ")


@dataclass(frozen=True, slots=True)
class _Element:
    """An element that is being made."""

    tag: int
    name: str
    vr: str
    terms: tuple[str, ...]

    def unfit(self, values: Iterable[str]) -> Callable[[], Exception]:
        """Make what makes the refusal of values that are none of the VR."""
        shown = _shown("\\".join(values))
        return lambda: NotJsonModelError("json_value", name=self.name, vr=self.vr, value=shown)


def _tag(name: str) -> int:
    if TAG.fullmatch(name):
        return int(name, 16)
    known = dictionary.by_keyword(name)
    if known is not None:
        raise NotJsonModelError("json_keyword", name=name, tag=f"{known.tag:08X}")
    raise NotJsonModelError("json_tag", value=_shown(name))


def _one_vr(vr: str, values: object) -> str:
    """Choose where the dictionary leaves a choice that the object had to make."""
    if vr == "US or SS":
        listed = values if isinstance(values, list) else []
        return "SS" if any(str(each).startswith("-") for each in listed) else "US"
    one = vr.rpartition(" or ")[2]
    if one not in CHARACTERS | NUMBERS.keys() | BULK | {"AT", "SQ"}:
        raise NotJsonModelError("json_unknown_vr", value=_shown(vr))
    return one


def _text(at: _Element, value: object) -> str:
    """Give one value as text; null is an empty one."""
    if value is None:
        return ""
    if at.vr == "PN" and isinstance(value, dict):
        groups = [value.get(group) or "" for group in GROUPS]
        if all(isinstance(group, str) for group in groups):
            return _whole(at, "=".join(groups).rstrip("="))
    if not isinstance(value, str):
        raise at.unfit([_shown(value)])()
    return _whole(at, value)


def _whole(at: _Element, text: str) -> str:
    """Refuse half a character, which JSON can write and no character set has."""
    if not is_text(text):
        raise NotJsonModelError("not_text", name=at.name)
    return text


def is_text(value: str) -> bool:
    """Say whether it has whole characters only: no halves, and no bytes that are none."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole_number(value: str) -> str:
    """Write `5.0`, which some programs send for 5, as integers are written."""
    return value.removesuffix(".0")


def _binary(at: _Element, value: object) -> bytes:
    try:
        if isinstance(value, str) and not isinstance(value, Number):
            return padded(b64decode(value, validate=True), b"\0")
    except (binascii.Error, ValueError):
        pass
    raise NotJsonModelError("json_base64", name=at.name)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 48 else text[:47] + "…"
