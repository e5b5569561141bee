# Clauses as bits: fields take clauses away, what is left tells which rules fired.

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from roteiro.core.values cimport State

# `plan.Ask`.
cdef enum Ask:
    ASK_TEST = 0
    ASK_STATE = 1
    ASK_ALL = 2
    ASK_ANY = 3

# One step of the program that computes the virtual booleans.
cdef struct Step:
    Ask ask
    bint negated
    uint32_t first
    uint32_t second

# A table: its words, and the number of its `otherwise` or -1.
cdef struct Section:
    uint32_t begin
    uint32_t end
    bint first
    int32_t otherwise

# A list in a flat array.
cdef struct Slice:
    uint32_t begin
    uint32_t end

# What all clauses of a program ask, flat.
cdef struct Clauses:
    uint32_t words
    const uint64_t* c_all
    const uint64_t* c_masks         # of field f in the state of place s: words from (4f + s) * words
    const uint8_t* c_states         # by condition
    const uint32_t* c_wanted        # by condition: how many tests it wants
    const Slice* c_posting_of       # by condition, in c_postings
    const uint32_t* c_postings
    const Slice* c_mention_of       # by test, in c_mentions
    const uint32_t* c_mentions
    uint32_t steps
    const Step* c_steps
    const uint32_t* c_operands
    uint32_t virtuals
    const uint32_t* c_virtual_step
    const Slice* c_virtual_of       # by virtual boolean, in c_virtual_clauses
    const uint32_t* c_virtual_clauses
    uint32_t sections
    const Section* c_sections
    const uint32_t* c_rules         # by clause
    const uint8_t* c_stops          # by number of a rule

# The work on one object.
cdef struct Bits:
    uint64_t* c_live                # clauses that nothing has spoken against
    uint64_t* c_mask
    uint32_t* c_wanted_hits         # by condition; zero between fields
    uint32_t* c_unwanted_hits
    uint32_t* c_asked               # conditions with hits
    uint8_t* c_holds                # by test; only when there are virtual booleans
    uint8_t* c_state                # by field
    uint8_t* c_results              # by step
    uint32_t* c_fired
    uint32_t fired

cdef void begin(const Clauses* c_clauses, Bits* c_bits) noexcept nogil
cdef void narrow(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, State state,
    const uint32_t* c_tests, uint32_t tests) noexcept nogil
cdef void finish(const Clauses* c_clauses, Bits* c_bits, uint32_t tests) noexcept nogil
cdef bint run_steps(
    const Step* c_steps, uint32_t begin, uint32_t end, const uint32_t* c_operands, Bits* c_bits
) noexcept nogil
