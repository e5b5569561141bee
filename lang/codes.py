"""The table of findings: code to name and level.

Codes are never reused. RT1xx syntax and types, RT2xx suspicious, RT3xx semantic, RT5xx privacy and
safety, RT6xx tests, RT9xx suppressions; the levels are those of the paper. Titles are in the
catalogue (`language.title_rt101`), pages in docs/errors.
"""

from dataclasses import dataclass

from roteiro.lang.diagnostics import Level
from roteiro.lang.messages import DEFAULT, text


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding; people may say its name instead of its code."""

    name: str
    level: Level


ERROR, WARNING, INFO = Level.ERROR, Level.WARNING, Level.INFO

CODES = {
    "RT100": Code("syntax-error", ERROR),
    "RT101": Code("unknown-attribute", ERROR),
    "RT102": Code("retired-attribute", WARNING),
    "RT103": Code("missing-edition", ERROR),
    "RT104": Code("unknown-name", ERROR),
    "RT105": Code("duplicate-name", ERROR),
    "RT106": Code("second-item", ERROR),
    "RT107": Code("unknown-property", ERROR),
    "RT108": Code("bad-value", ERROR),
    "RT109": Code("missing-property", ERROR),
    "RT111": Code("operator-misuse", ERROR),
    "RT112": Code("not-in-this-version", ERROR),
    "RT113": Code("bad-literal", ERROR),
    "RT114": Code("compared-with-empty", ERROR),
    "RT115": Code("reversed-range", ERROR),
    "RT116": Code("bad-tag", ERROR),
    "RT117": Code("not-a-destination", ERROR),
    "RT118": Code("condition-cycle", ERROR),
    "RT119": Code("rule-without-action", ERROR),
    "RT120": Code("wrong-type", ERROR),
    "RT121": Code("impossible-literal", WARNING),
    "RT122": Code("unknown-uid-name", ERROR),
    "RT125": Code("attribute-on-the-right", ERROR),
    "RT126": Code("too-complex", ERROR),
    "RT127": Code("same-caller", ERROR),
    "RT128": Code("path-through-sequence", ERROR),
    "RT129": Code("guard-without-otherwise", ERROR),
    "RT212": Code("not-covers-blank", WARNING),
    "RT220": Code("priority-without-effect", WARNING),
    "RT221": Code("unused-name", WARNING),
    "RT224": Code("meta-group-in-dataset", WARNING),
    "RT226": Code("queue-named-once", INFO),
    "RT301": Code("not-exhaustive", ERROR),
    "RT511": Code("unknown-callers-accepted", WARNING),
    "RT603": Code("test-expects-nothing", WARNING),
    "RT903": Code("suppression-without-effect", WARNING),
}


def title(code: str, language: str = DEFAULT) -> str:
    """Give the one-line meaning of a code."""
    return text(f"language.title_{code.lower()}", language)


def lookup(word: str) -> str | None:
    """Give the code that a person means by code or name, in any case."""
    named = {entry.name: code for code, entry in CODES.items()}
    wanted = word.strip()
    return wanted.upper() if wanted.upper() in CODES else named.get(wanted.lower())
