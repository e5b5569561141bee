"""The header scan: which tested elements a data set has, and where.

Rules of this file: `Walk.at` never passes `Walk.size`; every read proves first that its bytes are
there; a length is only ever compared with what is left. The functions return whether the walk may
go on; when not, `Walk.ending` says why. Sections of docs/reading.md are cited.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from roteiro.core.tags cimport (
    DELIMITER_GROUP, ITEM_ELEMENT, ITEM_END_ELEMENT, NO_VR, SERIES_END_ELEMENT, UN,
    BULK_CLASS, SEQUENCE_CLASS, class_of, has_short_length, may_be_series, read16, read32, read_tag,
)

from roteiro.core.program import DEPTH_LIMIT, ELEMENT_LIMIT, VALUE_LIMIT

cdef enum:
    UNDEFINED = 0xFFFFFFFF

cdef uint32_t c_depth_limit = DEPTH_LIMIT
cdef uint32_t c_element_limit = ELEMENT_LIMIT
cdef uint32_t c_value_limit = VALUE_LIMIT

cdef struct Header:
    uint32_t tag
    uint32_t length
    uint32_t size
    uint16_t vr


cdef inline size_t left(const Walk* c_walk) noexcept nogil:
    return c_walk.size - c_walk.at


cdef inline bint damaged(Walk* c_walk, Ending ending) noexcept nogil:
    c_walk.ending = ending
    return False


cdef inline bint jump(Walk* c_walk, size_t length) noexcept nogil:
    if length > left(c_walk):
        return damaged(c_walk, CUT)
    c_walk.at += length
    return True


cdef inline bint count(Walk* c_walk) noexcept nogil:
    c_walk.counted += 1
    if c_walk.counted > c_element_limit:
        return damaged(c_walk, TOO_MANY)
    return True


cdef bint read_header(Walk* c_walk, bint big, bint explicit, Header* c_header) noexcept nogil:
    """Read the header at hand, 2.4 to 2.7; the tag is known to be there."""
    cdef const uint8_t* c_at = c_walk.c_data + c_walk.at
    if not count(c_walk):
        return False
    if left(c_walk) < 8:
        return damaged(c_walk, CUT)
    c_header.tag = read_tag(c_at, big)
    c_header.vr = NO_VR
    c_header.size = 8
    if not explicit:
        c_header.length = read32(c_at + 4, big)
        return True
    if not (c'A' <= c_at[4] <= c'Z' and c'A' <= c_at[5] <= c'Z'):
        return damaged(c_walk, BAD_VR)
    c_header.vr = read16(c_at + 4, True)
    if has_short_length(c_header.vr):
        c_header.length = read16(c_at + 6, big)
        return True
    if left(c_walk) < 12:
        return damaged(c_walk, CUT)
    c_header.size = 12
    c_header.length = read32(c_at + 8, big)
    if c_header.length == UNDEFINED and not may_be_series(c_header.vr):
        return damaged(c_walk, BAD_UNDEFINED)
    return True


cdef bint walk_series(
    Walk* c_walk, uint32_t depth, bint big, bint explicit, uint32_t* c_items
) noexcept nogil:
    """Pass the items of an undefined length (3); recursion ends at the depth limit."""
    cdef uint32_t tag, length
    c_items[0] = 0
    if depth > c_depth_limit:
        return damaged(c_walk, TOO_DEEP)
    while True:
        if left(c_walk) < 8:
            return damaged(c_walk, CUT)
        tag = read_tag(c_walk.c_data + c_walk.at, big)
        length = read32(c_walk.c_data + c_walk.at + 4, big)
        if tag == (<uint32_t>DELIMITER_GROUP << 16 | SERIES_END_ELEMENT):
            c_walk.at += 8
            return True
        if tag != (<uint32_t>DELIMITER_GROUP << 16 | ITEM_ELEMENT):
            return damaged(c_walk, BAD_DELIMITER)
        if not count(c_walk):
            return False
        c_items[0] += 1
        c_walk.at += 8
        if length != UNDEFINED:
            if not jump(c_walk, length):
                return False
        elif not walk_item(c_walk, depth, big, explicit):
            return False


cdef bint walk_item(Walk* c_walk, uint32_t depth, bint big, bint explicit) noexcept nogil:
    """Pass the elements of an item of undefined length (3.4)."""
    cdef uint32_t tag
    cdef Header header
    while True:
        if left(c_walk) < 4:
            return damaged(c_walk, CUT)
        tag = read_tag(c_walk.c_data + c_walk.at, big)
        if tag == (<uint32_t>DELIMITER_GROUP << 16 | ITEM_END_ELEMENT):
            return jump(c_walk, 8)
        if tag >> 16 == DELIMITER_GROUP:
            return damaged(c_walk, BAD_DELIMITER)
        if not read_header(c_walk, big, explicit, &header):
            return False
        if not pass_value(c_walk, &header, depth, big, explicit, NULL):
            return False


cdef bint pass_value(
    Walk* c_walk, const Header* c_header, uint32_t depth, bint big, bint explicit, Slot* c_slot
) noexcept nogil:
    """Pass a header and its value, and note in the slot, if any, where the value was."""
    cdef uint32_t items = 0
    c_walk.at += c_header.size
    if c_header.length == UNDEFINED:
        if c_header.vr == UN:  # 3.5
            big = explicit = False
        if not walk_series(c_walk, depth + 1, big, explicit, &items):
            return False
        if c_slot != NULL:
            c_slot.series = True
            c_slot.items = items
    else:
        if c_slot != NULL:
            c_slot.series = False
            c_slot.offset = c_walk.at
            c_slot.length = c_header.length
        if not jump(c_walk, c_header.length):
            return False
    if c_slot != NULL:
        c_slot.seen = True
        c_slot.vr = c_header.vr
        c_slot.big = big and c_header.vr != UN
    return True


cdef inline bint is_limited(const Header* c_header, const Slot* c_slot) noexcept nogil:
    """Whether the value will be read (5), and so has a limit."""
    if c_header.length == UNDEFINED:
        return False
    if c_header.vr == NO_VR or c_header.vr == UN:
        return c_slot.read_by_default
    return class_of(c_header.vr) not in (BULK_CLASS, SEQUENCE_CLASS)


cdef Ending walk_top(
    Walk* c_walk, bint big, bint explicit, Slot* c_slots, uint32_t slots
) noexcept nogil:
    """Walk the top level (2); the slots are in ascending order of their tags."""
    cdef:
        uint32_t index, next_slot = 0, last
        uint32_t passed = 0
        bint has_passed = False, is_seen
        Header header
        Slot* c_slot
    c_walk.ending = STOPPED
    c_walk.has_tag = False
    for index in range(slots):
        c_slots[index].seen = False
    if slots == 0:
        return STOPPED
    last = c_slots[slots - 1].tag
    while not has_passed or passed < last:  # 2.11
        c_walk.has_tag = False
        if left(c_walk) == 0:
            c_walk.ending = CLEAN
            break
        if left(c_walk) < 4:
            c_walk.ending = CUT
            break
        c_walk.tag = read_tag(c_walk.c_data + c_walk.at, big)
        c_walk.has_tag = True
        if c_walk.tag > last:  # 2.3
            c_walk.at += 4
            break
        if not read_header(c_walk, big, explicit, &header):
            break
        is_seen = not has_passed or header.tag > passed
        c_slot = NULL
        if is_seen:
            while c_slots[next_slot].tag < header.tag:
                next_slot += 1
            if c_slots[next_slot].tag == header.tag:
                c_slot = &c_slots[next_slot]
        if c_slot != NULL and is_limited(&header, c_slot) and header.length > c_value_limit:
            c_walk.ending = BIG_VALUE
            break
        if not pass_value(c_walk, &header, 0, big, explicit, c_slot):
            break
        if is_seen:
            passed = header.tag
            has_passed = True
    return c_walk.ending
