# Looks at levels, fields and their literals.

from libc.stdint cimport uint32_t

from roteiro.core.artefact cimport Look, Run
from roteiro.core.scan cimport Slot

cdef bint take_levels(Look* c_look, const Run* c_records, const Run* c_slots, Slot* c_made) noexcept nogil
cdef bint take_tables(Look* c_look) noexcept nogil
cdef bint take_fields(Look* c_look) noexcept nogil
