"""Values in C: split, strip, decode, and look up in the literals of the program.

A transcription of docs/reading.md, sections 5 to 7, for bytes that need no character set. Rules of
this file: pointer and length travel together, nothing is read at or beyond `c_end`, and no function
makes a Python object. A function that takes a value returns whether it decodes.

Comparison of decimals is exact without big numbers: a decimal is sign, digits and exponent, and two
of them are compared in this order. A float is compared with the double nearest to the literal; when
they are equal, the side on which the literal lies decides.
"""

cimport cython
from libc.math cimport isfinite
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy

from roteiro.core.machines cimport Machine, Room, clear, output_begins, run, tests_of
from roteiro.core.tags cimport (
    AS, AT, DA, DS, DT, FD, FL, IS, NO_VR, PN, SL, SQ, SS, SV, TM, UI, UL, UN, US, UV,
    BULK_CLASS, DELIMITER_GROUP, ITEM_ELEMENT, SEQUENCE_CLASS, TEXT_CLASS,
    class_of, is_split, is_text, loses_leading_spaces, read16, read32, read64, read_tag,
)

cdef struct Span:
    const uint8_t* c_begin
    const uint8_t* c_end

# A decimal value: sign * 0.DIGITS * 10**exponent, the digits in two runs, before and after the point.
cdef struct Decimal:
    int sign
    int64_t exponent
    Span whole
    Span fraction

cdef enum:
    EXPONENT_DIGITS = 9

cdef uint8_t[12] c_month_days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


# --- hits ---------------------------------------------------------------------------------------

cdef inline void hit(Hits* c_hits, uint32_t test, uint32_t values) noexcept nogil:
    if c_hits.c_count[test] == 0:
        c_hits.c_touched[c_hits.touched] = test
        c_hits.touched += 1
    c_hits.c_count[test] += values


cdef inline void hit_cell(Hits* c_hits, uint32_t cell) noexcept nogil:
    if c_hits.values == 0:
        c_hits.first_cell = cell
    if c_hits.c_cell_count[cell] == 0:
        c_hits.c_cells[c_hits.cells] = cell
        c_hits.cells += 1
    c_hits.c_cell_count[cell] += 1


cdef void forget(Hits* c_hits) noexcept nogil:
    cdef uint32_t index
    for index in range(c_hits.cells):
        c_hits.c_cell_count[c_hits.c_cells[index]] = 0
    for index in range(c_hits.touched):
        c_hits.c_count[c_hits.c_touched[index]] = 0
    c_hits.cells = 0
    c_hits.touched = 0
    c_hits.values = 0


cdef void spread(const Tables* c_tables, const FieldPlan* c_plan, Hits* c_hits) noexcept nogil:
    """Hit the tests of each cell: those on the way from its leaf to the root, or of its text."""
    cdef:
        uint32_t index, cell, node, item
        const uint32_t* c_starts = c_tables.c_tree_starts + c_plan.tree
        const Exact* c_exact
    for index in range(c_hits.cells):
        cell = c_hits.c_cells[index]
        if c_plan.kind == TEXTS:
            c_exact = &c_tables.c_exact[c_plan.exact + cell]
            for item in range(c_exact.tests, c_exact.tests_end):
                hit(c_hits, c_tables.c_tests[item], c_hits.c_cell_count[cell])
        elif c_plan.leaves:
            node = cell + c_plan.leaves
            while node > 0:
                for item in range(c_starts[node], c_starts[node + 1]):
                    hit(c_hits, c_tables.c_tree_items[item], c_hits.c_cell_count[cell])
                node >>= 1


cdef void settle(
    const Tables* c_tables, const FieldPlan* c_plan, State state, Hits* c_hits
) noexcept nogil:
    """Leave in `c_touched` the tests that hold: `Every` wants all values."""
    cdef uint32_t index, test, kept = 0, values = c_hits.values
    if state != VALUED:
        forget(c_hits)
        return
    spread(c_tables, c_plan, c_hits)
    for index in range(c_hits.touched):
        test = c_hits.c_touched[index]
        if not c_tables.c_is_every[test] or c_hits.c_count[test] == values:
            c_hits.c_touched[kept] = test
            kept += 1
        c_hits.c_count[test] = 0
    for index in range(c_hits.cells):
        c_hits.c_cell_count[c_hits.c_cells[index]] = 0
    c_hits.cells = 0
    c_hits.touched = kept
    c_hits.values = 0


# --- text ---------------------------------------------------------------------------------------

cdef uint64_t hash_text(const uint8_t* c_text, size_t size) noexcept nogil:
    """FNV-1a: only the literals of a program are stored under it, so it need not be secret."""
    cdef uint64_t value = 0xCBF29CE484222325U
    cdef size_t index
    for index in range(size):
        value = (value ^ c_text[index]) * 0x100000001B3U
    return value ^ (value >> 32)


cdef inline void hit_exact(
    const Tables* c_tables, const FieldPlan* c_plan, const Index* c_index, Span value, Hits* c_hits
) noexcept nogil:
    cdef:
        size_t size = value.c_end - value.c_begin
        uint32_t index, number
        const Exact* c_exact
    if c_index.size == 0 or size > c_index.longest:
        return
    index = <uint32_t>hash_text(value.c_begin, size) & (c_index.size - 1)
    while True:  # at most half of the slots are taken, so it ends
        number = c_tables.c_hash[c_index.begin + index]
        if number == 0:
            return
        c_exact = &c_tables.c_exact[number - 1]
        if c_exact.size == size and memcmp(
            c_tables.c_blob + c_exact.text, value.c_begin, size
        ) == 0:
            hit_cell(c_hits, number - 1 - c_plan.exact)
            return
        index = (index + 1) & (c_index.size - 1)


cdef void hit_patterns(
    const Tables* c_tables, const Machine* c_machine, Span value, Hits* c_hits
) noexcept nogil:
    """Hit the tests whose patterns a value matches; a test that two of them are of, once."""
    cdef:
        uint32_t place, item, test
        const uint32_t* c_begins
        const uint32_t* c_tests
        Room* c_room = &c_hits.patterns
    if c_machine.c_header == NULL:
        return
    run(c_machine, value.c_begin, value.c_end - value.c_begin, c_room)
    c_begins = output_begins(c_machine)
    c_tests = tests_of(c_machine)
    for place in range(c_room.found):
        for item in range(c_begins[c_room.c_found[place]], c_begins[c_room.c_found[place] + 1]):
            test = c_tests[item]
            # `Every` counts on while all values before matched; for others one value is enough
            if c_hits.c_count[test] == (c_hits.values if c_tables.c_is_every[test] else 0):
                hit(c_hits, test, 1)
    clear(c_room)


cdef inline void take_folded(
    const Tables* c_tables, const FieldPlan* c_plan, Span value, Span folded, Hits* c_hits
) noexcept nogil:
    """Take a text whose folded form is known."""
    hit_exact(c_tables, c_plan, &c_plan.plain, value, c_hits)
    hit_exact(c_tables, c_plan, &c_plan.folded, folded, c_hits)
    hit_patterns(c_tables, &c_plan.patterns, value, c_hits)
    hit_patterns(c_tables, &c_plan.folded_patterns, folded, c_hits)


cdef inline bint take_text(
    const Tables* c_tables, const FieldPlan* c_plan, Span value, Hits* c_hits
) noexcept nogil:
    """Take a text of ASCII; the walk lets no longer one come here."""
    cdef Span folded
    cdef uint8_t byte
    cdef ptrdiff_t index
    if c_plan.kind != TEXTS:
        return True
    if not c_plan.has_folded:
        hit_exact(c_tables, c_plan, &c_plan.plain, value, c_hits)
        hit_patterns(c_tables, &c_plan.patterns, value, c_hits)
        return True
    if value.c_end - value.c_begin > LONGEST:
        return False
    folded.c_begin = c_hits.c_folded
    folded.c_end = folded.c_begin + (value.c_end - value.c_begin)
    for index in range(value.c_end - value.c_begin):
        byte = value.c_begin[index]
        c_hits.c_folded[index] = byte + 32 if c'A' <= byte <= c'Z' else byte
    take_folded(c_tables, c_plan, value, folded, c_hits)
    return True


# --- decimals -----------------------------------------------------------------------------------

cdef inline bint is_digit(uint8_t byte) noexcept nogil:
    return c'0' <= byte <= c'9'


cdef inline const uint8_t* skip_digits(const uint8_t* c_at, const uint8_t* c_end) noexcept nogil:
    while c_at < c_end and is_digit(c_at[0]):
        c_at += 1
    return c_at


cdef bint read_exponent(Span text, int64_t* c_exponent) noexcept nogil:
    """Read what follows the `e`: at most nine digits that count (7.2)."""
    cdef const uint8_t* c_at = text.c_begin
    cdef bint is_negative = False
    cdef int64_t value = 0
    if c_at < text.c_end and c_at[0] in (c'+', c'-'):
        is_negative = c_at[0] == c'-'
        c_at += 1
    if c_at == text.c_end or skip_digits(c_at, text.c_end) != text.c_end:
        return False
    while c_at < text.c_end and c_at[0] == c'0':
        c_at += 1
    if text.c_end - c_at > EXPONENT_DIGITS:
        return False
    while c_at < text.c_end:
        value = 10 * value + (c_at[0] - c'0')
        c_at += 1
    c_exponent[0] = -value if is_negative else value
    return True


cdef bint read_decimal(Span text, Decimal* c_decimal) noexcept nogil:
    cdef const uint8_t* c_at = text.c_begin
    cdef Span exponent
    c_decimal.sign = 1
    c_decimal.exponent = 0
    if c_at < text.c_end and c_at[0] in (c'+', c'-'):
        c_decimal.sign = -1 if c_at[0] == c'-' else 1
        c_at += 1
    c_decimal.whole.c_begin = c_at
    c_at = skip_digits(c_at, text.c_end)
    c_decimal.whole.c_end = c_at
    if c_at < text.c_end and c_at[0] == c'.':
        c_at += 1
    c_decimal.fraction.c_begin = c_at
    if c_at != c_decimal.whole.c_end:
        c_at = skip_digits(c_at, text.c_end)
    c_decimal.fraction.c_end = c_at
    if (
        c_decimal.whole.c_begin == c_decimal.whole.c_end
        and c_decimal.fraction.c_begin == c_decimal.fraction.c_end
    ):
        return False
    if c_at < text.c_end:
        if c_at[0] not in (c'e', c'E'):
            return False
        exponent.c_begin = c_at + 1
        exponent.c_end = text.c_end
        if not read_exponent(exponent, &c_decimal.exponent):
            return False
    trim_zeros(c_decimal)
    return True


cdef void trim_zeros(Decimal* c_decimal) noexcept nogil:
    """Bring the digits to 0.DIGITS with no zero at either end; no digits at all are zero."""
    cdef Span* c_whole = &c_decimal.whole
    cdef Span* c_fraction = &c_decimal.fraction
    while c_whole.c_begin < c_whole.c_end and c_whole.c_begin[0] == c'0':
        c_whole.c_begin += 1
    c_decimal.exponent += c_whole.c_end - c_whole.c_begin
    if c_whole.c_begin == c_whole.c_end:
        while c_fraction.c_begin < c_fraction.c_end and c_fraction.c_begin[0] == c'0':
            c_fraction.c_begin += 1
            c_decimal.exponent -= 1
    while c_fraction.c_begin < c_fraction.c_end and c_fraction.c_end[-1] == c'0':
        c_fraction.c_end -= 1
    if c_fraction.c_begin == c_fraction.c_end:
        while c_whole.c_begin < c_whole.c_end and c_whole.c_end[-1] == c'0':
            c_whole.c_end -= 1
        if c_whole.c_begin == c_whole.c_end:
            c_decimal.sign = 0


cdef int compare_digits(
    const Decimal* c_decimal, const uint8_t* c_digits, size_t count
) noexcept nogil:
    """Compare digits after the point, as if both went on with zeros."""
    cdef:
        size_t whole = c_decimal.whole.c_end - c_decimal.whole.c_begin
        size_t fraction = c_decimal.fraction.c_end - c_decimal.fraction.c_begin
        size_t shared = min(whole, count)
        int order = memcmp(c_decimal.whole.c_begin, c_digits, shared)
    if order == 0:
        order = memcmp(c_decimal.fraction.c_begin, c_digits + shared, min(fraction, count - shared))
    if order != 0:
        return 1 if order > 0 else -1
    if whole + fraction == count:
        return 0
    return 1 if whole + fraction > count else -1


cdef int compare_decimal(
    const Tables* c_tables, const Decimal* c_decimal, const Constant* c_constant
) noexcept nogil:
    if c_decimal.sign != c_constant.sign:
        return 1 if c_decimal.sign > c_constant.sign else -1
    if c_decimal.sign == 0:
        return 0
    if c_decimal.exponent != c_constant.exponent:
        return c_decimal.sign if c_decimal.exponent > c_constant.exponent else -c_decimal.sign
    return c_decimal.sign * compare_digits(
        c_decimal, c_tables.c_blob + c_constant.digits, c_constant.digit_count)


cdef inline int compare_double(double value, const Constant* c_constant) noexcept nogil:
    if value != c_constant.nearest:
        return 1 if value > c_constant.nearest else -1
    return -c_constant.side


cdef void take_decimal(
    const Tables* c_tables, const FieldPlan* c_plan, const Decimal* c_decimal, Hits* c_hits
) noexcept nogil:
    cdef:
        const Constant* c_constants = c_tables.c_decimals + c_plan.constants
        uint32_t low = 0, high = c_plan.constant_count, middle
        int order
    while low < high:
        middle = low + (high - low) // 2
        order = compare_decimal(c_tables, c_decimal, &c_constants[middle])
        if order == 0:
            hit_cell(c_hits, 2 * middle + 1)
            return
        if order < 0:
            high = middle
        else:
            low = middle + 1
    hit_cell(c_hits, 2 * low)


cdef void take_double(
    const Tables* c_tables, const FieldPlan* c_plan, double value, Hits* c_hits
) noexcept nogil:
    cdef:
        const Constant* c_constants = c_tables.c_decimals + c_plan.constants
        uint32_t low = 0, high = c_plan.constant_count, middle
        int order
    while low < high:
        middle = low + (high - low) // 2
        order = compare_double(value, &c_constants[middle])
        if order == 0:
            hit_cell(c_hits, 2 * middle + 1)
            return
        if order < 0:
            high = middle
        else:
            low = middle + 1
    hit_cell(c_hits, 2 * low)


cdef void take_magnitude(
    const Tables* c_tables, const FieldPlan* c_plan, uint64_t magnitude, int sign, Hits* c_hits
) noexcept nogil:
    """Take an integer, written out in digits: twenty are enough for 64 bits."""
    cdef:
        uint8_t[20] c_digits
        uint8_t* c_at = c_digits + 20
        Decimal decimal
    decimal.whole.c_end = decimal.fraction.c_begin = decimal.fraction.c_end = c_at
    while magnitude:
        c_at -= 1
        c_at[0] = <uint8_t>(c'0' + magnitude % 10)
        magnitude //= 10
    decimal.whole.c_begin = c_at
    decimal.sign = sign
    decimal.exponent = 0
    trim_zeros(&decimal)
    take_decimal(c_tables, c_plan, &decimal, c_hits)


cdef inline uint32_t number_size(uint16_t vr) noexcept nogil:
    if vr in (US, SS):
        return 2
    if vr in (UL, SL, FL):
        return 4
    return 8 if vr in (UV, SV, FD) else 0


cdef bint take_number(
    const Tables* c_tables, const FieldPlan* c_plan, uint16_t vr, const uint8_t* c_at, bint big,
    Hits* c_hits
) noexcept nogil:
    """Take one binary number; its size was proved by the caller."""
    cdef:
        uint32_t bits
        uint64_t wide
        int64_t number
        float single
        double value
    if vr in (FL, FD):
        if vr == FL:
            bits = read32(c_at, big)
            memcpy(&single, &bits, 4)
            value = single
        else:
            wide = read64(c_at, big)
            memcpy(&value, &wide, 8)
        if not isfinite(value):
            return False
        take_double(c_tables, c_plan, value, c_hits)
        return True
    if vr in (US, UL, UV):
        wide = read16(c_at, big) if vr == US else (
            read32(c_at, big) if vr == UL else read64(c_at, big))
        take_magnitude(c_tables, c_plan, wide, 1, c_hits)
        return True
    if vr == SS:
        bits = read16(c_at, big)
        number = <int64_t>bits - (0x10000 if bits & 0x8000 else 0)
    elif vr == SL:
        bits = read32(c_at, big)
        number = <int64_t>bits - (<int64_t>0x100000000 if bits & 0x80000000U else 0)
    else:
        wide = read64(c_at, big)
        memcpy(&number, &wide, 8)
    wide = <uint64_t>number
    take_magnitude(
        c_tables, c_plan, (0 - wide) if number < 0 else wide, -1 if number < 0 else 1, c_hits)
    return True


@cython.cdivision(True)  # the size of a number is not zero: the caller asked
cdef State take_numbers(
    const Tables* c_tables, const FieldPlan* c_plan, uint16_t vr, const uint8_t* c_data,
    uint32_t length, bint big, Hits* c_hits
) noexcept nogil:
    cdef uint32_t size = number_size(vr), place
    if length % size:
        return INVALID
    for place in range(length // size):
        if not take_number(c_tables, c_plan, vr, c_data + place * size, big, c_hits):
            return INVALID
        c_hits.values += 1
    return VALUED


# --- dates, times, UIDs ---------------------------------------------------------------------------

cdef inline int two_digits(const uint8_t* c_at) noexcept nogil:
    """Read two digits; -1 when they are none."""
    if not is_digit(c_at[0]) or not is_digit(c_at[1]):
        return -1
    return 10 * (c_at[0] - c'0') + (c_at[1] - c'0')


cdef bint is_day(int year, int month, int day) noexcept nogil:
    """Whether a day exists in the Gregorian calendar, from year 1 on."""
    cdef int days
    if year < 1 or not 1 <= month <= 12 or day < 1:
        return False
    days = c_month_days[month - 1]
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        days = 29
    return day <= days


cdef int64_t read_date(Span text) noexcept nogil:
    """Read `yyyymmdd` or `yyyy.mm.dd`; -1 when it is none (7.3)."""
    cdef size_t size = text.c_end - text.c_begin
    cdef const uint8_t* c_at = text.c_begin
    cdef int century, year, month, day
    cdef size_t dot = 0
    if size == 10:
        if c_at[4] != c'.' or c_at[7] != c'.':
            return -1
        dot = 1
    elif size != 8:
        return -1
    century = two_digits(c_at)
    year = two_digits(c_at + 2)
    month = two_digits(c_at + 4 + dot)
    day = two_digits(c_at + 6 + 2 * dot)
    if century < 0 or year < 0 or not is_day(100 * century + year, month, day):
        return -1
    return <int64_t>(100 * century + year) * 10000 + month * 100 + day


cdef int64_t read_fraction(Span text) noexcept nogil:
    """Read `.f` with one to six digits, as microseconds; -1 when it is none."""
    cdef size_t size = text.c_end - text.c_begin
    cdef size_t index
    cdef int64_t value = 0
    if not 2 <= size <= 7 or text.c_begin[0] != c'.':
        return -1
    for index in range(1, 7):
        value *= 10
        if index < size:
            if not is_digit(text.c_begin[index]):
                return -1
            value += text.c_begin[index] - c'0'
    return value


cdef int64_t read_time(Span text) noexcept nogil:
    """Read a time as microseconds since midnight; -1 when it is none (7.4)."""
    cdef:
        size_t size = text.c_end - text.c_begin
        size_t colon = 1 if size >= 3 and text.c_begin[2] == c':' else 0
        size_t whole = 6 + 2 * colon
        int hour, minute = 0, second = 0
        int64_t fraction = 0
        Span rest
    if colon and (size < 8 or text.c_begin[5] != c':'):
        return -1
    if size < 2 or (size < whole and size not in (2, 4)):
        return -1
    hour = two_digits(text.c_begin)
    if size >= 4:
        minute = two_digits(text.c_begin + 2 + colon)
    if size >= whole:
        second = two_digits(text.c_begin + 4 + 2 * colon)
    if size > whole:
        rest.c_begin = text.c_begin + whole
        rest.c_end = text.c_end
        fraction = read_fraction(rest)
    if not 0 <= hour <= 23 or not 0 <= minute <= 59 or not 0 <= second <= 60 or fraction < 0:
        return -1
    return (<int64_t>hour * 3600 + minute * 60 + second) * 1000000 + fraction


cdef bint is_offset(Span text) noexcept nogil:
    """Whether a text is `+hhmm` or `-hhmm`, hours to 14 (7.5)."""
    cdef int hours
    if text.c_end - text.c_begin != 5 or text.c_begin[0] not in (c'+', c'-'):
        return False
    hours = two_digits(text.c_begin + 1)
    return 0 <= hours <= 14 and 0 <= two_digits(text.c_begin + 3) <= 59


cdef bint is_instant(Span text) noexcept nogil:
    """Whether a text is a date-time, from the year on with any precision (7.5)."""
    cdef:
        const uint8_t* c_at = text.c_begin
        size_t size
        int century, year, month = 1, day = 1
        Span rest
    while c_at < text.c_end and c_at[0] not in (c'+', c'-'):
        c_at += 1
    rest.c_begin = c_at
    rest.c_end = text.c_end
    if c_at != text.c_end and not is_offset(rest):
        return False
    size = c_at - text.c_begin
    if size < 4 or (size < 8 and size not in (4, 6)):
        return False
    century = two_digits(text.c_begin)
    year = two_digits(text.c_begin + 2)
    if size >= 6:
        month = two_digits(text.c_begin + 4)
    if size >= 8:
        day = two_digits(text.c_begin + 6)
    if century < 0 or year < 0 or not is_day(100 * century + year, month, day):
        return False
    if size <= 8:
        return True
    rest.c_begin = text.c_begin + 8
    rest.c_end = c_at
    return memchr(rest.c_begin, c':', size - 8) == NULL and read_time(rest) >= 0


cdef int64_t read_age(Span text) noexcept nogil:
    """Read one to three digits and a unit as sixteenths of a day; -1 when it is none (7.6)."""
    cdef size_t size = text.c_end - text.c_begin
    cdef const uint8_t* c_at = text.c_begin
    cdef int64_t number = 0
    if not 2 <= size <= 4 or skip_digits(text.c_begin, text.c_end) != text.c_end - 1:
        return -1
    while c_at < text.c_end - 1:
        number = 10 * number + (c_at[0] - c'0')
        c_at += 1
    if c_at[0] == c'D':
        return 16 * number
    if c_at[0] == c'W':
        return 112 * number
    if c_at[0] == c'M':
        return 487 * number
    return 5844 * number if c_at[0] == c'Y' else -1


cdef bint is_uid(Span text) noexcept nogil:
    """Whether a text is arcs of digits joined by single dots (7.7)."""
    cdef const uint8_t* c_at = text.c_begin
    cdef bint has_arc = False
    while c_at < text.c_end:
        if is_digit(c_at[0]):
            has_arc = True
        elif c_at[0] == c'.' and has_arc:
            has_arc = False
        else:
            return False
        c_at += 1
    return has_arc


cdef void take_integer(
    const Tables* c_tables, const FieldPlan* c_plan, int64_t value, Hits* c_hits
) noexcept nogil:
    cdef:
        const int64_t* c_constants = c_tables.c_integers + c_plan.constants
        uint32_t low = 0, high = c_plan.constant_count, middle
    while low < high:
        middle = low + (high - low) // 2
        if c_constants[middle] < value:
            low = middle + 1
        else:
            high = middle
    if low < c_plan.constant_count and c_constants[low] == value:
        hit_cell(c_hits, 2 * low + 1)
    else:
        hit_cell(c_hits, 2 * low)


cdef void take_address(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_value, Hits* c_hits
) noexcept nogil:
    """Look up sixteen bytes; the constants lie in the blob, sixteen bytes each."""
    cdef:
        const uint8_t* c_constants = c_tables.c_blob + c_plan.constants
        uint32_t low = 0, high = c_plan.constant_count, middle
    while low < high:
        middle = low + (high - low) // 2
        if memcmp(c_constants + 16 * <size_t>middle, c_value, 16) < 0:
            low = middle + 1
        else:
            high = middle
    if low < c_plan.constant_count and memcmp(
        c_constants + 16 * <size_t>low, c_value, 16
    ) == 0:
        hit_cell(c_hits, 2 * low + 1)
    else:
        hit_cell(c_hits, 2 * low)


# --- character values -----------------------------------------------------------------------------

cdef bint take_value(
    const Tables* c_tables, const FieldPlan* c_plan, uint16_t vr, Span value, Hits* c_hits
) noexcept nogil:
    """Take one value that is not empty."""
    cdef Decimal decimal
    cdef int64_t number
    if is_text(vr):
        return take_text(c_tables, c_plan, value, c_hits)
    if vr in (DS, IS):
        if not read_decimal(value, &decimal):
            return False
        take_decimal(c_tables, c_plan, &decimal, c_hits)
        return True
    if vr in (DA, TM, AS):
        number = read_date(value) if vr == DA else (
            read_time(value) if vr == TM else read_age(value))
        if number < 0:
            return False
        take_integer(c_tables, c_plan, number, c_hits)
        return True
    if vr == UI:
        return is_uid(value) and take_text(c_tables, c_plan, value, c_hits)
    return is_instant(value)


cdef inline Span strip(Span value, uint16_t vr) noexcept nogil:
    while value.c_begin < value.c_end and value.c_end[-1] in (c' ', 0):
        value.c_end -= 1
    if loses_leading_spaces(vr):
        while value.c_begin < value.c_end and value.c_begin[0] == c' ':
            value.c_begin += 1
    return value


cdef bint is_empty_name(Span value) noexcept nogil:
    while value.c_begin < value.c_end:
        if value.c_begin[0] not in (c' ', c'^', c'='):
            return False
        value.c_begin += 1
    return True


cdef State take_characters(
    const Tables* c_tables, const FieldPlan* c_plan, uint16_t vr, Span data, Hits* c_hits
) noexcept nogil:
    """Split, strip and take the values of a character VR (6.10, 5.4)."""
    cdef const uint8_t* c_next
    cdef Span value
    while True:
        c_next = NULL
        if is_split(vr):
            c_next = <const uint8_t*>memchr(data.c_begin, c'\\', data.c_end - data.c_begin)
        value.c_begin = data.c_begin
        value.c_end = data.c_end if c_next == NULL else c_next
        value = strip(value, vr)
        if value.c_begin < value.c_end and not (vr == PN and is_empty_name(value)):
            if not take_value(c_tables, c_plan, vr, value, c_hits):
                return INVALID
            c_hits.values += 1
        if c_next == NULL:
            return VALUED if c_hits.values else EMPTY
        data.c_begin = c_next + 1


# --- elements -------------------------------------------------------------------------------------

cdef uint16_t sent_vr(const FieldPlan* c_plan, const Slot* c_slot, bint is_signed) noexcept nogil:
    """Give the VR as sent, or the dictionary's where none is (5)."""
    if c_slot.vr != NO_VR and c_slot.vr != UN:
        return c_slot.vr
    return c_plan.signed_vr if is_signed else c_plan.vr


cdef inline uint16_t text_vr(const FieldPlan* c_plan, uint16_t sent) noexcept nogil:
    """Give the VR that says how a text is split: the dictionary's, if that is text (5.4)."""
    return sent if c_plan.text_vr == NO_VR else c_plan.text_vr


cdef bint needs_decoding(
    const FieldPlan* c_plan, const Slot* c_slot, const uint8_t* c_data
) noexcept nogil:
    """Whether a field has text that is not plain ASCII without escape sequences."""
    cdef uint32_t index
    cdef uint8_t byte
    if not c_slot.seen or c_slot.series or not c_plan.classes & TEXT_CLASS:
        return False
    if not is_text(sent_vr(c_plan, c_slot, False)):
        return False
    for index in range(c_slot.length):
        byte = c_data[c_slot.offset + index]
        if byte >= 0x80 or byte == 0x1B:
            return True
    return False


cdef State take_tags(
    const Tables* c_tables, const FieldPlan* c_plan, const Slot* c_slot, const uint8_t* c_value,
    Hits* c_hits
) noexcept nogil:
    """Take the values of an AT (5.4)."""
    cdef uint32_t place
    if c_slot.length % 4:
        return INVALID
    for place in range(0, c_slot.length, 4):
        take_integer(c_tables, c_plan, read_tag(c_value + place, c_slot.big), c_hits)
        c_hits.values += 1
    return VALUED


cdef State state_of_bytes(
    uint16_t sent, const Slot* c_slot, const uint8_t* c_value
) noexcept nogil:
    """Give the state of what has no values to compare (5.4)."""
    if class_of(sent) == BULK_CLASS:
        return VALUED
    if sent == SQ and c_slot.length >= 8 and read_tag(c_value, c_slot.big) == (
        <uint32_t>DELIMITER_GROUP << 16 | ITEM_ELEMENT
    ):
        return VALUED
    return INVALID


cdef State look_up(
    const Tables* c_tables, const FieldPlan* c_plan, const Slot* c_slot, bint is_signed,
    const uint8_t* c_data, Hits* c_hits
) noexcept nogil:
    """Give the state of an element and hit the tests of its values (5)."""
    cdef uint16_t sent
    cdef Span value
    if not c_slot.seen:
        return ABSENT
    if (c_slot.items if c_slot.series else c_slot.length) == 0:
        return EMPTY
    sent = sent_vr(c_plan, c_slot, is_signed)
    if not class_of(sent) & c_plan.classes:
        return INVALID
    if c_slot.series:
        return VALUED if c_plan.classes & (BULK_CLASS | SEQUENCE_CLASS) else INVALID
    value.c_begin = c_data + c_slot.offset
    value.c_end = value.c_begin + c_slot.length
    if number_size(sent):
        return take_numbers(
            c_tables, c_plan, sent, value.c_begin, c_slot.length, c_slot.big, c_hits)
    if is_text(sent):
        return take_characters(c_tables, c_plan, text_vr(c_plan, sent), value, c_hits)
    if sent in (DS, IS, DA, TM, UI, DT, AS):
        return take_characters(c_tables, c_plan, sent, value, c_hits)
    if sent == AT:
        return take_tags(c_tables, c_plan, c_slot, value.c_begin, c_hits)
    return state_of_bytes(sent, c_slot, value.c_begin)


cdef State look_up_decoded(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_packed, size_t size,
    Hits* c_hits
) noexcept nogil:
    """Take values that Python has decoded: each its length in four bytes, then UTF-8; the folded
    form comes after each value when the field asks for it."""
    cdef const uint8_t* c_end = c_packed + size
    cdef Span value, folded
    while c_end - c_packed >= 4:
        value.c_begin = c_packed + 4
        value.c_end = value.c_begin + read32(c_packed, False)
        folded = value
        c_packed = value.c_end
        if c_plan.has_folded:
            folded.c_begin = c_packed + 4
            folded.c_end = folded.c_begin + read32(c_packed, False)
            c_packed = folded.c_end
        if c_plan.kind == TEXTS:
            take_folded(c_tables, c_plan, value, folded, c_hits)
        c_hits.values += 1
    return VALUED if c_hits.values else EMPTY


cdef bint look_up_member(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_value, size_t size,
    Hits* c_hits
) noexcept nogil:
    """Take the value of a member of the envelope, prepared for its kind; False if it is none."""
    cdef Span value
    cdef Decimal decimal
    value.c_begin = c_value
    value.c_end = c_value + size
    if c_plan.kind == TEXTS:
        return look_up_decoded(c_tables, c_plan, c_value, size, c_hits) == VALUED
    if c_plan.kind == DECIMALS:
        if not read_decimal(value, &decimal):
            return False
        take_decimal(c_tables, c_plan, &decimal, c_hits)
    elif c_plan.kind == ADDRESSES:
        if size != 16:
            return False
        take_address(c_tables, c_plan, c_value, c_hits)
    c_hits.values += 1
    return True
