# Every pattern of a field in one pass over a value: a machine as `machines_lay` lays it.
#
# A machine is three runs of memory: words, halves, bytes. All that points is an index into one of
# them, and `take` has looked at every one. Numbers of tests are the program's: who takes a machine
# from elsewhere has to look at them.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

# `program.PatternKind`.
cdef enum PatternKind:
    CONTAINS = 0
    STARTS = 1
    ENDS = 2
    LIKE = 3
    UNDER = 4

# The longest text that the text of a state of a trie ends with; `tries.Entry`.
cdef struct Entry:
    uint32_t output         # plus one, or zero
    uint32_t shorter        # a state of the next one, or zero

# A state of texts that are sought at one place of a value; `tries.Branch`.
cdef struct Branch:
    uint32_t begin
    uint32_t edges          # how many; from EDGES on the label of the first
    uint32_t output         # plus one, or zero
    uint32_t whole          # plus one, or zero

# `tries.Branches`. Edge n leads to state n + 1.
cdef struct Branches:
    uint32_t states         # at least one, the root
    uint32_t first          # words, by byte: the child of the root, or zero; if there are others
    uint32_t nodes          # words, that many records
    uint32_t labels         # bytes, by edge

# A trie; `tries.Trie`. Edge n leads to state n + 1.
cdef struct Trie:
    uint32_t states         # at least one, the root
    uint32_t first          # words, by byte: the child of the root, or zero; if there are others
    uint32_t begins         # words, by state, and one more: its first edge
    uint32_t fails          # words, by state
    uint32_t entries        # words, by state a record
    uint32_t labels         # bytes, by edge
    uint32_t classes        # bytes, by byte: its class; if there are rows
    uint32_t width          # classes
    uint32_t dense          # the first states, which have a row
    uint32_t rows           # halves, by such a state and class: the next state

# A `like` of two texts; its lists are by the output of the start.
cdef struct Pair:
    uint32_t end            # the output of the other text
    uint32_t size           # of a value, at least
    uint32_t output

# A deterministic automaton over code points; state 0 is dead.
cdef struct Dfa:
    uint32_t states
    uint32_t width          # classes
    uint32_t begin
    uint32_t runs           # of code points of one class
    uint32_t starts         # words, by run; the first is 0
    uint32_t outputs        # words, by state: output + 1, or zero
    uint32_t ascii          # bytes, by byte below 128: its class
    uint32_t classes        # halves, by run
    uint32_t rows           # halves, by state and class: the next state

# An expression that is run as its instructions; instruction 0 accepts.
cdef struct Simulation:
    uint32_t instructions
    uint32_t begin
    uint32_t output
    uint32_t reads          # words, by instruction: number of what it reads + 1, or zero
    uint32_t goes           # words, by instruction, and one more: where its targets begin
    uint32_t targets        # words
    uint32_t target_count
    uint32_t chars          # how many different things are read
    uint32_t char_begins    # words, by number, and one more: where its ranges begin
    uint32_t ranges         # words: first and last code point
    uint32_t range_count    # of words

# A literal that is looked for alone.
cdef struct Alone:
    uint32_t kind           # `PatternKind`; LIKE is the whole value
    uint32_t text           # bytes
    uint32_t size
    uint32_t output

# What a machine begins with.
cdef struct Header:
    uint32_t magic
    uint32_t words
    uint32_t halves
    uint32_t octets
    uint32_t outputs
    uint32_t output_begins  # words, by output, and one more
    uint32_t tests          # words
    uint32_t test_count
    uint32_t starter_begins # words, by output, and one more
    uint32_t starters       # words: what the output starts, automata first, by number
    uint32_t starter_count  # zero: no output starts anything
    uint32_t instructions   # of the largest simulation
    uint32_t dfas           # words, that many records
    uint32_t dfa_count
    uint32_t dfa_always     # so many of them are run over every value
    uint32_t simulations
    uint32_t simulation_count
    uint32_t simulation_always
    uint32_t alone
    uint32_t alone_count
    uint32_t pair_begins    # words, by output, and one more: where its pairs begin, in words
    uint32_t pairs          # words
    uint32_t pair_words     # zero: no output is the start of a pair
    Trie contains
    Branches begins_with
    Branches ends_with      # texts read backwards

# A machine that was looked at; it lies in memory of somebody else.
cdef struct Machine:
    const Header* c_header  # NULL for the machine of no patterns
    const uint32_t* c_words
    const uint16_t* c_halves
    const uint8_t* c_bytes

# Room for one run, at least as large as the machine says; all zero between runs.
cdef struct Room:
    uint8_t* c_seen         # by output, and behind them by automaton and simulation: `marks`
    uint32_t* c_found       # outputs, each once; and room for one more
    uint32_t found
    uint32_t* c_sets        # four words an instruction

# How much room for marks a run takes.
cdef size_t marks(const Machine* c_machine) noexcept nogil

# Looks at all of a machine; False when it is none.
cdef bint take(Machine* c_machine, const uint8_t* c_data, size_t size) noexcept nogil

# Finds the outputs of a value: UTF-8 as Python writes it, surrogates too. Any other bytes are read
# safely. Who has read them calls `clear`.
cdef void run(
    const Machine* c_machine, const uint8_t* c_text, size_t size, Room* c_room) noexcept nogil
cdef void clear(Room* c_room) noexcept nogil

# The tests of an output are these of `tests_of`.
cdef inline const uint32_t* tests_of(const Machine* c_machine) noexcept nogil:
    return c_machine.c_words + c_machine.c_header.tests

cdef inline const uint32_t* output_begins(const Machine* c_machine) noexcept nogil:
    return c_machine.c_words + c_machine.c_header.output_begins


cdef class TextMachine:
    # A machine with room of its own, for tests and measures.
    cdef bytes _laid
    cdef list _memory
    cdef Machine machine
    cdef Room room
