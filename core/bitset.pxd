# Clauses as bits: fields take clauses away, what is left tells which rules fired.

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from roteiro.core.values cimport Hits, State

# `plan.Ask`.
cdef enum Ask:
    ASK_TEST = 0
    ASK_STATE = 1
    ASK_ALL = 2
    ASK_ANY = 3

cdef enum:
    SHORT = 8       # clauses that are moved at once, whether so many are meant or less
    QUEUE = 512     # clauses that wait to be put into a set
    NO_SET = 0xFFFFFFFF  # as `plan.NO_SET`

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

# What the cells of a field leave: a set for every 2**shift of them, and what turns round from there.
cdef struct Cells:
    uint32_t cells                  # 0 when each value asks its tests
    uint32_t shift
    uint32_t sets                   # in c_cell_sets
    uint32_t turns                  # in c_turns_of, by cell

# What the patterns that the one value of a field matches come to, by output of the machine of plain texts and of
# that of folded ones: clauses that are left, from c_begins[2n] on in c_items, and behind them from c_begins[2n + 1]
# the tests that must be counted. SHORT words of c_items more may be read.
cdef struct Ways:
    const uint32_t* c_plain         # NULL where outputs are not kept
    const uint32_t* c_folded
    const uint32_t* c_items

# What all clauses of a scope ask, flat. A set of clauses is `words` words, a multiple of eight. Fields are numbered from
# the first one of the scope, tests from `first_test`.
cdef struct Clauses:
    uint32_t words
    uint32_t first_field
    uint32_t fields
    uint32_t first_test
    uint32_t tests
    uint32_t conditions
    const uint64_t* c_all
    const uint64_t* c_sets          # masks, and the clauses of conditions that very many have
    const uint32_t* c_mask_of       # of field f in the state of place s: its set, at 4f + s; or none
    const Slice* c_conditions_of    # by field without sets, in c_conditions
    const uint32_t* c_conditions
    const uint32_t* c_rank          # by field: its place among all, the most telling ones first
    const Cells* c_cells            # by field
    const int32_t* c_cell_sets      # sets, or -1
    const Slice* c_turns_of         # by cell, in c_turns
    const uint32_t* c_turns         # twice a condition, plus one when it begins to hold
    const uint8_t* c_states         # by condition
    const uint32_t* c_wanted        # by condition: how many tests it wants
    const int32_t* c_set_of         # by condition: its clauses as a set, or -1
    const Slice* c_posting_of       # by condition: else here, in c_postings
    const uint32_t* c_postings
    uint32_t postings
    const Slice* c_mention_of       # by test, in c_mentions
    const uint32_t* c_mentions
    const Slice* c_alone_of         # by test that one condition wants, and nothing else, and that no
                                    # other mentions: its clauses, in c_postings
    uint32_t steps
    const Step* c_steps
    const uint32_t* c_operands
    const Slice* c_wants_of         # by clause, in c_wants; NULL without virtual booleans
    const uint32_t* c_wants         # steps that must be true
    uint32_t sections
    const Section* c_sections
    const uint32_t* c_rules         # by clause
    uint32_t asked                  # rules, or conditions on items
    uint32_t most_fired             # for one object
    const uint8_t* c_stops          # by number of a rule; NULL where nothing stops the others

# A step of a virtual boolean that waits for its operands.
cdef struct Frame:
    uint32_t step
    uint32_t operand                # the next one

# The work on one object.
cdef struct Bits:
    uint64_t* c_live                # clauses that nothing has spoken against
    uint64_t* c_rows                # by field: room for what it leaves
    const uint64_t** c_masks        # by rank: what each field leaves; NULL where it has no sets
    uint32_t* c_wanted_hits         # by condition; zero between fields
    uint32_t* c_unwanted_hits
    uint32_t* c_asked               # conditions with hits
    uint32_t* c_queue               # clauses that are to be put into a row
    uint32_t* c_failed              # conditions that do not hold, of fields without sets
    uint32_t failed
    uint8_t* c_holds                # by test; only when there are virtual booleans
    uint8_t* c_state                # by field
    uint8_t* c_results              # by step
    uint32_t* c_computed            # by step: the round in which `c_results` was set
    uint32_t round
    Frame* c_frames                 # by step
    uint32_t* c_found               # clauses that are left, of one table; and room for two more
    uint32_t* c_fired               # and room for one more
    uint32_t fired
    uint32_t* c_items               # by rule: in how many items it fired; zero between sequences
    uint32_t* c_some                # rules that fired in some item

cdef void begin(const Clauses* c_clauses, Bits* c_bits) noexcept nogil
cdef void narrow(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, State state,
    const uint32_t* c_tests, uint32_t tests) noexcept nogil
cdef void narrow_by_outputs(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, const Ways* c_ways, Hits* c_hits) noexcept nogil
cdef bint narrow_by_cell(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, uint32_t cell) noexcept nogil
cdef void finish(const Clauses* c_clauses, Bits* c_bits) noexcept nogil
