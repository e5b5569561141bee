# From the bytes of an element to its state and to the tests that its values hit.

from libc.stdint cimport int8_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from roteiro.core.machines cimport Machine, Room
from roteiro.core.scan cimport Slot

# `program.State`.
cdef enum State:
    ABSENT = 1
    EMPTY = 2
    INVALID = 4
    VALUED = 8

# How the values of a field are compared.
cdef enum Kind:
    STATE_ONLY = 0
    TEXTS = 1      # and UIDs
    DECIMALS = 2
    INTEGERS = 3   # dates, times, ages and tags
    ADDRESSES = 4

cdef enum:
    LONGEST = 65536  # bytes of a value that is read

# A decimal literal: sign * 0.DIGITS * 10**exponent, digits without zeros at either end.
cdef struct Constant:
    int8_t sign
    int8_t side             # of the literal as seen from the nearest double
    uint32_t digits         # offset in the blob
    uint32_t digit_count
    int64_t exponent
    double nearest

# A text literal and the tests that equal it: a list in `Tables.c_tests`.
cdef struct Exact:
    uint32_t text
    uint32_t size
    uint32_t tests
    uint32_t tests_end

# A hash table of exact texts.
cdef struct Index:
    uint32_t begin          # of its slots in `Tables.c_hash`
    uint32_t size           # a power of two, or zero
    uint32_t longest        # text

# A hop of a way: the slot of a sequence, and which item, from 1.
cdef struct Hop:
    uint32_t slot
    uint32_t item

# A test of a sequence that asks one condition of its items.
cdef struct ItemTest:
    uint32_t test
    bint is_every

# A field, and where its literals are in the tables.
cdef struct FieldPlan:
    Kind kind
    bint is_member          # of the envelope, or the clock
    bint is_clock
    bint is_general         # Python decides
    bint has_folded         # texts are compared after folding, too
    const uint32_t* c_slots # several for repeating groups
    uint32_t slots
    const Hop* c_hops       # the way to the data set that has them
    uint32_t hops
    uint32_t scope              # in which items are asked; 0 when they are not
    const ItemTest* c_items
    const uint32_t* c_items_of  # by condition of that scope: where its tests begin, and end
    uint32_t slot           # the first
    uint16_t vr             # where none is sent, with unsigned numbers
    uint16_t signed_vr      # the same with signed ones
    uint16_t text_vr        # the dictionary's VR when it is text, else NO_VR
    uint32_t classes        # expected
    Index plain
    Index folded
    uint32_t exact          # its first exact text; the folded ones follow
    uint32_t constants
    uint32_t constant_count
    uint32_t tree
    uint32_t leaves
    Machine patterns
    Machine folded_patterns

# All literals of a program, flat.
cdef struct Tables:
    const uint8_t* c_blob
    const uint32_t* c_hash        # number of the exact text + 1, or zero
    const Exact* c_exact
    const uint32_t* c_tests
    const uint32_t* c_tree_starts
    const uint32_t* c_tree_items
    const int64_t* c_integers
    const Constant* c_decimals
    const uint8_t* c_is_every     # by test

# What the values of the field at hand have hit so far. A value is noted by its cell (or its exact
# text) alone: what that means for the tests is asked once a cell, however many values there are.
cdef struct Hits:
    uint32_t* c_cell_count  # by cell: how many values; all zero between fields
    uint32_t* c_cells       # cells with a count
    uint32_t cells
    uint32_t* c_count       # by test: how many values; all zero between fields
    uint32_t* c_touched     # tests with a count
    uint32_t touched
    uint32_t values         # that are not empty
    uint32_t first_cell     # of the first value
    uint8_t* c_folded       # room for one folded value
    Room patterns

cdef uint64_t hash_text(const uint8_t* c_text, size_t size) noexcept nogil
cdef uint16_t sent_vr(const FieldPlan* c_plan, const Slot* c_slot, bint is_signed) noexcept nogil
cdef bint needs_decoding(
    const FieldPlan* c_plan, const Slot* c_slot, const uint8_t* c_data) noexcept nogil
cdef State look_up(
    const Tables* c_tables, const FieldPlan* c_plan, const Slot* c_slot, bint is_signed,
    const uint8_t* c_data, Hits* c_hits) noexcept nogil
cdef State look_up_decoded(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_packed, size_t size,
    Hits* c_hits) noexcept nogil
cdef bint look_up_member(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_value, size_t size,
    Hits* c_hits) noexcept nogil
cdef void settle(
    const Tables* c_tables, const FieldPlan* c_plan, State state, Hits* c_hits) noexcept nogil
cdef void forget(Hits* c_hits) noexcept nogil
