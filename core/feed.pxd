# One object as its bytes come.

from libc.stdint cimport uint32_t

from roteiro.core.matcher cimport CompiledMatcher, Members, Scratch
from roteiro.core.scan cimport Mark

cdef class Feed:
    cdef CompiledMatcher matcher
    cdef Members members
    cdef Scratch scratch
    cdef Mark mark
    cdef int code
    cdef object inflater        # of a deflated data set
    cdef bytearray held         # bytes from where somebody may still read, or that are not passed
    cdef size_t dropped         # bytes that were let go
    cdef size_t skipping        # so many more are of a value that nobody reads
    cdef size_t wanted          # held bytes before which looking again tells nothing new
    cdef size_t cut_at          # where the value that is skipped began
    cdef size_t looked
    cdef bint is_read           # all that anybody asks for is held
    cdef bint is_ended
    cdef object outcome

    cdef void _take(self, object piece) except *
    cdef void _look(self, object end, bint complete) except *
    cdef uint32_t _found(self) noexcept
    cdef void _let_go(self, size_t begin) except *
    cdef void _cut(self, object damage) except *
    cdef void _plan(self) except *
    cdef void _close(self) except *
