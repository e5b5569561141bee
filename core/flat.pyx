"""Memory that a list keeps, so that nobody has to free it, and what is made in it."""

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from roteiro.core.bitset cimport QUEUE, SHORT, Bits, Clauses, Frame
from roteiro.core.values cimport hash_text


cdef enum:
    LINE = 64  # bytes of a line of the cache


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
