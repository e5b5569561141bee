"""The match: AND over fields, then the lowest or every bit of a table.

Rules of this file: every index comes from a plan, which was made from a valid program; none comes
from an object. The order is `begin`, `narrow` for each field, `finish`.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

cdef extern from *:
    """
    #define roteiro_lowest_bit(word) ((unsigned)__builtin_ctzll(word))
    """
    unsigned int lowest_bit "roteiro_lowest_bit" (uint64_t word) nogil


cdef void begin(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    memcpy(c_bits.c_live, c_clauses.c_all, c_clauses.words * sizeof(uint64_t))
    c_bits.fired = 0


cdef inline uint32_t place_of(State state) noexcept nogil:
    """Give the place of a state's mask: its bit."""
    return 0 if state == 1 else 1 if state == 2 else 2 if state == 4 else 3


cdef inline void keep(uint64_t* c_live, const uint64_t* c_mask, uint32_t words) noexcept nogil:
    cdef uint32_t word
    for word in range(words):
        c_live[word] &= c_mask[word]


cdef inline void put(uint64_t* c_set, uint32_t clause, bint there) noexcept nogil:
    cdef uint64_t bit = <uint64_t>1 << (clause & 63)
    if there:
        c_set[clause >> 6] |= bit
    else:
        c_set[clause >> 6] &= ~bit


cdef uint32_t count_hits(
    const Clauses* c_clauses, Bits* c_bits, const uint32_t* c_tests, uint32_t tests
) noexcept nogil:
    """Count for each condition that mentions a test that holds; give how many there are."""
    cdef uint32_t index, mention, condition, asked = 0
    cdef Slice mentions
    for index in range(tests):
        mentions = c_clauses.c_mention_of[c_tests[index]]
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


cdef void flip(
    const Clauses* c_clauses, Bits* c_bits, State state, uint32_t asked
) noexcept nogil:
    """Correct the mask for the conditions that tests which hold have changed."""
    cdef uint32_t index, condition, clause
    cdef bint usual, holds
    cdef Slice posting
    for index in range(asked):
        condition = c_bits.c_asked[index]
        usual = c_clauses.c_states[condition] & state and not c_clauses.c_wanted[condition]
        holds = (
            c_clauses.c_states[condition] & state
            and c_bits.c_wanted_hits[condition] == c_clauses.c_wanted[condition]
            and not c_bits.c_unwanted_hits[condition]
        )
        c_bits.c_wanted_hits[condition] = 0
        c_bits.c_unwanted_hits[condition] = 0
        if holds != usual:
            posting = c_clauses.c_posting_of[condition]
            for clause in range(posting.begin, posting.end):
                put(c_bits.c_mask, c_clauses.c_postings[clause], holds)


cdef void narrow(
    const Clauses* c_clauses, Bits* c_bits, uint32_t field, State state,
    const uint32_t* c_tests, uint32_t tests
) noexcept nogil:
    """Take away the clauses that a field speaks against; `c_tests` are those that hold."""
    cdef:
        uint32_t words = c_clauses.words, index
        const uint64_t* c_mask = (
            c_clauses.c_masks + (4 * <size_t>field + place_of(state)) * words)
    if tests:
        memcpy(c_bits.c_mask, c_mask, words * sizeof(uint64_t))
        flip(c_clauses, c_bits, state, count_hits(c_clauses, c_bits, c_tests, tests))
        c_mask = c_bits.c_mask
    keep(c_bits.c_live, c_mask, words)
    if c_clauses.steps:
        c_bits.c_state[field] = state
        for index in range(tests):
            c_bits.c_holds[c_tests[index]] = True


cdef bint result_of(
    const Step* c_step, const uint32_t* c_operands, const Bits* c_bits
) noexcept nogil:
    cdef uint32_t operand
    if c_step.ask == ASK_TEST:
        return c_bits.c_holds[c_step.first]
    if c_step.ask == ASK_STATE:
        return (c_bits.c_state[c_step.first] & c_step.second) != 0
    for operand in range(c_step.first, c_step.second):
        if c_bits.c_results[c_operands[operand]] != (c_step.ask == ASK_ALL):
            return c_step.ask == ASK_ANY
    return c_step.ask == ASK_ALL


cdef bint run_steps(
    const Step* c_steps, uint32_t begin, uint32_t end, const uint32_t* c_operands, Bits* c_bits
) noexcept nogil:
    """Run some steps; give what the last one says, and without any that it is so."""
    cdef uint32_t step
    for step in range(begin, end):
        c_bits.c_results[step] = (
            result_of(&c_steps[step], c_operands, c_bits) != c_steps[step].negated)
    return begin == end or c_bits.c_results[end - 1]


cdef void compute_virtuals(const Clauses* c_clauses, Bits* c_bits) noexcept nogil:
    """Run the steps, then take away the clauses that want a virtual boolean that is false."""
    cdef uint32_t number, clause
    cdef Slice wanting
    run_steps(c_clauses.c_steps, 0, c_clauses.steps, c_clauses.c_operands, c_bits)
    for number in range(c_clauses.virtuals):
        if not c_bits.c_results[c_clauses.c_virtual_step[number]]:
            wanting = c_clauses.c_virtual_of[number]
            for clause in range(wanting.begin, wanting.end):
                put(c_bits.c_live, c_clauses.c_virtual_clauses[clause], False)


cdef void fire(const Clauses* c_clauses, Bits* c_bits, const Section* c_section) noexcept nogil:
    """Note the rules of a table that fire; the clauses of a rule lie side by side."""
    cdef uint32_t word, rule, before = c_bits.fired
    cdef uint64_t rest
    for word in range(c_section.begin, c_section.end):
        rest = c_bits.c_live[word]
        while rest:
            rule = c_clauses.c_rules[64 * word + lowest_bit(rest)]
            rest &= rest - 1
            if c_bits.fired == before or c_bits.c_fired[c_bits.fired - 1] != rule:
                c_bits.c_fired[c_bits.fired] = rule
                c_bits.fired += 1
                if c_section.first:
                    return
    if c_bits.fired == before and c_section.otherwise >= 0:
        c_bits.c_fired[c_bits.fired] = <uint32_t>c_section.otherwise
        c_bits.fired += 1


cdef void finish(const Clauses* c_clauses, Bits* c_bits, uint32_t tests) noexcept nogil:
    """Note in `c_fired` the rules that fire, ascending; nothing after a guard that stops."""
    cdef uint32_t section
    if c_clauses.steps:
        compute_virtuals(c_clauses, c_bits)
        memset(c_bits.c_holds, 0, tests)
    for section in range(c_clauses.sections):
        fire(c_clauses, c_bits, &c_clauses.c_sections[section])
        if c_bits.fired and c_clauses.c_stops[c_bits.c_fired[0]]:
            return
