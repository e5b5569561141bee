# A file of a compiled program, looked at and used where it lies.
#
# Every index and every count of a file is looked at once, before the first use; what the matcher
# relies on without looking is said at each function. `artefact_parts` says what a file is,
# `artefact_lay` what its parts hold.

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from roteiro.core.bitset cimport Clauses
from roteiro.core.scan cimport Level
from roteiro.core.values cimport FieldPlan, Hop, ItemTest, Tables

# `artefact_parts.Kind`.
cdef enum Kind:
    NOTES = 1
    NAMES = 2
    NAME_ENDS = 3
    VERDICT_OF = 4
    EFFECTS_OF = 5
    STOPS = 6
    CREATORS = 7
    CREATOR_ENDS = 8
    LEVELS = 9
    SLOTS = 10
    FIELDS = 11
    FIELD_SLOTS = 12
    HOPS = 13
    ITEMS = 14
    ITEMS_OF = 15
    BLOB = 16
    HASH = 17
    EXACT = 18
    TESTS = 19
    TREE_STARTS = 20
    TREE_ITEMS = 21
    INTEGERS = 22
    CONSTANTS = 23
    IS_EVERY = 24
    SHAPES = 25
    PLACES = 26
    MACHINE = 32
    CLAUSES = 64
    ALL = 65
    SETS = 66
    MASK_OF = 67
    RANKS = 68
    CELLS = 69
    CELL_SETS = 70
    TURNS_OF = 71
    TURNS = 72
    CONDITIONS_OF = 73
    CONDITIONS = 74
    STATES = 75
    WANTED = 76
    SET_OF = 77
    POSTING_OF = 78
    POSTINGS = 79
    MENTION_OF = 80
    MENTIONS = 81
    STEPS = 82
    OPERANDS = 83
    WANTS_OF = 84
    WANTS = 85
    SECTIONS = 86
    RULES = 87
    ALONE_OF = 88

cdef enum:
    HEADER_BYTES = 112
    PARTS_AT = 72
    NONE = 0xFFFFFFFF

# `artefact_lay`: bits of `FieldRecord.flags`.
cdef enum FieldFlag:
    MEMBER_FLAG = 1
    CLOCK_FLAG = 2
    COUNT_FLAG = 4
    DAYS_FLAG = 8
    NAME_FLAG = 16
    CHARSET_FLAG = 32
    COMPONENT_FLAG = 64
    FOLDED_FLAG = 128
    INSTANT_FLAG = 256

# A row of the table of parts.
cdef struct Row:
    uint32_t kind
    uint32_t number
    uint64_t offset
    uint64_t size

cdef struct File:
    const uint8_t* c_data
    uint64_t size
    const Row* c_rows
    uint32_t parts

# A part, as so many items.
cdef struct Run:
    const void* c_items
    uint32_t count

cdef struct LevelRecord:
    uint32_t begin              # of its slots
    uint32_t plain              # where those with tags of their own end
    uint32_t end
    uint32_t last
    uint32_t character_set      # its slot, or NONE
    uint32_t pixel_representation

cdef struct SlotRecord:
    uint32_t tag
    uint32_t is_read
    uint32_t level
    uint32_t creator

cdef struct IndexRecord:
    uint32_t begin
    uint32_t size
    uint32_t longest

# How a field is read, and where what belongs to it lies; lists of a field begin where those of the
# field before end.
cdef struct FieldRecord:
    uint32_t kind
    uint32_t flags
    uint32_t position
    uint32_t group
    uint32_t component
    uint32_t vr
    uint32_t signed_vr
    uint32_t text_vr
    uint32_t classes
    uint32_t slots              # in FIELD_SLOTS
    uint32_t slot_count
    uint32_t hops
    uint32_t hop_count
    uint32_t scope
    uint32_t items
    uint32_t item_count
    uint32_t items_of
    uint32_t conditions         # of that scope; ITEMS_OF has one entry more
    IndexRecord plain
    IndexRecord folded
    uint32_t exact
    uint32_t exact_count
    uint32_t constants
    uint32_t constant_count
    uint32_t tree
    uint32_t leaves
    uint32_t shapes
    uint32_t shapes_end

cdef struct ClausesRecord:
    uint32_t words
    uint32_t first_field
    uint32_t fields
    uint32_t first_test
    uint32_t tests
    uint32_t asked
    uint32_t sets
    uint32_t cap                # for people

# A program as the matcher takes it; pointers go into the file, or into memory of who asked.
cdef struct Laid:
    FieldPlan* c_fields
    uint32_t fields             # of the object; those of items follow
    uint32_t all_fields
    Level* c_levels
    uint32_t levels
    int32_t timezone            # its slot on the top level, or -1
    Tables tables
    uint32_t decimals
    Clauses* c_clauses          # by scope; the object's is the first
    uint32_t scopes
    uint32_t tests
    uint32_t rules
    uint32_t cells              # that one field can have
    size_t pattern_marks        # that one machine of patterns takes
    size_t pattern_outputs
    size_t pattern_instructions

# How long some parts are, and how much of each belongs to fields that were looked at.
cdef struct Counts:
    uint32_t slots
    uint32_t hops
    uint32_t items
    uint32_t items_of
    uint32_t blob
    uint32_t hashes
    uint32_t exact
    uint32_t starts
    uint32_t tree_items
    uint32_t integers
    uint32_t shapes

# What is known while a file is looked at.
cdef struct Look:
    const File* c_file
    Laid* c_laid
    uint32_t* c_owner           # by test: its field, or NONE
    uint8_t* c_is_item          # by test: whether items are asked
    uint32_t* c_level_of        # by scope: the level that it reads, or NONE
    uint32_t* c_field_of        # by condition of the scope at hand: its field, or NONE
    uint8_t* c_seen             # by condition of it: whether it is on a list
    uint64_t* c_listed          # by field of it: clauses on the lists of its conditions
    uint32_t scope              # of the field at hand
    uint32_t creators
    Counts counts
    Counts at
    const uint32_t* c_slots
    const Hop* c_hops
    const ItemTest* c_items
    const uint32_t* c_items_of

cdef bint find(
    const File* c_file, uint32_t kind, uint32_t number, size_t each, Run* c_run) noexcept nogil

# Whether a test may be hit by a field; the first to ask has it for itself.
cdef bint claim(Look* c_look, uint32_t test, uint32_t field, bint as_item) noexcept nogil

cdef class Artefact:
    cdef object _held
    cdef const uint8_t* c_data
    cdef File file
    cdef list _memory
    cdef Laid laid
    cdef readonly object notes
    cdef readonly object numbering
    cdef readonly tuple creators

    cdef void _look(self) except *
    cdef Run _run(self, uint32_t kind, size_t each) except *
    cdef void _look_at_rules(self) except *
    cdef void _look_at_fields(self) except *
    cdef bint _take_levels(self, Look* c_look) except -1
    cdef bint _take_clauses(self, Look* c_look, list scratch) except -1
    cdef bint _fill_up(self) noexcept
    cdef bint _take_fields(self, Look* c_look, list scratch) except -1
