# Days, instants and the changes of a zone, in C.

from libc.stdint cimport int32_t, int64_t, uint32_t

# The offsets of a zone from UTC, in seconds; the first change is before all times.
cdef struct Zone:
    uint32_t changes
    const int64_t* c_begins         # by change: second since 1970, UTC
    const int64_t* c_local_begins   # the same on the wall; a time shown twice is the first of both
    const int32_t* c_offsets

cdef int64_t day_number(int64_t year, int64_t month, int64_t day) noexcept nogil
cdef int64_t offset_at(const Zone* c_zone, int64_t second, bint is_local) noexcept nogil
cdef bint wall_at(const Zone* c_zone, int64_t at, int64_t* c_today, int64_t* c_week) noexcept nogil
cdef void lay_zone(Zone* c_zone, list memory, object zone) except *


cdef class Days:
    cdef list _memory
    cdef Zone zone
