"""Person names as literals (PS3.5 6.2.1): groups by `=`, components by `^`, never with case.

A literal is written like a value and normalised like one. Paths name a group, a component, or both:
`PatientName.ideographic.family`; without a group the alphabetic one is meant.
"""

from roteiro.lang.persons import COMPONENTS, GROUPS

WHOLE = GROUPS[0]
"""What text operators look at when a path names no part."""


def group(text: str) -> str:
    """Give one group: no spaces around its components, no empty ones at its end."""
    return "^".join(part.strip(" ") for part in text.split("^")).rstrip("^")


def part_of(words: tuple[str, ...]) -> str | None:
    """Give the `component` of a field for the words behind a name; nothing when they are none."""
    if len(words) == 1 and words[0] in GROUPS:
        return words[0]
    group_word, *rest = words if len(words) == 2 else (WHOLE, *words)
    known = group_word in GROUPS and len(rest) == 1 and rest[0] in COMPONENTS
    return f"{group_word}.{rest[0]}" if known else None


def shown(component: str) -> str:
    """Give the words of a `component` as people write them, behind the name of the attribute."""
    return "" if component == WHOLE else "." + component.removeprefix(f"{WHOLE}.")
