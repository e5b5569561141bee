"""The header scan: which tested elements a data set has, and where.

Rules of this file: `Walk.at` never passes `Walk.limit`; every read proves first that its bytes are
there; a length is only ever compared with what is left. The functions return whether the walk may
go on; when not, `Walk.ending` says why. What is found of items lies in an arena that only grows
while an object is walked, so pointers into it stay good. Sections of docs/reading.md are cited.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from roteiro.core.tags cimport (
    DELIMITER_GROUP, ITEM_ELEMENT, ITEM_END_ELEMENT, NO_VR, SERIES_END_ELEMENT, SQ, UN,
    BULK_CLASS, SEQUENCE_CLASS, class_of, has_short_length, may_be_series, read16, read32, read_tag,
)

from roteiro.core.program import DEPTH_LIMIT, ELEMENT_LIMIT, VALUE_LIMIT

cdef enum:
    NO_TAG = 0xFFFFFFFF
    CHUNK = 65536
    FIRST_BLOCK = 0x10

cdef size_t NO_BOUND = <size_t>-1
cdef uint32_t c_depth_limit = DEPTH_LIMIT
cdef uint32_t c_element_limit = ELEMENT_LIMIT
cdef uint32_t c_value_limit = VALUE_LIMIT

# Which form of header a VR has, by its two letters.
cdef enum VrForm:
    NO_FORM
    SHORT_FORM
    LONG_FORM

cdef uint8_t[65536] c_forms
for first in range(65, 91):
    for second in range(65, 91):
        c_forms[first << 8 | second] = (
            SHORT_FORM if has_short_length(<uint16_t>(first << 8 | second)) else LONG_FORM)

cdef struct Header:
    uint32_t tag
    uint32_t length
    uint32_t size
    uint16_t vr

# What data set is walked.
cdef enum Mode:
    TOP
    DEFINED
    OPEN

# How the walk of a data set came to its end.
cdef enum Reached:
    DAMAGED
    AT_STOP
    AT_END


# --- memory ---------------------------------------------------------------------------------------

cdef void* take(Arena* c_arena, size_t size) noexcept nogil:
    """Give memory for something found; NULL when there is none."""
    cdef Chunk* c_next
    size = (size + 15) & ~<size_t>15
    while c_arena.c_at == NULL or c_arena.c_at.size - c_arena.used < size:
        c_next = c_arena.c_first if c_arena.c_at == NULL else c_arena.c_at.c_next
        if c_next == NULL:
            c_next = <Chunk*>malloc(32 + max(size, <size_t>CHUNK))
            if c_next == NULL:
                return NULL
            c_next.c_next = NULL
            c_next.size = max(size, <size_t>CHUNK)
            if c_arena.c_at == NULL:
                c_arena.c_first = c_next
            else:
                c_arena.c_at.c_next = c_next
        c_arena.c_at = c_next
        c_arena.used = 0
    c_arena.used += size
    return <uint8_t*>c_arena.c_at + 32 + c_arena.used - size


cdef void release(Arena* c_arena, uint32_t kept) noexcept nogil:
    """Give memory back, but for so many chunks; what was found is no longer there."""
    cdef Chunk** c_link = &c_arena.c_first
    cdef Chunk* c_chunk
    cdef Chunk* c_next
    while kept and c_link[0] != NULL:
        c_link = &c_link[0].c_next
        kept -= 1
    c_chunk = c_link[0]
    c_link[0] = NULL
    while c_chunk != NULL:
        c_next = c_chunk.c_next
        free(c_chunk)
        c_chunk = c_next
    c_arena.c_at = NULL


cdef Item* new_item(Walk* c_walk, uint32_t level, uint32_t tag, const Item* c_outer) noexcept nogil:
    cdef:
        const Level* c_level = &c_walk.c_levels[level]
        size_t size = sizeof(Slot) * c_level.slots
        uint8_t* c_memory = <uint8_t*>take(c_walk.c_arena, sizeof(Item) + size)
        Item* c_item = <Item*>c_memory
    if c_memory == NULL:
        c_walk.ending = NO_MEMORY
        return NULL
    c_item.c_slots = <Slot*>(c_memory + sizeof(Item))
    c_item.c_outer = c_outer
    c_item.c_next = NULL
    c_item.level = level
    c_item.tag = tag
    memcpy(c_item.c_slots, c_level.c_slots, size)
    return c_item


# --- what is left ---------------------------------------------------------------------------------

cdef inline bint damaged(Walk* c_walk, Ending ending) noexcept nogil:
    c_walk.ending = ending
    return False


cdef inline bint need(Walk* c_walk, size_t length) noexcept nogil:
    """Prove that so many bytes are there; the bound is asked before the data (10.4)."""
    if length <= c_walk.limit - c_walk.at:
        return True
    return damaged(c_walk, PAST if length > c_walk.bound - c_walk.at else CUT)


cdef inline bint jump(Walk* c_walk, size_t length) noexcept nogil:
    if not need(c_walk, length):
        return False
    c_walk.at += length
    return True


cdef inline void set_bound(Walk* c_walk, size_t bound) noexcept nogil:
    c_walk.bound = bound
    c_walk.limit = min(bound, c_walk.size)


cdef inline bint keeps_bound(Walk* c_walk, size_t length) noexcept nogil:
    if length > c_walk.bound - c_walk.at:
        return damaged(c_walk, PAST)
    return True


cdef inline bint count(Walk* c_walk) noexcept nogil:
    c_walk.counted += 1
    if c_walk.counted > c_element_limit:
        return damaged(c_walk, TOO_MANY)
    return True


# --- passing --------------------------------------------------------------------------------------

cdef bint read_header(Walk* c_walk, bint big, bint explicit, Header* c_header) noexcept nogil:
    """Read the header at hand, 2.4 to 2.7; the tag is known to be there."""
    cdef const uint8_t* c_at = c_walk.c_data + c_walk.at
    if not count(c_walk) or not need(c_walk, 8):
        return False
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
    if not need(c_walk, 12):
        return False
    c_header.size = 12
    c_header.length = read32(c_at + 8, big)
    if c_header.length == UNDEFINED and not may_be_series(c_header.vr):
        return damaged(c_walk, BAD_UNDEFINED)
    return True


cdef bint read_item_header(
    Walk* c_walk, bint big, bint* c_is_item, uint32_t* c_length
) noexcept nogil:
    """Pass the header of an item, or the end of the series (3.2)."""
    cdef uint32_t tag
    if not need(c_walk, 8):
        return False
    tag = read_tag(c_walk.c_data + c_walk.at, big)
    c_length[0] = read32(c_walk.c_data + c_walk.at + 4, big)
    c_is_item[0] = tag == (<uint32_t>DELIMITER_GROUP << 16 | ITEM_ELEMENT)
    if c_is_item[0]:
        if not count(c_walk):
            return False
    elif tag != (<uint32_t>DELIMITER_GROUP << 16 | SERIES_END_ELEMENT):
        return damaged(c_walk, BAD_DELIMITER)
    c_walk.at += 8
    return True


cdef bint walk_series(
    Walk* c_walk, uint32_t depth, bint big, bint explicit, uint32_t* c_items
) noexcept nogil:
    """Pass the items of an undefined length (3); recursion ends at the depth limit."""
    cdef uint32_t length = 0
    cdef bint is_item = False
    c_items[0] = 0
    if depth > c_depth_limit:
        return damaged(c_walk, TOO_DEEP)
    while True:
        if not read_item_header(c_walk, big, &is_item, &length):
            return False
        if not is_item:
            return True
        c_items[0] += 1
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
        if not need(c_walk, 4):
            return False
        tag = read_tag(c_walk.c_data + c_walk.at, big)
        if tag == (<uint32_t>DELIMITER_GROUP << 16 | ITEM_END_ELEMENT):
            return jump(c_walk, 8)
        if tag >> 16 == DELIMITER_GROUP:
            return damaged(c_walk, BAD_DELIMITER)
        if not read_header(c_walk, big, explicit, &header):
            return False
        c_walk.at += header.size
        if not pass_value(c_walk, &header, depth, big, explicit, NULL):
            return False


cdef bint pass_value(
    Walk* c_walk, const Header* c_header, uint32_t depth, bint big, bint explicit, Slot* c_slot
) noexcept nogil:
    """Pass the value behind a header, and note in the slot, if any, where it was."""
    cdef uint32_t items = 0
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
        c_slot.c_first = NULL
        c_slot.vr = c_header.vr
        c_slot.big = big and c_header.vr != UN
    return True


# --- opened sequences -----------------------------------------------------------------------------

cdef inline bint is_asked(const Header* c_header, const Slot* c_slot) noexcept nogil:
    """Whether somebody asks for the items of what would be a sequence (10.1)."""
    return c_slot.level != 0 and (
        c_header.vr == SQ or c_header.vr == NO_VR or c_header.vr == UN)


cdef bint has_items(
    Walk* c_walk, const Header* c_header, bint big, bint* c_has_items
) noexcept nogil:
    """Find whether a value is a series of items, behind its header (10.1)."""
    c_has_items[0] = c_header.length == UNDEFINED
    if c_header.length == UNDEFINED or c_header.length < 8:
        return True
    if not keeps_bound(c_walk, c_header.length) or not need(c_walk, 4):
        return False
    c_has_items[0] = read_tag(c_walk.c_data + c_walk.at, big and c_header.vr != UN) == (
        <uint32_t>DELIMITER_GROUP << 16 | ITEM_ELEMENT)
    return True


cdef bint walk_opened(
    Walk* c_walk, const Header* c_header, uint32_t depth, bint big, bint explicit,
    const Item* c_outer, Slot* c_slot
) noexcept nogil:
    """Read the items of an opened sequence into the arena (10)."""
    cdef:
        size_t bound = c_walk.bound
        bint is_defined = c_header.length != UNDEFINED, is_item = False
        uint32_t length = 0
        Item* c_item
        Item** c_link = &c_slot.c_first
    if c_header.vr == UN:  # 10.2
        big = explicit = False
    if is_defined:
        set_bound(c_walk, c_walk.at + c_header.length)
    if depth > c_depth_limit:
        return damaged(c_walk, TOO_DEEP)
    c_link[0] = NULL
    c_slot.items = 0
    while not is_defined or c_walk.at != c_walk.bound:  # 10.3
        if not read_item_header(c_walk, big, &is_item, &length):
            return False
        if not is_item:
            if is_defined and not jump(c_walk, c_walk.bound - c_walk.at):
                return False
            break
        c_item = new_item(c_walk, c_slot.level, c_header.tag, c_outer)
        if c_item == NULL:
            return False
        c_link[0] = c_item
        c_link = &c_item.c_next
        c_slot.items += 1
        if not walk_opened_item(c_walk, c_item, length, depth, big, explicit):
            return False
    set_bound(c_walk, bound)
    c_slot.seen = True
    c_slot.series = True
    c_slot.vr = c_header.vr
    c_slot.big = big
    return True


cdef bint walk_opened_item(
    Walk* c_walk, Item* c_item, uint32_t length, uint32_t depth, bint big, bint explicit
) noexcept nogil:
    """Read one item, then pass what is left of it (10.5)."""
    cdef size_t bound = c_walk.bound
    cdef Reached reached
    if length == UNDEFINED:
        reached = walk_elements(c_walk, c_item, depth, big, explicit, OPEN)
        if reached == AT_STOP:
            return walk_item(c_walk, depth, big, explicit)
        return reached == AT_END
    if not keeps_bound(c_walk, length):
        return False
    set_bound(c_walk, c_walk.at + length)
    if walk_elements(c_walk, c_item, depth, big, explicit, DEFINED) == DAMAGED:
        return False
    if not jump(c_walk, c_walk.bound - c_walk.at):
        return False
    set_bound(c_walk, bound)
    return True


# --- private blocks -------------------------------------------------------------------------------

cdef bint is_creator(const Level* c_level, const Slot* c_slots, uint32_t tag) noexcept nogil:
    """Whether a tag reserves a block of a group with tested private tags (11.1)."""
    cdef uint32_t place
    if not FIRST_BLOCK <= (tag & 0xFFFF) < BLOCKS:
        return False
    for place in range(c_level.plain, c_level.slots):
        if c_slots[place].tag >> 16 == tag >> 16:
            return True
    return False


cdef Slot* private_slot(
    const Level* c_level, Slot* c_slots, const Blocks* c_blocks, uint32_t tag
) noexcept nogil:
    """Give the slot of a private element, if it is the first of its creator (11.3)."""
    cdef uint32_t place, block = (tag >> 8) & 0xFF, creator
    if tag >> 16 != c_blocks.group or c_blocks.creator[block] == 0:
        return NULL
    creator = c_blocks.creator[block]
    for place in range(c_level.plain, c_level.slots):
        if (
            c_slots[place].tag == (tag & 0xFFFF00FFU) and c_slots[place].creator == creator
            and not c_slots[place].seen
        ):
            return &c_slots[place]
    return NULL


cdef void note_creator(
    Walk* c_walk, const Item* c_item, Blocks* c_blocks, const Header* c_header, bint big
) noexcept nogil:
    """Note whose block it is; the value was passed just now (11.2)."""
    cdef Slot slot
    if c_blocks.group != c_header.tag >> 16:
        memset(c_blocks, 0, sizeof(Blocks))
        c_blocks.group = c_header.tag >> 16
    if c_header.length == UNDEFINED or c_header.length == 0:
        return
    memset(&slot, 0, sizeof(Slot))
    slot.offset = c_walk.at - c_header.length
    slot.length = c_header.length
    slot.vr = c_header.vr
    c_blocks.creator[c_header.tag & 0xFF] = c_walk.c_creator(
        c_walk.c_owner, c_walk.c_data, c_item, c_header.tag, &slot)


# --- data sets ------------------------------------------------------------------------------------

cdef inline bint is_limited(const Header* c_header, bint read_by_default) noexcept nogil:
    """Whether the value will be read (5), and so has a limit."""
    if c_header.length == UNDEFINED:
        return False
    if c_header.vr == NO_VR or c_header.vr == UN:
        return read_by_default
    return class_of(c_header.vr) not in (BULK_CLASS, SEQUENCE_CLASS)


cdef bint read_value(
    Walk* c_walk, const Header* c_header, uint32_t depth, bint big, bint explicit,
    const Item* c_item, Slot* c_slot
) noexcept nogil:
    """Pass the value of a tested element: opened, limited, or as any other."""
    cdef bint is_series = False
    if is_asked(c_header, c_slot):
        if not has_items(c_walk, c_header, big, &is_series):
            return False
        if is_series:
            return walk_opened(c_walk, c_header, depth + 1, big, explicit, c_item, c_slot)
    if c_header.length > c_value_limit and is_limited(c_header, c_slot.read_by_default):
        return damaged(c_walk, BIG_VALUE)
    return pass_value(c_walk, c_header, depth, big, explicit, c_slot)


cdef bint read_private(
    Walk* c_walk, const Header* c_header, uint32_t depth, bint big, bint explicit,
    const Item* c_item, Slot* c_slot, Blocks* c_blocks
) noexcept nogil:
    """Pass the value of an element of a private group; `c_slot` when its tag itself is tested."""
    cdef:
        const Level* c_level = &c_walk.c_levels[c_item.level]
        Slot* c_private = private_slot(c_level, c_item.c_slots, c_blocks, c_header.tag)
        bint reserves = is_creator(c_level, c_item.c_slots, c_header.tag)
    if c_private != NULL:
        c_slot = c_private
        c_slot.block = (c_header.tag >> 8) & 0xFF
    if reserves and c_header.length > c_value_limit and is_limited(c_header, True):
        return damaged(c_walk, BIG_VALUE)
    if c_slot != NULL:
        if not read_value(c_walk, c_header, depth, big, explicit, c_item, c_slot):
            return False
    elif not pass_value(c_walk, c_header, depth, big, explicit, NULL):
        return False
    if reserves:
        note_creator(c_walk, c_item, c_blocks, c_header, big)
    return True


cdef inline void begin_way(Way* c_way, const Level* c_level, Slot* c_slots) noexcept nogil:
    c_way.c_slots = c_slots
    c_way.next = 0
    c_way.plain = c_level.plain
    c_way.last = c_level.last
    c_way.private_begin = c_level.private_begin
    c_way.private_span = c_level.private_span
    c_way.passed = 0
    c_way.has_passed = False


cdef inline Slot* plain_slot(Way* c_way, uint32_t tag) noexcept nogil:
    """Give the slot of a tag greater than all before; NULL when it is not tested itself."""
    while c_way.next < c_way.plain and c_way.c_slots[c_way.next].tag < tag:
        c_way.next += 1
    if c_way.next < c_way.plain and c_way.c_slots[c_way.next].tag == tag:
        return &c_way.c_slots[c_way.next]
    return NULL


cdef inline bint is_private(const Way* c_way, uint32_t tag) noexcept nogil:
    """Whether a tag lies where private ones are tested."""
    return tag - c_way.private_begin <= c_way.private_span


cdef inline uint32_t care_of(Way* c_way, uint32_t passed) noexcept nogil:
    """Give the least tag after one that was passed which is not just passed."""
    cdef uint32_t care = c_way.last
    if c_way.next < c_way.plain and c_way.c_slots[c_way.next].tag <= passed:
        c_way.next += 1
    if c_way.next < c_way.plain:
        care = min(care, c_way.c_slots[c_way.next].tag)
    if passed < c_way.private_begin:
        return min(care, c_way.private_begin)
    return passed + 1 if passed - c_way.private_begin < c_way.private_span else care


cdef inline void skip_plain(Walk* c_walk, Way* c_way, bint big, bint explicit) noexcept nogil:
    """Pass what needs no care at once, and note the tested elements among it.

    Whatever is not plainly good (too near to an end, out of order, of undefined length, long, private
    where that matters, with items that somebody asks for) is left to the long way, which begins again
    at its header. Tags ascend, so one comparison tells of most elements that they are not tested.
    """
    cdef:
        size_t at = c_walk.at, limit = c_walk.limit, size
        uint32_t left = c_element_limit - c_walk.counted, tag, length, passed = c_way.passed
        uint32_t care = care_of(c_way, passed) if c_way.has_passed else 0
        uint16_t vr = NO_VR
        VrForm form = LONG_FORM
        const uint8_t* c_at
        Slot* c_slot
    while left and limit - at >= 12:  # a header of either form
        c_at = c_walk.c_data + at
        tag = read_tag(c_at, big)
        if tag <= passed:
            break
        if explicit:
            vr = read16(c_at + 4, True)
            form = <VrForm>c_forms[vr]
            if form == NO_FORM:
                break
        size = 12 if explicit and form == LONG_FORM else 8
        length = read16(c_at + 6, big) if form == SHORT_FORM else read32(c_at + size - 4, big)
        if length > limit - at - size or length == UNDEFINED:
            break
        if tag >= care:
            c_slot = plain_slot(c_way, tag)
            if tag > c_way.last or is_private(c_way, tag):
                break
            if c_slot != NULL:
                if c_slot.level != 0 or length > c_value_limit:
                    break
                c_slot.seen = True
                c_slot.series = False
                c_slot.offset = at + size
                c_slot.length = length
                c_slot.vr = vr
                c_slot.big = big and vr != UN
            care = care_of(c_way, tag)
        at += size + length
        left -= 1
        passed = tag
    if at != c_walk.at:
        c_way.passed = passed
        c_way.has_passed = True
    c_walk.at = at
    c_walk.counted = c_element_limit - left


cdef void set_mark(
    Walk* c_walk, const Way* c_way, const Blocks* c_blocks, bint has_private
) noexcept nogil:
    """Note that the walk may go on here."""
    cdef Mark* c_mark = c_walk.c_mark
    c_mark.has_begun = True
    c_mark.at = c_walk.at
    c_mark.counted = c_walk.counted
    c_mark.way = c_way[0]
    if has_private:
        c_mark.blocks = c_blocks[0]
    c_mark.c_arena_at = c_walk.c_arena.c_at
    c_mark.arena_used = c_walk.c_arena.used
    c_mark.has_header = False


cdef void mark_header(Walk* c_walk, const Header* c_header, bint is_wanted) noexcept nogil:
    """Note the header behind the mark, which was passed."""
    cdef Mark* c_mark = c_walk.c_mark
    c_mark.has_header = True
    c_mark.is_wanted = is_wanted
    c_mark.tag = c_header.tag
    c_mark.value = c_walk.at
    c_mark.length = c_header.length


cdef void pass_marked(Mark* c_mark) noexcept nogil:
    """Pass the element at the mark, which nobody asks for; its bytes will not come."""
    c_mark.counted += 1
    if not c_mark.way.has_passed or c_mark.tag > c_mark.way.passed:
        c_mark.way.has_passed = True
        c_mark.way.passed = c_mark.tag
    c_mark.has_header = False


cdef Reached walk_elements(
    Walk* c_walk, Item* c_item, uint32_t depth, bint big, bint explicit, Mode mode
) noexcept nogil:
    """Read a data set against its level (2, 10.5)."""
    cdef:
        const Level* c_level = &c_walk.c_levels[c_item.level]
        uint32_t tag
        bint is_seen, is_good, has_private = c_level.plain != c_level.slots
        Header header
        Slot* c_slot
        Way way
        Blocks blocks
    if c_level.slots == 0:
        return AT_STOP
    begin_way(&way, c_level, c_item.c_slots)
    if has_private:
        memset(&blocks, 0, sizeof(Blocks))
    if mode == TOP and c_walk.c_mark != NULL and c_walk.c_mark.has_begun:
        way = c_walk.c_mark.way
        blocks = c_walk.c_mark.blocks
    while not way.has_passed or way.passed < way.last:  # 2.11
        if not explicit:
            skip_plain(c_walk, &way, False, False)
        elif big:
            skip_plain(c_walk, &way, True, True)
        else:
            skip_plain(c_walk, &way, False, True)
        if way.has_passed and way.passed >= way.last:
            return at_stop(c_walk, mode, way.passed)
        if mode == TOP:
            if c_walk.c_mark != NULL:
                set_mark(c_walk, &way, &blocks, has_private)
            c_walk.has_tag = False
            if c_walk.at == c_walk.size:
                c_walk.ending = CLEAN
                return AT_END
        elif mode == DEFINED and c_walk.at == c_walk.bound:
            return AT_END
        if not need(c_walk, 4):
            return DAMAGED
        tag = read_tag(c_walk.c_data + c_walk.at, big)
        if mode == TOP:
            c_walk.tag = tag
            c_walk.has_tag = True
        elif mode == OPEN and tag >> 16 == DELIMITER_GROUP:
            if tag != (<uint32_t>DELIMITER_GROUP << 16 | ITEM_END_ELEMENT):
                damaged(c_walk, BAD_DELIMITER)
                return DAMAGED
            return AT_END if jump(c_walk, 8) else DAMAGED
        if tag > way.last:  # 2.3
            return AT_STOP
        if not read_header(c_walk, big, explicit, &header):
            return DAMAGED
        c_walk.at += header.size
        is_seen = not way.has_passed or tag > way.passed
        c_slot = plain_slot(&way, tag) if is_seen else NULL
        if mode == TOP and c_walk.c_mark != NULL:
            mark_header(c_walk, &header, c_slot != NULL or (has_private and tag & 0x10000))
        if is_seen and has_private and tag & 0x10000:
            is_good = read_private(
                c_walk, &header, depth, big, explicit, c_item, c_slot, &blocks)
        elif c_slot != NULL:
            is_good = read_value(c_walk, &header, depth, big, explicit, c_item, c_slot)
        else:
            is_good = pass_value(c_walk, &header, depth, big, explicit, NULL)
        if not is_good:
            return DAMAGED
        if is_seen:
            way.passed = tag
            way.has_passed = True
    return AT_STOP


cdef inline Reached at_stop(Walk* c_walk, Mode mode, uint32_t tag) noexcept nogil:
    """Note the tag of the element that was passed last."""
    if mode == TOP:
        c_walk.tag = tag
        c_walk.has_tag = True
    return AT_STOP


cdef Ending walk_top(Walk* c_walk, bint big, bint explicit, Item* c_top) noexcept nogil:
    """Walk the top level (2), from the mark on when there is one."""
    cdef:
        const Level* c_level = &c_walk.c_levels[0]
        uint32_t place
    set_bound(c_walk, NO_BOUND)
    c_walk.ending = STOPPED
    c_walk.has_tag = False
    if c_walk.c_mark != NULL and c_walk.c_mark.has_begun:
        c_walk.at = c_walk.c_mark.at
        c_walk.counted = c_walk.c_mark.counted
        c_walk.c_arena.c_at = c_walk.c_mark.c_arena_at
        c_walk.c_arena.used = c_walk.c_mark.arena_used
    else:
        c_walk.c_arena.c_at = NULL
        c_walk.c_arena.used = 0
        for place in range(c_level.slots):
            c_top.c_slots[place].seen = False
    if walk_elements(c_walk, c_top, 0, big, explicit, TOP) == AT_STOP and c_walk.has_tag:
        if c_walk.tag > c_level.last:  # 2.3: the tag was looked at
            c_walk.at += 4
    return c_walk.ending
