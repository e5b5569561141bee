# Walks an encoded data set up to the last tested tag. Sections of docs/reading.md are cited.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

# How a walk ended. STOPPED and CLEAN are good ends; the others are `program.Damage`, in its order.
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

# One tested tag, and what was found of it.
cdef struct Slot:
    uint32_t tag
    bint read_by_default  # the dictionary's VR is of a value that is read, and so limited
    bint seen
    bint series           # a series of items of undefined length
    bint big              # byte order of the value
    uint16_t vr           # as sent
    uint32_t items        # of a series
    uint32_t length
    size_t offset

cdef struct Walk:
    const uint8_t* c_data
    size_t size
    size_t at             # never beyond size
    uint32_t counted
    Ending ending
    uint32_t tag          # of the top-level element at hand
    bint has_tag

cdef Ending walk_top(Walk* c_walk, bint big, bint explicit, Slot* c_slots, uint32_t slots) noexcept nogil
