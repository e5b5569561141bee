"""The compiled matcher: a plan in flat arrays, and what it takes to decide one object.

An object passes three steps: `walk_top` finds the tested elements, `_prepare` lets Python decode what
is not plain ASCII and what the envelope holds (each distinct value once), `_match` does the rest
without Python. The decision is made of the numbers of the rules that fired, and kept for them.

Rules of this file: a matcher never changes after it was made, but for what it keeps; what changes is
in a `Scratch`, and one decision has one for itself. So several threads may use one matcher.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from roteiro.core.bitset cimport begin, finish, narrow
from roteiro.core.flat cimport Literals, lay_clauses, room, vr_code
from roteiro.core.scan cimport CLEAN, CUT, STOPPED, walk_top
from roteiro.core.tags cimport DECIMAL_CLASS, NO_VR, UN, US, is_text
from roteiro.core.values cimport (
    ABSENT, ADDRESSES, DECIMALS, INVALID, STATE_ONLY, VALUED, Kind,
    forget, look_up, look_up_decoded, look_up_member, needs_decoding, sent_vr, settle,
)

from decimal import Decimal

from roteiro.core.decision import assemble, unreadable
from roteiro.core.envelope import member_of
from roteiro.core.inflate import Inflater
from roteiro.core.plan import lay_out
from roteiro.core.program import Damage, Encoding, Outcome, Read
from roteiro.core.text import character_set, decode, decode_ascii, text_values
from roteiro.core.validate import validate
from roteiro.core.vrs import BY_CHARACTER_SET, CHARACTER_SET, PIXEL_REPRESENTATION, WHOLE

KEPT_RULES = 1 << 20
"""Rules in the decisions that are kept, all together: some 20 bytes each."""
KEPT_TEXT = 1 << 21
"""Bytes of the texts that are kept, all together; of the members of envelopes too."""
FIRST_PIECE = 4096
"""Bytes inflated before the first look at a deflated data set."""

DAMAGES = (
    None, None, Damage.CUT, Damage.VR, Damage.UNDEFINED, Damage.DELIMITER, Damage.VALUE,
    Damage.DEPTH, Damage.COUNT,
)
"""By `scan.Ending`."""

cdef int DEFLATED = Encoding.DEFLATED
cdef int IMPLICIT_LITTLE = Encoding.IMPLICIT_LITTLE
cdef int EXPLICIT_BIG = Encoding.EXPLICIT_BIG


# --- what is kept ---------------------------------------------------------------------------------

cdef class Kept:
    """A bounded memory of answers, compared in full. What is too heavy is not kept; when a new
    entry does not fit, all go, and each costs one more computation.
    """

    def __cinit__(self, size_t limit):
        self._limit = limit
        self._known = {}

    cdef object get(self, object key):
        return self._known.get(key)

    cdef void put(self, object key, object value, size_t weight) except *:
        if weight > self._limit // 16:
            return
        if self._weight + weight > self._limit:
            self._known = {}
            self._weight = 0
        self._known[key] = value
        self._weight += weight


# --- the matcher ----------------------------------------------------------------------------------

cdef class Scratch:
    """The memory that one decision changes."""

    def __cinit__(self, CompiledMatcher matcher):
        cdef list memory = []
        cdef Clauses* c_clauses = &matcher.clauses
        cdef uint32_t conditions = matcher.conditions
        self._memory = memory
        self.c_slots = <Slot*>room(memory, sizeof(Slot) * matcher.slots)
        memcpy(self.c_slots, matcher.c_slots, sizeof(Slot) * matcher.slots)
        self.c_prepared = <Prepared*>room(memory, sizeof(Prepared) * matcher.fields)
        self.hits.c_cell_count = <uint32_t*>room(memory, 4 * matcher.cells)
        self.hits.c_cells = <uint32_t*>room(memory, 4 * matcher.cells)
        self.hits.c_count = <uint32_t*>room(memory, 4 * matcher.tests)
        self.hits.c_touched = <uint32_t*>room(memory, 4 * matcher.tests)
        self.bits.c_live = <uint64_t*>room(memory, 8 * c_clauses.words)
        self.bits.c_mask = <uint64_t*>room(memory, 8 * c_clauses.words)
        self.bits.c_wanted_hits = <uint32_t*>room(memory, 4 * conditions)
        self.bits.c_unwanted_hits = <uint32_t*>room(memory, 4 * conditions)
        self.bits.c_asked = <uint32_t*>room(memory, 4 * conditions)
        self.bits.c_holds = <uint8_t*>room(memory, matcher.tests)
        self.bits.c_state = <uint8_t*>room(memory, matcher.fields)
        self.bits.c_results = <uint8_t*>room(memory, c_clauses.steps)
        self.bits.c_fired = <uint32_t*>room(memory, 4 * matcher.capacity)


cdef class CompiledMatcher:
    """Decides objects for one program.

    Raises `ProgramError` for a program that no engine can run.
    """

    def __cinit__(self, program):
        validate(program)
        plan = lay_out(program)
        self._memory = []
        self._numbering = plan.numbering
        self._reads_size = plan.reads_size
        self._idle = []
        self._decisions = Kept(KEPT_RULES)
        self._texts = Kept(KEPT_TEXT)
        self._members = Kept(KEPT_TEXT)
        self.capacity = len(plan.numbering.names)
        self.tests = len(plan.every)
        self.conditions = len(plan.conditions)
        self.cells = 3  # of Pixel Representation, else those of the field that has most
        for row in plan.rows:
            self.cells = max(self.cells, 2 * len(row.constants) + 1, len(row.exact))
        self._place_slots(plan)
        self._place_fields(plan)
        lay_clauses(&self.clauses, self._memory, plan)

    cdef void _place_slots(self, plan) except *:
        cdef size_t place
        self.slots = len(plan.tags)
        self.c_slots = <Slot*>room(self._memory, sizeof(Slot) * self.slots)
        self.character_set = self.pixel_representation = -1
        for place, (tag, is_read) in enumerate(plan.tags):
            self.c_slots[place].tag = tag
            self.c_slots[place].read_by_default = is_read
            if tag == CHARACTER_SET:
                self.character_set = place
            elif tag == PIXEL_REPRESENTATION:
                self.pixel_representation = place

    cdef void _place_fields(self, plan) except *:
        cdef FieldPlan* c_field
        cdef Literals literals = Literals()
        cdef size_t place
        self.fields = len(plan.rows)
        self.c_fields = <FieldPlan*>room(self._memory, sizeof(FieldPlan) * self.fields)
        self._names = [row.name for row in plan.rows]
        self._vrs = [row.dictionary_vr for row in plan.rows]
        self.has_signed = False
        for place, row in enumerate(plan.rows):
            c_field = &self.c_fields[place]
            c_field.kind = <Kind><int>row.kind
            c_field.is_member = bool(row.name)
            c_field.slot = row.slot
            c_field.vr = vr_code(row.vr)
            c_field.signed_vr = vr_code(row.signed_vr)
            c_field.text_vr = vr_code(row.text_vr)
            c_field.classes = row.classes
            if c_field.vr != c_field.signed_vr:
                self.has_signed = True
            literals.fill(c_field, row)
        # Pixel Representation is a field of its own: whether its first value is 1.
        self.pixels.kind = DECIMALS
        self.pixels.vr = self.pixels.signed_vr = US
        self.pixels.classes = DECIMAL_CLASS
        self.pixels.constants = len(literals.decimals)
        self.pixels.constant_count = 1
        literals.decimal(Decimal(1))
        literals.lay(&self.tables, self._memory, plan.every)

    def decide(self, data, encoding, envelope, *, complete=True):
        """Decide one object; `None` when `data` is a prefix that does not settle it."""
        cdef Py_buffer view
        cdef Scratch scratch
        cdef int code = encoding
        if self._reads_size and not complete:
            return None
        scratch = self._scratch()
        if code == DEFLATED:
            outcome = self._decide_deflated(scratch, memoryview(data), envelope, complete)
        else:
            PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
            try:
                outcome = self._decide(
                    scratch, <const uint8_t*>view.buf, view.len, code, envelope, None, complete)
            finally:
                PyBuffer_Release(&view)
        self._idle.append(scratch)
        return outcome

    cdef object _decide(
        self, Scratch scratch, const uint8_t* c_data, size_t size, int code, object envelope,
        object end, bint complete):
        """Decide what lies in memory; `end` is the damage that running into its end is, if any."""
        cdef Walk walk
        walk.c_data = c_data
        walk.size = size
        walk.at = 0
        walk.counted = 0
        walk_top(&walk, code == EXPLICIT_BIG, code != IMPLICIT_LITTLE, scratch.c_slots, self.slots)
        if walk.ending in (CLEAN, CUT) and not complete:
            return None
        if walk.ending == STOPPED or (walk.ending == CLEAN and end is None):
            return self._evaluate(scratch, &walk, envelope)
        if walk.ending in (CLEAN, CUT) and end is not None:
            return self._unreadable(scratch, &walk, end)
        return self._unreadable(scratch, &walk, DAMAGES[<int>walk.ending])

    cdef object _decide_deflated(
        self, Scratch scratch, object data, object envelope, bint complete):
        """Inflate as much as it takes, each time four times as much."""
        inflater = Inflater(data)
        wanted = FIRST_PIECE
        while True:
            inflater.more(wanted)
            settled = inflater.ended and (complete or inflater.damage is not Damage.CUT)
            outcome = self._decide(
                scratch, <const uint8_t*>PyByteArray_AS_STRING(inflater.data),
                PyByteArray_GET_SIZE(inflater.data), DEFLATED, envelope, inflater.damage, settled)
            if outcome is not None or inflater.ended:
                return outcome
            wanted *= 4

    cdef Scratch _scratch(self):
        try:
            return self._idle.pop()
        except IndexError:
            return Scratch(self)

    cdef object _read(self, Scratch scratch, const Walk* c_walk):
        cdef uint32_t slot, found = 0
        last = None
        for slot in range(self.slots):
            if scratch.c_slots[slot].seen:
                found += 1
                last = scratch.c_slots[slot].tag
        return Read(found, last, c_walk.at)

    cdef object _unreadable(self, Scratch scratch, const Walk* c_walk, object damage):
        tag = c_walk.tag if c_walk.has_tag else None
        return Outcome(unreadable(damage.reason(tag)), self._read(scratch, c_walk))

    cdef object _evaluate(self, Scratch scratch, const Walk* c_walk, object envelope):
        cdef bytes fired
        kept = self._prepare(scratch, c_walk.c_data, envelope)
        self._match(scratch, c_walk.c_data)
        fired = PyBytes_FromStringAndSize(
            <const char*>scratch.bits.c_fired, sizeof(uint32_t) * scratch.bits.fired)
        decision = self._decisions.get(fired)
        if decision is None:
            numbers = [scratch.bits.c_fired[place] for place in range(scratch.bits.fired)]
            decision = assemble(self._numbering, numbers)
            self._decisions.put(fired, decision, 16 + scratch.bits.fired)
        return Outcome(decision, self._read(scratch, c_walk))

    cdef list _prepare(self, Scratch scratch, const uint8_t* c_data, object envelope):
        """Let Python do what only it can; the list keeps alive what is pointed to."""
        cdef:
            uint32_t field
            FieldPlan* c_field
            Prepared* c_prepared
            bytes value
            list kept = []
        for field in range(self.fields):
            c_field = &self.c_fields[field]
            c_prepared = &scratch.c_prepared[field]
            c_prepared.there = False
            if c_field.is_member:
                state, value = self._member(field, envelope)
                c_prepared.state = <State><int>state
            elif needs_decoding(c_field, &scratch.c_slots[c_field.slot], c_data):
                value = self._decode(field, scratch.c_slots, c_data)
            else:
                continue
            kept.append(value)
            c_prepared.there = True
            c_prepared.c_value = <const uint8_t*>PyBytes_AS_STRING(value)
            c_prepared.size = PyBytes_GET_SIZE(value)
        return kept

    cdef bytes _decode(self, uint32_t field, const Slot* c_slots, const uint8_t* c_data):
        """Give the values of a text as UTF-8, each after its length."""
        cdef const Slot* c_slot = &c_slots[self.c_fields[field].slot]
        cdef uint16_t code = self.c_fields[field].text_vr
        if code == NO_VR:
            code = sent_vr(&self.c_fields[field], c_slot, False)
        vr = chr(code >> 8) + chr(code & 0xFF)
        declared = None
        if self._vrs[field] in BY_CHARACTER_SET:
            declared = self._declared(c_slots, c_data)
        data = PyBytes_FromStringAndSize(<const char*>c_data + c_slot.offset, c_slot.length)
        key = vr, declared, data
        packed = self._texts.get(key)
        if packed is None:
            packed = pack(vr, declared, data)
            self._texts.put(key, packed, 256 + len(data) + len(declared or b"") + len(packed))
        return packed

    cdef bytes _declared(self, const Slot* c_slots, const uint8_t* c_data):
        """Give Specific Character Set as it was sent; empty when it has no value."""
        cdef const Slot* c_slot
        if self.character_set < 0:
            return b""
        c_slot = &c_slots[self.character_set]
        if not c_slot.seen or c_slot.series:
            return b""
        if c_slot.vr not in (NO_VR, UN) and not is_text(c_slot.vr):
            return b""
        return PyBytes_FromStringAndSize(<const char*>c_data + c_slot.offset, c_slot.length)

    cdef tuple _member(self, uint32_t field, object envelope):
        """Give the state and the prepared value of a member of the envelope."""
        name = self._names[field]
        value = getattr(envelope, name)
        if value is None:
            return ABSENT, b""
        key = field, value
        known = self._members.get(key)
        if known is None:
            state, member = member_of(name, value)
            known = int(state), prepare(self.c_fields[field].kind, member)
            self._members.put(key, known, 256 + len(known[1]))
        return known

    cdef bint _is_signed(self, Scratch scratch, const uint8_t* c_data) noexcept nogil:
        """Whether Pixel Representation says that numbers of no VR are signed."""
        cdef State state
        cdef uint32_t cell
        if not self.has_signed or self.pixel_representation < 0:
            return False
        state = look_up(
            &self.tables, &self.pixels, &scratch.c_slots[self.pixel_representation], False, c_data,
            &scratch.hits)
        cell = scratch.hits.first_cell
        forget(&scratch.hits)
        return state == VALUED and cell == 1

    cdef void _match(self, Scratch scratch, const uint8_t* c_data) noexcept nogil:
        """Find the rules that fire."""
        cdef:
            uint32_t field
            bint is_signed = self._is_signed(scratch, c_data)
            State state
            const FieldPlan* c_field
            const Prepared* c_prepared
            Hits* c_hits = &scratch.hits
        begin(&self.clauses, &scratch.bits)
        for field in range(self.fields):
            c_field = &self.c_fields[field]
            c_prepared = &scratch.c_prepared[field]
            if c_field.is_member:
                state = c_prepared.state
                if state == VALUED and not look_up_member(
                    &self.tables, c_field, c_prepared.c_value, c_prepared.size, c_hits
                ):
                    state = INVALID
            elif c_prepared.there:
                state = look_up_decoded(
                    &self.tables, c_field, c_prepared.c_value, c_prepared.size, c_hits)
            else:
                state = look_up(
                    &self.tables, c_field, &scratch.c_slots[c_field.slot], is_signed, c_data, c_hits)
            settle(&self.tables, c_field, state, c_hits)
            narrow(&self.clauses, &scratch.bits, field, state, c_hits.c_touched, c_hits.touched)
            c_hits.touched = 0
        finish(&self.clauses, &scratch.bits, self.tests)


cdef bytes pack(str vr, bytes declared, bytes data):
    """Decode a text; `declared` is None where the character set does not count."""
    if declared is None:
        text = decode_ascii(data)
    else:
        text = decode(data, character_set(declared), vr, split=vr not in WHOLE)
    encoded = [value.encode("utf-8", "surrogatepass") for value in text_values(vr, text)]
    return b"".join(len(value).to_bytes(4, "little") + value for value in encoded)


cdef bytes prepare(Kind kind, value):
    """Give the value of a member as `look_up_member` takes it."""
    if value is None or kind == STATE_ONLY:
        return b""
    if kind == ADDRESSES:
        return value.to_bytes(16, "big")
    return str(value).encode("utf-8", "surrogatepass")
