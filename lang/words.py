r"""An object by words: `Modality=CT`, `ImageType=ORIGINAL\PRIMARY`, `assoc.calling_ae=CT1`.

What stands before `=` is a path of the language (a keyword, a tag, a private tag, a member of the
envelope, `Sequence[1].Attribute`), what follows is the value as a data set holds it. A UID may be
its name in the dictionary. A private element gets VR UN, which reads as whatever it is compared
with.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from roteiro.core.program import Field, Source, ValueType
from roteiro.lang import dictionary, nodes
from roteiro.lang.attributes import Attributes, written
from roteiro.lang.diagnostics import Message
from roteiro.lang.messages import Phrase
from roteiro.lang.parser import parse
from roteiro.lang.report import Report, phrase
from roteiro.lang.source import Source as Text
from roteiro.lang.source import Span
from roteiro.lang.typed import Assigned
from roteiro.lang.vrs import BULK, UNSPLIT

STEP = r'(?:[A-Za-z_]\w*|\([^()"=]*(?:"[^"\n\\]*"[^()"=]*)?\))(?:\[\d+\])?'
WORD = re.compile(rf"({STEP}(?:\.{STEP})*)=(.*)", re.ASCII | re.DOTALL)
BEFORE = 'language 1 test "" { given { '
TEXT = BEFORE + "%s = empty } expect nothing }"
BEARABLE = "RT102"
"""Old files have retired attributes."""
WHOLE = UNSPLIT | BULK
"""VRs of which a backslash separates no values."""
COUNT = re.compile(r"\d{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Word:
    """`KEY=VALUE`, cut at its `=`."""

    key: str
    value: str | None
    """Nothing when it is said to be absent, which only tables can say."""


class WrongWord(Exception):  # noqa: N818  it says what is wrong with a word
    """A word names nothing, or gives what cannot be given."""

    def __init__(self, why: Phrase, helped: Phrase | None = None) -> None:
        """Keep why it is wrong, and what to do."""
        super().__init__(why)
        self.why = why
        self.helped = helped


def word_of(text: str) -> Word | None:
    """Cut `KEY=VALUE`; nothing when a text is not written like one."""
    found = WORD.fullmatch(text)
    return Word(found[1], found[2]) if found else None


def assigned(
    words: Iterable[Word], known: Mapping[str, Field] | None = None
) -> tuple[Assigned, ...]:
    """Give what words say of an object, in their order; `WrongWord` for the first that is wrong.

    The fields of keys that are `known` are not looked up again.
    """
    given: list[Assigned] = []
    for word in words:
        one = _assigned(word, (known or {}).get(word.key) or field_of(word.key))
        if any(_meet(one.field, other.field) for other in given):
            raise WrongWord(phrase("given_twice", name=word.key))
        given.append(one)
    return tuple(given)


def _assigned(word: Word, field: Field) -> Assigned:
    if word.value is None:
        return Assigned(field, None, _place(word.key))
    if field.vr == "SQ":
        if word.value:
            helped = phrase("keyvalue_sequence_help", name=word.key)
            raise WrongWord(phrase("keyvalue_sequence", name=word.key), helped)
        return Assigned(field, (), _place(word.key), ())
    return Assigned(field, _values(word.value, field), _place(word.key))


def _place(key: str) -> Span:
    return Span(len(BEFORE), len(BEFORE) + len(key))


def _meet(one: Field, other: Field) -> bool:
    """Whether two fields cannot both be given: they are the same, or one is inside of the other."""
    ways = sorted((_way(one), _way(other)), key=len)
    return ways[1][: len(ways[0])] == ways[0]


def _way(field: Field) -> Sequence[object]:
    """Give the parts of a path, items included; what is inside of it begins with the same."""
    steps = [part for step in field.steps for part in ((step.tag, step.creator), step.item)]
    return [*steps, (field.tag, field.creator) if field.tag else field.name]


# Keys ---------------------------------------------------------------------------------------------


def field_of(key: str) -> Field:
    """Give the field that a key names; `WrongWord` when it names none, or only a part of one."""
    if key == "clock" or key.startswith("clock."):
        raise WrongWord(phrase("keyvalue_clock"), phrase("keyvalue_clock_help"))
    source = Text("", TEXT % key)
    report = Report(source)
    field = Attributes(report).field(_path(key, source))
    wrong = next((each for each in report.findings if each.code != BEARABLE), None)
    if wrong is not None:
        raise WrongWord(_said(wrong.message), _said(wrong.help) if wrong.help else None)
    assert field is not None  # else it would have been reported
    _check_whole(key, field)
    return field


def _path(key: str, source: Text) -> nodes.Path:
    """Read a key with the parser of the language, as the path of something given."""
    tree, _ = parse(source)
    for item in tree.items if tree else ():
        if isinstance(item, nodes.TestItem) and len(item.given) == 1:
            path = item.given[0].path
            if path.span == _place(key):
                return path
    raise WrongWord(phrase("keyvalue_key", name=key), phrase("keyvalue_key_help"))


def _said(what: Message) -> Phrase:
    return Phrase(what.key, **dict(what.values))


def _check_whole(key: str, field: Field) -> None:
    """Refuse what is no attribute as a whole."""
    if field.position or field.component or field.repeating:
        helped = phrase("keyvalue_part_help")
        raise WrongWord(phrase("keyvalue_part", name=key), helped)


# Values -------------------------------------------------------------------------------------------


def _values(text: str, field: Field) -> tuple[str, ...]:
    """Give the values of a word as a data set holds them."""
    if field.type is ValueType.DECIMAL and field.source is Source.ENVELOPE:
        if not COUNT.fullmatch(text):
            key = "keyvalue_count" if text else "keyvalue_count_empty"
            raise WrongWord(phrase(key, name=written(field), value=text))
        return (text,)
    if not text:
        return ()
    if field.type is ValueType.ADDRESS and not _is_address(text):
        raise WrongWord(phrase("keyvalue_address", value=text))
    one = field.source is Source.ENVELOPE or (field.vr in WHOLE and not field.creator)
    values = (text,) if one else tuple(text.split("\\"))
    if field.type is ValueType.UID:
        return tuple(dictionary.uid_of(value) or value for value in values)
    return values


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
