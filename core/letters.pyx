"""Letters without Python: text of the default repertoire, ISO_IR 100 and ISO_IR 192.

A letter is *simple* when NFC leaves it alone whatever stands around it: it is no combining mark,
composes with nothing before it, and has no other form. Most of what names and descriptions are
written with is: all letters below U+0530 that are no marks, kana, the common Han and Hangul. Of
those below U+0530 a table says what each folds to, the others fold to themselves; so a text of
simple letters is decoded and folded letter by letter. Any other text is for Python (`text`).

Rules of this file: pointer and length travel together; nothing is read at or beyond `size`; what is
written takes at most `WIDEST` bytes for a byte that was read. Sections of docs/reading.md are cited.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy

from roteiro.core.tags cimport LO, LT, PN, SH, ST, UC, UT

from unicodedata import combining, normalize

cdef enum:
    ESCAPE = 0x1B
    REPLACEMENT = 0xFFFD
    LETTERS = 0x530         # in the table
    HIGH = 0x80

cdef uint64_t c_high_bits = 0x8080808080808080U
cdef uint64_t c_low_bits = 0x0101010101010101U
cdef uint64_t c_escapes = 0x1B1B1B1B1B1B1B1BU

# One letter of the table.
cdef struct Letter:
    bint is_simple
    uint8_t size            # of what it folds to
    uint8_t[7] c_folded     # UTF-8

cdef Letter[LETTERS] c_letters


def _fill():
    for number in range(LETTERS):
        letter = chr(number)
        folded = normalize("NFC", normalize("NFC", letter).casefold()).encode()
        is_simple = normalize("NFC", letter) == letter and not combining(letter)
        c_letters[number].is_simple = is_simple
        c_letters[number].size = len(folded)
        for place, byte in enumerate(folded):
            c_letters[number].c_folded[place] = byte


_fill()


# --- which repertoire -----------------------------------------------------------------------------

cdef inline bint is_term(
    const uint8_t* c_text, size_t size, const char* c_term, size_t length
) noexcept nogil:
    return size == length and memcmp(c_text, c_term, length) == 0


cdef Repertoire repertoire_of(const uint8_t* c_declared, size_t size) noexcept nogil:
    """Tell how text is decoded by a Specific Character Set that is not empty (6.3, 6.4)."""
    cdef:
        const uint8_t* c_end = <const uint8_t*>memchr(c_declared, c'\\', size)
        bint has_several = c_end != NULL
    if not has_several:
        c_end = c_declared + size
    while c_end > c_declared and c_end[-1] in (c' ', 0):
        c_end -= 1
    while c_end > c_declared and c_declared[0] == c' ':
        c_declared += 1
    size = c_end - c_declared
    if is_term(c_declared, size, b"ISO_IR 192", 10):
        return UTF_8
    if is_term(c_declared, size, b"ISO 2022 IR 100", 15):
        return LATIN_EXTENDED
    if is_term(c_declared, size, b"ISO_IR 100", 10):
        return LATIN_EXTENDED if has_several else LATIN
    if has_several:
        return OTHER
    if is_term(c_declared, size, b"ISO_IR 6", 8):
        return ASCII_ONLY
    if size >= 2 and (memcmp(c_declared, b"IS", 2) == 0 or memcmp(c_declared, b"GB", 2) == 0):
        return OTHER
    return ASCII_ONLY


cdef bint is_by_character_set(uint16_t vr) noexcept nogil:
    return vr in (SH, LO, UC, ST, LT, UT, PN)


# --- what needs no neighbours -----------------------------------------------------------------------

cdef bint is_ascii(const uint8_t* c_text, size_t size) noexcept nogil:
    """Whether a text is the same in every repertoire: no high byte and no escape sequence.

    Of eight bytes those less the escape's become zero; taking one from each then sets the high bit
    of what was zero. A byte behind one that was may have it set wrongly: there is an escape then.
    """
    cdef size_t at = 0
    cdef uint64_t word, apart, high = 0
    cdef uint8_t byte
    while size - at >= 8:
        memcpy(&word, c_text + at, 8)
        apart = word ^ c_escapes
        high |= word | ((apart - c_low_bits) & ~apart)
        at += 8
    if high & c_high_bits:
        return False
    while at < size:
        byte = c_text[at]
        if byte >= HIGH or byte == ESCAPE:
            return False
        at += 1
    return True


cdef inline uint32_t continuation(const uint8_t* c_text, size_t size, size_t at) noexcept nogil:
    """Give the six bits of a continuation byte; 64 when there is none."""
    if at >= size or (c_text[at] & 0xC0) != 0x80:
        return 64
    return c_text[at] & 0x3F


cdef uint32_t letter_at(
    const uint8_t* c_text, size_t size, size_t at, size_t* c_length
) noexcept nogil:
    """Give the letter of UTF-8 at a place; what is none is one byte of U+FFFD (6.5)."""
    cdef uint32_t lead = c_text[at], second, third, fourth, letter
    c_length[0] = 1
    if lead < HIGH:
        return lead
    if not 0xC2 <= lead <= 0xF4:
        return REPLACEMENT
    second = continuation(c_text, size, at + 1)
    if second == 64:
        return REPLACEMENT
    if lead < 0xE0:
        c_length[0] = 2
        return (lead & 0x1F) << 6 | second
    third = continuation(c_text, size, at + 2)
    if third == 64:
        return REPLACEMENT
    if lead < 0xF0:
        letter = (lead & 0x0F) << 12 | second << 6 | third
        if letter < 0x800 or 0xD800 <= letter <= 0xDFFF:
            return REPLACEMENT
        c_length[0] = 3
        return letter
    fourth = continuation(c_text, size, at + 3)
    letter = (lead & 0x07) << 18 | second << 12 | third << 6 | fourth
    if fourth == 64 or not 0x10000 <= letter <= 0x10FFFF:
        return REPLACEMENT
    c_length[0] = 4
    return letter


cdef inline bint is_simple(uint32_t letter) noexcept nogil:
    """Whether a letter needs no neighbours; of those above the table it folds to itself too."""
    if letter < LETTERS:
        return c_letters[letter].is_simple
    return (
        0x4E00 <= letter <= 0x9FFF or 0x3041 <= letter <= 0x3096 or 0x30A1 <= letter <= 0x30FA
        or 0xAC00 <= letter <= 0xD7A3 or letter == 0x30FC or letter == REPLACEMENT
    )


cdef bint is_native(Repertoire repertoire, const uint8_t* c_text, size_t size) noexcept nogil:
    """Whether a text can be decoded and folded here."""
    cdef size_t at = 0, length = 0
    if repertoire == UTF_8:
        while at < size:
            if not is_simple(letter_at(c_text, size, at, &length)):
                return False
            at += length
        return True
    if repertoire == LATIN_EXTENDED:
        return memchr(c_text, ESCAPE, size) == NULL
    return repertoire != OTHER


# --- decoding and folding ---------------------------------------------------------------------------

cdef inline size_t write(uint32_t letter, uint8_t* c_out) noexcept nogil:
    """Write a letter as UTF-8; none has four bytes, because none of those is simple."""
    if letter < HIGH:
        c_out[0] = <uint8_t>letter
        return 1
    if letter < 0x800:
        c_out[0] = <uint8_t>(0xC0 | letter >> 6)
        c_out[1] = <uint8_t>(HIGH | (letter & 0x3F))
        return 2
    c_out[0] = <uint8_t>(0xE0 | letter >> 12)
    c_out[1] = <uint8_t>(HIGH | (letter >> 6 & 0x3F))
    c_out[2] = <uint8_t>(HIGH | (letter & 0x3F))
    return 3


cdef size_t decode(
    Repertoire repertoire, const uint8_t* c_text, size_t size, uint8_t* c_out
) noexcept nogil:
    """Decode a text that is native; give the bytes of its UTF-8."""
    cdef size_t at = 0, length = 1, made = 0
    cdef uint32_t letter
    while at < size:
        letter = c_text[at]
        if letter >= HIGH:
            if repertoire == UTF_8:
                letter = letter_at(c_text, size, at, &length)
            elif repertoire == ASCII_ONLY:
                letter = REPLACEMENT
        made += write(letter, c_out + made)
        at += length
        length = 1
    return made


cdef size_t fold(const uint8_t* c_text, size_t size, uint8_t* c_out) noexcept nogil:
    """Fold UTF-8 of simple letters (15.1); at most three bytes for one that is read or decoded."""
    cdef size_t at = 0, length = 0, made = 0, place
    cdef uint32_t letter
    cdef const Letter* c_letter
    while at < size:
        letter = c_text[at]
        if letter < HIGH:
            c_out[made] = <uint8_t>(letter + 32 if c'A' <= letter <= c'Z' else letter)
            made += 1
            at += 1
            continue
        letter = letter_at(c_text, size, at, &length)
        if letter < LETTERS:
            c_letter = &c_letters[letter]
            for place in range(c_letter.size):
                c_out[made + place] = c_letter.c_folded[place]
            made += c_letter.size
        else:
            made += write(letter, c_out + made)
        at += length
    return made


def decoded(bytes data, bytes declared):
    """Decode and fold a text by Specific Character Set; `None` when it is for Python."""
    cdef:
        const uint8_t* c_data = <const uint8_t*>PyBytes_AS_STRING(data)
        size_t size = PyBytes_GET_SIZE(data), length
        Repertoire repertoire = ASCII_ONLY
        bytearray text = bytearray(WIDEST * size + 1)
        bytearray alike = bytearray(WIDEST * size + 1)
        uint8_t* c_text = text
        uint8_t* c_alike = alike
    if declared.strip(b" \0\\"):
        repertoire = repertoire_of(
            <const uint8_t*>PyBytes_AS_STRING(declared), PyBytes_GET_SIZE(declared))
    if not is_ascii(c_data, size) and not is_native(repertoire, c_data, size):
        return None
    length = decode(repertoire, c_data, size, c_text)
    size = fold(c_text, length, c_alike)
    return bytes(text[:length]).decode(), bytes(alike[:size]).decode()
