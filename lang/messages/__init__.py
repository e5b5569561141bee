"""The one catalogue of texts that people read.

One TOML file a language and subject: `en.language.toml` (findings), `en.command.toml` (the command
line), `en.help.toml` (`--help`, in whole sentences), `en.runtime.toml` (log lines of the router),
`en.selftest.toml` (results of `test` items), `en.system.toml` (what the machine says). Keys are
dotted (`language.unknown_attribute`), texts are `str.format` templates. What a language lacks is
shown in English.
"""

import tomllib
from collections.abc import Mapping
from functools import cache, partial
from typing import Self, TypeVar

from roteiro.lang.packaged import packaged

LANGUAGES = ("en", "pt")
DEFAULT = "en"

Value = TypeVar("Value")


@cache
def texts(subject: str, language: str) -> Mapping[str, str]:
    """Give the texts of one subject, read when somebody asks for one of them."""
    found = {} if language == DEFAULT else dict(texts(subject, DEFAULT))
    written = packaged(f"messages/{language}.{subject}.toml")
    if written is not None:
        table = tomllib.loads(written)
        found |= {f"{subject}.{key}": words for key, words in table.items()}
    return found


def text(key: str, language: str = DEFAULT, /, **values: object) -> str:
    """Give one text with its placeholders filled; an unknown key is our fault (KeyError)."""
    worded = {name: in_language(value, language) for name, value in values.items()}
    return texts(key.partition(".")[0], language)[key].format_map(worded)


def in_language(value: Value, language: str) -> Value | str:
    """Give a phrase in a language, and anything else as it is."""
    return value.worded(language) if isinstance(value, Phrase) else value


class Phrase(str):
    """A text of the catalogue that stands in another one, and is worded with it.

    As a `str` it is English.
    """

    __slots__ = ("key", "values")

    key: str
    values: Mapping[str, object]

    def __new__(cls, key: str, /, **values: object) -> Self:
        """Name a text and give its placeholders."""
        phrase = super().__new__(cls, text(key, **values))
        phrase.key = key
        phrase.values = values
        return phrase

    def __str__(self) -> Self:
        """Stay what it is where a `str` is asked for."""
        return self

    def __reduce__(self) -> tuple[partial[Self], tuple[()]]:
        """Travel between processes as what it names, not as what it says in English."""
        return partial(type(self), self.key, **self.values), ()

    def worded(self, language: str) -> str:
        """Give it in a language."""
        return text(self.key, language, **self.values)
