"""Looks at the clauses of a scope in a file, before anybody uses them.

What `bitset` relies on, beside that every index is within its part:

- a condition is of one field: only tests of that field mention it, only that field lists it, only
  cells of that field turn it round; so a field notes each of its conditions once at most, and all
  fields together no more than there are conditions (`Bits.c_failed`, `Bits.c_asked`);
- a set is a multiple of `WIDE` words, and each field has a place of its own among all;
- the clauses of the conditions of one field are no more than all clauses, so lists take no longer;
- lists lie side by side, so all of them together are no longer than the part that they are in;
- the operands of a step stand before it (`Bits.c_frames`, and that it ends);
- a section ends where the next one begins, and all end with the last word.

A function says whether it is so. Nothing here makes a Python object.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from roteiro.core.artefact cimport (
    ALL, ALONE_OF, CELL_SETS, CELLS, CLAUSES, CONDITIONS, CONDITIONS_OF, MASK_OF, MENTION_OF,
    MENTIONS, NONE, OPERANDS, POSTING_OF, POSTINGS, RANKS, RULES, SECTIONS, SET_OF, SETS, STATES, STEPS,
    TURNS, TURNS_OF, WANTED, WANTS, WANTS_OF,
    ClausesRecord, Look, Run, find,
)
from roteiro.core.bitset cimport (
    ASK_ALL, ASK_ANY, ASK_STATE, ASK_TEST, Cells, Clauses, Section, Slice, Step,
)

cdef enum:
    WORD = 64
    WIDE = 8  # words that `bitset` looks at together
    WIDEST_SHIFT = 31  # of a number of four bytes


# --- rows -----------------------------------------------------------------------------------------

cdef inline bint find_exactly(
    Look* c_look, uint32_t kind, uint32_t scope, size_t each, uint64_t count, Run* c_run
) noexcept nogil:
    """Find a part of so many items."""
    return find(c_look.c_file, kind, scope, each, c_run) and c_run.count == count


cdef bint are_side_by_side(const Slice* c_slices, uint32_t count, uint32_t items) noexcept nogil:
    """Whether lists follow each other and fill the part that they are in."""
    cdef uint32_t place, at = 0
    for place in range(count):
        if c_slices[place].begin != at or c_slices[place].end < at:
            return False
        at = c_slices[place].end
    return at == items


cdef bint take_lists(
    Look* c_look, uint32_t kind, uint32_t scope, uint64_t count, const Slice** c_slices,
    const uint32_t** c_items, uint32_t* c_count
) noexcept nogil:
    """Take lists: their part, and the one behind it with what is in them."""
    cdef Run slices, items
    if not (
        find_exactly(c_look, kind, scope, sizeof(Slice), count, &slices)
        and find(c_look.c_file, kind + 1, scope, 4, &items)
        and are_side_by_side(<const Slice*>slices.c_items, slices.count, items.count)
    ):
        return False
    c_slices[0] = <const Slice*>slices.c_items
    c_items[0] = <const uint32_t*>items.c_items
    c_count[0] = items.count
    return True


cdef bint are_below(const uint32_t* c_words, uint32_t count, uint64_t limit) noexcept nogil:
    cdef uint32_t place
    for place in range(count):
        if c_words[place] >= limit:
            return False
    return True


cdef bint are_sets_or_none(
    const uint32_t* c_words, uint32_t count, uint32_t sets
) noexcept nogil:
    cdef uint32_t place
    for place in range(count):
        if c_words[place] != NONE and c_words[place] >= sets:
            return False
    return True


# --- the record, masks and sections ---------------------------------------------------------------

cdef bint take_record(Look* c_look, uint32_t scope, uint32_t* c_sets) noexcept nogil:
    """Take the numbers of a scope: its fields and tests follow those of the scope before."""
    cdef:
        Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
        const Clauses* c_before
        const ClausesRecord* c_record
        uint64_t first_field = 0, first_test = 0
        Run run
    if not find_exactly(c_look, CLAUSES, scope, sizeof(ClausesRecord), 1, &run):
        return False
    c_record = <const ClausesRecord*>run.c_items
    if scope:
        c_before = c_clauses - 1
        first_field = c_before.first_field + c_before.fields
        first_test = c_before.first_test + c_before.tests
    c_clauses.words = c_record.words
    c_clauses.first_field = c_record.first_field
    c_clauses.fields = c_record.fields
    c_clauses.first_test = c_record.first_test
    c_clauses.tests = c_record.tests
    c_clauses.asked = c_record.asked
    c_sets[0] = c_record.sets
    return (
        c_record.first_field == first_field
        and c_record.first_test == first_test
        and first_field + c_record.fields <= c_look.c_laid.all_fields
        and first_test + c_record.tests <= c_look.c_laid.tests
    )


cdef bint are_places(Look* c_look, const uint32_t* c_ranks, uint32_t fields) noexcept nogil:
    """Whether each field has a place of its own among all."""
    cdef uint32_t field
    memset(c_look.c_listed, 0, 8 * <size_t>fields)
    for field in range(fields):
        if c_ranks[field] >= fields or c_look.c_listed[c_ranks[field]]:
            return False
        c_look.c_listed[c_ranks[field]] = 1
    return True


cdef bint are_runs(const Slice* c_slices, uint32_t count, uint32_t items) noexcept nogil:
    """Whether lists are parts of a part; they may be the same."""
    cdef uint32_t place
    for place in range(count):
        if c_slices[place].begin > c_slices[place].end or c_slices[place].end > items:
            return False
    return True


cdef bint take_masks(Look* c_look, uint32_t scope, uint32_t sets) noexcept nogil:
    """Take the sets of clauses, and the masks of the states of each field."""
    cdef:
        Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
        uint64_t words = c_clauses.words
        Run all_clauses, made, mask_of, ranks
    if not (
        words % WIDE == 0
        and find_exactly(c_look, ALL, scope, 8, words, &all_clauses)
        and find_exactly(c_look, SETS, scope, 8, words * sets, &made)
        and find_exactly(c_look, RANKS, scope, 4, c_clauses.fields, &ranks)
        and find_exactly(c_look, MASK_OF, scope, 4, 4 * <uint64_t>c_clauses.fields, &mask_of)
        and are_sets_or_none(<const uint32_t*>mask_of.c_items, mask_of.count, sets)
    ):
        return False
    c_clauses.c_all = <const uint64_t*>all_clauses.c_items
    c_clauses.c_sets = <const uint64_t*>made.c_items
    c_clauses.c_mask_of = <const uint32_t*>mask_of.c_items
    c_clauses.c_rank = <const uint32_t*>ranks.c_items
    return True


cdef bint take_sections(Look* c_look, uint32_t scope) noexcept nogil:
    """Take the tables: there is one at least, and each rule of a clause is one of the scope."""
    cdef:
        Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
        const Section* c_section
        uint32_t place, at = 0
        Run sections, rules
    if not (
        find(c_look.c_file, SECTIONS, scope, sizeof(Section), &sections)
        and find_exactly(c_look, RULES, scope, 4, WORD * <uint64_t>c_clauses.words, &rules)
        and are_below(<const uint32_t*>rules.c_items, rules.count, max(1, c_clauses.asked))
        and (c_clauses.asked or not rules.count)
    ):
        return False
    for place in range(sections.count):
        c_section = <const Section*>sections.c_items + place
        if c_section.begin != at or c_section.end < at:
            return False
        if c_section.otherwise < -1 or c_section.otherwise >= <int64_t>c_clauses.asked:
            return False
        at = c_section.end
    c_clauses.sections = sections.count
    c_clauses.c_sections = <const Section*>sections.c_items
    c_clauses.c_rules = <const uint32_t*>rules.c_items
    c_clauses.most_fired = rules.count + sections.count
    return at == c_clauses.words and <uint64_t>rules.count + sections.count < NONE


# --- virtual booleans -----------------------------------------------------------------------------

cdef bint is_step(
    const Clauses* c_clauses, const Step* c_step, uint32_t number, uint32_t operands
) noexcept nogil:
    """Whether a step asks what is there, and its operands stand before it."""
    if c_step.ask == ASK_TEST:
        return c_step.first < c_clauses.tests
    if c_step.ask == ASK_STATE:
        return c_step.first < c_clauses.fields
    if c_step.ask != ASK_ALL and c_step.ask != ASK_ANY:
        return False
    if c_step.first > c_step.second or c_step.second > operands:
        return False
    return are_below(c_clauses.c_operands + c_step.first, c_step.second - c_step.first, number)


cdef bint take_steps(Look* c_look, uint32_t scope) noexcept nogil:
    """Take the program of the virtual booleans: operands lie in the order of the steps."""
    cdef:
        Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
        const Step* c_step
        uint32_t place, at = 0
        Run steps, operands
    if not (
        find(c_look.c_file, STEPS, scope, sizeof(Step), &steps)
        and find(c_look.c_file, OPERANDS, scope, 4, &operands)
    ):
        return False
    c_clauses.steps = steps.count
    c_clauses.c_steps = <const Step*>steps.c_items
    c_clauses.c_operands = <const uint32_t*>operands.c_items
    for place in range(steps.count):
        c_step = &c_clauses.c_steps[place]
        if not is_step(c_clauses, c_step, place, operands.count):
            return False
        if c_step.ask == ASK_ALL or c_step.ask == ASK_ANY:
            if c_step.first != at:
                return False
            at = c_step.second
    return take_wants(c_look, scope)


cdef bint take_wants(Look* c_look, uint32_t scope) noexcept nogil:
    """Take what clauses want of the virtual booleans; without them there are no lists."""
    cdef:
        Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
        uint64_t clauses = WORD * <uint64_t>c_clauses.words if c_clauses.steps else 0
        uint32_t count
    if not take_lists(
        c_look, WANTS_OF, scope, clauses, &c_clauses.c_wants_of, &c_clauses.c_wants, &count
    ):
        return False
    if not c_clauses.steps:
        c_clauses.c_wants_of = NULL
    return are_below(c_clauses.c_wants, count, c_clauses.steps)


# --- conditions -----------------------------------------------------------------------------------

cdef bint take_listed(Look* c_look, uint32_t scope, uint32_t sets) noexcept nogil:
    """Take the clauses of each condition: a set, or a list."""
    cdef:
        Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
        uint32_t place, count
        Run states, wanted, set_of, alone
    if not (
        find(c_look.c_file, STATES, scope, 1, &states)
        and find_exactly(c_look, WANTED, scope, 4, states.count, &wanted)
        and find_exactly(c_look, SET_OF, scope, 4, states.count, &set_of)
        and states.count <= NONE // 2
        and are_sets_or_none(<const uint32_t*>set_of.c_items, set_of.count, sets)
        and take_lists(
            c_look, POSTING_OF, scope, states.count, &c_clauses.c_posting_of,
            &c_clauses.c_postings, &count)
        and are_below(c_clauses.c_postings, count, WORD * <uint64_t>c_clauses.words)
        and find_exactly(c_look, ALONE_OF, scope, sizeof(Slice), c_clauses.tests, &alone)
        and are_runs(<const Slice*>alone.c_items, alone.count, count)
    ):
        return False
    c_clauses.conditions = states.count
    c_clauses.postings = count
    c_clauses.c_alone_of = <const Slice*>alone.c_items
    c_clauses.c_states = <const uint8_t*>states.c_items
    c_clauses.c_wanted = <const uint32_t*>wanted.c_items
    c_clauses.c_set_of = <const int32_t*>set_of.c_items
    return True


cdef bint take_cells(Look* c_look, uint32_t scope, uint32_t sets) noexcept nogil:
    """Take the sets of cells: those of a field, and its turns, follow those of the one before."""
    cdef:
        Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
        const Cells* c_cells
        uint64_t of_sets = 0, of_turns = 0
        uint32_t place, count
        Run cells, cell_sets
    if not (
        find_exactly(c_look, CELLS, scope, sizeof(Cells), c_clauses.fields, &cells)
        and find(c_look.c_file, CELL_SETS, scope, 4, &cell_sets)
        and are_sets_or_none(<const uint32_t*>cell_sets.c_items, cell_sets.count, sets)
    ):
        return False
    for place in range(cells.count):
        c_cells = <const Cells*>cells.c_items + place
        if c_cells.shift > WIDEST_SHIFT or c_cells.sets != of_sets or c_cells.turns != of_turns:
            return False
        if c_cells.cells:
            of_sets += ((c_cells.cells - 1) >> c_cells.shift) + 1
            of_turns += c_cells.cells if c_cells.shift else 0
    c_clauses.c_cells = <const Cells*>cells.c_items
    c_clauses.c_cell_sets = <const int32_t*>cell_sets.c_items
    return of_sets == cell_sets.count and take_lists(
        c_look, TURNS_OF, scope, of_turns, &c_clauses.c_turns_of, &c_clauses.c_turns, &count)


cdef bint take_clauses(Look* c_look, uint32_t scope) noexcept nogil:
    """Take all of a scope that does not depend on whose conditions and tests are whose."""
    cdef:
        Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
        uint32_t sets = 0, count
    return (
        take_record(c_look, scope, &sets)
        and take_masks(c_look, scope, sets)
        and take_sections(c_look, scope)
        and take_steps(c_look, scope)
        and take_listed(c_look, scope, sets)
        and take_cells(c_look, scope, sets)
        and take_lists(
            c_look, MENTION_OF, scope, c_clauses.tests, &c_clauses.c_mention_of,
            &c_clauses.c_mentions, &count)
        and take_lists(
            c_look, CONDITIONS_OF, scope, c_clauses.fields, &c_clauses.c_conditions_of,
            &c_clauses.c_conditions, &count)
    )


# --- whose is what --------------------------------------------------------------------------------

cdef bint own(Look* c_look, const Clauses* c_clauses, uint32_t condition, uint32_t field) noexcept nogil:
    """Whether a condition is of a field; the first to ask has it."""
    if condition >= c_clauses.conditions:
        return False
    if c_look.c_field_of[condition] == NONE:
        c_look.c_field_of[condition] = field
    return c_look.c_field_of[condition] == field


cdef bint own_mentions(Look* c_look, const Clauses* c_clauses) noexcept nogil:
    """Tests of a field mention conditions of it; one that no field has is mentioned nowhere."""
    cdef uint32_t test, place, owner
    cdef Slice mentions
    for test in range(c_clauses.tests):
        mentions = c_clauses.c_mention_of[test]
        owner = c_look.c_owner[c_clauses.first_test + test]
        if owner == NONE:
            continue  # nobody hits it
        if not is_alone(c_look, c_clauses, test):
            return False
        for place in range(mentions.begin, mentions.end):
            if not own(
                c_look, c_clauses, c_clauses.c_mentions[place] >> 1, owner - c_clauses.first_field
            ):
                return False
    return True


cdef bint is_alone(Look* c_look, const Clauses* c_clauses, uint32_t test) noexcept nogil:
    """Whether a test that decides about clauses alone does so for those of the one condition that it
    mentions, and no other test does: so all that are hit walk each list once at most."""
    cdef:
        Slice alone = c_clauses.c_alone_of[test], mentions = c_clauses.c_mention_of[test], posting
        uint32_t condition
    if alone.begin == alone.end:
        return True
    if mentions.end - mentions.begin != 1:
        return False
    condition = c_clauses.c_mentions[mentions.begin] >> 1
    if condition >= c_clauses.conditions or c_look.c_seen[condition]:
        return False
    c_look.c_seen[condition] = True
    posting = c_clauses.c_posting_of[condition]
    return alone.begin == posting.begin and alone.end == posting.end


cdef bint own_turns(Look* c_look, const Clauses* c_clauses, uint32_t field) noexcept nogil:
    """The cells of a field turn conditions of it."""
    cdef const Cells* c_cells = &c_clauses.c_cells[field]
    cdef uint32_t cell, place, cells = c_cells.cells if c_cells.shift else 0
    cdef Slice turns
    for cell in range(cells):
        turns = c_clauses.c_turns_of[c_cells.turns + cell]
        for place in range(turns.begin, turns.end):
            if not own(c_look, c_clauses, c_clauses.c_turns[place] >> 1, field):
                return False
    return True


cdef bint own_listed(Look* c_look, const Clauses* c_clauses, uint32_t field) noexcept nogil:
    """A field without masks lists conditions of it, each once."""
    cdef Slice listed = c_clauses.c_conditions_of[field]
    cdef uint32_t place, condition
    for place in range(listed.begin, listed.end):
        condition = c_clauses.c_conditions[place]
        if not own(c_look, c_clauses, condition, field) or c_look.c_seen[condition]:
            return False
        c_look.c_seen[condition] = True
    return True


cdef bint have_room(Look* c_look, const Clauses* c_clauses) noexcept nogil:
    """Whether the clauses that the conditions of a field list are no more than all."""
    cdef uint32_t condition, field
    cdef Slice posting
    memset(c_look.c_listed, 0, 8 * <size_t>c_clauses.fields)
    for condition in range(c_clauses.conditions):
        field = c_look.c_field_of[condition]
        posting = c_clauses.c_posting_of[condition]
        if field == NONE:
            continue  # nothing notes it
        c_look.c_listed[field] += posting.end - posting.begin
        if c_look.c_listed[field] > WORD * <uint64_t>c_clauses.words:
            return False
    return True


cdef bint take_conditions(Look* c_look, uint32_t scope) noexcept nogil:
    """Look at whose conditions are whose, now that every test of the scope has its field."""
    cdef const Clauses* c_clauses = &c_look.c_laid.c_clauses[scope]
    cdef uint32_t field
    if not are_places(c_look, c_clauses.c_rank, c_clauses.fields):
        return False
    memset(c_look.c_field_of, 0xFF, 4 * <size_t>c_clauses.conditions)
    memset(c_look.c_seen, 0, c_clauses.conditions)
    if not own_mentions(c_look, c_clauses):
        return False
    memset(c_look.c_seen, 0, c_clauses.conditions)
    for field in range(c_clauses.fields):
        if not (
            own_turns(c_look, c_clauses, field) and own_listed(c_look, c_clauses, field)
        ):
            return False
    return have_room(c_look, c_clauses)
