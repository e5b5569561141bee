"""The catalogue: every text is used, every use has a text, and all keep the wording rules."""

import re
from pathlib import Path
from string import Formatter

import pytest

from roteiro.core.program import ValueType
from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import message
from roteiro.lang.functions import FUNCTIONS
from roteiro.lang.messages import DEFAULT, LANGUAGES, SUBJECTS, Phrase, catalogue, text
from roteiro.lang.render.text import said
from roteiro.lang.report import hint, listed, phrase
from tests.portuguese import slips

LANG = Path(__file__).resolve().parents[2] / "lang"
TEXTS = {
    key.removeprefix("language."): text
    for key, text in catalogue("en").items()
    if key.startswith("language.")
}
WORD = re.compile(r'"(?:language\.)?([a-z][a-z0-9_]*)"')
RUNNING = re.compile(r"([\"'])((?:command|runtime|selftest|system)\.[a-z0-9_]+)\1")
KINDS = (
    *("nodes", "destinations", "sets", "conditions", "schedules", "lookups"),
    *("chains", "profiles"),
)
ARGUMENTS = {kind for signature in FUNCTIONS.values() for kind in signature.kinds}
NAMES = {"en": "English", "pt": "Portuguese"}
ENGLISH = catalogue("en")
PORTUGUESE = catalogue("pt")
THE_SAME = {
    "command.test_sum": "two placeholders and a colon",
    "language.impossible_help": "one placeholder",
    "language.list_comma": "two placeholders and a comma",
    "language.typed": "two placeholders and brackets",
    "language.uncarried_construct": "two placeholders and a colon",
}
"""Texts that are equal in both languages, and why."""
LETTERS_FOR_WORDS = {
    "language.bad_box_help": "WIDTH is LARGURA",
    "language.instant_help": "yyyy is aaaa",
    "language.pn_spoken": "Family is Apelido",
}
"""Forms in backticks whose letters stand for words of the language, and which."""
HELP_PARTS = {
    f"help.{key}"
    for key in (
        *("commands", "default", "example", "options", "required"),
        *("usage", "usage_command", "usage_options"),
    )
}
VALUES = {"text"}
"""Values of options that begin a sentence."""
TICKED = re.compile(r"`[^`]*`")
FORBIDDEN = re.compile(r"\b(lark|token|parser|traceback|exception|null|exceção|nulo|analisador)\b")


def placeholders(text: str) -> list[tuple[str, str | None, str | None]]:
    """Give what `str.format` fills in, with how it is written."""
    return sorted((name, spec, how) for _, name, spec, how in Formatter().parse(text) if name)


def used() -> set[str]:
    """Give every word in quotes of the language's modules; keys are among them."""
    sources = [path.read_text(encoding="utf-8") for path in LANG.rglob("*.py")]
    words = {word for source in sources for word in WORD.findall(source)}
    made = {
        *(f"unknown_{kind}" for kind in KINDS),
        *(f"argument_{kind}" for kind in ARGUMENTS),
        *(f"title_{code.lower()}" for code in CODES),
        *(f"type_{kind.value}" for kind in ValueType),
    }
    helped = {f"{word}_help" for word in words}  # a finding and its help share a name
    return words | made | helped


def test_no_text_is_left_over() -> None:
    assert sorted(set(TEXTS) - used()) == []


def test_every_use_has_a_text() -> None:
    found = re.compile(r'\.add\(\s*"RT\d+",\s*[^"]*?,\s*"([a-z_]+)"(?=,|\)\n)')
    asked = re.compile(
        r'(?:hint\(\s*|\.label\([^"]*?,\s*|self\.bad\(entry,\s*|missing\([^"]*?,\s*)"([a-z_]+)"'
    )
    sources = [path.read_text(encoding="utf-8") for path in LANG.rglob("*.py")]
    keys = {key for source in sources for call in (found, asked) for key in call.findall(source)}
    assert len(keys) > 60
    assert sorted(keys - set(TEXTS)) == []


def test_texts_of_running_are_used_and_there() -> None:
    """Keys are written out, or made of a beginning or an end that is written out."""
    places = [*LANG.rglob("*.py"), *(LANG.parent / "runtime").rglob("*.py")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in places)
    asked = {key for _, key in RUNNING.findall(source)}
    assert len(asked) > 100
    assert sorted(asked - set(ENGLISH)) == []
    words = {*WORD.findall(source), *(key.partition(".")[2] for key in asked)}
    begin = {word for _, word in re.findall(r"([\"'.])([a-z0-9_]+_)\{", source)}
    end = set(re.findall(r"\}(_[a-z]+)[\"']|[\"'](_and_[a-z]+)[\"']", source))
    ends = {part for pair in end for part in pair if part}
    left = {
        key
        for key in ENGLISH
        if key.startswith(("command.", "runtime.", "selftest."))
        and (name := key.partition(".")[2]) not in words
        and not any(name.startswith(part) for part in begin)
        and not any(name.endswith(part) and name.removesuffix(part) in words for part in ends)
    }
    assert sorted(left) == []


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_are_sorted(language: str, subject: str) -> None:
    file = LANG / "messages" / f"{language}.{subject}.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    keys = [line.partition(" = ")[0] for line in lines[1:]]
    assert keys == sorted(keys)
    assert lines[0].startswith(f"# Texts of the subject `{subject}`, {NAMES[language]}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_lacks_its_translation(language: str) -> None:
    """The keys of a file alone: `catalogue` fills what is missing with English."""
    own = {
        f"{subject}.{line.partition(' = ')[0]}"
        for subject in SUBJECTS
        for line in (LANG / "messages" / f"{language}.{subject}.toml")
        .read_text(encoding="utf-8")
        .splitlines()[1:]
    }
    assert sorted(own ^ set(catalogue(DEFAULT))) == []


def test_nothing_stays_english() -> None:
    equal = {key for key, english in ENGLISH.items() if PORTUGUESE[key] == english}
    assert sorted(equal) == sorted(THE_SAME)


@pytest.mark.parametrize("key", ENGLISH)
def test_both_languages_say_the_same_things(key: str) -> None:
    """Placeholders, and what stands in backticks: names, keywords and examples are no words."""
    english, portuguese = ENGLISH[key], PORTUGUESE[key]
    assert placeholders(portuguese) == placeholders(english)
    if key not in LETTERS_FOR_WORDS:
        assert set(TICKED.findall(portuguese)) == set(TICKED.findall(english))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", [key for key in ENGLISH if not key.startswith("help.")])
def test_wording(key: str, language: str) -> None:
    words = catalogue(language)[key]
    assert not words.endswith(".")
    assert "\n" not in words
    first = re.sub(r"`[^`]*`", "", words).lstrip(" (")[:3]
    assert first[:1].islower() or not first[:1].isalpha() or first.isupper() or first[:2].isupper()
    if key.startswith("language."):
        assert not re.search(FORBIDDEN, words)
        assert "None" not in words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", [key for key in ENGLISH if key.startswith("help.")])
def test_help_is_whole_sentences(key: str, language: str) -> None:
    words = catalogue(language)[key]
    assert "\n" not in words
    if key not in HELP_PARTS:
        assert words[0].isupper() or words.split()[0] in VALUES
        assert words.endswith(".")


@pytest.mark.parametrize("key", PORTUGUESE)
def test_portuguese_is_that_of_its_readers(key: str) -> None:
    assert slips(PORTUGUESE[key]) == []


def test_phrases_are_worded_with_the_message_that_holds_them() -> None:
    expected = listed(["`{`", "`(`", phrase("word_name")], "list_or")
    found = message("language.unexpected", found="x", expected=expected)
    assert said(found, "en") == "found `x`, expected `{`, `(` or a name"
    assert said(found, "pt") == "encontrou-se `x`, esperava-se `{`, `(` ou um nome"


def test_phrases_are_worded_in_phrases() -> None:
    inner = Phrase(
        "runtime.no_connection", host="pacs", port=104, why=Phrase("system.econnrefused")
    )
    outer = Phrase("runtime.in_doubt", reason=inner)
    assert outer == "in doubt: no connection to pacs:104 (connection refused)"
    assert outer.worded("pt") == "em dúvida: sem ligação a pacs:104 (ligação recusada)"
    assert str(ValueError(outer)) is outer


def test_a_language_without_texts_is_shown_in_english() -> None:
    assert text("language.word_name", "fr") == "a name"


@pytest.mark.parametrize(
    "key", [key for key in ENGLISH if re.match(r"language\.(word|kind)_", key)]
)
def test_words_that_stand_in_sentences_have_their_article_in_both(key: str) -> None:
    english = re.match(r"(a|an|the) ", ENGLISH[key])
    portuguese = re.match(r"(um|uma|o|a|os|as) ", PORTUGUESE[key])
    assert bool(english) == bool(portuguese)


def test_words_of_people_are_short_and_harmless() -> None:
    shown = dict(hint("did_you_mean", word="x\x1b[31m" + "y" * 100).values)["word"]
    assert len(shown) < 60
    assert shown.isprintable()
    assert listed([], "list_or") == ""
    assert listed(["a"], "list_or") == "a"
