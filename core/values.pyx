"""Values in C: split, strip, decode, and look up in the literals of the program.

A transcription of docs/reading.md, sections 5 to 7, 13 and 14, for text that `letters` decodes. Rules of
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

from roteiro.core.days cimport day_number, offset_at
from roteiro.core.letters cimport decode, fold, is_ascii
from roteiro.core.machines cimport Machine, Room, clear, output_begins, run, tests_of
from roteiro.core.tags cimport (
    AS, AT, DA, DS, DT, FD, FL, IS, NO_VR, PN, SH, SL, SQ, SS, SV, TM, UI, UL, UN, US, UV,
    BULK_CLASS, DELIMITER_GROUP, ITEM_ELEMENT, SEQUENCE_CLASS, TEXT_CLASS,
    class_of, is_split, is_text, loses_leading_spaces, read16, read32, read64, read_tag,
)


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
    if c_hits.is_muted:
        return
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
    c_hits.met = 0
    c_hits.values = 0


cdef void begin_field(Hits* c_hits) noexcept nogil:
    c_hits.parts = 0
    c_hits.is_muted = False
    c_hits.is_blank = False
    c_hits.is_lacking = False


cdef inline void begin_part(const FieldPlan* c_plan, Hits* c_hits, bint is_blank) noexcept nogil:
    """Meet one more part of an element: is it compared? (14.1, 14.3)"""
    c_hits.parts += 1
    c_hits.is_muted = c_plan.is_count or is_blank
    if c_plan.position:
        if c_hits.parts == c_plan.position:
            c_hits.is_blank = is_blank
            c_hits.is_lacking = False
        else:
            c_hits.is_muted = True


cdef inline void end_part(Hits* c_hits) noexcept nogil:
    if not c_hits.is_muted:
        c_hits.values += 1


cdef inline void pass_parts(const FieldPlan* c_plan, Hits* c_hits, uint32_t parts) noexcept nogil:
    """Meet parts that nobody compares."""
    if c_hits.parts < c_plan.position <= c_hits.parts + parts:
        c_hits.is_blank = c_hits.is_lacking = False
    c_hits.parts += parts


cdef State finish_field(
    const Tables* c_tables, const FieldPlan* c_plan, State state, Hits* c_hits
) noexcept nogil:
    """Give what a field makes of the elements that it stands for (13.3, 14)."""
    c_hits.is_muted = False
    if c_plan.is_count:
        forget(c_hits)
        take_whole(c_tables, c_plan, c_hits.parts, c_hits)
        c_hits.values = 1
        return VALUED
    if c_plan.is_days and not c_hits.has_today:
        return ABSENT
    if c_plan.position:
        if c_hits.parts < c_plan.position:
            return ABSENT
        if c_hits.is_blank or (state == VALUED and c_hits.is_lacking):
            return EMPTY
    elif c_plan.has_component and state == VALUED and c_hits.values == 0:
        return EMPTY
    return state


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


cdef void hit_once(Hits* c_hits, uint32_t test) noexcept nogil:
    if c_hits.c_count[test] == 0:
        hit(c_hits, test, 1)


cdef void spill(const FieldPlan* c_plan, Hits* c_hits) noexcept nogil:
    """Hit the tests of the outputs that were kept of one value, each once."""
    cdef uint32_t place, item
    cdef const Machine* c_machine
    for place in range(c_hits.met):
        c_machine = &c_plan.patterns if place < c_hits.met_plain else &c_plan.folded_patterns
        for item in range(
            output_begins(c_machine)[c_hits.c_met[place]],
            output_begins(c_machine)[c_hits.c_met[place] + 1],
        ):
            hit_once(c_hits, tests_of(c_machine)[item])
    c_hits.met = 0


cdef void settle(
    const Tables* c_tables, const FieldPlan* c_plan, State state, Hits* c_hits
) noexcept nogil:
    """Leave in `c_touched` the tests that hold: `Every` wants all values."""
    cdef uint32_t index, test, kept = 0, values = c_hits.values
    if state != VALUED:
        forget(c_hits)
        return
    spill(c_plan, c_hits)
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

cdef inline uint64_t mixed(uint64_t value, uint64_t word) noexcept nogil:
    value = (value ^ word) * 0x9E3779B97F4A7C15U
    return value ^ (value >> 32)


cdef inline uint64_t word_at(const uint8_t* c_at) noexcept nogil:
    cdef uint64_t word
    memcpy(&word, c_at, 8)
    return word


cdef inline uint32_t half_at(const uint8_t* c_at) noexcept nogil:
    cdef uint32_t half
    memcpy(&half, c_at, 4)
    return half


cdef uint64_t hash_text(const uint8_t* c_text, size_t size) noexcept nogil:
    """Hash eight bytes at a time; the last ones may be taken twice.

    Only the literals of a program are stored under it, so it need not be secret.
    """
    cdef uint64_t value = size
    cdef size_t at = 0
    if size >= 8:
        while size - at > 8:
            value = mixed(value, word_at(c_text + at))
            at += 8
        return mixed(value, word_at(c_text + size - 8))
    if size >= 4:
        return mixed(value, half_at(c_text) | <uint64_t>half_at(c_text + size - 4) << 32)
    if size:
        return mixed(
            value, c_text[0] | <uint64_t>c_text[size >> 1] << 8 | <uint64_t>c_text[size - 1] << 16)
    return value


cdef int64_t find_exact(
    const Tables* c_tables, const Index* c_index, Span value
) noexcept nogil:
    """Give the number of the exact text that a value is; -1 when it is none."""
    cdef:
        size_t size = value.c_end - value.c_begin
        uint32_t index, number
        const Exact* c_exact
    if c_index.size == 0 or size > c_index.longest:
        return -1
    index = <uint32_t>hash_text(value.c_begin, size) & (c_index.size - 1)
    while True:  # at most half of the slots are taken, so it ends
        number = c_tables.c_hash[c_index.begin + index]
        if number == 0:
            return -1
        c_exact = &c_tables.c_exact[number - 1]
        if c_exact.size == size and memcmp(
            c_tables.c_blob + c_exact.text, value.c_begin, size
        ) == 0:
            return number - 1
        index = (index + 1) & (c_index.size - 1)


cdef inline void hit_exact(
    const Tables* c_tables, const FieldPlan* c_plan, const Index* c_index, Span value, Hits* c_hits
) noexcept nogil:
    cdef int64_t number = find_exact(c_tables, c_index, value)
    if number >= 0:
        hit_cell(c_hits, <uint32_t>(number - c_plan.exact))


cdef inline bint is_open(const Tables* c_tables, uint32_t test, const Hits* c_hits) noexcept nogil:
    """Whether it matters that a value passes a test: all values before did, or none."""
    return c_hits.c_count[test] == (c_hits.values if c_tables.c_is_every[test] else 0)


cdef void keep_outputs(Hits* c_hits) noexcept nogil:
    """Keep what a machine has found, behind what is kept."""
    cdef Room* c_room = &c_hits.patterns
    memcpy(c_hits.c_met + c_hits.met, c_room.c_found, c_room.found * sizeof(uint32_t))
    c_hits.met += c_room.found
    clear(c_room)


cdef void hit_patterns(
    const Tables* c_tables, const FieldPlan* c_plan, Span value, Span folded, Hits* c_hits
) noexcept nogil:
    """Find the patterns that a value matches; of the first value of a field they may be kept as
    they are, until there is another one."""
    if c_hits.keeps and c_hits.values == 0:
        run(&c_plan.patterns, value.c_begin, value.c_end - value.c_begin, &c_hits.patterns)
        keep_outputs(c_hits)
        c_hits.met_plain = c_hits.met
        run(&c_plan.folded_patterns, folded.c_begin, folded.c_end - folded.c_begin,
            &c_hits.patterns)
        keep_outputs(c_hits)
        return
    spill(c_plan, c_hits)
    hit_tests(c_tables, &c_plan.patterns, value, c_hits)
    hit_tests(c_tables, &c_plan.folded_patterns, folded, c_hits)


cdef void hit_tests(
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
            if is_open(c_tables, test, c_hits):
                hit(c_hits, test, 1)
    clear(c_room)


cdef inline Span span(const uint8_t* c_begin, size_t size) noexcept nogil:
    cdef Span made
    made.c_begin = c_begin
    made.c_end = c_begin + size
    return made


cdef void take_folded(
    const Tables* c_tables, const FieldPlan* c_plan, Span value, Span folded, Hits* c_hits
) noexcept nogil:
    """Take a text whose folded form is known."""
    if c_plan.is_name:
        hit_names(c_tables, c_plan, folded, c_hits)
        return
    hit_exact(c_tables, c_plan, &c_plan.plain, value, c_hits)
    hit_exact(c_tables, c_plan, &c_plan.folded, folded, c_hits)
    hit_patterns(c_tables, c_plan, value, folded, c_hits)


cdef bint take_text(
    const Tables* c_tables, const FieldPlan* c_plan, Span value, Hits* c_hits
) noexcept nogil:
    """Take a text that is native; the walk lets no longer one come here."""
    cdef Span folded
    if c_hits.is_muted or (c_plan.kind != TEXTS and not c_plan.has_component):
        return True
    if value.c_end - value.c_begin > LONGEST:
        return False
    if not c_hits.is_raw:
        value = span(c_hits.c_text, decode(
            c_hits.repertoire, value.c_begin, value.c_end - value.c_begin, c_hits.c_text))
    if c_plan.has_component:
        value = span(c_hits.c_name, component_of(c_plan, value, c_hits.c_name))
        if value.c_begin == value.c_end:
            c_hits.is_lacking = c_hits.is_muted = True
            return True
        if c_plan.kind != TEXTS:
            return True
    elif c_plan.is_name:
        value = span(c_hits.c_name, canonical(value, c_hits.c_name))
    folded = value
    if c_plan.has_folded or c_plan.is_name:
        folded = span(c_hits.c_folded, fold(
            value.c_begin, value.c_end - value.c_begin, c_hits.c_folded))
    take_folded(c_tables, c_plan, value, folded, c_hits)
    return True


# --- person names -------------------------------------------------------------------------------

cdef inline const uint8_t* find(Span text, uint8_t byte) noexcept nogil:
    """Give where a byte is; the end when there is none."""
    cdef const uint8_t* c_found = <const uint8_t*>memchr(
        text.c_begin, byte, text.c_end - text.c_begin)
    return text.c_end if c_found == NULL else c_found


cdef inline Span without_spaces(Span text) noexcept nogil:
    while text.c_begin < text.c_end and text.c_begin[0] == c' ':
        text.c_begin += 1
    while text.c_begin < text.c_end and text.c_end[-1] == c' ':
        text.c_end -= 1
    return text


cdef size_t write_group(Span group, uint8_t* c_out) noexcept nogil:
    """Write the components of a group, without empty ones at the end (13.1)."""
    cdef size_t made = 0, carets = 0, place
    cdef Span rest = group, component
    while True:
        component.c_begin = rest.c_begin
        component.c_end = find(rest, c'^')
        rest.c_begin = component.c_end + 1
        component = without_spaces(component)
        if component.c_begin != component.c_end:
            for place in range(carets):
                c_out[made + place] = c'^'
            made += carets
            carets = 0
            memcpy(c_out + made, component.c_begin, component.c_end - component.c_begin)
            made += component.c_end - component.c_begin
        if rest.c_begin > group.c_end:
            return made
        carets += 1


cdef size_t canonical(Span name, uint8_t* c_out) noexcept nogil:
    """Write a name as all spellings of it are written alike: never longer than it was."""
    cdef size_t made = 0, equals = 0, size, place
    cdef Span rest = name, group
    while True:
        group.c_begin = rest.c_begin
        group.c_end = find(rest, c'=')
        rest.c_begin = group.c_end + 1
        size = write_group(group, c_out + made + equals)
        if size:
            for place in range(equals):
                c_out[made + place] = c'='
            made += equals + size
            equals = 0
        if rest.c_begin > name.c_end:
            return made
        equals += 1


cdef size_t component_of(const FieldPlan* c_plan, Span name, uint8_t* c_out) noexcept nogil:
    """Write the group or the component that a field asks for (13.3)."""
    cdef uint32_t number
    for number in range(c_plan.group):
        name.c_begin = find(name, c'=') + 1
        if name.c_begin > name.c_end:
            return 0
    name.c_end = find(name, c'=')
    if c_plan.component == WHOLE_GROUP:
        return write_group(name, c_out)
    for number in range(c_plan.component):
        name.c_begin = find(name, c'^') + 1
        if name.c_begin > name.c_end:
            return 0
    name.c_end = find(name, c'^')
    name = without_spaces(name)
    memcpy(c_out, name.c_begin, name.c_end - name.c_begin)
    return name.c_end - name.c_begin


cdef Span group_of(Span name, uint32_t place) noexcept nogil:
    """Give a group of a canonical name; empty when there is none."""
    cdef uint32_t number
    for number in range(place):
        name.c_begin = find(name, c'=')
        if name.c_begin == name.c_end:
            return name
        name.c_begin += 1
    name.c_end = find(name, c'=')
    return name


cdef void hit_names(
    const Tables* c_tables, const FieldPlan* c_plan, Span folded, Hits* c_hits
) noexcept nogil:
    """Look a name up by the groups that literals have (13.2): their key is the number of the shape,
    then each group behind `=`."""
    cdef:
        uint32_t number, place
        size_t made, size
        const Shape* c_shape
        Span group
    for number in range(c_plan.shapes, c_plan.shapes_end):
        c_shape = &c_tables.c_shapes[number]
        made = number - c_plan.shapes
        memcpy(c_hits.c_key, &made, 4)
        made = 4
        for place in range(c_shape.places, c_shape.places_end):
            group = group_of(folded, c_tables.c_places[place])
            size = group.c_end - group.c_begin
            if size == 0 or size + 1 > c_plan.folded.longest - made:
                made = 0
                break
            c_hits.c_key[made] = c'='
            memcpy(c_hits.c_key + made + 1, group.c_begin, size)
            made += size + 1
        if made:
            hit_name(c_tables, c_plan, span(c_hits.c_key, made), c_hits)


cdef void hit_name(
    const Tables* c_tables, const FieldPlan* c_plan, Span key, Hits* c_hits
) noexcept nogil:
    """Hit the tests of a key, each once a value: literals of several shapes may be of one test."""
    cdef int64_t number = find_exact(c_tables, &c_plan.folded, key)
    cdef uint32_t place
    if number < 0:
        return
    for place in range(c_tables.c_exact[number].tests, c_tables.c_exact[number].tests_end):
        if is_open(c_tables, c_tables.c_tests[place], c_hits):
            hit(c_hits, c_tables.c_tests[place], 1)


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


cdef void take_whole(
    const Tables* c_tables, const FieldPlan* c_plan, int64_t number, Hits* c_hits
) noexcept nogil:
    """Take a number that was computed."""
    cdef uint64_t wide = <uint64_t>number
    if c_plan.kind == DECIMALS:
        take_magnitude(
            c_tables, c_plan, (0 - wide) if number < 0 else wide, -1 if number < 0 else 1, c_hits)


@cython.cdivision(True)  # the size of a number is not zero: the caller asked
cdef State take_numbers(
    const Tables* c_tables, const FieldPlan* c_plan, uint16_t vr, const uint8_t* c_data,
    uint32_t length, bint big, Hits* c_hits
) noexcept nogil:
    cdef uint32_t size = number_size(vr), place
    cdef bint is_wrong = length % size != 0
    for place in range(length // size):
        begin_part(c_plan, c_hits, False)
        if not take_number(c_tables, c_plan, vr, c_data + place * size, big, c_hits):
            is_wrong = True
        end_part(c_hits)
    return INVALID if is_wrong else VALUED


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


cdef inline int64_t read_time(Span text) noexcept nogil:
    """Read a time as microseconds since midnight; -1 when it is none (7.4)."""
    cdef bint is_leap = False
    return read_clock(text, &is_leap)


cdef int64_t read_clock(Span text, bint* c_is_leap) noexcept nogil:
    """Read a time, and whether it is of second 60."""
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
    c_is_leap[0] = second == 60
    return (<int64_t>hour * 3600 + minute * 60 + second) * 1000000 + fraction


cdef bint read_away(Span text, int64_t* c_offset) noexcept nogil:
    """Read `+hhmm` or `-hhmm`, hours to 14, as seconds (7.5)."""
    cdef int hours, minutes
    if text.c_end - text.c_begin != 5 or text.c_begin[0] not in (c'+', c'-'):
        return False
    hours = two_digits(text.c_begin + 1)
    minutes = two_digits(text.c_begin + 3)
    if not 0 <= hours <= 14 or not 0 <= minutes <= 59:
        return False
    c_offset[0] = 3600 * hours + 60 * minutes
    if text.c_begin[0] == c'-':
        c_offset[0] = -c_offset[0]
    return True


cdef bint read_instant(Span text, const Hits* c_hits, int64_t* c_instant) noexcept nogil:
    """Read a date-time, from the year on with any precision, as microseconds since 1970 (7.5)."""
    cdef:
        const uint8_t* c_at = text.c_begin
        size_t size
        int century, year, month = 1, day = 1
        int64_t offset = 0, time = 0, local
        bint has_offset, is_leap = False  # a clock on the wall shows second 59 twice
        Span rest
    while c_at < text.c_end and c_at[0] not in (c'+', c'-'):
        c_at += 1
    has_offset = c_at != text.c_end
    if has_offset and not read_away(span(c_at, text.c_end - c_at), &offset):
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
    if size > 8:
        rest = span(text.c_begin + 8, size - 8)
        if memchr(rest.c_begin, c':', size - 8) != NULL:
            return False
        time = read_clock(rest, &is_leap)
        if time < 0:
            return False
    local = day_number(100 * century + year, month, day) * 86400
    if not has_offset:
        offset = c_hits.offset if c_hits.has_offset else offset_at(
            c_hits.c_zone, local + time // 1000000 - is_leap, True)
    c_instant[0] = (local - offset) * 1000000 + time
    return True


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

cdef inline int64_t days_since(int64_t date, int64_t today) noexcept nogil:
    return today - day_number(date // 10000, date // 100 % 100, date % 100)


cdef bint take_value(
    const Tables* c_tables, const FieldPlan* c_plan, uint16_t vr, Span value, Hits* c_hits
) noexcept nogil:
    """Take one value that is not empty."""
    cdef Decimal decimal
    cdef int64_t number = 0
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
    elif vr == DT:
        if not read_instant(value, c_hits, &number):
            return False
    else:
        return is_uid(value) and take_text(c_tables, c_plan, value, c_hits)
    if c_plan.is_days:
        take_whole(c_tables, c_plan, days_since(number, c_hits.today), c_hits)
    elif c_plan.kind == INTEGERS:
        take_integer(c_tables, c_plan, number, c_hits)
    return True


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
    cdef:
        const uint8_t* c_next
        Span value
        uint32_t parts = c_hits.parts
        bint is_full = False, is_wrong = False, is_blank
    while True:
        c_next = NULL
        if is_split(vr):
            c_next = <const uint8_t*>memchr(data.c_begin, c'\\', data.c_end - data.c_begin)
        value.c_begin = data.c_begin
        value.c_end = data.c_end if c_next == NULL else c_next
        value = strip(value, vr)
        is_blank = value.c_begin == value.c_end or (vr == PN and is_empty_name(value))
        begin_part(c_plan, c_hits, is_blank)
        if not is_blank:
            is_full = True
            if not take_value(c_tables, c_plan, vr, value, c_hits):
                is_wrong = True
            end_part(c_hits)
        if c_next == NULL:
            break
        data.c_begin = c_next + 1
    if not is_full:
        c_hits.parts = parts
        return EMPTY
    return INVALID if is_wrong else VALUED


cdef bint sole_value(Span data, uint16_t vr, Span* c_value) noexcept nogil:
    """Find the one value of a text that is not empty; False when there are none or several."""
    cdef Span value
    cdef uint32_t values = 0
    while data.c_begin <= data.c_end:
        value.c_begin = data.c_begin
        value.c_end = find(data, c'\\')
        data.c_begin = value.c_end + 1
        value = strip(value, vr)
        if value.c_begin != value.c_end:
            c_value[0] = value
            values += 1
    return values == 1


# --- elements -------------------------------------------------------------------------------------

cdef uint16_t sent_vr(const FieldPlan* c_plan, const Slot* c_slot, bint is_signed) noexcept nogil:
    """Give the VR as sent, or the dictionary's where none is (5)."""
    if c_slot.vr != NO_VR and c_slot.vr != UN:
        return c_slot.vr
    return c_plan.signed_vr if is_signed else c_plan.vr


cdef uint16_t text_vr(const FieldPlan* c_plan, uint16_t sent) noexcept nogil:
    """Give the VR that says how a text is split: the dictionary's, if that is text (5.4)."""
    return sent if c_plan.text_vr == NO_VR else c_plan.text_vr


cdef bint has_letters(
    const FieldPlan* c_plan, const Slot* c_slot, const uint8_t* c_data
) noexcept nogil:
    """Whether a field has text that is not plain ASCII without escape sequences."""
    if not c_slot.seen or c_slot.series or not c_plan.classes & TEXT_CLASS:
        return False
    return is_text(sent_vr(c_plan, c_slot, False)) and not is_ascii(
        c_data + c_slot.offset, c_slot.length)


cdef bint read_offset(const Slot* c_slot, const uint8_t* c_data, int64_t* c_offset) noexcept nogil:
    """Read Timezone Offset From UTC: its first value that is not empty counts (7.5)."""
    cdef Span data, value
    if not c_slot.seen or c_slot.series:
        return False
    if c_slot.vr != NO_VR and c_slot.vr != UN and not is_text(c_slot.vr):
        return False
    data = span(c_data + c_slot.offset, c_slot.length)
    while data.c_begin <= data.c_end:
        value.c_begin = data.c_begin
        value.c_end = find(data, c'\\')
        data.c_begin = value.c_end + 1
        value = strip(value, SH)
        if value.c_begin != value.c_end:
            return read_away(value, c_offset)
    return False


cdef State take_tags(
    const Tables* c_tables, const FieldPlan* c_plan, const Slot* c_slot, const uint8_t* c_value,
    Hits* c_hits
) noexcept nogil:
    """Take the values of an AT (5.4)."""
    cdef uint32_t place
    for place in range(c_slot.length // 4):
        begin_part(c_plan, c_hits, False)
        if c_plan.kind == INTEGERS:
            take_integer(
                c_tables, c_plan, read_tag(c_value + 4 * place, c_slot.big), c_hits)
        end_part(c_hits)
    return INVALID if c_slot.length % 4 else VALUED


cdef State take_bytes(
    const FieldPlan* c_plan, uint16_t sent, const Slot* c_slot, const uint8_t* c_value, Hits* c_hits
) noexcept nogil:
    """Give the state of what has no values to compare (5.4)."""
    if class_of(sent) == BULK_CLASS:
        pass_parts(c_plan, c_hits, 1)
        return VALUED
    if sent == SQ and c_slot.length >= 8 and read_tag(c_value, c_slot.big) == (
        <uint32_t>DELIMITER_GROUP << 16 | ITEM_ELEMENT
    ):
        return VALUED
    return INVALID


cdef State take_series(
    const FieldPlan* c_plan, uint16_t sent, const Slot* c_slot, Hits* c_hits
) noexcept nogil:
    """Give the state of a series of items (5.3)."""
    pass_parts(c_plan, c_hits, c_slot.items if sent == SQ else 1)
    return VALUED if sent == SQ or c_plan.classes & (BULK_CLASS | SEQUENCE_CLASS) else INVALID


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
        if c_plan.classes != SEQUENCE_CLASS:
            pass_parts(c_plan, c_hits, 1)
        return INVALID
    if c_slot.series:
        return take_series(c_plan, sent, c_slot, c_hits)
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
    return take_bytes(c_plan, sent, c_slot, value.c_begin, c_hits)


cdef inline Span next_packed(const uint8_t** c_at) noexcept nogil:
    """Pass a text that Python packed: its length in four bytes, then UTF-8."""
    cdef Span text = span(c_at[0] + 4, read32(c_at[0], False))
    c_at[0] = text.c_end
    return text


cdef State look_up_packed(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_packed, size_t size,
    Hits* c_hits
) noexcept nogil:
    """Take the parts of an element that Python has decoded: each what it is, then, when it is
    filled, its text and the folded form of that."""
    cdef const uint8_t* c_end = c_packed + size
    cdef Span value, folded
    cdef uint32_t parts = c_hits.parts
    cdef Packed packed
    cdef bint is_full = False
    while c_packed < c_end:
        packed = <Packed>c_packed[0]
        c_packed += 1
        is_full = is_full or packed != BLANK
        begin_part(c_plan, c_hits, packed == BLANK)
        if packed == LACKING and not c_hits.is_muted:
            c_hits.is_muted = c_hits.is_lacking = True
        elif packed == FILLED:
            value = next_packed(&c_packed)
            folded = next_packed(&c_packed)
            if c_plan.kind == TEXTS and not c_hits.is_muted:
                take_folded(c_tables, c_plan, value, folded, c_hits)
        end_part(c_hits)
    if not is_full:
        c_hits.parts = parts
        return EMPTY
    return VALUED


cdef bint look_up_member(
    const Tables* c_tables, const FieldPlan* c_plan, const uint8_t* c_value, size_t size,
    Hits* c_hits
) noexcept nogil:
    """Take the value of a member of the envelope, prepared for its kind; False if it is none."""
    cdef Span value
    cdef Decimal decimal
    c_hits.is_muted = False
    value.c_begin = c_value
    value.c_end = c_value + size
    if c_plan.kind == TEXTS:
        value = next_packed(&c_value)
        take_folded(c_tables, c_plan, value, next_packed(&c_value), c_hits)
        c_hits.values = 1
        return True
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
