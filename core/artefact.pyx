"""A file of a compiled program, looked at once and used where it lies.

Rules of this file: the bytes never change while an `Artefact` is there; no number of a file is used
before it was looked at; what is made of a file beside pointers takes no more memory than the file
itself, but for a constant factor.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from roteiro.core.artefact_clauses cimport take_clauses, take_conditions
from roteiro.core.artefact_fields cimport take_fields, take_levels, take_tables
from roteiro.core.bitset cimport Cells, Clauses, Section, Slice, Step
from roteiro.core.flat cimport room
from roteiro.core.machines cimport Header
from roteiro.core.scan cimport Level, Slot
from roteiro.core.values cimport (
    Constant, Exact, FieldPlan, Hop, ItemTest, Shape, hash_text,
)

from struct import calcsize

from roteiro.core.artefact_notes import Names, check_fields, decoded, numbering_of
from roteiro.core.artefact_parts import NO_ENGINE, check_header
from roteiro.core.errors import ArtefactError, Unfit
from roteiro.core.vrs import CLASSES, TIMEZONE

cdef enum:
    PART_ALIGNMENT = 64
    BASE_ALIGNMENT = 8

cdef uint32_t c_timezone = TIMEZONE
LAYOUT = b",".join([b"%d" % size for size in (
    sizeof(Row), sizeof(FieldRecord), sizeof(LevelRecord), sizeof(SlotRecord),
    sizeof(ClausesRecord), sizeof(Exact), sizeof(Constant), sizeof(Shape), sizeof(Hop),
    sizeof(ItemTest), sizeof(Cells), sizeof(Section), sizeof(Slice), sizeof(Step), sizeof(Header),
    hash_text(b"roteiro", 7))])
"""How records lie here, and how texts are hashed: it differs where a file would be misread."""
VR_CODES = frozenset(ord(vr[0]) << 8 | ord(vr[1]) for vr in CLASSES) | {0}


# --- parts ----------------------------------------------------------------------------------------

cdef inline uint64_t key_of(const Row* c_row) noexcept nogil:
    return <uint64_t>c_row.kind << 32 | c_row.number


cdef bint take_file(File* c_file, const uint8_t* c_data, uint64_t size) noexcept nogil:
    """Take the table of parts: ascending, side by side, within the file."""
    cdef uint64_t at, end
    cdef uint32_t place
    cdef const Row* c_row
    if size < HEADER_BYTES or <size_t>c_data % BASE_ALIGNMENT:
        return False
    c_file.c_data = c_data
    c_file.size = size
    c_file.parts = (<const uint32_t*>(c_data + PARTS_AT))[0]
    c_file.c_rows = <const Row*>(c_data + HEADER_BYTES)
    at = HEADER_BYTES + sizeof(Row) * <uint64_t>c_file.parts
    if at > size:
        return False
    for place in range(c_file.parts):
        c_row = &c_file.c_rows[place]
        if place and not key_of(&c_file.c_rows[place - 1]) < key_of(c_row):
            return False
        if c_row.offset % PART_ALIGNMENT or c_row.offset < at or c_row.offset > size:
            return False
        if c_row.size > size - c_row.offset:
            return False
        at = c_row.offset + c_row.size
    return True


cdef bint find(
    const File* c_file, uint32_t kind, uint32_t number, size_t each, Run* c_run
) noexcept nogil:
    """Find a part; False when there is none, or it does not hold whole items."""
    cdef uint64_t wanted = <uint64_t>kind << 32 | number
    cdef uint32_t low = 0, high = c_file.parts, middle
    cdef const Row* c_row
    while low < high:
        middle = low + (high - low) // 2
        if key_of(&c_file.c_rows[middle]) < wanted:
            low = middle + 1
        else:
            high = middle
    if low == c_file.parts:
        return False
    c_row = &c_file.c_rows[low]
    if key_of(c_row) != wanted:
        return False
    if c_row.size % each or c_row.size // each >= NONE:
        return False
    c_run.c_items = c_file.c_data + c_row.offset
    c_run.count = <uint32_t>(c_row.size // each)
    return True


cdef bint claim(Look* c_look, uint32_t test, uint32_t field, bint as_item) noexcept nogil:
    """Claim a test for a field: it is one of the field's scope, and of no other field.

    What is asked of items is claimed once; a test of values as often as it has literals.
    """
    cdef const Clauses* c_clauses = &c_look.c_laid.c_clauses[c_look.scope]
    if test < c_clauses.first_test or test - c_clauses.first_test >= c_clauses.tests:
        return False
    if c_look.c_owner[test] == NONE:
        c_look.c_owner[test] = field
        c_look.c_is_item[test] = as_item
        return True
    return c_look.c_owner[test] == field and not as_item and not c_look.c_is_item[test]


# --- names ----------------------------------------------------------------------------------------

cdef bint are_names(const Run* c_text, const Run* c_ends) noexcept nogil:
    """Whether texts lie side by side and each ends where a character does; UTF-8 was looked at."""
    cdef:
        const uint8_t* c_bytes = <const uint8_t*>c_text.c_items
        const uint32_t* c_places = <const uint32_t*>c_ends.c_items
        uint32_t place, at = 0
    for place in range(c_ends.count):
        if c_places[place] < at or c_places[place] > c_text.count:
            return False
        at = c_places[place]
        if at < c_text.count and c_bytes[at] & 0xC0 == 0x80:
            return False
    return at == c_text.count


cdef bint are_below(const Run* c_run, size_t limit) noexcept nogil:
    cdef uint32_t place
    for place in range(c_run.count):
        if (<const uint32_t*>c_run.c_items)[place] >= limit:
            return False
    return True


cdef bint is_guarded(const Clauses* c_clauses, uint32_t guards) noexcept nogil:
    """Whether the first table is a guard of so many rules: it always says something, and only it
    has rules of a guard."""
    cdef:
        const Section* c_guard = c_clauses.c_sections
        uint32_t clause, end
    if not guards:
        return True
    if not c_clauses.sections or not c_guard.first or c_guard.otherwise < 0:
        return False
    if <uint32_t>c_guard.otherwise >= guards:
        return False
    end = 64 * c_guard.end
    for clause in range(end):
        if c_clauses.c_rules[clause] >= guards:
            return False
    return True


# --- the file -------------------------------------------------------------------------------------

cdef class Artefact:
    """A compiled program. Raises `ArtefactError` for bytes that are none, or of another build."""

    def __cinit__(self, data, engine=NO_ENGINE, *, sealed=True):
        """Look at all of it; without `sealed` the sum is not looked at, as for tests of the rest."""
        cdef Py_buffer view
        held = memoryview(data).cast("B")
        if sealed:
            check_header(held, engine)
        PyObject_GetBuffer(held, &view, PyBUF_SIMPLE)
        if <size_t>view.buf % BASE_ALIGNMENT:
            PyBuffer_Release(&view)
            held = bytes(held)
            PyObject_GetBuffer(held, &view, PyBUF_SIMPLE)
        self.c_data = <const uint8_t*>view.buf
        PyBuffer_Release(&view)
        self._held = held  # as long as it is there, so are the bytes
        self._memory = []
        if not take_file(&self.file, self.c_data, len(held)):
            raise ArtefactError(Unfit.DAMAGED)
        self._look()

    @property
    def data(self):
        """All bytes."""
        return memoryview(self._held).toreadonly()

    def part(self, uint32_t kind, uint32_t number=0, form="B"):
        """Give a part, as items of a form of `struct`; nothing when it is not there."""
        cdef uint32_t place
        for place in range(self.file.parts):
            if self.file.c_rows[place].kind == kind and self.file.c_rows[place].number == number:
                begin, size = self.file.c_rows[place].offset, self.file.c_rows[place].size
                if size % calcsize(form):
                    raise ArtefactError(Unfit.DAMAGED)
                return self.data[begin : begin + size].cast(form)
        return None

    def parts(self):
        """Give kind, number and size of each part."""
        return [
            (self.file.c_rows[place].kind, self.file.c_rows[place].number,
             self.file.c_rows[place].size)
            for place in range(self.file.parts)
        ]

    @property
    def scopes(self):
        """How many scopes there are: the object, and each sequence whose items are asked."""
        return self.laid.scopes

    cdef Run _run(self, uint32_t kind, size_t each) except *:
        cdef Run run
        if not find(&self.file, kind, 0, each, &run):
            raise ArtefactError(Unfit.DAMAGED)
        return run

    cdef void _look(self) except *:
        """Look at what Python needs, then at the rows."""
        self._run(NOTES, 1)
        self.notes = decoded(self.part(NOTES))
        self._look_at_names()
        self._look_at_fields()
        self._look_at_rules()

    def _text(self, kind):
        """Give a part that is UTF-8."""
        part = self.part(kind)
        try:
            str(part, "utf-8")
        except UnicodeDecodeError:
            raise ArtefactError(Unfit.DAMAGED) from None
        return part

    def _look_at_names(self):
        """Look at names of rules and of private creators."""
        cdef Run names = self._run(NAMES, 1), name_ends = self._run(NAME_ENDS, 4)
        cdef Run creators = self._run(CREATORS, 1), creator_ends = self._run(CREATOR_ENDS, 4)
        text, known = self._text(NAMES), self._text(CREATORS)
        if not are_names(&names, &name_ends) or not are_names(&creators, &creator_ends):
            raise ArtefactError(Unfit.DAMAGED)
        self.creators = tuple(Names(known, self.part(CREATOR_ENDS, 0, "I")))
        if not self.creators:
            raise ArtefactError(Unfit.DAMAGED)
        self.laid.rules = name_ends.count
        self.numbering = numbering_of(
            self.notes, Names(text, self.part(NAME_ENDS, 0, "I")),
            self.part(VERDICT_OF, 0, "I"), self.part(EFFECTS_OF, 0, "I"))

    cdef void _look_at_rules(self) except *:
        """Look at what rules do, and that clauses speak of rules that are there."""
        cdef Run verdicts = self._run(VERDICT_OF, 4), effects = self._run(EFFECTS_OF, 4)
        cdef Run stops = self._run(STOPS, 1)
        cdef Clauses* c_top = self.laid.c_clauses
        if not (
            are_below(&verdicts, len(self.notes.verdicts))
            and are_below(&effects, len(self.notes.effects))
            and <uint64_t>verdicts.count + effects.count == self.laid.rules
            and stops.count == self.laid.rules
            and c_top.asked == self.laid.rules
            and is_guarded(c_top, verdicts.count)
        ):
            raise ArtefactError(Unfit.DAMAGED)
        c_top.c_stops = <const uint8_t*>stops.c_items

    cdef void _look_at_fields(self) except *:
        """Look at all rows."""
        cdef Look look
        memset(&look, 0, sizeof(Look))
        look.c_file = &self.file
        look.c_laid = &self.laid
        look.creators = len(self.creators)
        scratch = []
        if not (
            self._take_levels(&look) and self._take_clauses(&look, scratch)
            and self._take_fields(&look, scratch)
        ):
            raise ArtefactError(Unfit.DAMAGED)

    cdef bint _take_levels(self, Look* c_look) except -1:
        """Take what is read of an object."""
        cdef Run levels = self._run(LEVELS, sizeof(LevelRecord))
        cdef Run slots = self._run(SLOTS, sizeof(SlotRecord))
        cdef Slot* c_slots = <Slot*>room(self._memory, sizeof(Slot) * <size_t>slots.count)
        cdef uint32_t place
        self.laid.c_levels = <Level*>room(self._memory, sizeof(Level) * <size_t>levels.count)
        if not take_levels(c_look, &levels, &slots, c_slots):
            return False
        self.laid.timezone = -1
        for place in range(self.laid.c_levels[0].plain):
            if self.laid.c_levels[0].c_slots[place].tag == c_timezone:
                self.laid.timezone = <int>place
        return True

    cdef bint _take_clauses(self, Look* c_look, list scratch) except -1:
        """Take the clauses of each scope; whose tests are whose is not known yet."""
        cdef uint32_t scope
        cdef Run found
        self.laid.tests = self._run(IS_EVERY, 1).count
        self.laid.all_fields = self._run(FIELDS, sizeof(FieldRecord)).count
        while find(&self.file, CLAUSES, self.laid.scopes, sizeof(ClausesRecord), &found):
            self.laid.scopes += 1
        self.laid.c_clauses = <Clauses*>room(
            self._memory, sizeof(Clauses) * <size_t>self.laid.scopes)
        for scope in range(self.laid.scopes):
            if not take_clauses(c_look, scope):
                return False
        return self.laid.scopes != 0 and self._fill_up()

    cdef bint _fill_up(self) noexcept:
        """Whether the scopes have all fields and tests."""
        cdef const Clauses* c_last = &self.laid.c_clauses[self.laid.scopes - 1]
        return (
            c_last.first_field + c_last.fields == self.laid.all_fields
            and c_last.first_test + c_last.tests == self.laid.tests
        )

    cdef bint _take_fields(self, Look* c_look, list scratch) except -1:
        """Take fields and literals, then see whose conditions are whose."""
        cdef uint32_t scope, conditions = 0
        cdef size_t tests = self.laid.tests, scopes = self.laid.scopes
        for scope in range(self.laid.scopes):
            conditions = max(conditions, self.laid.c_clauses[scope].conditions)
        c_look.c_owner = <uint32_t*>room(scratch, 4 * tests)
        memset(c_look.c_owner, 0xFF, 4 * tests)
        c_look.c_is_item = <uint8_t*>room(scratch, tests)
        c_look.c_level_of = <uint32_t*>room(scratch, 4 * scopes)
        memset(c_look.c_level_of, 0xFF, 4 * scopes)
        c_look.c_field_of = <uint32_t*>room(scratch, 4 * <size_t>conditions)
        c_look.c_seen = <uint8_t*>room(scratch, conditions)
        c_look.c_listed = <uint64_t*>room(scratch, 8 * <size_t>self.laid.all_fields)
        self.laid.cells = 3  # of Pixel Representation, else those of the field that has most
        self.laid.c_fields = <FieldPlan*>room(
            self._memory, sizeof(FieldPlan) * <size_t>self.laid.all_fields)
        if not take_tables(c_look) or not take_fields(c_look):
            return False
        for scope in range(self.laid.scopes):
            if not take_conditions(c_look, scope):
                return False
        self._check_notes()
        return self.notes.pixels < self.laid.decimals and all(
            one.place < 2 * self.laid.all_fields
            and all(each.test < self.laid.tests for each in one.size.fallbacks)
            for one in self.notes.machines)

    def _check_notes(self):
        """See that notes speak of the same fields, and that VRs are such."""
        cdef uint32_t place
        cdef FieldPlan* c_fields = self.laid.c_fields
        fields = range(self.laid.all_fields)
        check_fields(
            self.notes, [<int>c_fields[place].kind for place in fields],
            [(bool(c_fields[place].is_member), bool(c_fields[place].is_clock),
              bool(c_fields[place].has_component)) for place in fields])
        for place in fields:
            codes = (c_fields[place].vr, c_fields[place].signed_vr, c_fields[place].text_vr)
            if not VR_CODES.issuperset(codes):
                raise ArtefactError(Unfit.DAMAGED)

