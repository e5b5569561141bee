"""Memory that a list keeps, so that nobody has to free it, and what is made in it."""

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from roteiro.core.bitset cimport NO_SET, QUEUE, SHORT, Bits, Clauses, Frame, Slice, Ways
from roteiro.core.machines cimport Machine, output_begins, tests_of
from roteiro.core.values cimport FieldPlan, hash_text


WAYS = 1 << 16
"""Clauses and tests that the outputs of a field may come to, all together."""

cdef enum:
    LINE = 64       # bytes of a line of the cache
    VALUED_AT = 3   # place of the mask of a valued field


cdef void* room(list memory, size_t size):
    """Give zeroed memory that lives as long as the list."""
    block = bytearray(size or 1)
    memory.append(block)
    return PyByteArray_AS_STRING(block)


cdef void* rough_room(list memory, size_t size):
    """Give memory as it is: who has much of it and uses little touches only that."""
    block = PyBytes_FromStringAndSize(NULL, size)
    memory.append(block)
    return PyBytes_AS_STRING(block)


cdef uint64_t* wide_room(list memory, size_t size):
    """Give memory as it is, at the beginning of a line of the cache."""
    cdef size_t place = <size_t>rough_room(memory, size + LINE - 1)
    return <uint64_t*>((place + LINE - 1) // LINE * LINE)


cdef void lay_bits(Bits* c_bits, list memory, const Clauses* c_clauses) except *:
    """Make room for the work on one object, or on one item at a time."""
    c_bits.c_live = wide_room(memory, 8 * c_clauses.words)
    c_bits.c_rows = wide_room(memory, 8 * <size_t>c_clauses.words * c_clauses.fields)
    c_bits.c_masks = <const uint64_t**>room(memory, sizeof(void*) * c_clauses.fields)
    c_bits.c_wanted_hits = <uint32_t*>room(memory, 4 * c_clauses.conditions)
    c_bits.c_unwanted_hits = <uint32_t*>room(memory, 4 * c_clauses.conditions)
    c_bits.c_asked = <uint32_t*>room(memory, 4 * c_clauses.conditions)
    c_bits.c_failed = <uint32_t*>room(memory, 4 * c_clauses.conditions)
    c_bits.c_queue = <uint32_t*>rough_room(memory, 4 * (QUEUE + SHORT))
    c_bits.c_holds = <uint8_t*>room(memory, c_clauses.tests)
    c_bits.c_state = <uint8_t*>room(memory, c_clauses.fields)
    c_bits.c_results = <uint8_t*>room(memory, c_clauses.steps)
    c_bits.c_computed = <uint32_t*>room(memory, 4 * c_clauses.steps)
    c_bits.c_frames = <Frame*>room(memory, sizeof(Frame) * c_clauses.steps)
    c_bits.c_found = <uint32_t*>rough_room(memory, 4 * (64 * <size_t>c_clauses.words + 2))
    c_bits.c_fired = <uint32_t*>rough_room(memory, 4 * (<size_t>c_clauses.most_fired + 1))
    c_bits.c_items = <uint32_t*>room(memory, 4 * c_clauses.asked)
    c_bits.c_some = <uint32_t*>room(memory, 4 * c_clauses.asked)


# --- what outputs come to -------------------------------------------------------------------------

cdef inline uint32_t outputs_of(const Machine* c_machine) noexcept:
    return 0 if c_machine.c_header == NULL else c_machine.c_header.outputs


cdef inline bint is_alone(const Clauses* c_clauses, uint32_t test) noexcept:
    """Whether a test is all that one condition wants, whose clauses are known by number."""
    cdef Slice alone = c_clauses.c_alone_of[test - c_clauses.first_test]
    return alone.begin != alone.end


cdef uint64_t weight_of(const Machine* c_machine, const Clauses* c_clauses) noexcept:
    """Give how many clauses and tests the outputs of a machine come to."""
    cdef uint32_t item
    cdef uint64_t weight = 0
    cdef Slice alone
    for item in range(0 if c_machine.c_header == NULL else c_machine.c_header.test_count):
        alone = c_clauses.c_alone_of[tests_of(c_machine)[item] - c_clauses.first_test]
        weight += max(alone.end - alone.begin, 1)
    return weight


cdef uint32_t write_ways(
    const Machine* c_machine, const Clauses* c_clauses, uint32_t* c_begins, uint32_t* c_items,
    uint32_t at
) noexcept:
    """Write what each output comes to, clauses before tests; give where the next one is written."""
    cdef uint32_t output, item, place, test
    cdef Slice alone
    for output in range(outputs_of(c_machine)):
        c_begins[2 * output] = at
        for item in range(output_begins(c_machine)[output], output_begins(c_machine)[output + 1]):
            alone = c_clauses.c_alone_of[tests_of(c_machine)[item] - c_clauses.first_test]
            for place in range(alone.begin, alone.end):
                c_items[at] = c_clauses.c_postings[place]
                at += 1
        c_begins[2 * output + 1] = at
        for item in range(output_begins(c_machine)[output], output_begins(c_machine)[output + 1]):
            test = tests_of(c_machine)[item]
            if not is_alone(c_clauses, test):
                c_items[at] = test
                at += 1
    c_begins[2 * <size_t>outputs_of(c_machine)] = at
    return at


cdef void lay_ways(
    Ways* c_ways, list memory, const Clauses* c_clauses, uint32_t place, const FieldPlan* c_field
) except *:
    """Write what the outputs of a field come to, unless virtual booleans must know its tests, it has
    no sets, or that would be too much."""
    cdef uint64_t weight = weight_of(&c_field.patterns, c_clauses) + weight_of(
        &c_field.folded_patterns, c_clauses)
    cdef uint32_t plain = outputs_of(&c_field.patterns), folded = outputs_of(&c_field.folded_patterns)
    cdef uint32_t at
    if not weight or weight > <uint64_t>WAYS or c_clauses.steps or (
        c_clauses.c_mask_of[4 * <size_t>place + VALUED_AT] == NO_SET
    ):
        return
    c_ways.c_plain = <uint32_t*>room(memory, 4 * (2 * <size_t>plain + 1))
    c_ways.c_folded = <uint32_t*>room(memory, 4 * (2 * <size_t>folded + 1))
    c_ways.c_items = <uint32_t*>room(memory, 4 * (weight + SHORT))
    at = write_ways(
        &c_field.patterns, c_clauses, <uint32_t*>c_ways.c_plain, <uint32_t*>c_ways.c_items, 0)
    write_ways(
        &c_field.folded_patterns, c_clauses, <uint32_t*>c_ways.c_folded, <uint32_t*>c_ways.c_items,
        at)


def hashed(list texts, uint32_t first):
    """Give the hash table of some texts: open addressing, half empty.

    A slot has the number of a text plus one, `first` being that of the first one, or zero.
    """
    cdef:
        uint32_t size = 2, place, number
        uint32_t* c_slots
        bytes text
        list memory = []
    while size < 2 * len(texts):
        size *= 2
    c_slots = <uint32_t*>room(memory, 4 * <size_t>size)
    for number, text in enumerate(texts):
        place = <uint32_t>hash_text(<const uint8_t*>PyBytes_AS_STRING(text), len(text)) & (size - 1)
        while c_slots[place]:
            place = (place + 1) & (size - 1)
        c_slots[place] = first + number + 1
    return bytes(memory[0])
