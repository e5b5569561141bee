"""What the words of a call give of an object: `KEY=VALUE`, `--peer`, `--at`."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from roteiro.core.program import Envelope, Source
from roteiro.lang.attributes import written
from roteiro.lang.messages import Phrase
from roteiro.lang.typed import Assigned
from roteiro.lang.words import Word, WrongWord, assigned, word_of
from roteiro.runtime.cli.group import USAGE, Refused
from roteiro.runtime.cli.objects import is_there
from roteiro.runtime.dicomjson import is_text
from roteiro.runtime.instant import instant_of
from roteiro.runtime.subjects import Words

OPTIONS = {"calling_ae": "--calling", "called_ae": "--called", "peer": "--peer"}
"""Members of the envelope that options give, too."""


def parted(objects: Sequence[str]) -> tuple[list[str], dict[str, Word]]:
    """Tell paths from words: `KEY=VALUE`, unless there is a file of that name."""
    words = {each: word for each in objects if (word := word_of(each)) and not is_there(each)}
    return [each for each in objects if each not in words], words


def given_by(words: Mapping[str, Word], known: Envelope) -> Words:
    """Take what words give; `Refused` for the first that is wrong."""
    for name, word in words.items():
        if not is_text(name):
            why = Phrase("command.not_text", name=word.key)
            raise Refused(USAGE, "command.wrong_word", why=why)
    try:
        given = assigned(words.values())
    except WrongWord as wrong:
        helped = {} if wrong.helped is None else {"help": wrong.helped}
        key = "command.wrong_word_help" if helped else "command.wrong_word"
        raise Refused(USAGE, key, why=wrong.why, **helped) from None
    _check_envelope(given, known)
    return Words(known, given)


def _check_envelope(given: Sequence[Assigned], known: Envelope) -> None:
    """Refuse what an option says too."""
    for each in given:
        if each.field.source is not Source.ENVELOPE:
            continue
        if getattr(known, each.field.name) is not None:
            option = OPTIONS[each.field.name]
            raise Refused(USAGE, "command.word_and_option", name=written(each.field), option=option)


def check_given(peer: str | None, at: str | None) -> None:
    """Refuse what is no address and what is no instant."""
    if peer is not None:
        try:
            ip_address(peer)
        except ValueError:
            raise Refused(USAGE, "command.no_address", value=peer) from None
    if at is not None:
        try:
            instant_of(at)
        except ValueError:
            raise Refused(USAGE, "command.no_instant", value=at) from None
