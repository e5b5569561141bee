# Looks at the clauses of a scope, and at the tests of its fields.

from libc.stdint cimport uint32_t

from roteiro.core.artefact cimport Look

cdef bint take_clauses(Look* c_look, uint32_t scope) noexcept nogil
cdef bint take_conditions(Look* c_look, uint32_t scope) noexcept nogil
