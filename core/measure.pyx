"""How long decisions take, without Python between two of them: for `roteiro bench`.

The monotonic clock is read before and after each decision. What is known of an association is
prepared before, as it is once an association. Decisions that are kept are not used: each goes from
the bytes to the rules that fire.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t

from roteiro.core.matcher cimport FAILED, MORE, CompiledMatcher, Members, Scratch, Status

from roteiro.core.program import Encoding

cdef extern from "<time.h>" nogil:
    enum: CLOCK_MONOTONIC
    struct timespec:
        int64_t tv_sec
        int64_t tv_nsec
    int clock_gettime(int clock, timespec* c_now)

cdef int DEFLATED = Encoding.DEFLATED


cdef inline int64_t now() noexcept nogil:
    cdef timespec found
    clock_gettime(CLOCK_MONOTONIC, &found)
    return found.tv_sec * 1_000_000_000 + found.tv_nsec


def decide_each(CompiledMatcher matcher, list subjects, int64_t[::1] taken):
    """Decide each (data, encoding, envelope), and write down the nanoseconds that each took.

    A deflated one is inflated too, as it is whenever one comes. `MemoryError` when there is none.
    """
    cdef:
        Py_ssize_t place
        int64_t begin
        int code
        bytes data
        const uint8_t* c_data
        size_t size
        Members members
        Status status
        Scratch scratch = Scratch(matcher)
    scratch.may_ask = True
    for place in range(min(len(subjects), taken.shape[0])):
        data, code, envelope = subjects[place]
        members = matcher.members_of(envelope)
        if code == DEFLATED:
            begin = now()
            matcher.decide(data, Encoding.DEFLATED, envelope)
            taken[place] = now() - begin
            continue
        c_data = <const uint8_t*>PyBytes_AS_STRING(data)
        size = PyBytes_GET_SIZE(data)
        scratch.c_mark = NULL
        begin = now()
        status = matcher.decide_raw(scratch, c_data, size, code, members, True)
        taken[place] = now() - begin
        if status == FAILED or status == MORE:
            raise MemoryError(place)


def bytes_of(CompiledMatcher matcher):
    """Give the bytes of the flat arrays of a matcher."""
    return sum([len(part) for part in matcher._memory])
