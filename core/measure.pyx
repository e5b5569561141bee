"""How long decisions take, without Python between two of them: for `roteiro bench`.

The monotonic clock is read before and after each decision. What is known of an association is
prepared before, as it is once an association. Decisions that are kept are not used: each goes from
the bytes to the rules that fire.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t

from roteiro.core.matcher cimport FAILED, CompiledMatcher, Members, Scratch, Status

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


def decide_each(CompiledMatcher matcher, list subjects, int64_t[::1] taken, int64_t[::1] asked):
    """Decide each (data, encoding, envelope), and write down the nanoseconds that each took, and
    whether Python was asked for a value.

    A deflated one is inflated too, as it is whenever one comes. Raises what deciding raises.
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
        list known = [matcher.members_of(envelope) for _, _, envelope in subjects]
    scratch.may_ask = True
    for place in range(min(len(subjects), taken.shape[0], asked.shape[0])):
        data, code, envelope = subjects[place]
        if code == DEFLATED:
            slow = matcher.slow
            begin = now()
            matcher.decide(data, Encoding.DEFLATED, envelope)
            taken[place] = now() - begin
            asked[place] = matcher.slow != slow
            continue
        members = known[place]
        c_data = <const uint8_t*>PyBytes_AS_STRING(data)
        size = PyBytes_GET_SIZE(data)
        scratch.has_asked = False
        begin = now()
        status = matcher.decide_raw(scratch, c_data, size, code, members, True)
        taken[place] = now() - begin
        asked[place] = scratch.has_asked
        if status == FAILED:
            raise scratch.failure or MemoryError()


def bytes_of(CompiledMatcher matcher):
    """Give the bytes of the compiled program of a matcher, all of what `roteiro compile` writes."""
    return len(matcher._artefact.data)
