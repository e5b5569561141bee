"""The catalogue: every text is used, every use has a text, and all keep the wording rules."""

import re
from pathlib import Path

import pytest

from roteiro.core.program import ValueType
from roteiro.lang import messages
from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import message
from roteiro.lang.messages import catalogue
from roteiro.lang.render.text import said
from roteiro.lang.report import hint, listed, phrase

LANG = Path(__file__).resolve().parents[2] / "lang"
TEXTS = {
    key.removeprefix("language."): text
    for key, text in catalogue("en").items()
    if key.startswith("language.")
}
WORD = re.compile(r'"(?:language\.)?([a-z][a-z0-9_]*)"')
KINDS = ("nodes", "sets", "conditions")


def used() -> set[str]:
    """Give every word in quotes of the language's modules; keys are among them."""
    sources = [path.read_text(encoding="utf-8") for path in LANG.rglob("*.py")]
    words = {word for source in sources for word in WORD.findall(source)}
    made = {
        *(f"unknown_{kind}" for kind in KINDS),
        *(f"title_{code.lower()}" for code in CODES),
        *(f"type_{kind.value}" for kind in ValueType),
    }
    return words | made


def test_no_text_is_left_over() -> None:
    assert sorted(set(TEXTS) - used()) == []


def test_every_use_has_a_text() -> None:
    calls = re.compile(
        r'(?:\.add\(\s*"RT\d+",\s*[^"]*?,\s*|hint\(\s*|\.label\([^"]*?,\s*|'
        r'self\.bad\(entry,\s*|missing\([^"]*?,\s*)"([a-z_]+)"'
    )
    sources = [path.read_text(encoding="utf-8") for path in LANG.rglob("*.py")]
    keys = {key for source in sources for key in calls.findall(source)}
    assert len(keys) > 60
    assert sorted(keys - set(TEXTS)) == []


def test_keys_are_sorted() -> None:
    lines = (LANG / "messages" / "en.language.toml").read_text(encoding="utf-8").splitlines()[1:]
    assert lines == sorted(lines)


@pytest.mark.parametrize("key", TEXTS)
def test_wording(key: str) -> None:
    text = TEXTS[key]
    assert not text.endswith(".")
    assert "\n" not in text
    first = re.sub(r"`[^`]*`", "", text).lstrip(" (")[:3]
    assert first[:1].islower() or not first[:1].isalpha() or first.isupper() or first[:2].isupper()
    assert not re.search(r"\b(lark|token|parser|traceback|exception|none|null)\b", text.lower())


def test_phrases_are_worded_with_the_message_that_holds_them(monkeypatch) -> None:
    english = catalogue("en")
    other = dict(english) | {
        "language.word_name": "um nome",
        "language.list_or": "{left} ou {right}",
        "language.unexpected": "`{found}` em vez de {expected}",
    }
    monkeypatch.setattr(messages, "catalogue", {"en": english, "pt": other}.__getitem__)
    expected = listed(["`{`", "`(`", phrase("word_name")], "list_or")
    found = message("language.unexpected", found="x", expected=expected)
    assert said(found, "en") == "found `x`, expected `{`, `(` or a name"
    assert said(found, "pt") == "`x` em vez de `{`, `(` ou um nome"


def test_words_of_people_are_short_and_harmless() -> None:
    shown = dict(hint("did_you_mean", word="x\x1b[31m" + "y" * 100).values)["word"]
    assert len(shown) < 60
    assert shown.isprintable()
    assert listed([], "list_or") == ""
    assert listed(["a"], "list_or") == "a"
