# Memory that a list keeps, and the room for the work on one object.

from roteiro.core.bitset cimport Bits, Clauses

cdef void* room(list memory, size_t size)
cdef void* rough_room(list memory, size_t size)
cdef void lay_bits(Bits* c_bits, list memory, const Clauses* c_clauses) except *
