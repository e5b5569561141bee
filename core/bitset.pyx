"""The match: AND over fields, then the lowest or every bit of a table.

Rules of this file: every index comes from a plan, which was made from a valid program; none comes
from an object. The order is `begin`, `narrow` for each field once, `finish`.

A field says which clauses it leaves: a set that was made beforehand, or such a set in which the
clauses are written otherwise whose conditions turn round by what holds. A clause has one condition
on a field, so what is written for one condition is of no other. `finish` keeps what all fields
leave, the most telling ones first. A field that few clauses ask has no sets: the clauses whose
condition does not hold are taken away one by one.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from roteiro.core.values cimport VALUED, hit_once

cdef extern from *:
    """
    #define roteiro_lowest_bit(word) ((unsigned)__builtin_ctzll(word))

    /* What the machine has is found when the module is loaded; a sanitizer is not ready then. */
    #if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) \\
        && !defined(__SANITIZE_ADDRESS__)
    #define ROTEIRO_WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
    #else
    #define ROTEIRO_WIDE
    #endif

    /* Eight words, wherever they lie. */
    typedef uint64_t roteiro_eight __attribute__((vector_size(64), aligned(8), may_alias));
    #define ROTEIRO_EIGHT(words, place) (*(const roteiro_eight *)((words) + (place)))

    static inline int roteiro_any(const uint64_t *word)
    {
        return (word[0] | word[1] | word[2] | word[3] | word[4] | word[5] | word[6] | word[7]) != 0;
    }

    /* Keeps what all masks have; there is one at least, and `words` are a multiple of eight. Where
       the first four leave nothing of 32 words the others are not asked. */
    ROTEIRO_WIDE static void roteiro_meet(
        uint64_t *live, const uint64_t *const *masks, size_t count, size_t words)
    {
        size_t at = 0, mask, first = count < 4 ? count : 4;
        for (; at + 32 <= words; at += 32) {
            roteiro_eight a = ROTEIRO_EIGHT(masks[0], at), b = ROTEIRO_EIGHT(masks[0], at + 8);
            roteiro_eight c = ROTEIRO_EIGHT(masks[0], at + 16), d = ROTEIRO_EIGHT(masks[0], at + 24);
            uint64_t left[8];
            for (mask = 1; mask < count; mask++) {
                if (mask == first) {
                    *(roteiro_eight *)left = a | b | c | d;
                    if (!roteiro_any(left)) break;
                }
                a &= ROTEIRO_EIGHT(masks[mask], at);
                b &= ROTEIRO_EIGHT(masks[mask], at + 8);
                c &= ROTEIRO_EIGHT(masks[mask], at + 16);
                d &= ROTEIRO_EIGHT(masks[mask], at + 24);
            }
            *(roteiro_eight *)(live + at) = a;
            *(roteiro_eight *)(live + at + 8) = b;
            *(roteiro_eight *)(live + at + 16) = c;
            *(roteiro_eight *)(live + at + 24) = d;
        }
        for (; at < words; at += 8) {
            roteiro_eight a = ROTEIRO_EIGHT(masks[0], at);
            for (mask = 1; mask < count; mask++) a &= ROTEIRO_EIGHT(masks[mask], at);
            *(roteiro_eight *)(live + at) = a;
        }
    }

    ROTEIRO_WIDE static void roteiro_take(uint64_t *live, const uint64_t *gone, size_t words)
    {
        for (size_t word = 0; word < words; word++) live[word] &= ~gone[word];
    }

    ROTEIRO_WIDE static void roteiro_add(uint64_t *mask, const uint64_t *more, size_t words)
    {
        for (size_t word = 0; word < words; word++) mask[word] |= more[word];
    }

    /* The next word that is not empty, or the end. */
    static inline uint32_t roteiro_next(const uint64_t *live, uint32_t word, uint32_t end)
    {
        while (end - word >= 8 && !roteiro_any(live + word)) word += 8;
        while (word < end && !live[word]) word++;
        return word;
    }

    /* Lists the bits of some words, ascending; there is room for two more than are found. Few words
       have more than two. */
    ROTEIRO_WIDE static uint32_t roteiro_list(
        const uint64_t *live, uint32_t word, uint32_t end, uint32_t *found)
    {
        uint32_t count = 0;
        for (; word < end; word++) {
            while (end - word > 8 && !roteiro_any(live + word)) word += 8;
            uint64_t rest = live[word];
            uint32_t bits = (uint32_t)__builtin_popcountll(rest), at = count;
            found[at] = 64 * word + (uint32_t)__builtin_ctzll(rest | (uint64_t)1 << 63);
            rest &= rest - 1;
            found[at + 1] = 64 * word + (uint32_t)__builtin_ctzll(rest | (uint64_t)1 << 63);
            count += bits;
            for (at += 2; at < count; at++) {
                rest &= rest - 1;
                found[at] = 64 * word + (uint32_t)__builtin_ctzll(rest);
            }
        }
        return count;
    }
    """
    unsigned int lowest_bit "roteiro_lowest_bit" (uint64_t word) nogil
    void meet "roteiro_meet" (
        uint64_t* c_live, const uint64_t** c_masks, size_t count, size_t words) nogil
    void take "roteiro_take" (uint64_t* c_live, const uint64_t* c_gone, size_t words) nogil
    void add "roteiro_add" (uint64_t* c_mask, const uint64_t* c_more, size_t words) nogil
    uint32_t list_bits "roteiro_list" (
        const uint64_t* c_live, uint32_t word, uint32_t end, uint32_t* c_found) nogil
    uint32_t next_word "roteiro_next" (
        const uint64_t* c_live, uint32_t word, uint32_t end) nogil

cdef enum:
    NO_RULE = 0xFFFFFFFF


cdef void begin(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    c_bits.failed = 0
    c_bits.fired = 0


cdef inline uint32_t place_of(State state) noexcept nogil:
    """Give the place of a state's mask: its bit."""
    return 0 if state == 1 else 1 if state == 2 else 2 if state == 4 else 3


# --- sets of clauses ------------------------------------------------------------------------------

cdef inline const uint64_t* set_of(const Clauses* c_clauses, uint32_t number) noexcept nogil:
    return c_clauses.c_sets + <size_t>number * c_clauses.words


cdef inline void put(uint64_t* c_set, uint32_t clause, bint there) noexcept nogil:
    cdef uint64_t bit = <uint64_t>1 << (clause & 63)
    if there:
        c_set[clause >> 6] |= bit
    else:
        c_set[clause >> 6] &= ~bit


cdef inline void put_all(
    const Clauses* c_clauses, uint64_t* c_set, Slice posting, bint there
) noexcept nogil:
    cdef uint32_t index
    for index in range(posting.begin, posting.end):
        put(c_set, c_clauses.c_postings[index], there)


cdef inline uint32_t put_queued(Bits* c_bits, uint64_t* c_row, uint32_t queued) noexcept nogil:
    """Put the clauses that wait into a set; none are left. Lists of any length are one run here."""
    cdef uint32_t index
    for index in range(queued):
        put(c_row, c_bits.c_queue[index], True)
    return 0


cdef void write(
    const Clauses* c_clauses, uint64_t* c_set, uint32_t condition, bint holds
) noexcept nogil:
    """Write into a set whether the clauses of a condition are left."""
    if c_clauses.c_set_of[condition] < 0:
        put_all(c_clauses, c_set, c_clauses.c_posting_of[condition], holds)
    elif holds:
        add(c_set, set_of(c_clauses, <uint32_t>c_clauses.c_set_of[condition]), c_clauses.words)
    else:
        take(c_set, set_of(c_clauses, <uint32_t>c_clauses.c_set_of[condition]), c_clauses.words)


cdef inline uint64_t* copied(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, uint32_t number
) noexcept nogil:
    """Give a copy of a set that may be written on."""
    cdef uint64_t* c_row = c_bits.c_rows + <size_t>field * c_clauses.words
    memcpy(c_row, set_of(c_clauses, number), c_clauses.words * sizeof(uint64_t))
    return c_row


# --- what a field says ----------------------------------------------------------------------------

cdef uint32_t count_hit(
    const Clauses* c_clauses, Bits* c_bits, uint32_t test, uint32_t asked
) noexcept nogil:
    """Count a test that holds for each condition that mentions it; give how many are asked now."""
    cdef uint32_t mention, condition
    cdef Slice mentions = c_clauses.c_mention_of[test]
    for mention in range(mentions.begin, mentions.end):
        condition = c_clauses.c_mentions[mention] >> 1
        if not c_bits.c_wanted_hits[condition] and not c_bits.c_unwanted_hits[condition]:
            c_bits.c_asked[asked] = condition
            asked += 1
        if c_clauses.c_mentions[mention] & 1:
            c_bits.c_unwanted_hits[condition] += 1
        else:
            c_bits.c_wanted_hits[condition] += 1
    return asked


cdef inline bint take_hits(
    const Clauses* c_clauses, Bits* c_bits, State state, uint32_t condition
) noexcept nogil:
    """Whether a condition holds by the hits that were counted; they are counted no longer."""
    cdef bint holds = (
        c_clauses.c_states[condition] & state
        and c_bits.c_wanted_hits[condition] == c_clauses.c_wanted[condition]
        and not c_bits.c_unwanted_hits[condition]
    )
    c_bits.c_wanted_hits[condition] = 0
    c_bits.c_unwanted_hits[condition] = 0
    return holds


cdef void write_hits(
    const Clauses* c_clauses, Bits* c_bits, State state, const uint32_t* c_tests, uint32_t tests,
    uint64_t* c_row
) noexcept nogil:
    """Write the conditions of a field that the tests which hold turn round.

    A test that is all that one condition wants needs no counting: its clauses are left.
    """
    cdef uint32_t index, condition, asked = 0, queued = 0
    cdef Slice alone
    cdef bint usual, holds
    for index in range(tests):
        alone = c_clauses.c_alone_of[c_tests[index] - c_clauses.first_test]
        if alone.begin == alone.end:
            asked = count_hit(c_clauses, c_bits, c_tests[index] - c_clauses.first_test, asked)
        elif alone.end - alone.begin > SHORT or c_clauses.postings - alone.begin < SHORT:
            put_all(c_clauses, c_row, alone, True)
        else:
            if queued > QUEUE - SHORT:
                queued = put_queued(c_bits, c_row, queued)
            memcpy(
                c_bits.c_queue + queued, c_clauses.c_postings + alone.begin,
                SHORT * sizeof(uint32_t))
            queued += alone.end - alone.begin
    put_queued(c_bits, c_row, queued)
    for index in range(asked):
        condition = c_bits.c_asked[index]
        usual = c_clauses.c_states[condition] & state and not c_clauses.c_wanted[condition]
        holds = take_hits(c_clauses, c_bits, state, condition)
        if holds != usual:
            write(c_clauses, c_row, condition, holds)


cdef void note_failing(
    const Clauses* c_clauses, Bits* c_bits, State state, const uint32_t* c_tests, uint32_t tests,
    Slice conditions
) noexcept nogil:
    """Note all conditions that do not hold, of a field that few clauses ask."""
    cdef uint32_t index, condition, asked = 0
    for index in range(tests):
        asked = count_hit(c_clauses, c_bits, c_tests[index] - c_clauses.first_test, asked)
    for index in range(conditions.begin, conditions.end):
        condition = c_clauses.c_conditions[index]
        if not take_hits(c_clauses, c_bits, state, condition):
            c_bits.c_failed[c_bits.failed] = condition
            c_bits.failed += 1


cdef void narrow(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, State state,
    const uint32_t* c_tests, uint32_t tests
) noexcept nogil:
    """Note that a field speaks against some clauses; `c_tests` are those that hold."""
    cdef uint32_t number = c_clauses.c_mask_of[4 * <size_t>field + place_of(state)], index
    cdef uint64_t* c_row
    if number == NO_SET:
        c_bits.c_masks[c_clauses.c_rank[field]] = NULL
        note_failing(
            c_clauses, c_bits, state, c_tests, tests, c_clauses.c_conditions_of[field])
    elif tests:
        c_row = copied(c_clauses, c_bits, field, number)
        write_hits(c_clauses, c_bits, state, c_tests, tests, c_row)
        c_bits.c_masks[c_clauses.c_rank[field]] = c_row
    else:
        c_bits.c_masks[c_clauses.c_rank[field]] = set_of(c_clauses, number)
    if c_clauses.steps:
        c_bits.c_state[field] = state
        for index in range(tests):
            c_bits.c_holds[c_tests[index] - c_clauses.first_test] = True


cdef uint32_t queue_outputs(
    Bits* c_bits, uint64_t* c_row, const uint32_t* c_begins, const uint32_t* c_items,
    const uint32_t* c_outputs, uint32_t outputs, uint32_t queued, Hits* c_hits
) noexcept nogil:
    """Put in the clauses that outputs leave, or let them wait; give how many do. Hit their tests."""
    cdef uint32_t place, item, begin, end
    for place in range(outputs):
        begin = c_begins[2 * c_outputs[place]]
        end = c_begins[2 * c_outputs[place] + 1]
        if queued > QUEUE - SHORT:
            queued = put_queued(c_bits, c_row, queued)
        memcpy(c_bits.c_queue + queued, c_items + begin, SHORT * sizeof(uint32_t))
        queued += min(end - begin, SHORT)
        for item in range(begin + SHORT, end):
            put(c_row, c_items[item], True)
        for item in range(end, c_begins[2 * c_outputs[place] + 2]):
            hit_once(c_hits, c_items[item])
    return queued


cdef void narrow_by_outputs(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, const Ways* c_ways, Hits* c_hits
) noexcept nogil:
    """Note what a field says of whose one value nothing is known but the patterns that it matches."""
    cdef uint64_t* c_row = copied(
        c_clauses, c_bits, field, c_clauses.c_mask_of[4 * <size_t>field + place_of(VALUED)])
    cdef uint32_t index, queued = queue_outputs(
        c_bits, c_row, c_ways.c_plain, c_ways.c_items, c_hits.c_met, c_hits.met_plain, 0, c_hits)
    queued = queue_outputs(
        c_bits, c_row, c_ways.c_folded, c_ways.c_items, c_hits.c_met + c_hits.met_plain,
        c_hits.met - c_hits.met_plain, queued, c_hits)
    put_queued(c_bits, c_row, queued)
    for index in range(c_hits.touched):
        c_hits.c_count[c_hits.c_touched[index]] = 0
    if c_hits.touched:
        write_hits(c_clauses, c_bits, VALUED, c_hits.c_touched, c_hits.touched, c_row)
    c_bits.c_masks[c_clauses.c_rank[field]] = c_row


cdef bint narrow_by_cell(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, uint32_t cell
) noexcept nogil:
    """Note what a valued field says whose values are all of one cell; False when that is not known."""
    cdef const Cells* c_cells = &c_clauses.c_cells[field]
    cdef uint32_t place = cell >> c_cells.shift << c_cells.shift, index
    cdef int32_t number
    cdef Slice turns
    cdef uint64_t* c_row
    if cell >= c_cells.cells:
        return False
    number = c_clauses.c_cell_sets[c_cells.sets + (cell >> c_cells.shift)]
    if number < 0:
        return False
    if place == cell:
        c_bits.c_masks[c_clauses.c_rank[field]] = set_of(c_clauses, <uint32_t>number)
    else:
        c_row = copied(c_clauses, c_bits, field, <uint32_t>number)
        for place in range(place + 1, cell + 1):
            turns = c_clauses.c_turns_of[c_cells.turns + place]
            for index in range(turns.begin, turns.end):
                write(
                    c_clauses, c_row, c_clauses.c_turns[index] >> 1, c_clauses.c_turns[index] & 1)
        c_bits.c_masks[c_clauses.c_rank[field]] = c_row
    if c_clauses.steps:
        c_bits.c_state[field] = VALUED
    return True


# --- taking clauses away --------------------------------------------------------------------------

cdef void narrow_all(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    """Leave the clauses that no field speaks against."""
    cdef uint32_t place, masks = 0
    for place in range(c_clauses.fields):
        c_bits.c_masks[masks] = c_bits.c_masks[place]
        masks += c_bits.c_masks[place] != NULL
    if masks:
        meet(c_bits.c_live, c_bits.c_masks, masks, c_clauses.words)
    else:
        memcpy(c_bits.c_live, c_clauses.c_all, c_clauses.words * sizeof(uint64_t))
    for place in range(c_bits.failed):
        write(c_clauses, c_bits.c_live, c_bits.c_failed[place], False)


# --- virtual booleans -----------------------------------------------------------------------------

cdef inline bint is_known(const Bits* c_bits, uint32_t step) noexcept nogil:
    return c_bits.c_computed[step] == c_bits.round


cdef inline void learn(Bits* c_bits, uint32_t step, bint result) noexcept nogil:
    c_bits.c_results[step] = result
    c_bits.c_computed[step] = c_bits.round


cdef bint advance(const Clauses* c_clauses, Bits* c_bits, Frame* c_frame) noexcept nogil:
    """Compute a step as far as its operands are known; whether it is settled."""
    cdef const Step* c_step = &c_clauses.c_steps[c_frame.step]
    cdef bint wanted = c_step.ask == ASK_ALL
    if c_step.ask == ASK_TEST:
        learn(c_bits, c_frame.step, c_bits.c_holds[c_step.first] != c_step.negated)
        return True
    if c_step.ask == ASK_STATE:
        wanted = (c_bits.c_state[c_step.first] & c_step.second) != 0
        learn(c_bits, c_frame.step, wanted != c_step.negated)
        return True
    while c_frame.operand < c_step.second:
        if not is_known(c_bits, c_clauses.c_operands[c_frame.operand]):
            return False
        if c_bits.c_results[c_clauses.c_operands[c_frame.operand]] != wanted:
            learn(c_bits, c_frame.step, not wanted)
            return True
        c_frame.operand += 1
    learn(c_bits, c_frame.step, wanted)
    return True


cdef bint is_true(const Clauses* c_clauses, Bits* c_bits, uint32_t step) noexcept nogil:
    """Compute a virtual boolean, once an object, and of its parts no more than it takes.

    A step's operands come before it, so no step waits twice and `c_frames` has room for all.
    """
    cdef Frame* c_frame
    cdef uint32_t depth = 0, operand
    if is_known(c_bits, step):
        return c_bits.c_results[step]
    c_bits.c_frames[0] = Frame(step, c_clauses.c_steps[step].first)
    while True:
        c_frame = &c_bits.c_frames[depth]
        if not advance(c_clauses, c_bits, c_frame):
            operand = c_clauses.c_operands[c_frame.operand]
            depth += 1
            c_bits.c_frames[depth] = Frame(operand, c_clauses.c_steps[operand].first)
        elif depth == 0:
            return c_bits.c_results[step]
        else:
            depth -= 1


cdef bint is_wanted(const Clauses* c_clauses, Bits* c_bits, uint32_t clause) noexcept nogil:
    """Whether the virtual booleans are true that a clause wants."""
    cdef uint32_t want
    cdef Slice wants
    if c_clauses.c_wants_of == NULL:
        return True
    wants = c_clauses.c_wants_of[clause]
    for want in range(wants.begin, wants.end):
        if not is_true(c_clauses, c_bits, c_clauses.c_wants[want]):
            return False
    return True


# --- what fires -----------------------------------------------------------------------------------

cdef void fire_first(
    const Clauses* c_clauses, Bits* c_bits, const Section* c_section
) noexcept nogil:
    """Note the first rule of a table that fires, if one does."""
    cdef uint32_t clause, word = next_word(c_bits.c_live, c_section.begin, c_section.end)
    cdef uint64_t rest
    while word < c_section.end:
        rest = c_bits.c_live[word]
        while rest:
            clause = 64 * word + lowest_bit(rest)
            rest &= rest - 1
            if is_wanted(c_clauses, c_bits, clause):
                c_bits.c_fired[c_bits.fired] = c_clauses.c_rules[clause]
                c_bits.fired += 1
                return
        word = next_word(c_bits.c_live, word + 1, c_section.end)


cdef void fire_all(
    const Clauses* c_clauses, Bits* c_bits, const Section* c_section
) noexcept nogil:
    """Note the rules of a table that fire; the clauses of a rule lie side by side."""
    cdef uint32_t place, rule, last = NO_RULE, fired = c_bits.fired
    cdef uint32_t count = list_bits(
        c_bits.c_live, c_section.begin, c_section.end, c_bits.c_found)
    for place in range(count):
        if c_clauses.c_wants_of != NULL and not is_wanted(
            c_clauses, c_bits, c_bits.c_found[place]
        ):
            continue
        rule = c_clauses.c_rules[c_bits.c_found[place]]
        c_bits.c_fired[fired] = rule
        fired += rule != last
        last = rule
    c_bits.fired = fired


cdef void fire(const Clauses* c_clauses, Bits* c_bits, const Section* c_section) noexcept nogil:
    """Note what fires of a table; its `otherwise` when no rule does."""
    cdef uint32_t before = c_bits.fired
    if c_section.first:
        fire_first(c_clauses, c_bits, c_section)
    else:
        fire_all(c_clauses, c_bits, c_section)
    if c_bits.fired == before and c_section.otherwise >= 0:
        c_bits.c_fired[c_bits.fired] = <uint32_t>c_section.otherwise
        c_bits.fired += 1


cdef void next_round(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    """Forget the virtual booleans of the object before."""
    c_bits.round += 1
    if c_bits.round == 0:
        memset(c_bits.c_computed, 0, c_clauses.steps * sizeof(uint32_t))
        c_bits.round = 1


cdef void finish(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    """Note in `c_fired` the rules that fire, ascending; nothing after a guard that stops."""
    cdef uint32_t section
    narrow_all(c_clauses, c_bits)
    if c_clauses.steps:
        next_round(c_clauses, c_bits)
    for section in range(c_clauses.sections):
        fire(c_clauses, c_bits, &c_clauses.c_sections[section])
        if c_clauses.c_stops != NULL and c_bits.fired and c_clauses.c_stops[c_bits.c_fired[0]]:
            break
    if c_clauses.steps:
        memset(c_bits.c_holds, 0, c_clauses.tests)
