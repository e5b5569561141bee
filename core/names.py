"""Person names: groups by `=`, components by `^`, compared without case (docs/reading.md, 13)."""

from unicodedata import normalize

from roteiro.core.vrs import COMPONENTS


def folded(text: str) -> str:
    """Give the form of a text in which case does not count (15.1)."""
    return normalize("NFC", normalize("NFC", text).casefold())


def groups_of(name: str) -> list[list[str]]:
    """Give the components of each group, without spaces around them and empty ones at the end."""
    groups = [_components(group) for group in name.split("=")]
    while groups and not groups[-1]:
        groups.pop()
    return groups


def _components(group: str) -> list[str]:
    components = [component.strip(" ") for component in group.split("^")]
    while components and not components[-1]:
        components.pop()
    return components


def canonical(name: str) -> str:
    """Give a name as all spellings of it are written alike."""
    return "=".join("^".join(components) for components in groups_of(name))


def component(name: str, which: str) -> str:
    """Give one group of a name, or one component; empty when the name has none."""
    group, place = COMPONENTS[which]
    groups = groups_of(name)
    components = groups[group] if group < len(groups) else []
    if place is None:
        return "^".join(components)
    return components[place] if place < len(components) else ""
