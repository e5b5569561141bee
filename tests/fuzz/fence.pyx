"""The engine on blocks of exactly the size of what it may read.

A bytes object has a zero behind it and a bytearray has room to grow, where a read past the end is
not seen. Here an object, a machine and a text each have a block of their own, and what a receiver
has not received yet is out of bounds while it parses.

Only a copy that is built with the address sanitizer has this module.
"""

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

from roteiro.core.machines cimport Machine, Room, clear, marks, output_begins, run, take
from roteiro.core.machines cimport tests_of as machine_tests
from roteiro.core.matcher cimport CompiledMatcher, Members, Scratch, Status
from roteiro.core.pdata cimport Receiver

cdef extern from "sanitizer/asan_interface.h" nogil:
    void poison "__asan_poison_memory_region"(const void*, size_t)
    void unpoison "__asan_unpoison_memory_region"(const void*, size_t)


cdef uint8_t* exact(const uint8_t* c_data, size_t size) noexcept nogil:
    """Copy bytes to a block of their size; of no bytes none may be read."""
    cdef uint8_t* c_block = <uint8_t*>malloc(size or 1)
    if size:
        memcpy(c_block, c_data, size)
    else:
        poison(c_block, 1)
    return c_block


cdef class Block:
    """Bytes in a block of their own, of which nothing between the given places may be read."""

    cdef uint8_t* c_bytes
    cdef Py_ssize_t size

    def __cinit__(self, bytes data, gaps):
        cdef size_t begin, end
        self.size = PyBytes_GET_SIZE(data)
        self.c_bytes = exact(<const uint8_t*>PyBytes_AS_STRING(data), self.size)
        for begin, end in gaps:
            poison(self.c_bytes + begin, end - begin)

    def __getbuffer__(self, Py_buffer* c_view, int flags):
        PyBuffer_FillInfo(c_view, self, self.c_bytes, self.size, 1, flags)

    def __dealloc__(self):
        unpoison(self.c_bytes, self.size)
        free(self.c_bytes)


cdef class FencedMatcher(CompiledMatcher):
    """Reads each object in a block of its own, which is gone when it was decided."""

    cdef Status decide_raw(
        self, Scratch scratch, const uint8_t* c_data, size_t size, int code, Members members,
        bint complete
    ) noexcept nogil:
        cdef uint8_t* c_block = exact(c_data, size)
        cdef Status status = CompiledMatcher.decide_raw(
            self, scratch, c_block, size, code, members, complete)
        free(c_block)
        return status


cdef class FencedReceiver(Receiver):
    """Parses with all out of bounds that was not received."""

    cdef int _parse(self) except -1:
        cdef bytearray buffer = self._buffer  # lives until its bytes may be read again
        cdef uint8_t* c_end = self.c_data + self._tail
        cdef size_t left = self._capacity - self._tail + 1
        poison(c_end, left)
        try:
            return Receiver._parse(self)
        finally:
            unpoison(c_end, left)
            buffer = None


cdef class FencedMachine:
    """A laid machine and all the room that a run takes, each in a block of its own."""

    cdef Machine machine
    cdef Room room
    cdef uint8_t* c_laid

    def __cinit__(self, bytes laid):
        cdef size_t size = PyBytes_GET_SIZE(laid)
        self.c_laid = exact(<const uint8_t*>PyBytes_AS_STRING(laid), size)
        if not take(&self.machine, self.c_laid, size):
            raise ValueError("no machine")
        self.room.c_seen = <uint8_t*>calloc(marks(&self.machine), 1)
        self.room.c_found = <uint32_t*>calloc(<size_t>self.machine.c_header.outputs + 1, 4)
        self.room.c_sets = <uint32_t*>calloc(self.machine.c_header.instructions, 16)

    def __dealloc__(self):
        free(self.room.c_seen)
        free(self.room.c_found)
        free(self.room.c_sets)
        free(self.c_laid)

    def tests_of(self, bytes text):
        """Give the tests that hold for a value."""
        cdef size_t size = PyBytes_GET_SIZE(text)
        cdef uint8_t* c_text = exact(<const uint8_t*>PyBytes_AS_STRING(text), size)
        cdef const uint32_t* c_begins = output_begins(&self.machine)
        cdef uint32_t place, output, item
        found = set()
        run(&self.machine, c_text, size, &self.room)
        for place in range(self.room.found):
            output = self.room.c_found[place]
            for item in range(c_begins[output], c_begins[output + 1]):
                found.add(machine_tests(&self.machine)[item])
        clear(&self.room)
        free(c_text)
        return found
