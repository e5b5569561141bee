"""P-DATA in place: bytes of a peer become whole PDUs, command sets and data set fragments."""

from libc.stdint cimport uint8_t, uint32_t

# What a peer got wrong. Values are stable: they stand in logs and counters.
cpdef enum Fault:
    PDU_TYPE = 1  # not one of the seven types of PS3.8 9.3
    PDU_LENGTH = 2  # longer than announced, or not the length that this type has
    PDU_UNEXPECTED = 3  # P-DATA before an association was accepted
    PDV_LENGTH = 4  # shorter than its two bytes of header, or past the end of its PDU
    CONTEXT_UNKNOWN = 5  # no accepted presentation context has this id
    CONTEXT_CHANGED = 6  # a fragment on another context than the message began with
    COMMAND_LENGTH = 7  # command set above the limit
    COMMAND_UNEXPECTED = 8  # a command fragment where a data set has to follow
    DATA_UNEXPECTED = 9  # a data set fragment without a command that announced one


cdef class Receiver:
    # the buffer: [head, tail) was received and not used yet
    cdef bytearray _buffer
    cdef object _writable
    cdef object _readable
    cdef uint8_t* c_data
    cdef Py_ssize_t _capacity
    cdef Py_ssize_t _full
    cdef Py_ssize_t _head
    cdef Py_ssize_t _tail

    # limits
    cdef uint32_t _pdu_limit
    cdef uint32_t _request_limit
    cdef Py_ssize_t _command_limit

    # the message that is arriving
    cdef Py_ssize_t _pdu_left  # bytes of the P-DATA PDU whose PDVs are being read
    cdef bytearray _command  # fragments so far
    cdef int _context  # of the message; -1 between messages
    cdef bint _data_follows

    # the association
    cdef uint8_t[256] _accepted
    cdef bint _established
    cdef bint _held
    cdef bint _closed
    cdef bint _parsing
    cdef object _handler

    cpdef object get_buffer(self)
    cpdef object feed(self, Py_ssize_t count)

    cdef int _parse(self) except -1
    cdef bint _step(self) except -1
    cdef bint _whole_pdu(self, const uint8_t* c_pdu, Py_ssize_t have) except -1
    cdef bint _one_pdv(self) except -1
    cdef int _take_command(self, Py_ssize_t start, Py_ssize_t count, bint last) except -1
    cdef int _take_data(self, Py_ssize_t start, Py_ssize_t count, bint last) except -1
    cdef int _fail(self, Fault fault) except -1
    cdef int _make_room(self) except -1
    cdef int _grow(self) except -1
