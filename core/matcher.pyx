"""The compiled matcher: a plan in flat arrays, and what it takes to decide one object.

`decide_raw` goes from bytes to the rules that fire, without Python and its lock: `walk_top` finds the
tested elements, `_match` decides the fields one by one, those of items in between. Where a value can
only be decoded by Python, it is asked through one of the doors below, each distinct content once; a
caller that lets nobody be asked learns that it is needed. The decision is made of the numbers of the
rules that fired, and kept for them. An envelope is prepared once, as `Members`.

Rules of this file: a matcher never changes after it was made, but for what it keeps; what changes is
in a `Scratch`, and one decision has one for itself. So several threads may use one matcher. After a
field was decided, `Hits.c_touched` has the tests that hold; who reads them puts `touched` to zero.
"""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject_GenericSetAttr
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.string cimport memcmp, memcpy

from roteiro.core.artefact cimport Artefact, Laid
from roteiro.core.bitset cimport (
    Bits, Clauses, Ways, begin, finish, narrow, narrow_by_cell, narrow_by_outputs,
)
from roteiro.core.flat cimport lay_bits, lay_ways, room, rough_room
from roteiro.core.days cimport lay_zone, wall_at
from roteiro.core.letters cimport (
    ASCII_ONLY, WIDEST, decode, is_ascii, is_by_character_set, is_native, repertoire_of,
)
from roteiro.core.scan cimport CLEAN, CUT, NO_MEMORY, STOPPED, release, walk_top
from roteiro.core.tags cimport DECIMAL_CLASS, LO, NO_VR, UN, US, is_text
from roteiro.core.values cimport (
    ABSENT, ADDRESSES, BLANK, DECIMALS, FILLED, INVALID, LACKING, LONGEST, STATE_ONLY, TEXTS, VALUED,
    begin_field, finish_field, forget, has_letters, look_up, look_up_member, look_up_packed,
    read_offset, sent_vr, settle, sole_value, take_whole, text_vr,
)

from dataclasses import replace
from datetime import UTC

from roteiro.core.decision import assemble, unreadable
from roteiro.core.envelope import member_of
from roteiro.core.inflate import Inflater
from roteiro.core.instants import zone_of
from roteiro.core.names import canonical, component, folded
from roteiro.core.program import Damage, Encoding, Outcome, Read
from roteiro.core.text import character_set, decode as decode_text, decode_ascii, text_parts
from roteiro.core.vrs import BY_CHARACTER_SET, CHARACTER_SET, PIXEL_REPRESENTATION, TIMEZONE, WHOLE

KEPT_RULES = 1 << 20
"""Rules in the decisions that are kept, all together: some 20 bytes each."""
KEPT_TEXT = 1 << 21
"""Bytes of the texts that are kept, all together; of the members of envelopes too."""
FAR = 1 << 62
"""Instants from here on are in no calendar."""
FIRST_PIECE = 4096
"""Bytes inflated before the first look at a deflated data set."""

cdef enum:
    KEPT_CHUNKS = 16  # of what an object's items took, for the next one: a megabyte

DAMAGES = (
    None, None, Damage.CUT, Damage.VR, Damage.UNDEFINED, Damage.DELIMITER, Damage.VALUE,
    Damage.DEPTH, Damage.COUNT, Damage.PAST,
)
"""By `scan.Ending`."""

cdef int DEFLATED = Encoding.DEFLATED
cdef int IMPLICIT_LITTLE = Encoding.IMPLICIT_LITTLE
cdef int EXPLICIT_BIG = Encoding.EXPLICIT_BIG
cdef uint32_t c_character_set = CHARACTER_SET
cdef uint32_t c_pixel_representation = PIXEL_REPRESENTATION
cdef uint32_t c_timezone = TIMEZONE


# --- what is kept ---------------------------------------------------------------------------------

@cython.final
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

@cython.final
cdef class Scratch:
    """The memory that one decision changes."""

    def __cinit__(self, CompiledMatcher matcher):
        cdef list memory = []
        cdef uint32_t scope
        cdef size_t slots = sizeof(Slot) * matcher.c_levels[0].slots
        self._memory = memory
        self.top.c_slots = <Slot*>room(memory, slots)
        memcpy(self.top.c_slots, matcher.c_levels[0].c_slots, slots)
        self.hits.c_cell_count = <uint32_t*>room(memory, 4 * matcher.cells)
        self.hits.c_cells = <uint32_t*>room(memory, 4 * matcher.cells)
        self.hits.c_count = <uint32_t*>room(memory, 4 * matcher.tests)
        self.hits.c_touched = <uint32_t*>room(memory, 4 * matcher.tests)
        self.hits.c_met = <uint32_t*>room(memory, 8 * matcher.pattern_outputs)
        self.hits.c_text = <uint8_t*>rough_room(memory, WIDEST * LONGEST)
        self.hits.c_name = <uint8_t*>rough_room(memory, WIDEST * LONGEST)
        self.hits.c_folded = <uint8_t*>rough_room(memory, WIDEST * LONGEST)
        self.hits.c_key = <uint8_t*>room(memory, matcher.tables.longest_name)
        self.hits.c_zone = &matcher.zone
        self.hits.patterns.c_seen = <uint8_t*>room(memory, matcher.pattern_marks)
        self.hits.patterns.c_found = <uint32_t*>room(memory, 4 * (matcher.pattern_outputs + 1))
        self.hits.patterns.c_sets = <uint32_t*>room(memory, 16 * matcher.pattern_instructions)
        self.c_bits = <Bits*>room(memory, sizeof(Bits) * matcher.scopes)
        for scope in range(matcher.scopes):
            lay_bits(&self.c_bits[scope], memory, &matcher.c_clauses[scope])

    def __dealloc__(self):
        release(&self.arena, 0)

    cdef void fail(self, error) noexcept:
        """Note what Python raised, for who asked for the decision."""
        self.failure = error
        self.status = FAILED


@cython.final
cdef class Members:
    """An envelope, prepared for the fields of one matcher; it does not change."""

    def __cinit__(self, CompiledMatcher matcher):
        self.kept = []
        self.owner = matcher._mark
        self.c_members = <Prepared*>room(self.kept, sizeof(Prepared) * matcher.all_fields)


@cython.final
cdef class CompiledMatcher:
    """Decides objects for one program."""

    def __cinit__(self, Artefact artefact):
        self._artefact = artefact  # its pointers are ours
        self._memory = []
        self._numbering = artefact.numbering
        self.reads_size = artefact.notes.reads_size
        self._fields = artefact.notes.fields
        self._mark = object()
        self._idle = []
        self._decisions = Kept(KEPT_RULES)
        self._texts = Kept(KEPT_TEXT)
        self._prepared = Kept(KEPT_TEXT)
        self._blocks = Kept(KEPT_TEXT)
        self._take(&artefact.laid)
        self._place_pixels()
        self._place_ways()
        self._place_creators(artefact.creators)
        zone = zone_of(artefact.notes.zone) if artefact.notes.asks_zone else UTC
        lay_zone(&self.zone, self._memory, zone)

    cdef void _take(self, const Laid* c_laid) noexcept:
        """Take what the file holds, and note whether anybody asks for the time."""
        cdef uint32_t field
        self.c_fields = c_laid.c_fields
        self.fields = c_laid.fields
        self.all_fields = c_laid.all_fields
        self.c_levels = c_laid.c_levels
        self.tables = c_laid.tables
        self.c_clauses = c_laid.c_clauses
        self.scopes = c_laid.scopes
        self.tests = c_laid.tests
        self.cells = c_laid.cells
        self.pattern_marks = c_laid.pattern_marks
        self.pattern_outputs = c_laid.pattern_outputs
        self.pattern_instructions = c_laid.pattern_instructions
        self.timezone = c_laid.timezone
        for field in range(self.all_fields):
            self.asks_now |= self.c_fields[field].is_clock or self.c_fields[field].is_days

    cdef void _place_pixels(self) except *:
        """Make the field that Pixel Representation is: whether its first value is 1."""
        self.pixels.kind = DECIMALS
        self.pixels.vr = self.pixels.signed_vr = US
        self.pixels.classes = DECIMAL_CLASS
        self.pixels.constants = self._artefact.notes.pixels
        self.pixels.constant_count = 1

    cdef void _place_ways(self) except *:
        """Work out what the outputs of patterns come to."""
        cdef uint32_t scope, place, field
        self.c_ways = <Ways*>room(self._memory, sizeof(Ways) * self.all_fields)
        for scope in range(self.scopes):
            for place in range(self.c_clauses[scope].fields):
                field = self.c_clauses[scope].first_field + place
                lay_ways(
                    &self.c_ways[field], self._memory, &self.c_clauses[scope], place,
                    &self.c_fields[field])

    cdef void _place_creators(self, creators) except *:
        cdef Span* c_creators = <Span*>room(self._memory, sizeof(Span) * len(creators))
        cdef size_t place
        cdef bytes text
        self._creators = {creator: number for number, creator in enumerate(creators)}
        for place, creator in enumerate(creators):
            text = creator.encode()
            self._memory.append(text)
            c_creators[place].c_begin = <const uint8_t*>PyBytes_AS_STRING(text)
            c_creators[place].c_end = c_creators[place].c_begin + PyBytes_GET_SIZE(text)
        self.creators = len(creators)
        self.c_creators = c_creators

    @property
    def pattern_sizes(self):
        """How large the machines are that look for patterns."""
        return tuple(one.size for one in self._artefact.notes.machines)

    def decide(self, data, encoding, envelope, *, complete=True):
        """Decide one object; `None` when `data` is a prefix that does not settle it."""
        if self.reads_size and not complete:
            return None
        return self._decide_data(data, encoding, self.members_of(envelope), complete)

    def known(self, envelope):
        """Prepare what is known of many objects; `size` and `at` are those of each."""
        return self._prepare(envelope)

    def decide_known(self, data, encoding, Members known not None, at):
        """Decide one whole object at an instant, microseconds since 1970, as `decide` does.

        Raises `ValueError` for what another matcher has prepared.
        """
        if known.owner is not self._mark:
            raise ValueError("prepared by another matcher")
        if self.reads_size or self.asks_now:
            known = self._prepare(replace(known.envelope, size=len(data), at=at))
        return self._decide_data(data, encoding, known, True)

    cdef object _decide_data(self, object data, int code, Members members, bint complete):
        """Decide what lies in an object that has a buffer."""
        cdef Py_buffer view
        cdef Scratch scratch = self._scratch()
        if code == DEFLATED:
            outcome = self._decide_deflated(scratch, memoryview(data), members, complete)
        else:
            PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
            try:
                outcome = self._decide(
                    scratch, <const uint8_t*>view.buf, view.len, code, members, None, complete)
            finally:
                PyBuffer_Release(&view)
        self._give_back(scratch)
        return outcome

    cdef object _decide(
        self, Scratch scratch, const uint8_t* c_data, size_t size, int code, Members members,
        object end, bint complete):
        """Decide what lies in memory; `end` is the damage that running into its end is, if any."""
        cdef Status status
        scratch.may_ask = True
        scratch.has_asked = False
        scratch.c_mark = NULL
        status = self.decide_raw(scratch, c_data, size, code, members, complete and end is None)
        return self._outcome(scratch, status, end, complete, 0)

    cdef object _outcome(
        self, Scratch scratch, Status status, object end, bint complete, size_t dropped):
        """Give what `decide_raw` has found; so many bytes were dropped before those it was given."""
        self.slow += scratch.has_asked
        if status == FAILED:
            failure, scratch.failure = scratch.failure, None
            raise failure or MemoryError()
        if status == MORE and not complete:
            return None
        read = self._read(scratch, dropped)
        if status == FIRED:
            return outcome_of(self._decision(scratch), read)
        tag = scratch.walk.tag if scratch.walk.has_tag else None
        damage = end if status == MORE else DAMAGES[<int>scratch.walk.ending]
        return Outcome(unreadable(damage.reason(tag)), read)

    cdef object _decide_deflated(
        self, Scratch scratch, object data, Members members, bint complete):
        """Inflate as much as it takes, each time four times as much."""
        inflater = Inflater(data)
        wanted = FIRST_PIECE
        while True:
            inflater.more(wanted)
            settled = inflater.ended and (complete or inflater.damage is not Damage.CUT)
            outcome = self._decide(
                scratch, <const uint8_t*>PyByteArray_AS_STRING(inflater.data),
                PyByteArray_GET_SIZE(inflater.data), DEFLATED, members, inflater.damage, settled)
            if outcome is not None or inflater.ended:
                return outcome
            wanted *= 4

    cdef void _give_back(self, Scratch scratch) except *:
        if scratch.arena.c_first != NULL:
            release(&scratch.arena, KEPT_CHUNKS)
        self._idle.append(scratch)

    def feed(self, encoding, envelope):
        """Give a `Feed`: it decides one object from its bytes as they come."""
        from roteiro.core.feed import Feed  # it needs this module

        return Feed(self, encoding, envelope)

    cdef Scratch _scratch(self):
        try:
            return self._idle.pop()
        except IndexError:
            return Scratch(self)

    cdef object _read(self, Scratch scratch, size_t dropped):
        cdef uint32_t place, found = 0, last = 0, tag
        cdef const Slot* c_slot
        for place in range(self.c_levels[0].slots):
            c_slot = &scratch.top.c_slots[place]
            if c_slot.seen:
                found += 1
                tag = c_slot.tag | (<uint32_t>c_slot.block << 8 if c_slot.creator else 0)
                last = max(last, tag)
        return read_of(found, last if found else None, scratch.walk.at + dropped)

    cdef object _decision(self, Scratch scratch):
        """Give the decision of the rules that fired."""
        cdef bytes fired = PyBytes_FromStringAndSize(
            <const char*>scratch.c_bits.c_fired, sizeof(uint32_t) * scratch.c_bits.fired)
        decision = self._decisions.get(fired)
        if decision is None:
            numbers = [scratch.c_bits.c_fired[place] for place in range(scratch.c_bits.fired)]
            decision = assemble(self._numbering, numbers)
            self._decisions.put(fired, decision, 16 + scratch.c_bits.fired)
        return decision

    # --- without Python -----------------------------------------------------------------------------

    cdef Status decide_raw(
        self, Scratch scratch, const uint8_t* c_data, size_t size, int code, Members members,
        bint complete
    ) noexcept nogil:
        """Find the rules that fire, in `scratch.c_bits`; the walk is in `scratch.walk`."""
        cdef Walk* c_walk = &scratch.walk
        scratch.c_data = c_data
        scratch.members = <void*>members
        scratch.hits.has_today = members.has_now
        scratch.hits.today = members.today
        scratch.status = FIRED
        c_walk.c_data = c_data
        c_walk.size = size
        c_walk.at = 0
        c_walk.counted = 0
        c_walk.c_levels = self.c_levels
        c_walk.c_arena = &scratch.arena
        c_walk.c_mark = scratch.c_mark
        c_walk.c_owner = <void*>scratch
        c_walk.c_creator = find_creator
        scratch.owner = <void*>self
        walk_top(c_walk, code == EXPLICIT_BIG, code != IMPLICIT_LITTLE, &scratch.top)
        if scratch.status != FIRED:
            return scratch.status
        if c_walk.ending == STOPPED or (c_walk.ending == CLEAN and complete):
            self._match(scratch)
            return scratch.status
        if c_walk.ending == NO_MEMORY:
            return FAILED
        if c_walk.ending in (CLEAN, CUT) and not complete:
            return MORE
        return UNREADABLE

    # --- what Python decodes ------------------------------------------------------------------------

    cdef bytes _decode(
        self, uint32_t field, const Slot* c_slot, const Item* c_item, Scratch scratch):
        """Give the parts of a text as `look_up_packed` takes them."""
        cdef FieldPlan* c_field = &self.c_fields[field]
        cdef uint16_t code = text_vr(c_field, sent_vr(c_field, c_slot, False))
        asked = self._fields[field]
        vr = chr(code >> 8) + chr(code & 0xFF)
        declared = None
        if c_field.is_by_charset and vr in BY_CHARACTER_SET:
            declared = self._declared(c_item, scratch.c_data)
        data = value_of(c_slot, scratch.c_data)
        key = vr, asked.component, c_field.is_name, declared, data
        packed = self._texts.get(key)
        if packed is None:
            packed = pack_parts(text_parts(vr, decoded(vr, declared, data)), asked)
            self._texts.put(key, packed, 256 + len(data) + len(declared or b"") + len(packed))
        return packed

    cdef bytes _declared(self, const Item* c_item, const uint8_t* c_data):
        """Give Specific Character Set as it was sent; empty when nobody declares it (6.2)."""
        cdef const Slot* c_slot = self._charset_slot(c_item, c_data)
        return b"" if c_slot == NULL else value_of(c_slot, c_data)

    cdef const Slot* _charset_slot(
        self, const Item* c_item, const uint8_t* c_data
    ) noexcept nogil:
        """Give where Specific Character Set is declared; NULL when nobody does (6.2)."""
        cdef const Slot* c_slot
        cdef int32_t place
        while c_item != NULL:
            place = self.c_levels[c_item.level].character_set
            if place >= 0:
                c_slot = &c_item.c_slots[place]
                if is_declared(c_slot, c_data):
                    return c_slot
            c_item = c_item.c_outer if c_item.tag > c_character_set else NULL
        return NULL

    cdef Repertoire _repertoire(
        self, const Item* c_item, const uint8_t* c_data
    ) noexcept nogil:
        cdef const Slot* c_slot = self._charset_slot(c_item, c_data)
        if c_slot == NULL:
            return ASCII_ONLY
        return repertoire_of(c_data + c_slot.offset, c_slot.length)

    cdef Members members_of(self, object envelope):
        """Prepare an envelope; the one at hand before is often the same."""
        if self._last is None or self._last.envelope is not envelope:
            self._last = self._prepare(envelope)
        return self._last

    cdef Members _prepare(self, object envelope):
        cdef Members members = Members(self)
        cdef Prepared* c_member
        cdef uint32_t field
        cdef bytes value
        members.envelope = envelope
        at = envelope.at
        if at is not None and -FAR < at < FAR:
            members.has_now = wall_at(&self.zone, at, &members.today, &members.week)
        for field in range(self.all_fields):
            if not self.c_fields[field].is_member or self.c_fields[field].is_clock:
                continue
            state, value = self._member(field, members)
            members.kept.append(value)
            c_member = &members.c_members[field]
            c_member.state = <State><int>state
            c_member.c_value = <const uint8_t*>PyBytes_AS_STRING(value)
            c_member.size = PyBytes_GET_SIZE(value)
        return members

    cdef tuple _member(self, uint32_t field, Members members):
        """Give the state and the prepared value of a member of the envelope."""
        name = self._fields[field].name
        value = getattr(members.envelope, name)
        if value is None:
            return ABSENT, b""
        key = field, value
        known = self._prepared.get(key)
        if known is None:
            state, member = member_of(name, value)
            known = int(state), prepare(&self.c_fields[field], member)
            self._prepared.put(key, known, 256 + len(known[1]))
        return known

    # --- fields -------------------------------------------------------------------------------------

    cdef bint _is_signed(self, Scratch scratch, const Item* c_item) noexcept nogil:
        """Whether Pixel Representation says that numbers of no VR are signed (5)."""
        cdef State state
        cdef uint32_t cell
        cdef int32_t place
        while c_item != NULL:
            place = self.c_levels[c_item.level].pixel_representation
            if place >= 0:
                begin_field(&scratch.hits)
                state = look_up(
                    &self.tables, &self.pixels, &c_item.c_slots[place], False, scratch.c_data,
                    &scratch.hits)
                cell = scratch.hits.first_cell
                forget(&scratch.hits)
                if state == VALUED:
                    return cell == 1
            c_item = c_item.c_outer if c_item.tag > c_pixel_representation else NULL
        return False

    cdef void _match(self, Scratch scratch) noexcept nogil:
        """Find the rules that fire for an object that was walked."""
        self._match_in(scratch, 0, &scratch.top)

    cdef void _match_in(self, Scratch scratch, uint32_t scope, const Item* c_item) noexcept nogil:
        """Find what fires in a scope, for the object or for one item."""
        cdef const Clauses* c_clauses = &self.c_clauses[scope]
        cdef Bits* c_bits = &scratch.c_bits[scope]
        cdef Hits* c_hits = &scratch.hits
        cdef uint32_t field, place
        cdef State state
        begin(c_clauses, c_bits)
        for place in range(c_clauses.fields):
            field = c_clauses.first_field + place
            c_hits.keeps = self.c_ways[field].c_plain != NULL
            state = self._looked(scratch, field, c_item)
            if (
                state == VALUED and c_hits.cells == 1 and not c_hits.touched and not c_hits.met
                and c_hits.c_cell_count[c_hits.c_cells[0]] == c_hits.values
                and narrow_by_cell(c_clauses, c_bits, place, c_hits.c_cells[0])
            ):
                forget(c_hits)
                continue
            if state == VALUED and c_hits.met and c_hits.values == 1 and not c_hits.cells:
                narrow_by_outputs(c_clauses, c_bits, place, &self.c_ways[field], c_hits)
                forget(c_hits)
                continue
            self._settle(scratch, field, c_item, state)
            narrow(c_clauses, c_bits, place, state, c_hits.c_touched, c_hits.touched)
            c_hits.touched = 0
        finish(c_clauses, c_bits)

    cdef State _looked(self, Scratch scratch, uint32_t field, const Item* c_item) noexcept nogil:
        """Give the state of a field of a data set, and leave what its values hit."""
        cdef const FieldPlan* c_field = &self.c_fields[field]
        if c_field.is_member:
            return self._member_state(scratch, field)
        return self._elements(scratch, field, end_of_way(c_field, c_item))

    cdef void _settle(
        self, Scratch scratch, uint32_t field, const Item* c_item, State state
    ) noexcept nogil:
        """Leave the tests of a field that hold."""
        cdef const FieldPlan* c_field = &self.c_fields[field]
        settle(&self.tables, c_field, state, &scratch.hits)
        if state == VALUED and c_field.scope:
            self._ask_items(scratch, field, end_of_way(c_field, c_item))

    cdef State _member_state(self, Scratch scratch, uint32_t field) noexcept nogil:
        cdef const FieldPlan* c_field = &self.c_fields[field]
        cdef const Prepared* c_member = &(<Members>scratch.members).c_members[field]
        if c_field.is_clock:
            if not scratch.hits.has_today:
                return ABSENT
            scratch.hits.is_muted = False
            take_whole(&self.tables, c_field, (<Members>scratch.members).week, &scratch.hits)
            scratch.hits.values = 1
            return VALUED
        if c_member.state == VALUED and not look_up_member(
            &self.tables, c_field, c_member.c_value, c_member.size, &scratch.hits
        ):
            return INVALID
        return c_member.state

    cdef State _elements(self, Scratch scratch, uint32_t field, const Item* c_item) noexcept nogil:
        """Decide a field by the elements that it stands for (12, 14)."""
        cdef:
            const FieldPlan* c_field = &self.c_fields[field]
            uint32_t place
            State state = ABSENT, one
            bint is_signed
        if c_item == NULL:
            begin_field(&scratch.hits)
        else:
            is_signed = c_field.vr != c_field.signed_vr and self._is_signed(scratch, c_item)
            if c_field.asks_offset:
                scratch.hits.has_offset = (
                    is_behind(c_item, c_timezone)
                    and read_offset(
                        &scratch.top.c_slots[self.timezone], scratch.c_data, &scratch.hits.offset))
            begin_field(&scratch.hits)
            for place in range(c_field.slots):
                one = self._element(
                    scratch, field, &c_item.c_slots[c_field.c_slots[place]], c_item, is_signed)
                if one == INVALID or (state != INVALID and one > state):
                    state = one
        return finish_field(&self.tables, c_field, state, &scratch.hits)

    cdef State _element(
        self, Scratch scratch, uint32_t field, const Slot* c_slot, const Item* c_item,
        bint is_signed
    ) noexcept nogil:
        cdef const FieldPlan* c_field = &self.c_fields[field]
        cdef Hits* c_hits = &scratch.hits
        c_hits.is_raw = not has_letters(c_field, c_slot, scratch.c_data)
        if not c_hits.is_raw:
            c_hits.repertoire = ASCII_ONLY
            if c_field.is_by_charset and is_by_character_set(
                text_vr(c_field, sent_vr(c_field, c_slot, False))
            ):
                c_hits.repertoire = self._repertoire(c_item, scratch.c_data)
            if not is_native(
                c_hits.repertoire, scratch.c_data + c_slot.offset, c_slot.length
            ):
                return ask_decoding(self, scratch, field, c_slot, c_item)
        return look_up(&self.tables, c_field, c_slot, is_signed, scratch.c_data, c_hits)

    cdef void _ask_items(self, Scratch scratch, uint32_t field, const Item* c_item) noexcept nogil:
        """Ask the items of a valued sequence, and leave the tests that hold."""
        cdef:
            const FieldPlan* c_field = &self.c_fields[field]
            Bits* c_bits = &scratch.c_bits[c_field.scope]
            uint32_t slot, place, rule, items = 0, some = 0
            const Item* c_inner
        for slot in range(c_field.slots):
            c_inner = first_item(&c_item.c_slots[c_field.c_slots[slot]])
            while c_inner != NULL:
                self._match_in(scratch, c_field.scope, c_inner)
                for place in range(c_bits.fired):
                    rule = c_bits.c_fired[place]
                    if c_bits.c_items[rule] == 0:
                        c_bits.c_some[some] = rule
                        some += 1
                    c_bits.c_items[rule] += 1
                items += 1
                c_inner = c_inner.c_next
        for place in range(some):
            rule = c_bits.c_some[place]
            hit_items(c_field, rule, c_bits.c_items[rule] == items, &scratch.hits)
            c_bits.c_items[rule] = 0

    # --- private creators ---------------------------------------------------------------------------

    cdef uint32_t _creator(
        self, Scratch scratch, const uint8_t* c_data, const Item* c_item, uint32_t tag,
        const Slot* c_slot
    ) noexcept nogil:
        """Give the number of the creator that an element names, or zero (11.2)."""
        cdef:
            Repertoire repertoire = ASCII_ONLY
            Span value
            const Span* c_known
            uint8_t* c_text = scratch.hits.c_text
            size_t size
            uint32_t number
        if c_slot.vr not in (NO_VR, UN) and not is_text(c_slot.vr):
            return 0
        value.c_begin = c_data + c_slot.offset
        value.c_end = value.c_begin + c_slot.length
        if tag >= 0x00080000 and not is_ascii(value.c_begin, c_slot.length):
            repertoire = self._repertoire(c_item, c_data)
        if not is_native(repertoire, value.c_begin, c_slot.length):
            return ask_creator(self, scratch, c_data, c_item, c_slot)
        if c_slot.length > LONGEST or not sole_value(value, LO, &value):
            return 0
        size = decode(repertoire, value.c_begin, value.c_end - value.c_begin, c_text)
        for number in range(1, self.creators):
            c_known = &self.c_creators[number]
            if <size_t>(c_known.c_end - c_known.c_begin) == size and memcmp(
                c_known.c_begin, c_text, size
            ) == 0:
                return number
        return 0

    cdef uint32_t _decoded_creator(
        self, const uint8_t* c_data, const Item* c_item, const Slot* c_slot
    ) except? 0:
        """Give the number of the creator that a text names which Python decodes."""
        cdef bytes data = value_of(c_slot, c_data)
        cdef bytes declared = self._declared(c_item, c_data)
        key = declared, data
        number = self._blocks.get(key)
        if number is None:
            values = [part for part in text_parts("LO", decoded("LO", declared, data)) if part]
            number = self._creators.get(values[0], 0) if len(values) == 1 else 0
            self._blocks.put(key, number, 256 + len(data) + len(declared))
        return number


# --- the doors to Python ----------------------------------------------------------------------------

cdef bint may_ask(Scratch scratch) noexcept nogil:
    """Whether Python may be asked; who decides without it learns that it is needed."""
    if scratch.may_ask and scratch.status == FIRED:
        scratch.has_asked = True
        return True
    if scratch.status == FIRED:
        scratch.status = NEEDS_PYTHON
    return False


cdef uint32_t find_creator(
    void* c_owner, const uint8_t* c_data, const Item* c_item, uint32_t tag, const Slot* c_slot
) noexcept nogil:
    return (<CompiledMatcher>(<Scratch>c_owner).owner)._creator(
        <Scratch>c_owner, c_data, c_item, tag, c_slot)


cdef uint32_t ask_creator(
    CompiledMatcher matcher, Scratch scratch, const uint8_t* c_data, const Item* c_item,
    const Slot* c_slot
) noexcept nogil:
    if not may_ask(scratch):
        return 0
    with gil:
        try:
            return matcher._decoded_creator(c_data, c_item, c_slot)
        except BaseException as error:  # a signal too: nothing can be raised from here
            scratch.fail(error)
            return 0


cdef State ask_decoding(
    CompiledMatcher matcher, Scratch scratch, uint32_t field, const Slot* c_slot,
    const Item* c_item
) noexcept nogil:
    """Let Python decode a text; give the state of its element."""
    if not may_ask(scratch):
        return ABSENT
    with gil:
        try:
            value = matcher._decode(field, c_slot, c_item, scratch)
        except BaseException as error:  # a signal too: nothing can be raised from here
            scratch.fail(error)
            return ABSENT
        return look_up_packed(
            &matcher.tables, &matcher.c_fields[field], <const uint8_t*>PyBytes_AS_STRING(value),
            PyBytes_GET_SIZE(value), &scratch.hits)


# --- what else it takes -----------------------------------------------------------------------------

cdef void hit_items(
    const FieldPlan* c_field, uint32_t rule, bint in_every, Hits* c_hits
) noexcept nogil:
    """Hit the tests that ask a condition which some items satisfy."""
    cdef uint32_t place
    for place in range(c_field.c_items_of[rule], c_field.c_items_of[rule + 1]):
        if in_every or not c_field.c_items[place].is_every:
            c_hits.c_touched[c_hits.touched] = c_field.c_items[place].test
            c_hits.touched += 1


cdef object read_of(object tags, object last_tag, object size):
    """Make a `Read`: a frozen class takes its time to be made from Python."""
    made = Read.__new__(Read)
    PyObject_GenericSetAttr(made, "tags", tags)
    PyObject_GenericSetAttr(made, "last_tag", last_tag)
    PyObject_GenericSetAttr(made, "bytes", size)
    return made


cdef object outcome_of(object decision, object read):
    """Make an `Outcome`, likewise."""
    made = Outcome.__new__(Outcome)
    PyObject_GenericSetAttr(made, "decision", decision)
    PyObject_GenericSetAttr(made, "read", read)
    return made


cdef bytes value_of(const Slot* c_slot, const uint8_t* c_data):
    return PyBytes_FromStringAndSize(<const char*>c_data + c_slot.offset, c_slot.length)


cdef bint is_declared(const Slot* c_slot, const uint8_t* c_data) noexcept nogil:
    """Whether a Specific Character Set has a value."""
    cdef uint32_t place
    if not c_slot.seen or c_slot.series:
        return False
    if c_slot.vr not in (NO_VR, UN) and not is_text(c_slot.vr):
        return False
    for place in range(c_slot.length):
        if c_data[c_slot.offset + place] not in (c' ', 0, c'\\'):
            return True
    return False


cdef const Item* first_item(const Slot* c_slot) noexcept nogil:
    """Give the first item of an opened sequence."""
    return c_slot.c_first if c_slot.seen and c_slot.series else NULL


cdef const Item* end_of_way(const FieldPlan* c_field, const Item* c_item) noexcept nogil:
    """Give the data set that a field is read in; NULL when an item is missing (14.4)."""
    cdef uint32_t place, number
    for place in range(c_field.hops):
        number = c_field.c_hops[place].item
        c_item = first_item(&c_item.c_slots[c_field.c_hops[place].slot])
        while c_item != NULL and number > 1:
            c_item = c_item.c_next
            number -= 1
        if c_item == NULL:
            return NULL
    return c_item


cdef bint is_behind(const Item* c_item, uint32_t tag) noexcept nogil:
    """Whether a data set is the object, or in a sequence behind a tag of the top level."""
    if c_item.c_outer == NULL:
        return True
    while c_item.c_outer.c_outer != NULL:
        c_item = c_item.c_outer
    return c_item.tag > tag


cdef str decoded(str vr, bytes declared, bytes data):
    """Decode a text; `declared` is None where the character set does not count."""
    if declared is None:
        return decode_ascii(data)
    return decode_text(data, character_set(declared), vr, split=vr not in WHOLE)


cdef bytes pack(str text):
    """Write a text and its folded form, each behind its length."""
    encoded = [each.encode("utf-8", "surrogatepass") for each in (text, folded(text))]
    return b"".join([len(each).to_bytes(4, "little") + each for each in encoded])


cdef bytes pack_parts(list parts, asked):
    """Write the parts of an element as `look_up_packed` takes them."""
    packed = []
    for part in parts:
        text = part
        if asked.component:
            text = component(part, asked.component)
        elif asked.is_name:
            text = canonical(part)
        if text:
            packed += (bytes((<int>FILLED,)), pack(text))
        else:
            packed.append(bytes((<int>LACKING if part else <int>BLANK,)))
    return b"".join(packed)


cdef bytes prepare(const FieldPlan* c_field, value):
    """Give the value of a member as `look_up_member` takes it."""
    if value is None or c_field.kind == STATE_ONLY:
        return b""
    if c_field.kind == ADDRESSES:
        return value.to_bytes(16, "big")
    if c_field.kind == TEXTS:
        return pack(value)
    return str(value).encode("utf-8", "surrogatepass")
