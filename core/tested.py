"""What of an object a program can depend on (docs/reading.md, 1)."""

from roteiro.core.program import Program, Source
from roteiro.core.vrs import BY_CHARACTER_SET, CHARACTER_SET, PIXEL_REPRESENTATION


def tested_tags(program: Program) -> dict[int, str]:
    """Give the tested tags, those that decoding needs included, with the dictionary's VR."""
    tested = {field.tag: field.vr for field in program.fields if field.source is Source.ELEMENT}
    vrs = set(tested.values())
    if BY_CHARACTER_SET & vrs:
        tested.setdefault(CHARACTER_SET, "CS")
    if any("US or SS" in vr for vr in vrs):
        tested.setdefault(PIXEL_REPRESENTATION, "US")
    return tested


def reads_size(program: Program) -> bool:
    """Tell whether the program wants the size of the data set, known only at its end."""
    return any(field.source is Source.ENVELOPE and field.name == "size" for field in program.fields)
