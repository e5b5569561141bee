# From the bytes of an element to its state and to the tests that its values hit.

from libc.stdint cimport int8_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from roteiro.core.days cimport Zone
from roteiro.core.letters cimport Repertoire
from roteiro.core.machines cimport Machine, Room
from roteiro.core.scan cimport Slot

# `program.State`.
cdef enum State:
    ABSENT = 1
    EMPTY = 2
    INVALID = 4
    VALUED = 8

cdef struct Span:
    const uint8_t* c_begin
    const uint8_t* c_end

# How the values of a field are compared.
cdef enum Kind:
    STATE_ONLY = 0
    TEXTS = 1      # and UIDs
    DECIMALS = 2
    INTEGERS = 3   # dates, times, ages and tags
    ADDRESSES = 4

cdef enum:
    LONGEST = 65536  # bytes of a value that is read
    WHOLE_GROUP = 0xFFFF

# What a part of an element is, as Python packs it.
cdef enum Packed:
    BLANK = 0
    LACKING = 1     # the component
    FILLED = 2

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
    bint has_folded         # texts are compared after folding, too
    bint is_count           # only the number of its values counts
    bint is_days            # dates are compared as days until today
    bint is_name            # values are person names
    bint is_by_charset      # the dictionary's VR is one of 6.1
    bint asks_offset        # Timezone Offset From UTC says what instants mean
    uint32_t position       # of the one value that counts, from 1; 0 is all
    bint has_component      # of names, which are then compared as text
    uint32_t group
    uint32_t component      # `WHOLE_GROUP` or which
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
    uint32_t shapes         # of the names it is compared with
    uint32_t shapes_end

# Which groups of a name a literal has; several literals share one.
cdef struct Shape:
    uint32_t places         # in `Tables.c_places`
    uint32_t places_end

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
    const Shape* c_shapes
    const uint32_t* c_places
    uint32_t longest_name         # key of a name, in bytes

# What the values of the field at hand have hit so far. A value is noted by its cell (or its exact
# text) alone: what that means for the tests is asked once a cell, however many values there are.
cdef struct Hits:
    uint32_t* c_cell_count  # by cell: how many values; all zero between fields
    uint32_t* c_cells       # cells with a count
    uint32_t cells
    uint32_t* c_count       # by test: how many values; all zero between fields
    uint32_t* c_touched     # tests with a count
    uint32_t touched
    bint keeps              # what the one value of the field matches is kept as outputs, not as tests
    uint32_t* c_met         # these: of the machine of plain texts, then of that of folded ones
    uint32_t met
    uint32_t met_plain      # how many are of the first
    uint32_t values         # that are not empty
    uint32_t first_cell     # of the first value
    uint32_t parts          # that were met, empty ones too (14.1)
    bint is_muted           # the part at hand is not compared
    bint is_blank           # the part of the field's position is empty
    bint is_lacking         # it lacks the component
    # what decides about the values of the field at hand
    Repertoire repertoire
    bint is_raw             # its text is ASCII
    const Zone* c_zone
    bint has_offset
    int64_t offset          # of instants without one, in seconds
    bint has_today
    int64_t today           # days since 1970
    # room for one value
    uint8_t* c_text
    uint8_t* c_name
    uint8_t* c_folded
    uint8_t* c_key
    Room patterns

cdef uint64_t hash_text(const uint8_t* c_text, size_t size) noexcept nogil
cdef uint16_t sent_vr(const FieldPlan* c_plan, const Slot* c_slot, bint is_signed) noexcept nogil
cdef uint16_t text_vr(const FieldPlan* c_plan, uint16_t sent) noexcept nogil
cdef bint has_letters(
    const FieldPlan* c_plan, const Slot* c_slot, const uint8_t* c_data) noexcept nogil
cdef bint sole_value(Span data, uint16_t vr, Span* c_value) noexcept nogil
cdef void begin_field(Hits* c_hits) noexcept nogil
cdef State finish_field(
    const Tables* c_tables, const FieldPlan* c_plan, State state, Hits* c_hits) noexcept nogil
cdef bint read_offset(const Slot* c_slot, const uint8_t* c_data, int64_t* c_offset) noexcept nogil
cdef void take_whole(
    const Tables* c_tables, const FieldPlan* c_plan, int64_t number, Hits* c_hits) noexcept nogil
cdef State look_up(
    const Tables* c_tables, const FieldPlan* c_plan, const Slot* c_slot, bint is_signed,
    const uint8_t* c_data, Hits* c_hits) noexcept nogil
cdef State look_up_packed(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_packed, size_t size,
    Hits* c_hits) noexcept nogil
cdef bint look_up_member(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_value, size_t size,
    Hits* c_hits) noexcept nogil
cdef void hit_once(Hits* c_hits, uint32_t test) noexcept nogil
cdef void settle(
    const Tables* c_tables, const FieldPlan* c_plan, State state, Hits* c_hits) noexcept nogil
cdef void forget(Hits* c_hits) noexcept nogil
