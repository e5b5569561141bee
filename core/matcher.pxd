# The object that ties scan, values and bits together.

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from roteiro.core.artefact cimport Artefact, Laid
from roteiro.core.bitset cimport Bits, Clauses, Ways
from roteiro.core.days cimport Zone
from roteiro.core.letters cimport Repertoire
from roteiro.core.scan cimport Arena, Item, Level, Mark, Slot, Walk
from roteiro.core.values cimport FieldPlan, Hits, Span, State, Tables

# What became of an object in `decide_raw`.
cdef enum Status:
    FIRED           # the rules are in `scratch.c_bits[0]`
    UNREADABLE      # why is in `scratch.walk`
    MORE            # the bytes do not settle it
    NEEDS_PYTHON    # a value is for Python, and nobody may ask it
    FAILED

# A member of the envelope, or the clock, as `look_up_member` takes it.
cdef struct Prepared:
    State state
    const uint8_t* c_value
    size_t size

@cython.final
cdef class Kept:
    cdef dict _known
    cdef size_t _weight
    cdef size_t _limit
    cdef object get(self, object key)
    cdef void put(self, object key, object value, size_t weight) except *

@cython.final
cdef class Scratch:
    # The memory of one decision; a matcher keeps idle ones.
    cdef object _memory
    cdef Item top
    cdef Arena arena
    cdef Hits hits
    cdef Bits* c_bits               # of each scope
    # of the decision at hand
    cdef Walk walk
    cdef Mark* c_mark               # of who feeds it piece by piece, else NULL
    cdef Status status
    cdef bint may_ask               # whether Python may be asked
    cdef bint has_asked
    cdef const uint8_t* c_data
    cdef void* owner                # the matcher, for callbacks
    cdef void* members              # borrowed, as long as the decision takes
    cdef object failure             # what Python raised

    cdef void fail(self, error) noexcept

@cython.final
cdef class Members:
    # An envelope, prepared for the fields of a matcher.
    cdef object envelope
    cdef object owner               # the mark of its matcher
    cdef bint has_now
    cdef int64_t today              # days since 1970
    cdef int64_t week               # microseconds since Monday
    cdef list kept
    cdef Prepared* c_members        # by field

@cython.final
cdef class CompiledMatcher:
    # the program
    cdef Artefact _artefact
    cdef list _memory
    cdef FieldPlan* c_fields
    cdef uint32_t fields            # of the object; those of items follow
    cdef uint32_t all_fields
    cdef FieldPlan pixels           # of Pixel Representation, which says how some numbers are read
    cdef Level* c_levels
    cdef Tables tables
    cdef Zone zone
    cdef const Span* c_creators
    cdef uint32_t creators
    cdef Clauses* c_clauses         # of each scope; the object's is the first
    cdef Ways* c_ways               # by field
    cdef uint32_t scopes
    cdef uint32_t tests
    cdef uint32_t cells             # that one field can have
    cdef size_t pattern_marks       # that one machine of patterns takes
    cdef size_t pattern_outputs
    cdef size_t pattern_instructions
    cdef int32_t timezone           # its slot on the top level, or -1
    cdef readonly uint64_t slow     # decisions that Python was asked for
    # what Python needs
    cdef object _numbering
    cdef object _mark               # what this matcher prepares is known by it
    cdef bint reads_size
    cdef bint asks_now              # somebody wants to know the time
    cdef tuple _fields
    cdef Members _last
    cdef dict _creators
    cdef list _idle
    cdef Kept _decisions
    cdef Kept _texts
    cdef Kept _prepared
    cdef Kept _blocks

    cdef void _take(self, const Laid* c_laid) noexcept
    cdef void _place_pixels(self) except *
    cdef void _place_ways(self) except *
    cdef void _place_creators(self, creators) except *
    cdef Scratch _scratch(self)
    cdef Members members_of(self, object envelope)
    cdef Members _prepare(self, object envelope)
    cdef object _decide_data(self, object data, int code, Members members, bint complete)
    cdef Status decide_raw(
        self, Scratch scratch, const uint8_t* c_data, size_t size, int code, Members members,
        bint complete) noexcept nogil
    cdef object _decide(
        self, Scratch scratch, const uint8_t* c_data, size_t size, int code, Members members,
        object end, bint complete)
    cdef object _decide_deflated(self, Scratch scratch, object data, Members members, bint complete)
    cdef object _outcome(
        self, Scratch scratch, Status status, object end, bint complete, size_t dropped)
    cdef void _give_back(self, Scratch scratch) except *
    cdef object _read(self, Scratch scratch, size_t dropped)
    cdef object _decision(self, Scratch scratch)
    cdef tuple _member(self, uint32_t field, Members members)
    cdef void _match(self, Scratch scratch) noexcept nogil
    cdef State _looked(self, Scratch scratch, uint32_t field, const Item* c_item) noexcept nogil
    cdef void _settle(
        self, Scratch scratch, uint32_t field, const Item* c_item, State state) noexcept nogil
    cdef State _member_state(self, Scratch scratch, uint32_t field) noexcept nogil
    cdef State _elements(self, Scratch scratch, uint32_t field, const Item* c_item) noexcept nogil
    cdef State _element(
        self, Scratch scratch, uint32_t field, const Slot* c_slot, const Item* c_item,
        bint is_signed) noexcept nogil
    cdef bint _is_signed(self, Scratch scratch, const Item* c_item) noexcept nogil
    cdef void _ask_items(self, Scratch scratch, uint32_t field, const Item* c_item) noexcept nogil
    cdef void _match_in(self, Scratch scratch, uint32_t scope, const Item* c_item) noexcept nogil
    cdef bytes _decode(self, uint32_t field, const Slot* c_slot, const Item* c_item, Scratch scratch)
    cdef bytes _declared(self, const Item* c_item, const uint8_t* c_data)
    cdef const Slot* _charset_slot(
        self, const Item* c_item, const uint8_t* c_data) noexcept nogil
    cdef Repertoire _repertoire(self, const Item* c_item, const uint8_t* c_data) noexcept nogil
    cdef uint32_t _creator(
        self, Scratch scratch, const uint8_t* c_data, const Item* c_item, uint32_t tag,
        const Slot* c_slot) noexcept nogil
    cdef uint32_t _decoded_creator(
        self, const uint8_t* c_data, const Item* c_item, const Slot* c_slot) except? 0
