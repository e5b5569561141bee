"""P-DATA in place: bytes of a peer become whole PDUs, command sets and data set fragments.

Theory of operation. The receiver owns the buffer that the transport writes to. `feed` looks at
`[head, tail)`: the header of a PDU is judged from its first byte on (a type that does not exist is
refused at byte 1, a length at byte 6, before anything is waited for), the PDU is used when it is
whole. P-DATA is used PDV by PDV, so that a handler can stop between two events; everything else
goes out as bytes. After a fault or `close` nothing is read any more.

No length is trusted: each is compared with what is there before a byte behind it is touched, and
no allocation depends on one.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy, memmove, memset

cdef enum:
    HEADER = 6  # type, reserved, length (PS3.8 9.3.1)
    PDV_HEADER = 6  # length, context id, message control header (PS3.8 9.3.5.1, annex E.2)
    RQ = 0x01
    AC = 0x02
    P_DATA = 0x04
    ABORT = 0x07
    SHORT = 4  # A-ASSOCIATE-RJ, A-RELEASE-RQ, A-RELEASE-RP, A-ABORT
    ASSOCIATE_LEAST = 68  # the fixed fields of an A-ASSOCIATE PDU
    COMMAND_BIT = 1
    LAST_BIT = 2
    SMALL = 8192  # the buffer of a peer that has not sent much
    LEAST = 1024  # of one whose bytes are let go


cdef inline uint32_t be32(const uint8_t* p) noexcept nogil:
    return (<uint32_t>p[0] << 24) | (<uint32_t>p[1] << 16) | (<uint32_t>p[2] << 8) | p[3]


cdef inline void put_be32(uint8_t* p, uint32_t value) noexcept nogil:
    p[0] = (value >> 24) & 0xFF
    p[1] = (value >> 16) & 0xFF
    p[2] = (value >> 8) & 0xFF
    p[3] = value & 0xFF


cdef inline bint good_length(
    uint8_t pdu_type, uint32_t length, uint32_t pdu_limit, uint32_t request_limit
) noexcept nogil:
    if pdu_type == P_DATA:
        return PDV_HEADER <= length <= pdu_limit
    if pdu_type == RQ or pdu_type == AC:
        return ASSOCIATE_LEAST <= length <= request_limit
    return length == SHORT


cdef class Receiver:
    """The receiving end of one association; see the typed face."""

    def __init__(
        self,
        handler,
        *,
        uint32_t pdu_limit=131072,
        uint32_t request_limit=65536,
        Py_ssize_t command_limit=16384,
    ):
        self._handler = handler
        self._pdu_limit = pdu_limit
        self._request_limit = request_limit
        self._command_limit = command_limit
        self._full = 2 * (max(pdu_limit, request_limit) + HEADER)
        self._command = bytearray()
        self._context = -1
        memset(self._accepted, 0, sizeof(self._accepted))
        self._use(bytearray(min(SMALL, self._full)))

    def _use(self, bytearray buffer):
        self._buffer = buffer
        self._writable = memoryview(buffer)
        self._readable = self._writable.toreadonly()
        self.c_data = <uint8_t*>PyByteArray_AS_STRING(buffer)
        self._capacity = len(buffer)

    @property
    def held(self):
        return self._held

    @property
    def midway(self):
        return self._tail > self._head or self._pdu_left > 0 or self._context >= 0

    @property
    def unread(self):
        return self._tail - self._head

    cpdef object get_buffer(self):
        self._make_room()
        return self._writable[self._tail:]

    cpdef object feed(self, Py_ssize_t count):
        if count < 0 or count > self._capacity - self._tail:
            raise ValueError("more bytes than there was room for")
        self._tail += count
        if self._closed:
            self._head = self._tail = 0
        elif not self._parsing:
            self._parse()

    def push(self, data):
        cdef Py_ssize_t count
        rest = memoryview(data)
        while len(rest):
            room = self.get_buffer()
            count = min(len(room), len(rest))
            room[:count] = rest[:count]
            rest = rest[count:]
            self.feed(count)

    def open(self, contexts):
        for context in contexts:
            self._accepted[<uint8_t>context] = 1
        self._established = True

    def hold(self):
        self._held = True

    def resume(self):
        self._held = False
        if not (self._parsing or self._closed):
            self._parse()

    def close(self):
        self._closed = True
        self._context = -1
        self._pdu_left = 0
        if not self._parsing:
            self._shrink()

    def _shrink(self):
        """Give the buffer back: a closed association waits for the collector of cycles."""
        self._head = self._tail = 0
        self._command = bytearray()
        if self._capacity > LEAST:
            self._use(bytearray(LEAST))

    cdef int _make_room(self) except -1:
        """Keep room for the rest of the PDU that has begun, and always for something."""
        cdef Py_ssize_t need = HEADER
        if self._head == self._tail:
            self._head = self._tail = 0
        elif self._tail - self._head >= HEADER and self._pdu_left == 0:
            need = HEADER + <Py_ssize_t>be32(self.c_data + self._head + 2)
        if need > self._capacity:
            self._grow()
        elif self._capacity - self._head < need or self._capacity - self._tail < SMALL // 2:
            self._compact()
        if self._tail == self._capacity:
            raise BufferError("the receiver is held and full")

    def _compact(self):
        if self._head:
            memmove(self.c_data, self.c_data + self._head, self._tail - self._head)
            self._tail -= self._head
            self._head = 0
        if self._tail == self._capacity and self._capacity < self._full:
            self._grow()

    cdef int _grow(self) except -1:
        """Take the full buffer; a declared length only says that it is wanted."""
        cdef bytearray old = self._buffer
        cdef Py_ssize_t count = self._tail - self._head
        cdef const uint8_t* c_old = self.c_data + self._head
        if self._capacity >= self._full:
            return 0
        self._use(bytearray(self._full))
        memcpy(self.c_data, c_old, count)  # `old` lives until the end of this call
        self._head = 0
        self._tail = count
        old = None
        return 0

    cdef int _parse(self) except -1:
        cdef bint filled = self._tail == self._capacity
        self._parsing = True
        try:
            while not (self._held or self._closed) and self._step():
                pass
        finally:
            self._parsing = False
        if self._closed:
            self._shrink()
        elif self._head == self._tail:
            self._head = self._tail = 0
        if filled and not self._closed and self._capacity < self._full:
            self._grow()
        return 0

    cdef bint _step(self) except -1:
        """Use the next PDV or PDU; say whether there may be more."""
        cdef Py_ssize_t have = self._tail - self._head
        if self._pdu_left:
            return self._one_pdv()
        if have == 0:
            return False
        return self._whole_pdu(self.c_data + self._head, have)

    cdef bint _whole_pdu(self, const uint8_t* c_pdu, Py_ssize_t have) except -1:
        cdef uint32_t length
        if not RQ <= c_pdu[0] <= ABORT:
            self._fail(Fault.PDU_TYPE)
            return False
        if c_pdu[0] == P_DATA and not self._established:
            self._fail(Fault.PDU_UNEXPECTED)
            return False
        if have < HEADER:
            return False
        length = be32(c_pdu + 2)
        if not good_length(c_pdu[0], length, self._pdu_limit, self._request_limit):
            self._fail(Fault.PDU_LENGTH)
            return False
        if have - HEADER < <Py_ssize_t>length:
            return False
        self._head += HEADER
        if c_pdu[0] == P_DATA:
            self._pdu_left = length
            return True
        self._head += length
        self._handler.pdu(PyBytes_FromStringAndSize(<const char*>c_pdu, HEADER + length))
        return True

    cdef bint _one_pdv(self) except -1:
        """Use one PDV of a PDU that is whole: `_pdu_left` bytes from `_head` are there."""
        cdef const uint8_t* c_pdv = self.c_data + self._head
        cdef Py_ssize_t start = self._head + PDV_HEADER
        cdef uint32_t length
        cdef uint8_t context, control
        if self._pdu_left < PDV_HEADER:
            self._fail(Fault.PDV_LENGTH)
            return False
        length = be32(c_pdv)
        if length < 2 or <Py_ssize_t>length > self._pdu_left - 4:
            self._fail(Fault.PDV_LENGTH)
            return False
        context = c_pdv[4]
        control = c_pdv[5]
        if not self._accepted[context]:
            self._fail(Fault.CONTEXT_UNKNOWN)
            return False
        if self._context >= 0 and self._context != context:
            self._fail(Fault.CONTEXT_CHANGED)
            return False
        self._head += 4 + <Py_ssize_t>length
        self._pdu_left -= 4 + <Py_ssize_t>length
        self._context = context
        if control & COMMAND_BIT:
            self._take_command(start, <Py_ssize_t>length - 2, control & LAST_BIT)
        else:
            self._take_data(start, <Py_ssize_t>length - 2, control & LAST_BIT)
        return True

    cdef int _take_command(self, Py_ssize_t start, Py_ssize_t count, bint last) except -1:
        if self._data_follows:
            return self._fail(Fault.COMMAND_UNEXPECTED)
        if len(self._command) + count > self._command_limit:
            return self._fail(Fault.COMMAND_LENGTH)
        piece = PyBytes_FromStringAndSize(<const char*>self.c_data + start, count)
        if not last:
            self._command += piece
            return 0
        if self._command:
            piece = bytes(self._command) + piece
            self._command = bytearray()
        context = self._context
        self._context = -1
        if self._handler.command(context, piece) and not self._closed:
            self._data_follows = True
            self._context = context
        return 0

    cdef int _take_data(self, Py_ssize_t start, Py_ssize_t count, bint last) except -1:
        if not self._data_follows:
            return self._fail(Fault.DATA_UNEXPECTED)
        if last:
            self._data_follows = False
            self._context = -1
        view = self._readable[start:start + count]
        self._handler.fragment(view, bool(last))
        view.release()
        return 0

    cdef int _fail(self, Fault fault) except -1:
        self.close()
        self._handler.fault(fault)
        return 0


def frame(const uint8_t[::1] data, int context, Py_ssize_t maximum, *, bint command=False, bint last=True):
    """Frame a piece of a command or data set; see the typed face."""
    cdef Py_ssize_t room = (maximum - PDV_HEADER) & ~1
    cdef Py_ssize_t left = data.shape[0]
    cdef Py_ssize_t count = (left + room - 1) // room if room > 0 else 0
    cdef const uint8_t* c_in = &data[0] if left else NULL
    cdef uint8_t* c_out
    cdef Py_ssize_t take
    if room < 2 or not 1 <= context <= 255:
        raise ValueError("no PDU of this length, or no such context")
    if left == 0:
        if not last:
            return b""
        count = 1
    out = PyBytes_FromStringAndSize(NULL, left + count * (HEADER + PDV_HEADER))
    c_out = <uint8_t*>PyBytes_AS_STRING(out)
    with nogil:
        while count:
            count -= 1
            take = min(left, room)
            c_out[0] = P_DATA
            c_out[1] = 0
            put_be32(c_out + 2, <uint32_t>(take + PDV_HEADER))
            put_be32(c_out + 6, <uint32_t>(take + 2))
            c_out[10] = <uint8_t>context
            c_out[11] = (COMMAND_BIT if command else 0) | (LAST_BIT if last and count == 0 else 0)
            if take:
                memcpy(c_out + HEADER + PDV_HEADER, c_in, take)
            c_in += take
            c_out += HEADER + PDV_HEADER + take
            left -= take
    return out
