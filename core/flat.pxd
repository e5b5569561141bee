# Lays a plan flat: C arrays of what `plan` holds in Python.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from roteiro.core.bitset cimport Bits, Clauses
from roteiro.core.machines cimport Machine
from roteiro.core.values cimport FieldPlan, Index, Tables

cdef void* room(list memory, size_t size)
cdef void* rough_room(list memory, size_t size)
cdef uint16_t vr_code(str vr)
cdef uint32_t* words32(list memory, values)
cdef uint8_t* flags(list memory, values)
cdef void lay_clauses(Clauses* c_clauses, list memory, plan) except *
cdef void lay_bits(Bits* c_bits, list memory, const Clauses* c_clauses) except *

cdef class Literals:
    # The literals of all fields, gathered before they are laid flat.
    cdef bytearray blob
    cdef list hash_slots, exact, tests, tree_starts, tree_items, integers, decimals
    cdef list machines, sizes, shapes, places
    cdef readonly size_t marks, outputs, instructions  # room that the largest machines take
    cdef readonly size_t longest_name

    cdef size_t keep(self, bytes text) except? 0
    cdef void decimal(self, value) except *
    cdef void fill(self, FieldPlan* c_field, row) except *
    cdef void machine(self, Machine* c_machine, list patterns, list expressions) except *
    cdef void plant(self, FieldPlan* c_field, tree) except *
    cdef void index(self, Index* c_index, dict exact) except *
    cdef void lay(self, Tables* c_tables, list memory, list every) except *
