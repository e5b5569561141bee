# The object that ties scan, values and bits together.

from libc.stdint cimport uint8_t, uint32_t

from roteiro.core.bitset cimport Bits, Clauses
from roteiro.core.scan cimport Slot, Walk
from roteiro.core.values cimport FieldPlan, Hits, State, Tables

# A value that Python has prepared: text from a character set, or a member of the envelope.
cdef struct Prepared:
    bint there
    State state             # of a member; of text the values tell
    const uint8_t* c_value
    size_t size

cdef class Kept:
    cdef dict _known
    cdef size_t _weight
    cdef size_t _limit
    cdef object get(self, object key)
    cdef void put(self, object key, object value, size_t weight) except *

cdef class Scratch:
    # The memory of one decision; a matcher keeps idle ones.
    cdef object _memory
    cdef Slot* c_slots
    cdef Prepared* c_prepared
    cdef Hits hits
    cdef Bits bits

cdef class CompiledMatcher:
    # the plan, flat
    cdef list _memory
    cdef FieldPlan* c_fields
    cdef uint32_t fields
    cdef FieldPlan pixels           # of Pixel Representation, which says how some numbers are read
    cdef Slot* c_slots              # as every scratch begins
    cdef uint32_t slots
    cdef Tables tables
    cdef Clauses clauses
    cdef uint32_t tests
    cdef uint32_t conditions
    cdef uint32_t cells             # that one field can have
    cdef uint32_t capacity          # rules
    cdef int character_set          # its slot, or -1
    cdef int pixel_representation   # its slot, or -1
    cdef bint has_signed
    # what Python needs
    cdef object _numbering
    cdef bint _reads_size
    cdef list _names
    cdef list _vrs
    cdef list _idle
    cdef Kept _decisions
    cdef Kept _texts
    cdef Kept _members

    cdef void _place_slots(self, plan) except *
    cdef void _place_fields(self, plan) except *
    cdef Scratch _scratch(self)
    cdef object _decide(
        self, Scratch scratch, const uint8_t* c_data, size_t size, int code, object envelope,
        object end, bint complete)
    cdef object _decide_deflated(self, Scratch scratch, object data, object envelope, bint complete)
    cdef object _read(self, Scratch scratch, const Walk* c_walk)
    cdef object _unreadable(self, Scratch scratch, const Walk* c_walk, object damage)
    cdef object _evaluate(self, Scratch scratch, const Walk* c_walk, object envelope)
    cdef list _prepare(self, Scratch scratch, const uint8_t* c_data, object envelope)
    cdef bytes _decode(self, uint32_t field, const Slot* c_slots, const uint8_t* c_data)
    cdef bytes _declared(self, const Slot* c_slots, const uint8_t* c_data)
    cdef tuple _member(self, uint32_t field, object envelope)
    cdef void _match(self, Scratch scratch, const uint8_t* c_data) noexcept nogil
    cdef bint _is_signed(self, Scratch scratch, const uint8_t* c_data) noexcept nogil
