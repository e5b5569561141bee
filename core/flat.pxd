# Memory that a list keeps, and the room for the work on one object.

from libc.stdint cimport uint32_t

from roteiro.core.bitset cimport Bits, Clauses, Ways
from roteiro.core.values cimport FieldPlan

cdef void* room(list memory, size_t size)
cdef void* rough_room(list memory, size_t size)
cdef void lay_bits(Bits* c_bits, list memory, const Clauses* c_clauses) except *
cdef void lay_ways(
    Ways* c_ways, list memory, const Clauses* c_clauses, uint32_t place, const FieldPlan* c_field) except *
