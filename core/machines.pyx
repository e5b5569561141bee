"""Every pattern of a field in one pass over a value.

Rules of this file: nothing is read at or beyond `c_end`, and no index is used that `take` has not
looked at. Nothing here changes a machine, and no run needs memory or the interpreter; each takes
a time linear in the value. No function makes a Python object, but those of `TextMachine`.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp

cdef extern from "<string.h>" nogil:
    const void* memmem(const void*, size_t, const void*, size_t)

cdef enum:
    MAGIC = 0x324D5452
    ROOT = 0
    DEAD = 0
    REPLACEMENT = 0xFFFD
    PAIR_WORDS = 3
    BYTES = 256
    EDGES = 16  # bits of the number of edges

# The instructions that a simulation may run next, by numbers and by where each is among them.
cdef struct Set:
    uint32_t* c_members
    uint32_t* c_places
    uint32_t count


# --- outputs --------------------------------------------------------------------------------------

cdef inline void meet(Room* c_room, uint32_t output) noexcept nogil:
    """Note an output; `output` is one more than its number."""
    c_room.c_found[c_room.found] = output - 1
    c_room.found += 1 - c_room.c_seen[output - 1]
    c_room.c_seen[output - 1] = 1


cdef void clear(Room* c_room) noexcept nogil:
    cdef uint32_t place
    for place in range(c_room.found):
        c_room.c_seen[c_room.c_found[place]] = False
    c_room.found = 0


# --- tries ----------------------------------------------------------------------------------------

cdef inline uint32_t child(
    const Machine* c_machine, const Trie* c_trie, uint32_t state, uint8_t byte
) noexcept nogil:
    """Give the state after a byte, or zero."""
    cdef:
        const uint32_t* c_begins = c_machine.c_words + c_trie.begins
        const uint8_t* c_labels = c_machine.c_bytes + c_trie.labels
        const uint8_t* c_edge
        uint32_t begin, count
    if state == ROOT:
        return c_machine.c_words[c_trie.first + byte]
    begin = c_begins[state]
    count = c_begins[state + 1] - begin
    if count == 0:
        return 0
    if c_labels[begin] == byte:
        return begin + 1
    if count == 1:
        return 0
    c_edge = <const uint8_t*>memchr(c_labels + begin, byte, count)
    return 0 if c_edge == NULL else <uint32_t>(c_edge - c_labels) + 1


cdef inline const Entry* entries_of(
    const Machine* c_machine, const Trie* c_trie
) noexcept nogil:
    return <const Entry*>(c_machine.c_words + c_trie.entries)


cdef inline void meet_all(const Entry* c_entries, uint32_t state, Room* c_room) noexcept nogil:
    """Note the texts that the text of a state ends with; behind one that was met all were."""
    cdef uint32_t output = c_entries[state].output
    if output == 0:
        return
    meet(c_room, output)
    state = c_entries[state].shorter
    while state:
        output = c_entries[state].output
        if output == 0 or c_room.c_seen[output - 1]:
            return
        meet(c_room, output)
        state = c_entries[state].shorter


cdef void find_contained(
    const Machine* c_machine, const uint8_t* c_at, const uint8_t* c_end, Room* c_room
) noexcept nogil:
    """Find the texts that a value contains."""
    cdef:
        const Trie* c_trie = &c_machine.c_header.contains
        const uint8_t* c_classes = c_machine.c_bytes + c_trie.classes
        const uint16_t* c_rows = c_machine.c_halves + c_trie.rows
        const uint32_t* c_fails = c_machine.c_words + c_trie.fails
        const Entry* c_entries = entries_of(c_machine, c_trie)
        uint32_t state = ROOT, after
    meet_all(c_entries, ROOT, c_room)
    if c_trie.states == 1:
        return
    while c_at < c_end:
        while state >= c_trie.dense:
            after = child(c_machine, c_trie, state, c_at[0])
            if after or state == ROOT:
                state = after
                break
            state = c_fails[state]
        else:
            state = c_rows[state * c_trie.width + c_classes[c_at[0]]]
        c_at += 1
        meet_all(c_entries, state, c_room)


cdef inline uint32_t branch(
    const Machine* c_machine, const Branches* c_branches, const Branch* c_node, uint8_t byte
) noexcept nogil:
    """Give the state after a byte, or zero; the root has a table."""
    cdef:
        const uint8_t* c_labels = c_machine.c_bytes + c_branches.labels + c_node.begin
        const uint8_t* c_edge
        uint32_t count = c_node.edges & ((1 << EDGES) - 1)
    if count == 0:
        return 0
    if c_node.edges >> EDGES == byte:
        return c_node.begin + 1
    if count == 1:
        return 0
    c_edge = <const uint8_t*>memchr(c_labels, byte, count)
    return 0 if c_edge == NULL else c_node.begin + <uint32_t>(c_edge - c_labels) + 1


cdef void find_at_end(
    const Machine* c_machine, const Branches* c_branches, const uint8_t* c_at, size_t size,
    int step, Room* c_room
) noexcept nogil:
    """Find the texts that a value starts with; or, with a step of -1, ends with."""
    cdef:
        const Branch* c_nodes = <const Branch*>(c_machine.c_words + c_branches.nodes)
        const Branch* c_node = c_nodes
        uint32_t state = ROOT
    while True:
        if c_node.output:
            meet(c_room, c_node.output)
        if size == 0:
            break
        if c_branches.states == 1:
            return
        if state == ROOT:
            state = c_machine.c_words[c_branches.first + c_at[0]]
        else:
            state = branch(c_machine, c_branches, c_node, c_at[0])
        if state == ROOT:
            return
        c_node = c_nodes + state
        size -= 1
        if size:
            c_at += step
    if c_node.whole:
        meet(c_room, c_node.whole)


cdef void find_pairs(
    const Machine* c_machine, size_t size, uint32_t first, uint32_t end, Room* c_room
) noexcept nogil:
    """Find the pairs of which the value starts with the one, among those found, and ends with the
    other."""
    cdef:
        const uint32_t* c_begins = c_machine.c_words + c_machine.c_header.pair_begins
        const uint32_t* c_pairs = c_machine.c_words + c_machine.c_header.pairs
        const Pair* c_pair
        const Pair* c_last
        uint32_t place
    for place in range(first, end):
        c_pair = <const Pair*>(c_pairs + c_begins[c_room.c_found[place]])
        c_last = <const Pair*>(c_pairs + c_begins[c_room.c_found[place] + 1])
        while c_pair < c_last:
            if c_room.c_seen[c_pair.end] and c_pair.size <= size:
                meet(c_room, c_pair.output + 1)
            c_pair += 1


cdef void find_alone(
    const Machine* c_machine, const uint8_t* c_text, size_t size, Room* c_room
) noexcept nogil:
    """Look for the literals that no trie had room for."""
    cdef:
        const Alone* c_alone = <const Alone*>(c_machine.c_words + c_machine.c_header.alone)
        const uint8_t* c_sought
        uint32_t place
        bint stands
    for place in range(c_machine.c_header.alone_count):
        c_sought = c_machine.c_bytes + c_alone[place].text
        if c_alone[place].size > size:
            continue
        if c_alone[place].kind == CONTAINS:
            stands = memmem(c_text, size, c_sought, c_alone[place].size) != NULL
        elif c_alone[place].kind == ENDS:
            stands = memcmp(
                c_text + size - c_alone[place].size, c_sought, c_alone[place].size) == 0
        else:
            stands = (c_alone[place].kind == STARTS or c_alone[place].size == size) and memcmp(
                c_text, c_sought, c_alone[place].size) == 0
        if stands:
            meet(c_room, c_alone[place].output + 1)


# --- code points ----------------------------------------------------------------------------------

cdef inline uint32_t continuation(const uint8_t* c_at) noexcept nogil:
    return c_at[0] & 0x3F


cdef inline const uint8_t* decode(
    const uint8_t* c_at, const uint8_t* c_end, uint32_t* c_code_point
) noexcept nogil:
    """Read a code point; give where the next one begins. There is at least one byte."""
    cdef uint8_t lead = c_at[0]
    cdef ptrdiff_t left = c_end - c_at
    if lead < 0x80:
        c_code_point[0] = lead
        return c_at + 1
    if 0xC0 <= lead < 0xE0 and left >= 2:
        c_code_point[0] = <uint32_t>(lead & 0x1F) << 6 | continuation(c_at + 1)
        return c_at + 2
    if 0xE0 <= lead < 0xF0 and left >= 3:
        c_code_point[0] = (
            <uint32_t>(lead & 0x0F) << 12 | continuation(c_at + 1) << 6 | continuation(c_at + 2))
        return c_at + 3
    if lead >= 0xF0 and left >= 4:
        c_code_point[0] = (
            <uint32_t>(lead & 0x07) << 18 | continuation(c_at + 1) << 12
            | continuation(c_at + 2) << 6 | continuation(c_at + 3))
        return c_at + 4
    c_code_point[0] = REPLACEMENT
    return c_at + 1


# --- automata -------------------------------------------------------------------------------------

cdef inline uint32_t class_of(
    const Machine* c_machine, const Dfa* c_dfa, uint32_t code_point
) noexcept nogil:
    """Give the class of a code point: of the last run that begins at or before it."""
    cdef:
        const uint32_t* c_starts = c_machine.c_words + c_dfa.starts
        uint32_t low = 0, high = c_dfa.runs, middle
    while high - low > 1:
        middle = low + (high - low) // 2
        if c_starts[middle] <= code_point:
            low = middle
        else:
            high = middle
    return c_machine.c_halves[c_dfa.classes + low]


cdef void run_dfa(
    const Machine* c_machine, const Dfa* c_dfa, const uint8_t* c_at, const uint8_t* c_end,
    Room* c_room
) noexcept nogil:
    cdef:
        const uint8_t* c_ascii = c_machine.c_bytes + c_dfa.ascii
        const uint16_t* c_rows = c_machine.c_halves + c_dfa.rows
        uint32_t state = c_dfa.begin, code_point, read, output
    while c_at < c_end and state != DEAD:
        if c_at[0] < 0x80:
            read = c_ascii[c_at[0]]
            c_at += 1
        else:
            c_at = decode(c_at, c_end, &code_point)
            read = class_of(c_machine, c_dfa, code_point)
        state = c_rows[state * c_dfa.width + read]
    output = c_machine.c_words[c_dfa.outputs + state]
    if output:
        meet(c_room, output)


# --- instructions ---------------------------------------------------------------------------------

cdef inline void put(Set* c_set, uint32_t at) noexcept nogil:
    """Put an instruction into a set; what `c_places` says of others may be anything."""
    cdef uint32_t place = c_set.c_places[at]
    if place < c_set.count and c_set.c_members[place] == at:
        return
    c_set.c_places[at] = c_set.count
    c_set.c_members[c_set.count] = at
    c_set.count += 1


cdef void close(const Machine* c_machine, const Simulation* c_run, Set* c_set) noexcept nogil:
    """Add what the instructions of a set reach without reading."""
    cdef:
        const uint32_t* c_reads = c_machine.c_words + c_run.reads
        const uint32_t* c_goes = c_machine.c_words + c_run.goes
        const uint32_t* c_targets = c_machine.c_words + c_run.targets
        uint32_t place = 0, at, target
    while place < c_set.count:
        at = c_set.c_members[place]
        place += 1
        if c_reads[at] == 0:
            for target in range(c_goes[at], c_goes[at + 1]):
                put(c_set, c_targets[target])


cdef inline bint is_read(
    const Machine* c_machine, const Simulation* c_run, uint32_t number, uint32_t code_point
) noexcept nogil:
    """Whether a code point lies in one of the ranges; they ascend."""
    cdef:
        const uint32_t* c_begins = c_machine.c_words + c_run.char_begins
        const uint32_t* c_ranges = c_machine.c_words + c_run.ranges
        uint32_t low = c_begins[number] // 2, high = c_begins[number + 1] // 2, middle
    while low < high:
        middle = low + (high - low) // 2
        if code_point < c_ranges[2 * middle]:
            high = middle
        elif code_point > c_ranges[2 * middle + 1]:
            low = middle + 1
        else:
            return True
    return False


cdef void simulate(
    const Machine* c_machine, const Simulation* c_run, const uint8_t* c_at, const uint8_t* c_end,
    Room* c_room
) noexcept nogil:
    cdef:
        const uint32_t* c_reads = c_machine.c_words + c_run.reads
        const uint32_t* c_goes = c_machine.c_words + c_run.goes
        const uint32_t* c_targets = c_machine.c_words + c_run.targets
        size_t size = c_run.instructions
        Set now, after
        uint32_t place, at, code_point
    now.c_members, now.c_places = c_room.c_sets, c_room.c_sets + size
    after.c_members, after.c_places = c_room.c_sets + 2 * size, c_room.c_sets + 3 * size
    now.count = 0
    put(&now, c_run.begin)
    close(c_machine, c_run, &now)
    while c_at < c_end and now.count:
        c_at = decode(c_at, c_end, &code_point)
        after.count = 0
        for place in range(now.count):
            at = now.c_members[place]
            if c_reads[at] and is_read(c_machine, c_run, c_reads[at] - 1, code_point):
                put(&after, c_targets[c_goes[at]])
        close(c_machine, c_run, &after)
        now, after = after, now
    for place in range(now.count):
        if now.c_members[place] == 0:
            meet(c_room, c_run.output + 1)


# --- the whole ------------------------------------------------------------------------------------

cdef inline void run_one(
    const Machine* c_machine, uint32_t number, const uint8_t* c_text, const uint8_t* c_end,
    Room* c_room
) noexcept nogil:
    """Run an automaton, or the simulation of that number behind them."""
    cdef const Header* c_header = c_machine.c_header
    if number < c_header.dfa_count:
        run_dfa(
            c_machine, <const Dfa*>(c_machine.c_words + c_header.dfas) + number, c_text, c_end,
            c_room)
    else:
        simulate(
            c_machine, <const Simulation*>(c_machine.c_words + c_header.simulations)
            + (number - c_header.dfa_count), c_text, c_end, c_room)


cdef void run_started(
    const Machine* c_machine, const uint8_t* c_text, const uint8_t* c_end, Room* c_room
) noexcept nogil:
    """Run what the outputs start, each once."""
    cdef:
        const uint32_t* c_begins = c_machine.c_words + c_machine.c_header.starter_begins
        const uint32_t* c_starters = c_machine.c_words + c_machine.c_header.starters
        uint8_t* c_started = c_room.c_seen + c_machine.c_header.outputs
        uint32_t place, item, output, found = c_room.found
    for place in range(found):
        output = c_room.c_found[place]
        for item in range(c_begins[output], c_begins[output + 1]):
            if not c_started[c_starters[item]]:
                c_started[c_starters[item]] = True
                run_one(c_machine, c_starters[item], c_text, c_end, c_room)
    for place in range(found):
        output = c_room.c_found[place]
        for item in range(c_begins[output], c_begins[output + 1]):
            c_started[c_starters[item]] = False


cdef void run(
    const Machine* c_machine, const uint8_t* c_text, size_t size, Room* c_room
) noexcept nogil:
    cdef:
        const Header* c_header = c_machine.c_header
        const uint8_t* c_end = c_text + size
        uint32_t place, first, end
    if c_header == NULL:
        return
    find_contained(c_machine, c_text, c_end, c_room)
    if c_header.starter_count:
        run_started(c_machine, c_text, c_end, c_room)
    first = c_room.found
    find_at_end(c_machine, &c_header.begins_with, c_text, size, 1, c_room)
    end = c_room.found
    find_at_end(c_machine, &c_header.ends_with, c_end - 1 if size else c_end, size, -1, c_room)
    if c_header.pair_words:
        find_pairs(c_machine, size, first, end, c_room)
    find_alone(c_machine, c_text, size, c_room)
    for place in range(c_header.dfa_always):
        run_one(c_machine, place, c_text, c_end, c_room)
    for place in range(c_header.simulation_always):
        run_one(c_machine, c_header.dfa_count + place, c_text, c_end, c_room)


cdef size_t marks(const Machine* c_machine) noexcept nogil:
    cdef const Header* c_header = c_machine.c_header
    if c_header == NULL:
        return 0
    return <size_t>c_header.outputs + c_header.dfa_count + c_header.simulation_count


# --- taking a machine -----------------------------------------------------------------------------

cdef inline bint fits(uint32_t begin, uint64_t count, uint32_t size) noexcept nogil:
    """Whether a run of a pool lies in it."""
    return begin + count <= size


cdef bint are_below(const uint32_t* c_words, uint64_t count, uint32_t limit) noexcept nogil:
    cdef uint64_t place
    for place in range(count):
        if c_words[place] >= limit:
            return False
    return True


cdef bint are_bounds(const uint32_t* c_words, uint64_t count, uint32_t last) noexcept nogil:
    """Whether words ascend from zero to the last, which is one more than they are."""
    cdef uint64_t place
    if c_words[0] != 0 or c_words[count] != last:
        return False
    for place in range(count):
        if c_words[place] > c_words[place + 1]:
            return False
    return True


cdef bint take_outputs(const Machine* c_machine) noexcept nogil:
    cdef const Header* c_header = c_machine.c_header
    return (
        fits(c_header.output_begins, <uint64_t>c_header.outputs + 1, c_header.words)
        and fits(c_header.tests, c_header.test_count, c_header.words)
        and are_bounds(
            c_machine.c_words + c_header.output_begins, c_header.outputs, c_header.test_count)
    )


cdef bint take_starters(const Machine* c_machine) noexcept nogil:
    cdef const Header* c_header = c_machine.c_header
    cdef uint64_t runners = <uint64_t>c_header.dfa_count + c_header.simulation_count
    if c_header.starter_count == 0:
        return True
    return (
        runners < c_header.words
        and fits(c_header.starter_begins, <uint64_t>c_header.outputs + 1, c_header.words)
        and fits(c_header.starters, c_header.starter_count, c_header.words)
        and are_bounds(
            c_machine.c_words + c_header.starter_begins, c_header.outputs,
            c_header.starter_count)
        and are_below(
            c_machine.c_words + c_header.starters, c_header.starter_count, <uint32_t>runners)
    )


cdef bint take_branches(const Machine* c_machine, const Branches* c_branches) noexcept nogil:
    """Look at texts sought at one place: each edge of a state is there, and so has a state behind."""
    cdef:
        const Header* c_header = c_machine.c_header
        const Branch* c_nodes = <const Branch*>(c_machine.c_words + c_branches.nodes)
        uint64_t states = c_branches.states, place
        uint32_t count
    if not (
        states >= 1
        and (states == 1 or (
            fits(c_branches.first, BYTES, c_header.words)
            and are_below(c_machine.c_words + c_branches.first, BYTES, c_branches.states)))
        and fits(c_branches.nodes, states * (sizeof(Branch) // sizeof(uint32_t)), c_header.words)
        and fits(c_branches.labels, states - 1, c_header.octets)
    ):
        return False
    for place in range(states):
        count = c_nodes[place].edges & ((1 << EDGES) - 1)
        if <uint64_t>c_nodes[place].begin + count > states - 1:
            return False
        if max(c_nodes[place].output, c_nodes[place].whole) > c_header.outputs:
            return False
    return True


cdef bint take_trie(const Machine* c_machine, const Trie* c_trie) noexcept nogil:
    """Look at a trie: a state fails to a lower one, and a shorter text is of a lower one."""
    cdef:
        const Header* c_header = c_machine.c_header
        const uint32_t* c_words = c_machine.c_words
        const Entry* c_entry
        uint64_t states = c_trie.states
        uint32_t place
    if not (
        states >= 1
        and (states == 1 or (
            fits(c_trie.first, 256, c_header.words)
            and are_below(c_machine.c_words + c_trie.first, 256, c_trie.states)))
        and fits(c_trie.begins, states + 1, c_header.words)
        and fits(c_trie.fails, states, c_header.words)
        and fits(c_trie.entries, states * (sizeof(Entry) // sizeof(uint32_t)), c_header.words)
        and fits(c_trie.labels, states - 1, c_header.octets)
        and are_bounds(c_words + c_trie.begins, states, c_trie.states - 1)
    ):
        return False
    for place in range(states):
        c_entry = entries_of(c_machine, c_trie) + place
        if c_entry.shorter >= max(place, 1) or c_entry.output > c_header.outputs:
            return False
        if c_words[c_trie.fails + place] >= max(place, 1):
            return False
    return c_trie.dense == 0 or take_rows(c_machine, c_trie)


cdef bint take_rows(const Machine* c_machine, const Trie* c_trie) noexcept nogil:
    """Look at the rows of a trie: each leads to a state."""
    cdef:
        const Header* c_header = c_machine.c_header
        uint64_t place, cells = <uint64_t>c_trie.dense * c_trie.width
    if not (
        c_trie.dense <= c_trie.states and 0 < c_trie.width <= BYTES
        and fits(c_trie.classes, BYTES, c_header.octets)
        and fits(c_trie.rows, cells, c_header.halves)
    ):
        return False
    for place in range(BYTES):
        if c_machine.c_bytes[c_trie.classes + place] >= c_trie.width:
            return False
    for place in range(cells):
        if c_machine.c_halves[c_trie.rows + place] >= c_trie.states:
            return False
    return True


cdef bint take_pairs(const Machine* c_machine) noexcept nogil:
    """Look at the pairs: each is whole, and of outputs that there are."""
    cdef:
        const Header* c_header = c_machine.c_header
        const uint32_t* c_begins = c_machine.c_words + c_header.pair_begins
        const Pair* c_pairs = <const Pair*>(c_machine.c_words + c_header.pairs)
        uint32_t place
    if c_header.pair_words == 0:
        return True
    if not (
        fits(c_header.pair_begins, <uint64_t>c_header.outputs + 1, c_header.words)
        and fits(c_header.pairs, c_header.pair_words, c_header.words)
        and c_header.pair_words % PAIR_WORDS == 0
        and are_bounds(c_begins, c_header.outputs, c_header.pair_words)
    ):
        return False
    for place in range(c_header.outputs):
        if c_begins[place] % PAIR_WORDS:
            return False
    for place in range(c_header.pair_words // PAIR_WORDS):
        if max(c_pairs[place].end, c_pairs[place].output) >= c_header.outputs:
            return False
    return True


cdef bint take_dfa(const Machine* c_machine, const Dfa* c_dfa) noexcept nogil:
    cdef:
        const Header* c_header = c_machine.c_header
        const uint32_t* c_words = c_machine.c_words
        const uint16_t* c_halves = c_machine.c_halves
        uint64_t states = c_dfa.states, place
    if not (
        c_dfa.begin < states <= 0x10000 and 0 < c_dfa.width <= 0x10000 and c_dfa.runs
        and fits(c_dfa.starts, c_dfa.runs, c_header.words)
        and fits(c_dfa.outputs, states, c_header.words)
        and fits(c_dfa.ascii, 128, c_header.octets)
        and fits(c_dfa.classes, c_dfa.runs, c_header.halves)
        and fits(c_dfa.rows, states * c_dfa.width, c_header.halves)
        and are_below(c_words + c_dfa.outputs, states, c_header.outputs + 1)
    ):
        return False
    for place in range(128):
        if c_machine.c_bytes[c_dfa.ascii + place] >= c_dfa.width:
            return False
    for place in range(c_dfa.runs):
        if c_halves[c_dfa.classes + place] >= c_dfa.width:
            return False
    for place in range(states * c_dfa.width):
        if c_halves[c_dfa.rows + place] >= states:
            return False
    return True


cdef bint take_simulation(const Machine* c_machine, const Simulation* c_run) noexcept nogil:
    """Look at a simulation: what reads has a target, and the ranges come in pairs."""
    cdef:
        const Header* c_header = c_machine.c_header
        const uint32_t* c_words = c_machine.c_words
        uint64_t count = c_run.instructions, chars = c_run.chars, place
    if not (
        c_run.begin < count <= c_header.instructions and c_run.output < c_header.outputs
        and fits(c_run.reads, count, c_header.words)
        and fits(c_run.goes, count + 1, c_header.words)
        and fits(c_run.targets, c_run.target_count, c_header.words)
        and fits(c_run.char_begins, chars + 1, c_header.words)
        and fits(c_run.ranges, c_run.range_count, c_header.words)
        and are_below(c_words + c_run.reads, count, c_run.chars + 1)
        and are_bounds(c_words + c_run.goes, count, c_run.target_count)
        and are_below(c_words + c_run.targets, c_run.target_count, c_run.instructions)
        and are_bounds(c_words + c_run.char_begins, chars, c_run.range_count)
    ):
        return False
    for place in range(count):
        if c_words[c_run.reads + place] and (
            c_words[c_run.goes + place] == c_words[c_run.goes + place + 1]
        ):
            return False
    for place in range(chars):
        if c_words[c_run.char_begins + place] % 2:
            return False
    return c_run.range_count % 2 == 0


cdef bint take_alone(const Machine* c_machine, const Alone* c_alone) noexcept nogil:
    return (
        c_alone.kind <= LIKE
        and fits(c_alone.text, c_alone.size, c_machine.c_header.octets)
        and c_alone.output < c_machine.c_header.outputs
    )


cdef bint take_records(const Machine* c_machine) noexcept nogil:
    cdef:
        const Header* c_header = c_machine.c_header
        const Dfa* c_dfas = <const Dfa*>(c_machine.c_words + c_header.dfas)
        const Simulation* c_runs = <const Simulation*>(c_machine.c_words + c_header.simulations)
        const Alone* c_alone = <const Alone*>(c_machine.c_words + c_header.alone)
        uint64_t words = sizeof(uint32_t), place
    if not (
        c_header.dfa_always <= c_header.dfa_count
        and c_header.simulation_always <= c_header.simulation_count
        and fits(c_header.dfas, c_header.dfa_count * (sizeof(Dfa) // words), c_header.words)
        and fits(
            c_header.simulations, c_header.simulation_count * (sizeof(Simulation) // words),
            c_header.words)
        and fits(c_header.alone, c_header.alone_count * (sizeof(Alone) // words), c_header.words)
    ):
        return False
    for place in range(c_header.dfa_count):
        if not take_dfa(c_machine, &c_dfas[place]):
            return False
    for place in range(c_header.simulation_count):
        if not take_simulation(c_machine, &c_runs[place]):
            return False
    for place in range(c_header.alone_count):
        if not take_alone(c_machine, &c_alone[place]):
            return False
    return True


cdef bint take(Machine* c_machine, const uint8_t* c_data, size_t size) noexcept nogil:
    cdef const Header* c_header = <const Header*>c_data
    cdef size_t words
    if size < sizeof(Header) or <size_t>c_data % sizeof(uint32_t) or c_header.magic != MAGIC:
        return False
    words = <size_t>c_header.words * 4
    if c_header.instructions > c_header.words or words < sizeof(Header):
        return False
    if words + <size_t>c_header.halves * 2 + c_header.octets != size:
        return False
    c_machine.c_header = c_header
    c_machine.c_words = <const uint32_t*>c_data
    c_machine.c_halves = <const uint16_t*>(c_data + words)
    c_machine.c_bytes = c_data + words + <size_t>c_header.halves * 2
    return (
        take_outputs(c_machine)
        and take_starters(c_machine)
        and take_trie(c_machine, &c_header.contains)
        and take_branches(c_machine, &c_header.begins_with)
        and take_branches(c_machine, &c_header.ends_with)
        and take_records(c_machine)
        and take_pairs(c_machine)
    )


# --- for Python -----------------------------------------------------------------------------------

cdef char* room(list memory, size_t size):
    """Give zeroed memory that lives as long as the list."""
    block = bytearray(size or 1)
    memory.append(block)
    return PyByteArray_AS_STRING(block)


cdef class TextMachine:
    """A machine with room of its own, for tests and measures; one thread at a time.

    Raises `ValueError` for bytes that are no machine.
    """

    def __cinit__(self, bytes laid):
        self._laid = laid
        self._memory = []
        if not take(
            &self.machine, <const uint8_t*>PyBytes_AS_STRING(laid), PyBytes_GET_SIZE(laid)
        ):
            raise ValueError("no machine")
        self.room.c_seen = <uint8_t*>room(self._memory, marks(&self.machine))
        self.room.c_found = <uint32_t*>room(
            self._memory, 4 * (<size_t>self.machine.c_header.outputs + 1))
        self.room.c_sets = <uint32_t*>room(
            self._memory, 16 * <size_t>self.machine.c_header.instructions)

    def tests_of(self, bytes text):
        """Give the tests that hold for a value in UTF-8."""
        cdef const uint32_t* c_begins = output_begins(&self.machine)
        cdef const uint32_t* c_tests = tests_of(&self.machine)
        cdef uint32_t place, output, item
        found = set()
        run(
            &self.machine, <const uint8_t*>PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text),
            &self.room)
        for place in range(self.room.found):
            output = self.room.c_found[place]
            for item in range(c_begins[output], c_begins[output + 1]):
                found.add(c_tests[item])
        clear(&self.room)
        return found

    def time(self, bytes text, uint32_t times):
        """Run so many times over a value; give how many outputs were met."""
        cdef:
            const uint8_t* c_text = <const uint8_t*>PyBytes_AS_STRING(text)
            size_t size = PyBytes_GET_SIZE(text), met = 0
            uint32_t turn
        for turn in range(times):
            run(&self.machine, c_text, size, &self.room)
            met += self.room.found
            clear(&self.room)
        return met
