# Letters without Python: decoding and folding where no letter needs its neighbours.

from libc.stdint cimport uint8_t, uint16_t

# How the bytes of a text become characters (docs/reading.md, 6).
cdef enum Repertoire:
    ASCII_ONLY      # bytes from 0x80 up are U+FFFD each
    LATIN           # ISO 8859-1
    LATIN_EXTENDED  # the same, until an escape sequence comes
    UTF_8
    OTHER           # for Python

cdef enum:
    WIDEST = 3      # bytes that one byte can become, decoded or folded

cdef Repertoire repertoire_of(const uint8_t* c_declared, size_t size) noexcept nogil
cdef bint is_by_character_set(uint16_t vr) noexcept nogil
cdef bint is_ascii(const uint8_t* c_text, size_t size) noexcept nogil
cdef bint is_native(Repertoire repertoire, const uint8_t* c_text, size_t size) noexcept nogil
cdef size_t decode(
    Repertoire repertoire, const uint8_t* c_text, size_t size, uint8_t* c_out) noexcept nogil
cdef size_t fold(const uint8_t* c_text, size_t size, uint8_t* c_out) noexcept nogil
