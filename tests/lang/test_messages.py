"""The catalogue: every text is used, every use has a text, and all keep the wording rules."""

import re
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest

from roteiro.core.program import ValueType
from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import message
from roteiro.lang.functions import FUNCTIONS
from roteiro.lang.messages import DEFAULT, LANGUAGES, Phrase, text
from roteiro.lang.render.text import said
from roteiro.lang.report import hint, listed, phrase
from tests.catalogue import SUBJECTS, catalogue
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


def test_both_languages_fill_in_the_same() -> None:
    other = [key for key in ENGLISH if placeholders(ENGLISH[key]) != placeholders(PORTUGUESE[key])]
    assert other == []


def test_names_keywords_and_examples_are_no_words() -> None:
    """What stands in backticks is the same in both languages."""
    other = [
        key
        for key in ENGLISH.keys() - LETTERS_FOR_WORDS
        if {*TICKED.findall(ENGLISH[key])} != {*TICKED.findall(PORTUGUESE[key])}
    ]
    assert other == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_wording(language: str) -> None:
    wrong = [
        (key, words)
        for key, words in catalogue(language).items()
        if not key.startswith("help.") and not well_worded(key, words)
    ]
    assert wrong == []


def well_worded(key: str, words: str) -> bool:
    """Say whether a text begins in lower case, has no full stop and no words of our own."""
    first = TICKED.sub("", words).lstrip(" (")[:3]
    low = first[:1].islower() or not first[:1].isalpha() or first.isupper() or first[:2].isupper()
    ours = key.startswith("language.") and (FORBIDDEN.search(words) or "None" in words)
    return low and not words.endswith(".") and "\n" not in words and not ours


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_is_whole_sentences(language: str) -> None:
    wrong = [
        (key, words)
        for key, words in catalogue(language).items()
        if key.startswith("help.") and key not in HELP_PARTS
        if not (words[0].isupper() or words.split()[0] in VALUES)
        or not words.endswith(".")
        or "\n" in words
    ]
    assert wrong == []


def test_portuguese_is_that_of_its_readers() -> None:
    found = {key: slips(words) for key, words in PORTUGUESE.items()}
    assert {key: words for key, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("command.not_formatted", "retire ou corrija"),
        ("selftest.got_result_absent", "o atributo está ausente"),
        ("selftest.got_result_empty", "o atributo está vazio"),
    ],
)
def test_portuguese_says_all_that_english_says(key: str, words: str) -> None:
    assert words in PORTUGUESE[key]


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


def test_words_that_stand_in_sentences_have_their_article_in_both() -> None:
    found = [key for key in ENGLISH if re.match(r"language\.(word|kind)_", key)]
    assert len(found) > 10
    english = [key for key in found if re.match(r"(a|an|the) ", ENGLISH[key])]
    portuguese = [key for key in found if re.match(r"(um|uma|o|a|os|as) ", PORTUGUESE[key])]
    assert english == portuguese


def test_words_of_people_are_short_and_harmless() -> None:
    shown = dict(hint("did_you_mean", word="x\x1b[31m" + "y" * 100).values)["word"]
    assert len(shown) < 60
    assert shown.isprintable()
    assert listed([], "list_or") == ""
    assert listed(["a"], "list_or") == "a"


def test_a_text_costs_the_reading_of_its_subject_only() -> None:
    code = """
from roteiro.lang import messages
read = messages.texts.cache_info
messages.text("system.eagain", "pt")
print(read().currsize)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "2\n"  # in Portuguese, and the English behind it
