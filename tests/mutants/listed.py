"""Mistakes that one could make in the compiled half, each of which some test must notice.

A mutant is a piece of a source that stands there once, and what takes its place.
"""

from dataclasses import dataclass

CLAUSES = ("tests/core/test_budgets.py", "tests/core/test_rules.py", "tests/core/test_twins.py")
ITEMS = ("tests/core/test_items.py", "tests/core/test_twins.py", "tests/core/test_meaning.py")
PDUS = ("tests/association/test_pdata.py",)
BOUNDS = ("tests/core/test_artefact_bounds.py",)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake; `tests` are those that look closest."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...] = CLAUSES
    is_quick: bool = False
    """Whether the suite kills it each time."""


def bits(name: str, before: str, after: str, *, is_quick: bool = False) -> Mutant:
    """Give a mistake in the match of clauses; the first tests are enough for a quick one."""
    tests = CLAUSES[:1] if is_quick else CLAUSES
    return Mutant(name, "core/bitset.pyx", before, after, tests, is_quick=is_quick)


def patterns(
    name: str, before: str, after: str, tests: tuple[str, ...] = ("tests/core/test_machines.py",)
) -> Mutant:
    """Give a mistake in the machines of patterns."""
    return Mutant(name, "core/machines.pyx", before, after, tests)


def ways(name: str, file: str, before: str, after: str) -> Mutant:
    """Give a mistake on the way from patterns to clauses."""
    return Mutant(name, file, before, after, ("tests/core/test_ways.py",))


def loaded(name: str, file: str, before: str, after: str) -> Mutant:
    """Give a number of a compiled program that is not looked at."""
    return Mutant(name, file, before, after, BOUNDS)


MUTANTS = (
    bits(
        "the masks of two states swapped",
        "return 0 if state == 1 else 1 if state == 2 else 2",
        "return 1 if state == 1 else 0 if state == 2 else 2",
    ),
    bits(
        "one wanted test is enough",
        "        and c_bits.c_wanted_hits[condition] == c_clauses.c_wanted[condition]\n",
        "        and c_bits.c_wanted_hits[condition] >= (c_clauses.c_wanted[condition] > 0)\n",
    ),
    bits(
        "unwanted tests forgotten",
        "        and not c_bits.c_unwanted_hits[condition]\n",
        "",
        is_quick=True,
    ),
    bits(
        "hits kept for the next object",
        "    c_bits.c_wanted_hits[condition] = 0\n    c_bits.c_unwanted_hits[condition] = 0\n",
        "    c_bits.c_unwanted_hits[condition] = 0\n",
    ),
    bits(
        "unwanted hits kept for the next object",
        "    c_bits.c_wanted_hits[condition] = 0\n    c_bits.c_unwanted_hits[condition] = 0\n",
        "    c_bits.c_wanted_hits[condition] = 0\n",
    ),
    bits(
        "states of a condition forgotten",
        "        c_clauses.c_states[condition] & state\n        and c_bits.c_wanted_hits",
        "        c_bits.c_wanted_hits",
    ),
    bits(
        "the last cell before a value left out",
        "for place in range(place + 1, cell + 1):",
        "for place in range(place + 1, cell):",
    ),
    bits(
        "the first cell behind a set left out",
        "for place in range(place + 1, cell + 1):",
        "for place in range(place + 2, cell + 1):",
    ),
    bits(
        "the set of the next cells",
        "number = c_clauses.c_cell_sets[c_cells.sets + (cell >> c_cells.shift)]",
        "number = c_clauses.c_cell_sets[\n"
        "        c_cells.sets + (min(cell + 1, c_cells.cells - 1) >> c_cells.shift)]",
    ),
    bits(
        "what turns off on the way to a cell is turned on",
        "c_clauses.c_turns[index] >> 1, c_clauses.c_turns[index] & 1)",
        "c_clauses.c_turns[index] >> 1, True)",
    ),
    bits(
        "a large condition of the first set has no clauses",
        "    if c_clauses.c_set_of[condition] < 0:\n",
        "    if c_clauses.c_set_of[condition] <= 0:\n",
    ),
    bits(
        "a large condition that fails is kept",
        "        take(c_set, set_of(",
        "        add(c_set, set_of(",
    ),
    bits(
        "clauses that a condition keeps are not put in",
        "        put(c_row, c_bits.c_queue[index], True)\n",
        "        put(c_row, c_bits.c_queue[index], False)\n",
        is_quick=True,
    ),
    bits(
        "clauses behind a short list are put in, too",
        "            queued += alone.end - alone.begin\n",
        "            queued += SHORT\n",
    ),
    bits(
        "of many clauses that wait the first are lost",
        "                queued = put_queued(c_bits, c_row, queued)\n",
        "                queued = 0\n",
    ),
    bits(
        "a test that is wanted with another keeps clauses by itself",
        "        if alone.begin == alone.end:\n            asked = count_hit(",
        "        if alone.begin != alone.end:\n            asked = count_hit(",
    ),
    bits(
        "a large condition that holds is taken away",
        "        add(c_set, set_of(",
        "        take(c_set, set_of(",
    ),
    bits(
        "a field without sets says nothing",
        "        write(c_clauses, c_bits.c_live, c_bits.c_failed[place], False)\n",
        "        pass\n",
    ),
    bits(
        "the last field is not asked",
        "meet(c_bits.c_live, c_bits.c_masks, masks, ",
        "meet(c_bits.c_live, c_bits.c_masks, masks - (masks > 1), ",
        is_quick=True,
    ),
    bits(
        "fields without sets in the place of others",
        "        c_bits.c_masks[masks] = c_bits.c_masks[place]\n",
        "        c_bits.c_masks[masks] = c_bits.c_masks[0]\n",
    ),
    bits(
        "the set of one field is written on by another",
        "c_bits.c_rows + <size_t>field * c_clauses.words",
        "c_bits.c_rows",
    ),
    bits(
        "a word with one clause taken for empty",
        "while (word < end && !live[word]) word++;",
        "while (word < end && live[word] <= 1) word++;",
    ),
    bits(
        "of a word with many clauses some are lost",
        "for (at += 2; at < count; at++) {",
        "for (at += 2; at + 1 < count; at++) {",
    ),
    bits(
        "the second clause of a word is the first again",
        """            rest &= rest - 1;
            found[at + 1]""",
        """            found[at + 1]""",
    ),
    bits(
        "the summary of live words one short",
        "word[4] | word[5] | word[6] | word[7]) != 0;",
        "word[4] | word[5] | word[6]) != 0;",
    ),
    bits(
        "the summary of many words one short",
        "*(roteiro_eight *)left = a | b | c | d;",
        "*(roteiro_eight *)left = a | b | c;",
    ),
    bits(
        "fields behind the first four forgotten",
        "if (!roteiro_any(left)) break;",
        "if (left[0] | 1) break;",
    ),
    bits(
        "of the last words one field is not asked",
        "for (mask = 1; mask < count; mask++) a &= ROTEIRO_EIGHT(masks[mask], at);",
        "for (mask = 2; mask < count; mask++) a &= ROTEIRO_EIGHT(masks[mask], at);",
    ),
    bits(
        "a virtual boolean remembered from the object before",
        "    c_bits.round += 1\n",
        "    c_bits.round |= 1\n",
    ),
    bits(
        "tests of the object before still hold",
        "        memset(c_bits.c_holds, 0, c_clauses.tests)\n",
        "        pass\n",
    ),
    bits(
        "virtual booleans not asked",
        "c_bits, c_clauses.c_wants[want]):\n            return False",
        "c_bits, c_clauses.c_wants[want]):\n            return True",
    ),
    bits(
        "an operand that decides taken the other way",
        "            learn(c_bits, c_frame.step, not wanted)\n",
        "            learn(c_bits, c_frame.step, wanted)\n",
    ),
    bits(
        "the negation of a step forgotten",
        "learn(c_bits, c_frame.step, c_bits.c_holds[c_step.first] != c_step.negated)",
        "learn(c_bits, c_frame.step, c_bits.c_holds[c_step.first])",
    ),
    bits(
        "a state asked of the wrong way round",
        "        learn(c_bits, c_frame.step, wanted != c_step.negated)\n",
        "        learn(c_bits, c_frame.step, wanted == c_step.negated)\n",
    ),
    bits(
        "first and all swapped",
        "    if c_section.first:\n",
        "    if not c_section.first:\n",
        is_quick=True,
    ),
    bits(
        "an otherwise by the number 0 forgotten",
        "if c_bits.fired == before and c_section.otherwise >= 0:",
        "if c_bits.fired == before and c_section.otherwise > 0:",
    ),
    bits(
        "otherwise although a rule fired",
        "if c_bits.fired == before and c_section.otherwise >= 0:",
        "if c_section.otherwise >= 0:",
        is_quick=True,
    ),
    bits(
        "a rule of two clauses fires twice",
        "        fired += rule != last\n",
        "        fired += 1\n",
    ),
    bits(
        "a table reads the words of the next one",
        "c_bits.c_live, c_section.begin, c_section.end, c_bits.c_found)",
        "c_bits.c_live, c_section.begin, c_clauses.words, c_bits.c_found)",
    ),
    Mutant(
        "every item is one item too few",
        "core/matcher.pyx",
        "hit_items(c_field, rule, c_bits.c_items[rule] == items, &scratch.hits)",
        "hit_items(c_field, rule, c_bits.c_items[rule] >= items - 1, &scratch.hits)",
        ITEMS,
    ),
    Mutant(
        "items counted on from the object before",
        "core/matcher.pyx",
        "            c_bits.c_items[rule] = 0\n",
        "",
        ITEMS,
    ),
    Mutant(
        "only the first item asked",
        "core/matcher.pyx",
        "                items += 1\n                c_inner = c_inner.c_next\n",
        "                items += 1\n                break\n",
        ITEMS,
    ),
    Mutant(
        "values of which some hit no cell taken for one cell",
        "core/matcher.pyx",
        "                and c_hits.c_cell_count[c_hits.c_cells[0]] == c_hits.values\n",
        "",
    ),
    Mutant(
        "no room for conditions that never hold",
        "core/flat.pyx",
        "c_bits.c_items = <uint32_t*>room(memory, 4 * c_clauses.asked)",
        "c_bits.c_items = <uint32_t*>room(memory, 4 * c_clauses.most_fired)",
        ITEMS,
    ),
    Mutant(
        "the tag of zeros is stepped over",
        "core/scan.pyx",
        "care_of(c_way, passed) if c_way.has_passed else 0",
        "care_of(c_way, passed)",
        ("tests/core/test_scan.py",),
    ),
    Mutant(
        "a long sequence is looked at again for every piece",
        "core/feed.pyx",
        "            if pending > LARGE:\n",
        "            if pending > 1 << 40:\n",
        ("tests/core/test_feed.py",),
    ),
    patterns(
        "a pair whose texts overlap is met",
        "if c_room.c_seen[c_pair.end] and c_pair.size <= size:",
        "if c_room.c_seen[c_pair.end]:",
    ),
    patterns(
        "a pair is met by its start alone",
        "if c_room.c_seen[c_pair.end] and c_pair.size <= size:",
        "if c_pair.size <= size:",
    ),
    patterns(
        "only the first pair of a start is looked at",
        "                meet(c_room, c_pair.output + 1)\n            c_pair += 1\n",
        "                meet(c_room, c_pair.output + 1)\n            break\n",
    ),
    patterns(
        "a state without a row fails to the beginning",
        "            state = c_fails[state]\n        else:\n",
        "            state = ROOT\n        else:\n",
    ),
    patterns(
        "a state behind an edge that is not there is taken",
        "        if <uint64_t>c_nodes[place].begin + count > states - 1:\n",
        "        if <uint64_t>c_nodes[place].begin + count > states:\n",
        BOUNDS,
    ),
    patterns(
        "only the first edge of a branch is looked at",
        "memchr(c_labels, byte, count)",
        "memchr(c_labels, byte, 1)",
    ),
    patterns(
        "of the texts that a text ends with only the longest is met",
        "    state = c_entries[state].shorter\n    while state:\n",
        "    state = ROOT\n    while state:\n",
    ),
    ways(
        "of one value the folded patterns are forgotten",
        "core/bitset.pyx",
        "        c_hits.met - c_hits.met_plain, queued, c_hits)\n",
        "        0, queued, c_hits)\n",
    ),
    ways(
        "of the clauses of an output those behind the eighth are lost",
        "core/bitset.pyx",
        "        for item in range(begin + SHORT, end):\n",
        "        for item in range(end, end):\n",
    ),
    ways(
        "tests that an output comes to are not counted",
        "core/bitset.pyx",
        "            hit_once(c_hits, c_items[item])\n",
        "            pass\n",
    ),
    ways(
        "a test that two outputs come to counts twice",
        "core/values.pyx",
        "    if c_hits.c_count[test] == 0:\n        hit(c_hits, test, 1)\n",
        "    hit(c_hits, test, 1)\n",
    ),
    ways(
        "what the first of two values matches is forgotten",
        "core/values.pyx",
        "    spill(c_plan, c_hits)\n    hit_tests(c_tables, &c_plan.patterns",
        "    c_hits.met = 0\n    hit_tests(c_tables, &c_plan.patterns",
    ),
    ways(
        "a text that is literal for literal one hides the patterns that it matches",
        "core/matcher.pyx",
        "c_hits.cells == 1 and not c_hits.touched and not c_hits.met\n",
        "c_hits.cells == 1 and not c_hits.touched\n",
    ),
    loaded(
        "half an item at the end of a part is taken",
        "core/artefact.pyx",
        "    if c_row.size % each or c_row.size // each >= NONE:\n",
        "    if c_row.size // each >= NONE:\n",
    ),
    loaded(
        "a text may end behind all bytes",
        "core/artefact_fields.pyx",
        "        if c_exact.text + <uint64_t>c_exact.size > blob:\n",
        "        if c_exact.text > blob:\n",
    ),
    loaded(
        "a slot may speak of the level behind the last",
        "core/artefact_fields.pyx",
        "c_slot.level >= c_records.count or",
        "c_slot.level > c_records.count or",
    ),
    loaded(
        "a character set may be that of the next level",
        "core/artefact_fields.pyx",
        "c_record.character_set != NONE and c_record.character_set >= size:",
        "c_record.character_set != NONE and c_record.character_set > size:",
    ),
    loaded(
        "a mask may be the set behind the last",
        "core/artefact_clauses.pyx",
        "        if c_words[place] != NONE and c_words[place] >= sets:\n",
        "        if c_words[place] != NONE and c_words[place] > sets:\n",
    ),
    loaded(
        "rules of clauses are not looked at",
        "core/artefact_clauses.pyx",
        "are_below(<const uint32_t*>rules.c_items, rules.count, max(1, c_clauses.asked))",
        "are_below(<const uint32_t*>rules.c_items, 0, max(1, c_clauses.asked))",
    ),
    loaded(
        "an otherwise may be the rule behind the last",
        "core/artefact_clauses.pyx",
        "c_section.otherwise >= <int64_t>c_clauses.asked:",
        "c_section.otherwise > <int64_t>c_clauses.asked:",
    ),
    loaded(
        "two fields may have one place",
        "core/artefact_clauses.pyx",
        "        if c_ranks[field] >= fields or c_look.c_listed[c_ranks[field]]:\n",
        "        if c_ranks[field] >= fields:\n",
    ),
)
