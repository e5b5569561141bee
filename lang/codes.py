"""The table of findings: code to name and level.

Codes are never reused. RT1xx syntax and types, RT2xx suspicious, RT3xx semantic, RT4xx cost, RT5xx
privacy and safety, RT6xx tests, RT9xx suppressions; the levels are those of the paper. Titles are
in the catalogue (`language.title_rt101`), pages in docs/errors. A code stands here only when
something reports it (`tests/lang/test_codes.py`).
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
    "RT110": Code("wrong-vm", ERROR),
    "RT111": Code("operator-misuse", ERROR),
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
    "RT123": Code("regex-not-anchored-habit", WARNING),
    "RT124": Code("bad-regex", ERROR),
    "RT125": Code("attribute-on-the-right", ERROR),
    "RT126": Code("too-complex", ERROR),
    "RT127": Code("same-caller", ERROR),
    "RT128": Code("path-through-sequence", ERROR),
    "RT129": Code("guard-without-otherwise", ERROR),
    "RT130": Code("file-set-missing", ERROR),
    "RT131": Code("used-file-missing", ERROR),
    "RT132": Code("use-cycle", ERROR),
    "RT201": Code("constant-condition", WARNING),
    "RT202": Code("duplicate-operand", WARNING),
    "RT203": Code("self-contradiction", WARNING),
    "RT204": Code("split-range", WARNING),
    "RT210": Code("case-trap", WARNING),
    "RT211": Code("pn-as-text", WARNING),
    "RT212": Code("not-covers-blank", WARNING),
    "RT213": Code("positional-on-vm1", WARNING),
    "RT220": Code("priority-without-effect", WARNING),
    "RT221": Code("unused-name", WARNING),
    "RT222": Code("condition-duplicated", INFO),
    "RT223": Code("many-similar-rules", INFO),
    "RT224": Code("meta-group-in-dataset", WARNING),
    "RT225": Code("no-timezone", INFO),
    "RT226": Code("queue-named-once", INFO),
    "RT301": Code("not-exhaustive", ERROR),
    "RT302": Code("shadowed-rule", WARNING),
    "RT303": Code("vacuous-rule", WARNING),
    "RT304": Code("always-true", WARNING),
    "RT306": Code("redundant-rule", WARNING),
    "RT311": Code("invariant-unproved", INFO),
    "RT320": Code("guard-unreachable", WARNING),
    "RT321": Code("same-node-two-chains", WARNING),
    "RT322": Code("schedule-never-open", ERROR),
    "RT323": Code("pool-of-one", INFO),
    "RT324": Code("pool-and-member", WARNING),
    "RT401": Code("late-tag", WARNING),
    "RT402": Code("clause-blow-up", WARNING),
    "RT403": Code("regex-state-budget", WARNING),
    "RT404": Code("nested-has", ERROR),
    "RT501": Code("external-without-profile", ERROR),
    "RT502": Code("identified-field-in-trace", WARNING),
    "RT503": Code("profile-drops-less-than-basic", WARNING),
    "RT504": Code("secret-in-text", ERROR),
    "RT505": Code("uid-hash-without-secret", ERROR),
    "RT510": Code("drop-in-guard-without-alert", WARNING),
    "RT511": Code("unknown-callers-accepted", WARNING),
    "RT601": Code("untested-rule", INFO),
    "RT603": Code("test-expects-nothing", WARNING),
    "RT900": Code("unused-suppression", WARNING),
    "RT901": Code("suppression-without-reason", WARNING),
    "RT902": Code("expired-suppression", WARNING),
}


UNRUNNABLE = frozenset(("RT404", "RT504", "RT505"))
"""Errors that are none of the text, and yet leave nothing that an engine could carry out."""


def title(code: str, language: str = DEFAULT) -> str:
    """Give the one-line meaning of a code."""
    return text(f"language.title_{code.lower()}", language)


def lookup(word: str) -> str | None:
    """Give the code that a person means by code or name, in any case."""
    named = {entry.name: code for code, entry in CODES.items()}
    wanted = word.strip()
    return wanted.upper() if wanted.upper() in CODES else named.get(wanted.lower())


def fatal(code: str) -> bool:
    """Whether a finding of this code leaves no program that could be run: nobody can ignore it."""
    return CODES[code].level is ERROR and (code.startswith("RT1") or code in UNRUNNABLE)
