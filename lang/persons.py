"""Person names: groups and components (docs/reading.md 13, PS3.5 6.2)."""

from typing import TypeVar

GROUPS = ("alphabetic", "ideographic", "phonetic")
COMPONENTS = ("family", "given", "middle", "prefix", "suffix")


def groups(name: str) -> tuple[tuple[str, ...], ...]:
    """Take a name apart; spaces around components go, and so does what is empty at the ends."""
    return _cut(tuple(_cut(tuple(map(_bare, group.split("^")))) for group in name.split("=")))


def _bare(component: str) -> str:
    return component.strip(" ")


Part = TypeVar("Part", str, tuple[str, ...])


def _cut(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Leave out what is empty at the end."""
    while parts and not parts[-1]:
        parts = parts[:-1]
    return parts


def canonical(name: str) -> str:
    """Write a name as names are compared, but for case."""
    return "=".join("^".join(group) for group in groups(name))


def is_empty(name: str) -> bool:
    """Say whether a name has nothing but spaces and delimiters (2e)."""
    return not groups(name)


def component(name: str, wanted: str) -> str:
    """Give a group (`alphabetic`) or a component (`alphabetic.family`); nothing where it lacks."""
    group, _, part = wanted.partition(".")
    written = dict(zip(GROUPS, groups(name), strict=False)).get(group, ())
    return dict(zip(COMPONENTS, written, strict=False)).get(part, "") if part else "^".join(written)


def named(literal: str) -> dict[int, str]:
    """Give the groups of a canonical name that are not empty, by place."""
    return {place: group for place, group in enumerate(literal.split("=")) if group}
