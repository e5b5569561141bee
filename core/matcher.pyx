"""The compiled matcher: a plan in flat arrays, and what it takes to decide one object.

An object passes three steps: `walk_top` finds the tested elements, `_prepare` lets Python decode what
is not plain ASCII and what the envelope holds (each distinct value once), `_match` does the rest
without Python. The decision is made of the numbers of the rules that fired, and kept for them.

Rules of this file: C arrays live in bytearrays that `_memory` keeps; a matcher never changes after it
was made, what changes is in a `Scratch`, and one decision has one for itself. So several threads may
use one matcher.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from roteiro.core.bitset cimport Section, Slice, Step, begin, finish, narrow
from roteiro.core.scan cimport CLEAN, CUT, STOPPED, Ending, walk_top
from roteiro.core.tags cimport DECIMAL_CLASS, NO_VR, UN, US, is_text
from roteiro.core.values cimport (
    ABSENT, ADDRESSES, DECIMALS, INTEGERS, INVALID, STATE_ONLY, TEXTS, VALUED,
    Constant, Exact, Kind, Pattern, PatternKind, Text,
    forget, hash_text, look_up, look_up_decoded, look_up_member, needs_decoding, sent_vr, settle,
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


# --- flat arrays ----------------------------------------------------------------------------------

cdef void* room(list memory, size_t size):
    """Give zeroed memory that lives as long as the list."""
    block = bytearray(size or 1)
    memory.append(block)
    return PyByteArray_AS_STRING(block)


cdef uint32_t* words32(list memory, values):
    cdef uint32_t* c_words = <uint32_t*>room(memory, 4 * len(values))
    cdef size_t place
    for place, value in enumerate(values):
        c_words[place] = value
    return c_words


cdef uint8_t* flags(list memory, values):
    cdef uint8_t* c_flags = <uint8_t*>room(memory, len(values))
    cdef size_t place
    for place, value in enumerate(values):
        c_flags[place] = value
    return c_flags


cdef const uint8_t* octets(list memory, bytes values):
    memory.append(values)
    return <const uint8_t*>PyBytes_AS_STRING(values)


cdef Slice* slices(list memory, lists, list flat):
    """Append lists to one flat list, and give where each is."""
    cdef Slice* c_slices = <Slice*>room(memory, sizeof(Slice) * len(lists))
    cdef size_t place
    for place, items in enumerate(lists):
        c_slices[place].begin = len(flat)
        flat.extend(items)
        c_slices[place].end = len(flat)
    return c_slices


cdef uint16_t vr_code(str vr):
    return <uint16_t>(ord(vr[0]) << 8 | ord(vr[1])) if vr else NO_VR


cdef class _Literals:
    """The literals of all fields, gathered before they are laid flat."""

    cdef public bytearray blob
    cdef public list hash_slots, exact, tests, tree_starts, tree_items, integers, decimals
    cdef public list patterns, texts

    def __init__(self):
        self.blob = bytearray()
        for name in (
            "hash_slots", "exact", "tests", "tree_starts", "tree_items", "integers", "decimals",
            "patterns", "texts",
        ):
            setattr(self, name, [])

    def keep(self, bytes text):
        """Put bytes into the blob; give where."""
        cdef size_t place = len(self.blob)
        self.blob += text
        return place

    def decimal(self, value):
        """Note a decimal literal: sign, digits without zeros at the ends, exponent; nearest double."""
        sign, digits, exponent = value.as_tuple()
        text = "".join(map(str, digits)).lstrip("0")
        nearest = float(value)
        nearest_exactly = type(value)(nearest) if -1e400 < nearest < 1e400 else None
        if nearest_exactly is None or nearest in (float("inf"), float("-inf")):
            side = -1 if nearest > 0 else 1
        else:
            side = (value > nearest_exactly) - (value < nearest_exactly)
        significant = text.rstrip("0")
        self.decimals.append((
            0 if not text else (-1 if sign else 1),
            side,
            self.keep(significant.encode()),
            len(significant),
            len(text) + exponent,
            nearest,
        ))

    cdef void fill(self, FieldPlan* c_field, row) except *:
        """Note the literals of one field."""
        cdef Kind kind = c_field.kind
        c_field.constant_count = len(row.constants)
        if kind == DECIMALS:
            c_field.constants = len(self.decimals)
            for value in row.constants:
                self.decimal(value)
        elif kind == INTEGERS:
            c_field.constants = len(self.integers)
            self.integers.extend(row.constants)
        elif kind == ADDRESSES:
            c_field.constants = len(self.blob)
            for value in row.constants:
                self.keep(value.to_bytes(16, "big"))
        if row.tree is not None:
            self.plant(c_field, row.tree)
        if row.exact:
            self.index(c_field, row.exact)
        c_field.patterns = len(self.patterns)
        for test, pattern_kind, texts in row.patterns:
            begin_texts = len(self.texts)
            self.texts.extend((self.keep(text), len(text)) for text in texts)
            self.patterns.append((test, pattern_kind, begin_texts, len(self.texts)))
        c_field.patterns_end = len(self.patterns)

    cdef void plant(self, FieldPlan* c_field, tree) except *:
        before = len(self.tree_items)
        c_field.tree = len(self.tree_starts)
        c_field.leaves = tree.leaves
        self.tree_starts.extend(before + start for start in tree.starts)
        self.tree_items.extend(tree.items)

    cdef void index(self, FieldPlan* c_field, dict exact) except *:
        """Make the hash table of a field: open addressing, half empty."""
        cdef uint32_t size = 2, place
        while size < 2 * len(exact):
            size *= 2
        slots = [0] * size
        c_field.exact = len(self.exact)
        for text, tests in exact.items():
            where = self.keep(text)
            begin_tests = len(self.tests)
            self.tests.extend(tests)
            self.exact.append((where, len(text), begin_tests, len(self.tests)))
            place = <uint32_t>hash_text(<const uint8_t*>PyBytes_AS_STRING(text), len(text)) & (size - 1)
            while slots[place]:
                place = (place + 1) & (size - 1)
            slots[place] = len(self.exact)
            c_field.longest = max(c_field.longest, <uint32_t>len(text))
        c_field.hash = len(self.hash_slots)
        c_field.hash_size = size
        self.hash_slots.extend(slots)

    cdef void lay(self, Tables* c_tables, list memory, list every) except *:
        """Lay everything flat."""
        cdef:
            size_t place
            Exact* c_exact = <Exact*>room(memory, sizeof(Exact) * len(self.exact))
            Constant* c_decimals = <Constant*>room(memory, sizeof(Constant) * len(self.decimals))
            Pattern* c_patterns = <Pattern*>room(memory, sizeof(Pattern) * len(self.patterns))
            Text* c_texts = <Text*>room(memory, sizeof(Text) * len(self.texts))
            int64_t* c_integers = <int64_t*>room(memory, 8 * len(self.integers))
        for place, (text, size, first, last) in enumerate(self.exact):
            c_exact[place] = Exact(text, size, first, last)
        for place, (sign, side, digits, count, exponent, nearest) in enumerate(self.decimals):
            c_decimals[place] = Constant(sign, side, digits, count, exponent, nearest)
        for place, (test, kind, first, last) in enumerate(self.patterns):
            c_patterns[place] = Pattern(test, <PatternKind><int>kind, first, last)
        for place, (text, size) in enumerate(self.texts):
            c_texts[place] = Text(text, size)
        for place, value in enumerate(self.integers):
            c_integers[place] = value
        c_tables.c_blob = octets(memory, bytes(self.blob))
        c_tables.c_hash = words32(memory, self.hash_slots)
        c_tables.c_exact = c_exact
        c_tables.c_tests = words32(memory, self.tests)
        c_tables.c_tree_starts = words32(memory, self.tree_starts)
        c_tables.c_tree_items = words32(memory, self.tree_items)
        c_tables.c_integers = c_integers
        c_tables.c_decimals = c_decimals
        c_tables.c_patterns = c_patterns
        c_tables.c_texts = c_texts
        c_tables.c_is_every = flags(memory, every)


cdef void lay_clauses(Clauses* c_clauses, list memory, plan) except *:
    """Lay the clauses of a plan flat."""
    cdef:
        size_t place
        list flat = []
        Step* c_steps = <Step*>room(memory, sizeof(Step) * len(plan.steps))
        Section* c_sections = <Section*>room(memory, sizeof(Section) * len(plan.sections))
    c_clauses.words = plan.words
    c_clauses.c_all = <const uint64_t*>octets(memory, plan.all)
    c_clauses.c_masks = <const uint64_t*>octets(
        memory, b"".join(mask for row in plan.rows for mask in row.masks))
    c_clauses.c_states = flags(memory, [int(item.states) for item in plan.conditions])
    c_clauses.c_wanted = words32(memory, [len(item.wanted) for item in plan.conditions])
    c_clauses.c_posting_of = slices(memory, plan.postings, flat)
    c_clauses.c_postings = words32(memory, flat)
    flat = []
    c_clauses.c_mention_of = slices(memory, plan.mentions, flat)
    c_clauses.c_mentions = words32(memory, flat)
    for place, step in enumerate(plan.steps):
        c_steps[place] = Step(step.ask, step.negated, step.first, step.second)
    c_clauses.steps = len(plan.steps)
    c_clauses.c_steps = c_steps
    c_clauses.c_operands = words32(memory, plan.operands)
    c_clauses.virtuals = len(plan.virtuals)
    c_clauses.c_virtual_step = words32(memory, [step for step, _ in plan.virtuals])
    flat = []
    c_clauses.c_virtual_of = slices(memory, [wanting for _, wanting in plan.virtuals], flat)
    c_clauses.c_virtual_clauses = words32(memory, flat)
    for place, section in enumerate(plan.sections):
        c_sections[place] = Section(section.begin, section.end, section.first, section.otherwise)
    c_clauses.sections = len(plan.sections)
    c_clauses.c_sections = c_sections
    c_clauses.c_rules = words32(memory, plan.rules)
    c_clauses.c_stops = flags(memory, plan.stops)


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
        cdef _Literals literals = _Literals()
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
