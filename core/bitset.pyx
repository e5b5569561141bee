"""The match: AND over fields, then the lowest or every bit of a table.

Rules of this file: every index comes from a plan, which was made from a valid program; none comes
from an object. The order is `begin`, `narrow` for each field once, `finish`.

`narrow` only notes what a field says. `finish` begins with the fields that leave fewest clauses, so
that the others have few words to look at: after the first ones most words are empty. A field that
few clauses ask has no masks: the clauses whose condition does not hold are taken away one by one.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from roteiro.core.values cimport VALUED

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

    ROTEIRO_WIDE static void roteiro_keep(uint64_t *live, const uint64_t *mask, size_t words)
    {
        for (size_t word = 0; word < words; word++) live[word] &= mask[word];
    }

    ROTEIRO_WIDE static void roteiro_keep_either(
        uint64_t *live, const uint64_t *mask, const uint64_t *other, size_t words)
    {
        for (size_t word = 0; word < words; word++) live[word] &= mask[word] | other[word];
    }

    ROTEIRO_WIDE static void roteiro_take(uint64_t *live, const uint64_t *gone, size_t words)
    {
        for (size_t word = 0; word < words; word++) live[word] &= ~gone[word];
    }

    ROTEIRO_WIDE static void roteiro_add(uint64_t *mask, const uint64_t *more, size_t words)
    {
        for (size_t word = 0; word < words; word++) mask[word] |= more[word];
    }
    """
    unsigned int lowest_bit "roteiro_lowest_bit" (uint64_t word) nogil
    void keep "roteiro_keep" (uint64_t* c_live, const uint64_t* c_mask, size_t words) nogil
    void keep_either "roteiro_keep_either" (
        uint64_t* c_live, const uint64_t* c_mask, const uint64_t* c_other, size_t words) nogil
    void take "roteiro_take" (uint64_t* c_live, const uint64_t* c_gone, size_t words) nogil
    void add "roteiro_add" (uint64_t* c_mask, const uint64_t* c_more, size_t words) nogil

cdef enum:
    CHOSEN = 4  # fields that are looked for before the others come in their order
    DENSE = 4   # when one word in so many is alive, all are looked at: that needs no list
    NO_SET = 0xFFFFFFFF  # as `plan.NO_SET`


cdef void begin(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    c_bits.narrowings = 0
    c_bits.flips = 0
    c_bits.fired = 0


cdef inline uint32_t place_of(State state) noexcept nogil:
    """Give the place of a state's mask: its bit."""
    return 0 if state == 1 else 1 if state == 2 else 2 if state == 4 else 3


# --- what a field says ----------------------------------------------------------------------------

cdef uint32_t count_hits(
    const Clauses* c_clauses, Bits* c_bits, const uint32_t* c_tests, uint32_t tests
) noexcept nogil:
    """Count for each condition that mentions a test that holds; give how many there are."""
    cdef uint32_t index, mention, condition, asked = 0
    cdef Slice mentions
    for index in range(tests):
        mentions = c_clauses.c_mention_of[c_tests[index] - c_clauses.first_test]
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


cdef void note_flips(
    const Clauses* c_clauses, Bits* c_bits, State state, uint32_t asked, Narrowing* c_narrowing
) noexcept nogil:
    """Note the conditions of a field that the tests which hold have turned round."""
    cdef uint32_t index, condition
    cdef bint usual, holds
    for index in range(asked):
        condition = c_bits.c_asked[index]
        usual = c_clauses.c_states[condition] & state and not c_clauses.c_wanted[condition]
        holds = take_hits(c_clauses, c_bits, state, condition)
        if holds == usual:
            continue
        c_bits.c_flips[c_bits.flips] = condition << 1 | holds
        c_bits.flips += 1
        if holds:
            c_narrowing.most += size_of(c_clauses, condition)


cdef void note_failing(
    const Clauses* c_clauses, Bits* c_bits, State state, Slice conditions
) noexcept nogil:
    """Note all conditions that do not hold, of a field that few clauses ask."""
    cdef uint32_t index, condition
    for index in range(conditions.begin, conditions.end):
        condition = c_clauses.c_conditions[index]
        if not take_hits(c_clauses, c_bits, state, condition):
            c_bits.c_flips[c_bits.flips] = condition << 1
            c_bits.flips += 1


cdef inline uint32_t size_of(const Clauses* c_clauses, uint32_t condition) noexcept nogil:
    """Give how many clauses have a condition."""
    if c_clauses.c_set_of[condition] >= 0:
        return c_clauses.c_mask_size[c_clauses.c_set_of[condition]]
    return c_clauses.c_posting_of[condition].end - c_clauses.c_posting_of[condition].begin


cdef void narrow(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, State state,
    const uint32_t* c_tests, uint32_t tests
) noexcept nogil:
    """Note that a field speaks against some clauses; `c_tests` are those that hold."""
    cdef Narrowing* c_narrowing = &c_bits.c_narrowings[c_bits.narrowings]
    cdef uint32_t index, asked = 0
    c_narrowing.mask = c_clauses.c_mask_of[4 * <size_t>field + place_of(state)]
    c_narrowing.flips = c_bits.flips
    if tests:
        asked = count_hits(c_clauses, c_bits, c_tests, tests)
    if c_narrowing.mask == NO_SET:
        c_narrowing.most = 0xFFFFFFFF
        note_failing(c_clauses, c_bits, state, c_clauses.c_conditions_of[field])
    else:
        c_narrowing.most = c_clauses.c_mask_size[c_narrowing.mask]
        note_flips(c_clauses, c_bits, state, asked, c_narrowing)
    c_narrowing.flips_end = c_bits.flips
    c_bits.narrowings += 1
    if c_clauses.steps:
        c_bits.c_state[field] = state
        for index in range(tests):
            c_bits.c_holds[c_tests[index] - c_clauses.first_test] = True


cdef void turn(Bits* c_bits, uint32_t first, uint32_t flip) noexcept nogil:
    """Note that a condition turns round; where it did so before, it is as it was.

    `c_wanted_hits` has where a condition is noted, from 1, until all are.
    """
    cdef uint32_t place = c_bits.c_wanted_hits[flip >> 1]
    if not place:
        c_bits.c_flips[c_bits.flips] = flip
        c_bits.flips += 1
        c_bits.c_wanted_hits[flip >> 1] = c_bits.flips - first
        return
    c_bits.flips -= 1
    c_bits.c_flips[first + place - 1] = c_bits.c_flips[c_bits.flips]
    c_bits.c_wanted_hits[c_bits.c_flips[c_bits.flips] >> 1] = place
    c_bits.c_wanted_hits[flip >> 1] = 0


cdef bint narrow_by_cell(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, uint32_t cell
) noexcept nogil:
    """Note what a valued field says whose values are all of one cell; False when that is not known."""
    cdef const Cells* c_cells = &c_clauses.c_cells[field]
    cdef Narrowing* c_narrowing = &c_bits.c_narrowings[c_bits.narrowings]
    cdef uint32_t place, index
    cdef Slice turns
    if cell >= c_cells.cells or c_clauses.c_cell_sets[c_cells.sets + (cell >> c_cells.shift)] < 0:
        return False
    c_narrowing.mask = <uint32_t>c_clauses.c_cell_sets[c_cells.sets + (cell >> c_cells.shift)]
    c_narrowing.most = c_clauses.c_mask_size[c_narrowing.mask]
    c_narrowing.flips = c_bits.flips
    if c_cells.shift:
        for place in range((cell >> c_cells.shift << c_cells.shift) + 1, cell + 1):
            turns = c_clauses.c_turns_of[c_cells.turns + place]
            for index in range(turns.begin, turns.end):
                turn(c_bits, c_narrowing.flips, c_clauses.c_turns[index])
        for index in range(c_narrowing.flips, c_bits.flips):
            c_bits.c_wanted_hits[c_bits.c_flips[index] >> 1] = 0
    c_narrowing.flips_end = c_bits.flips
    c_bits.narrowings += 1
    if c_clauses.steps:
        c_bits.c_state[field] = VALUED
    return True


# --- taking clauses away --------------------------------------------------------------------------

cdef inline const uint64_t* set_of(const Clauses* c_clauses, uint32_t number) noexcept nogil:
    return c_clauses.c_sets + <size_t>number * c_clauses.words


cdef inline void put(uint64_t* c_set, uint32_t clause, bint there) noexcept nogil:
    cdef uint64_t bit = <uint64_t>1 << (clause & 63)
    if there:
        c_set[clause >> 6] |= bit
    else:
        c_set[clause >> 6] &= ~bit


cdef void take_away(
    const Clauses* c_clauses, Bits* c_bits, const Narrowing* c_narrowing
) noexcept nogil:
    """Take away the clauses of the conditions that fail because of what holds."""
    cdef uint32_t flip, index, condition
    cdef Slice posting
    for flip in range(c_narrowing.flips, c_narrowing.flips_end):
        if c_bits.c_flips[flip] & 1:
            continue
        condition = c_bits.c_flips[flip] >> 1
        if c_clauses.c_set_of[condition] >= 0:
            take(
                c_bits.c_live, set_of(c_clauses, <uint32_t>c_clauses.c_set_of[condition]),
                c_clauses.words)
            continue
        posting = c_clauses.c_posting_of[condition]
        for index in range(posting.begin, posting.end):
            put(c_bits.c_live, c_clauses.c_postings[index], False)


cdef uint32_t save_kept(
    const Clauses* c_clauses, Bits* c_bits, const Narrowing* c_narrowing
) noexcept nogil:
    """Note the live clauses of conditions that hold after all, where these are listed."""
    cdef uint32_t flip, index, clause, saved = 0
    cdef Slice posting
    for flip in range(c_narrowing.flips, c_narrowing.flips_end):
        if not c_bits.c_flips[flip] & 1 or c_clauses.c_set_of[c_bits.c_flips[flip] >> 1] >= 0:
            continue
        posting = c_clauses.c_posting_of[c_bits.c_flips[flip] >> 1]
        for index in range(posting.begin, posting.end):
            clause = c_clauses.c_postings[index]
            c_bits.c_saved[saved] = clause
            saved += c_bits.c_live[clause >> 6] >> (clause & 63) & 1
    return saved


cdef const uint64_t* sets_kept(
    const Clauses* c_clauses, Bits* c_bits, const Narrowing* c_narrowing
) noexcept nogil:
    """Give the clauses of conditions that hold after all, where these are sets; NULL is none."""
    cdef uint32_t flip, sets = 0
    cdef const uint64_t* c_set
    cdef const uint64_t* c_found = NULL
    for flip in range(c_narrowing.flips, c_narrowing.flips_end):
        if not c_bits.c_flips[flip] & 1 or c_clauses.c_set_of[c_bits.c_flips[flip] >> 1] < 0:
            continue
        c_set = set_of(c_clauses, <uint32_t>c_clauses.c_set_of[c_bits.c_flips[flip] >> 1])
        sets += 1
        if sets == 1:
            c_found = c_set
            continue
        if sets == 2:
            memcpy(c_bits.c_mask, c_found, c_clauses.words * sizeof(uint64_t))
            c_found = c_bits.c_mask
        add(c_bits.c_mask, c_set, c_clauses.words)
    return c_found


cdef void keep_alive(
    Bits* c_bits, const uint64_t* c_mask, const uint64_t* c_other
) noexcept nogil:
    """Keep of the words that are alive what is in a mask, or in another."""
    cdef uint32_t index, word
    for index in range(c_bits.alive):
        word = c_bits.c_alive[index]
        c_bits.c_live[word] &= c_mask[word] if c_other == NULL else c_mask[word] | c_other[word]


cdef void apply(
    const Clauses* c_clauses, Bits* c_bits, const Narrowing* c_narrowing, bint few
) noexcept nogil:
    """Take away the clauses that one field speaks against; `few` words are alive, and listed.

    A clause has one condition on a field, so those that hold after all and those that fail do not
    meet. What the mask lacks of the former is kept by their sets, or put back.
    """
    cdef uint32_t index, saved
    cdef const uint64_t* c_mask
    cdef const uint64_t* c_other
    if c_narrowing.mask != NO_SET:
        c_mask = set_of(c_clauses, c_narrowing.mask)
        saved = save_kept(c_clauses, c_bits, c_narrowing)
        c_other = sets_kept(c_clauses, c_bits, c_narrowing)
        if few:
            keep_alive(c_bits, c_mask, c_other)
        elif c_other == NULL:
            keep(c_bits.c_live, c_mask, c_clauses.words)
        else:
            keep_either(c_bits.c_live, c_mask, c_other, c_clauses.words)
        for index in range(saved):
            put(c_bits.c_live, c_bits.c_saved[index], True)
    take_away(c_clauses, c_bits, c_narrowing)


cdef void list_alive(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    """List the words that are not empty."""
    cdef uint32_t word, alive = 0
    for word in range(c_clauses.words):
        c_bits.c_alive[alive] = word
        alive += c_bits.c_live[word] != 0
    c_bits.alive = alive


cdef void bring_forward(Bits* c_bits, uint32_t place) noexcept nogil:
    """Let the field come next that leaves fewest clauses."""
    cdef uint32_t index, best = place
    cdef Narrowing moved
    for index in range(place + 1, c_bits.narrowings):
        if c_bits.c_narrowings[index].most < c_bits.c_narrowings[best].most:
            best = index
    moved = c_bits.c_narrowings[best]
    c_bits.c_narrowings[best] = c_bits.c_narrowings[place]
    c_bits.c_narrowings[place] = moved


cdef void narrow_all(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    """Take away the clauses that any field speaks against, and list the words that are left."""
    cdef uint32_t place, chosen = min(CHOSEN, c_bits.narrowings)
    cdef bint few
    memcpy(c_bits.c_live, c_clauses.c_all, c_clauses.words * sizeof(uint64_t))
    for place in range(chosen):
        bring_forward(c_bits, place)
        apply(c_clauses, c_bits, &c_bits.c_narrowings[place], False)
    list_alive(c_clauses, c_bits)
    few = DENSE * c_bits.alive <= c_clauses.words
    if c_bits.alive:
        for place in range(chosen, c_bits.narrowings):
            apply(c_clauses, c_bits, &c_bits.c_narrowings[place], few)
    if not few:
        list_alive(c_clauses, c_bits)


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

cdef uint32_t fire(
    const Clauses* c_clauses, Bits* c_bits, const Section* c_section, uint32_t place
) noexcept nogil:
    """Note the rules of a table that fire; the clauses of a rule lie side by side.

    `place` is the first word alive that does not belong to an earlier table; give the next one's.
    """
    cdef uint32_t rule, clause, before = c_bits.fired
    cdef uint64_t rest
    cdef bint done = False
    while place < c_bits.alive and c_bits.c_alive[place] < c_section.end:
        rest = 0 if done else c_bits.c_live[c_bits.c_alive[place]]
        while rest:
            clause = 64 * c_bits.c_alive[place] + lowest_bit(rest)
            rest &= rest - 1
            rule = c_clauses.c_rules[clause]
            if c_bits.fired != before and c_bits.c_fired[c_bits.fired - 1] == rule:
                continue
            if not is_wanted(c_clauses, c_bits, clause):
                continue
            c_bits.c_fired[c_bits.fired] = rule
            c_bits.fired += 1
            if c_section.first:
                done = True
                break
        place += 1
    if c_bits.fired == before and c_section.otherwise >= 0:
        c_bits.c_fired[c_bits.fired] = <uint32_t>c_section.otherwise
        c_bits.fired += 1
    return place


cdef void next_round(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    """Forget the virtual booleans of the object before."""
    c_bits.round += 1
    if c_bits.round == 0:
        memset(c_bits.c_computed, 0, c_clauses.steps * sizeof(uint32_t))
        c_bits.round = 1


cdef void finish(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    """Note in `c_fired` the rules that fire, ascending; nothing after a guard that stops."""
    cdef uint32_t section, place = 0
    narrow_all(c_clauses, c_bits)
    if c_clauses.steps:
        next_round(c_clauses, c_bits)
    for section in range(c_clauses.sections):
        place = fire(c_clauses, c_bits, &c_clauses.c_sections[section], place)
        if c_clauses.c_stops != NULL and c_bits.fired and c_clauses.c_stops[c_bits.c_fired[0]]:
            break
    if c_clauses.steps:
        memset(c_bits.c_holds, 0, c_clauses.tests)
