"""Files of compiled programs with room between their parts, and how an input changes one."""

from roteiro.core.artefact_lay import laid
from roteiro.core.artefact_parts import (
    ALIGNMENT,
    ENGINE,
    HEADER,
    MAGIC,
    ORDER,
    ROW,
    SUM,
    VERSION,
    Key,
    aligned,
)
from roteiro.core.program import Program

__all__ = ["EDIT", "changed", "parts_of", "spread"]

EDIT = 7
"""Bytes of an edit: which part (one), where (two), how (one), by what (three)."""
TABLE = 0xFF
"""The part that is the table of parts, with how many there are."""
COUNT_AT = 72
WORD = 4
Parts = dict[Key, bytes]
Gaps = list[tuple[int, int]]


def parts_of(program: Program) -> Parts:
    """Lay a program out as the parts of a file."""
    return dict(laid(program).parts)


def spread(parts: Parts) -> tuple[bytes, Gaps]:
    """Write a file as `joined` does, but with a gap behind each part; give the gaps, too.

    Nothing of them may be read: a read past a part would else be one of the next part.
    """
    table, body, gaps = [], [], Gaps()
    at = before = aligned(HEADER.size + ROW.size * len(parts))
    for (kind, number), part in sorted(parts.items()):
        table.append(ROW.pack(kind, number, at, len(part)))
        before, at = at + len(part), aligned(at + len(part) + ALIGNMENT)
        gaps.append((before, at))
        body += [part, bytes(at - before)]
    rows = b"".join(table)
    header = HEADER.pack(
        MAGIC, VERSION, ORDER, bytes(ENGINE), bytes(16), before, len(parts), 0, bytes(SUM)
    )
    whole = b"".join((header, rows, bytes(-(len(header) + len(rows)) % ALIGNMENT), *body))
    return whole[:before], gaps[:-1]


def changed(parts: Parts, edits: bytes) -> tuple[bytes, Gaps]:
    """Change numbers of some parts: put, add to, copy, flip, or cut; of the table at last."""
    keys, fresh, late = sorted(parts), dict(parts), []
    for at in range(0, len(edits) - EDIT + 1, EDIT):
        edit = edits[at : at + EDIT]
        if edit[0] == TABLE:
            late.append(edit)
            continue
        key = keys[edit[0] % len(keys)]
        fresh[key] = _edited(fresh[key], edit)
    data, gaps = spread(fresh)
    for edit in late:
        end = HEADER.size + ROW.size * len(parts)
        table = _edited(data[COUNT_AT:end], edit, may_cut=False)
        data, gaps = data[:COUNT_AT] + table + data[end:], []
    return data, gaps


def _edited(part: bytes, edit: bytes, *, may_cut: bool = True) -> bytes:
    """Change one number of a part, or one byte, or how long it is."""
    words, how = len(part) // WORD, edit[3] % 8
    by = int.from_bytes(edit[4:EDIT], "little", signed=True)
    if how == 7 and may_cut:
        return (part + bytes(64))[: max(0, len(part) + by % 16 * WORD - 32)]
    if how == 6 and part:
        place = int.from_bytes(edit[1:3], "little") % len(part)
        return part[:place] + bytes((by & 0xFF,)) + part[place + 1 :]
    if not words:
        return part
    place = int.from_bytes(edit[1:3], "little") % words * WORD
    word = int.from_bytes(part[place : place + WORD], "little")
    other = by % words * WORD
    word = (
        by,
        word + (by >> 16),
        by << 8,
        int.from_bytes(part[other : other + WORD], "little"),
        word ^ 1 << by % 32,
        word + (by >> 8),
    )[how % 6]
    return part[:place] + (word & 0xFFFFFFFF).to_bytes(WORD, "little") + part[place + WORD :]
