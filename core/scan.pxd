# Walks an encoded data set up to the last tested tag. Sections of docs/reading.md are cited.

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t

# How a walk ended. STOPPED and CLEAN are good ends; the others are `program.Damage`, in its order,
# and that there was no memory for what was found.
cdef enum Ending:
    STOPPED = 0
    CLEAN = 1
    CUT = 2
    BAD_VR = 3
    BAD_UNDEFINED = 4
    BAD_DELIMITER = 5
    BIG_VALUE = 6
    TOO_DEEP = 7
    TOO_MANY = 8
    PAST = 9
    NO_MEMORY = 10

# One tested tag of a level, and what was found of it.
cdef struct Slot:
    size_t offset
    Item* c_first         # of an opened sequence
    uint32_t tag          # of a private one: group and low byte
    uint32_t level        # of its items when somebody asks for them, else 0
    uint32_t creator      # of a private one, else 0
    uint32_t items        # of a series
    uint32_t length
    uint16_t vr           # as sent
    uint8_t block         # of a private one that was found
    bint read_by_default  # where no VR is sent the value is read, and so limited
    bint seen
    bint series           # a series of items
    bint big              # byte order of the value

# A data set that was read against a level: the object, or an item of an opened sequence.
cdef struct Item:
    Slot* c_slots
    const Item* c_outer
    Item* c_next
    uint32_t level
    uint32_t tag          # of its sequence

# What is tested of a data set: slots with a tag of their own, ascending, then private ones.
cdef struct Level:
    const Slot* c_slots   # as every data set of this level begins
    uint32_t plain
    uint32_t slots
    uint32_t last
    uint32_t private_begin        # tags of the tested private groups, and what lies between
    uint32_t private_span
    int32_t character_set         # its slot, or -1
    int32_t pixel_representation

# Memory that is given back all at once.
cdef struct Chunk:
    Chunk* c_next
    size_t size

cdef struct Arena:
    Chunk* c_first
    Chunk* c_at
    size_t used

cdef enum:
    UNDEFINED = 0xFFFFFFFF
    BLOCKS = 256

# Which creator has which block of the private group at hand.
cdef struct Blocks:
    uint32_t group
    uint32_t[BLOCKS] creator

# How far the walk of a data set has come among the tested tags.
cdef struct Way:
    Slot* c_slots
    uint32_t next                 # slot
    uint32_t plain
    uint32_t last
    uint32_t private_begin
    uint32_t private_span
    uint32_t passed               # the greatest tag
    bint has_passed

# Where the walk of a top level may go on when more bytes have come: before the first element that is
# not passed yet, with what was known there.
cdef struct Mark:
    bint has_begun
    size_t at
    uint32_t counted
    Way way
    Blocks blocks
    Chunk* c_arena_at
    size_t arena_used
    # of the element there, when its header could be read
    bint has_header
    bint is_wanted        # somebody may ask for it
    uint32_t tag
    size_t value
    uint32_t length       # UNDEFINED for one of undefined length

cdef struct Walk:
    const uint8_t* c_data
    size_t size
    size_t at             # never beyond limit
    size_t bound          # 10.4
    size_t limit          # the lesser of size and bound
    uint32_t counted
    Ending ending
    uint32_t tag          # of the top-level element at hand
    bint has_tag
    const Level* c_levels
    Arena* c_arena
    Mark* c_mark          # NULL when all bytes are there
    void* c_owner         # for who knows the creators of private blocks
    uint32_t (*c_creator)(
        void* c_owner, const uint8_t* c_data, const Item* c_item, uint32_t tag,
        const Slot* c_slot) noexcept nogil

cdef void pass_marked(Mark* c_mark) noexcept nogil
cdef Ending walk_top(Walk* c_walk, bint big, bint explicit, Item* c_top) noexcept nogil
cdef void release(Arena* c_arena, uint32_t kept) noexcept nogil
