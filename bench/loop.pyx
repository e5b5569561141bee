"""The loops of the bench: no Python between two objects but what an engine itself does.

Each loop takes the encoded data sets one after the other and writes down how many nanoseconds each
took by the monotonic clock. What the clock itself costs is measured by `clock_each`. Decisions have
their loop in `roteiro.core.measure`; here they are only counted.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, memset

from roteiro.core.matcher cimport CompiledMatcher, Members, Scratch, Status
from roteiro.core.scan cimport Item, Slot, Walk, walk_top

cdef extern from "<time.h>" nogil:
    enum: CLOCK_MONOTONIC
    struct timespec:
        int64_t tv_sec
        int64_t tv_nsec
    int clock_gettime(int clock, timespec* c_now)


cdef inline int64_t now() noexcept nogil:
    cdef timespec found
    clock_gettime(CLOCK_MONOTONIC, &found)
    return found.tv_sec * 1_000_000_000 + found.tv_nsec


def clock_each(int64_t[::1] taken):
    """Time nothing."""
    cdef Py_ssize_t place
    cdef int64_t begin
    for place in range(taken.shape[0]):
        begin = now()
        taken[place] = now() - begin


cdef Status counted_decide(
    CompiledMatcher matcher, Scratch scratch, bytes one, int code, Members members
):
    """Decide one object where whoever counts instructions looks."""
    return matcher.decide_raw(
        scratch, <const uint8_t*>PyBytes_AS_STRING(one), PyBytes_GET_SIZE(one), code, members, True)


# Called by its address, or the compiler would dissolve it.
cdef Status (*c_counted)(CompiledMatcher, Scratch, bytes, int, Members)
c_counted = counted_decide


def count_each(CompiledMatcher matcher, list data, list envelopes, int code):
    """Decide each object once, in `counted_decide`."""
    cdef Scratch scratch = Scratch(matcher)
    cdef list known = [matcher.members_of(envelope) for envelope in envelopes]
    scratch.may_ask = True
    for place in range(len(data)):
        c_counted(matcher, scratch, data[place], code, known[place])


# --- reading alone --------------------------------------------------------------------------------

cdef uint32_t no_creator(
    void* c_owner, const uint8_t* c_data, const Item* c_item, uint32_t tag, const Slot* c_slot
) noexcept nogil:
    return 0


def extract_each(
    CompiledMatcher matcher, list data, bint explicit, int64_t[::1] taken, int64_t[::1] passed
):
    """Find the tested elements of each object; note how many elements were passed, too."""
    cdef:
        Py_ssize_t place
        int64_t begin
        bytes one
        Walk walk
        Scratch scratch = Scratch(matcher)
    memset(&walk, 0, sizeof(walk))
    walk.c_levels = matcher.c_levels
    walk.c_arena = &scratch.arena
    walk.c_creator = no_creator
    for place in range(taken.shape[0]):
        one = data[place]
        begin = now()
        walk.c_data = <const uint8_t*>PyBytes_AS_STRING(one)
        walk.size = PyBytes_GET_SIZE(one)
        walk.at = 0
        walk.counted = 0
        walk_top(&walk, False, explicit, &scratch.top)
        taken[place] = now() - begin
        passed[place] = walk.counted


cdef inline uint32_t little16(const uint8_t* c_at) noexcept nogil:
    cdef uint16_t found
    memcpy(&found, c_at, 2)
    return found


cdef inline uint32_t little32(const uint8_t* c_at) noexcept nogil:
    cdef uint32_t found
    memcpy(&found, c_at, 4)
    return found


# By the two bytes of a VR as they lie in memory: whether its length has 32 bits (PS3.5 7.1.2).
cdef uint8_t[65536] c_is_long
for vr in ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"):
    c_is_long[ord(vr[0]) | ord(vr[1]) << 8] = 1


cdef size_t hop(const uint8_t* c_data, size_t size, uint32_t last) noexcept nogil:
    """Hop from header to header up to a tag, the least that a reader can do; trusts all lengths."""
    cdef:
        size_t at = 0
        uint32_t tag, length
    while at + 12 <= size:
        tag = little16(c_data + at) << 16 | little16(c_data + at + 2)
        if tag >= last:
            break
        if c_is_long[little16(c_data + at + 4)]:
            length = little32(c_data + at + 8)
            at += 12 + length
        else:
            at += 8 + little16(c_data + at + 6)
    return at


def hop_each(list data, uint32_t last, int64_t[::1] taken, int64_t[::1] ends):
    """Hop over the elements of each object: explicit little endian, defined lengths."""
    cdef:
        Py_ssize_t place
        int64_t begin
        bytes one
    for place in range(taken.shape[0]):
        one = data[place]
        begin = now()
        ends[place] = hop(<const uint8_t*>PyBytes_AS_STRING(one), PyBytes_GET_SIZE(one), last)
        taken[place] = now() - begin
