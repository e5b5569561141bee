"""Which study and which series an object is of, from the first bytes of its data set.

The walk is that of the rules (`scan`), against a level of two elements: Study Instance UID and Series
Instance UID (PS3.3 C.7.2.1, C.7.3.1). What is no UID (PS3.5 9.1), stands behind damage, or is not
there, is the empty text: nothing is decided by it, so nothing has to be held for it.
"""

from libc.stdint cimport uint8_t
from libc.string cimport memset

from roteiro.core.scan cimport CLEAN, CUT, STOPPED, Arena, Ending, Item, Level, Slot, Walk, release, walk_top

from roteiro.core.inflate import Inflater
from roteiro.core.program import INFLATE_LIMIT, Encoding

cdef enum:
    STUDY = 0x0020000D
    SERIES = 0x0020000E
    LONGEST_UID = 64
    PRIVATE_BEGIN = 0xFFFE0000  # where no element of a data set is
    FIRST_PIECE = 4096          # bytes inflated before the first look at a deflated data set

cdef int DEFLATED = Encoding.DEFLATED
cdef int IMPLICIT_LITTLE = Encoding.IMPLICIT_LITTLE
cdef int EXPLICIT_BIG = Encoding.EXPLICIT_BIG


def identify(data, encoding, *, bint complete=True):
    """Give the UIDs of study and series; None when `data` is a prefix that has not told both."""
    cdef int code = encoding
    if code != DEFLATED:
        return _identify(data, code, complete)
    inflater = Inflater(data)
    wanted = FIRST_PIECE
    while True:
        inflater.more(wanted)
        found = _identify(inflater.data, code, inflater.ended and complete)
        if found is not None or inflater.ended:
            return found
        wanted = min(2 * wanted, INFLATE_LIMIT + 1)


cdef object _identify(const uint8_t[:] data, int code, bint complete):
    cdef:
        Slot[2] slots
        Slot[2] found
        Level level
        Item top
        Arena arena
        Walk walk
        Ending ending
    memset(&slots, 0, sizeof(slots))
    memset(&level, 0, sizeof(level))
    memset(&top, 0, sizeof(top))
    memset(&arena, 0, sizeof(arena))
    memset(&walk, 0, sizeof(walk))
    slots[0].tag, slots[1].tag = STUDY, SERIES
    slots[0].read_by_default = slots[1].read_by_default = True
    found = slots
    level.c_slots = slots
    level.plain = level.slots = 2
    level.last = SERIES
    level.private_begin = PRIVATE_BEGIN
    level.character_set = level.pixel_representation = -1
    top.c_slots = found
    walk.c_data = &data[0] if len(data) else NULL
    walk.size = len(data)
    walk.c_levels = &level
    walk.c_arena = &arena
    ending = walk_top(&walk, code == EXPLICIT_BIG, code != IMPLICIT_LITTLE, &top)
    release(&arena, 0)
    if not complete and (ending == CUT or ending == CLEAN):
        return None
    return _uid(data, &found[0]), _uid(data, &found[1])


cdef str _uid(const uint8_t[:] data, Slot* c_slot):
    """Give the value of an element when it is one UID, without what pads it (PS3.5 6.2)."""
    cdef size_t size = c_slot.length, place
    if not c_slot.seen or c_slot.series or size > LONGEST_UID + 1:
        return ""
    while size and data[c_slot.offset + size - 1] in (0, 32):
        size -= 1
    if size > LONGEST_UID:
        return ""
    for place in range(c_slot.offset, c_slot.offset + size):
        if data[place] != c'.' and not c'0' <= data[place] <= c'9':
            return ""
    return bytes(data[c_slot.offset : c_slot.offset + size]).decode("ascii")
