"""Mistakes that one could make in the compiled half, each of which some test must notice.

A mutant is a piece of a source that stands there once, and what takes its place.
"""

from dataclasses import dataclass

CLAUSES = ("tests/core/test_budgets.py", "tests/core/test_rules.py", "tests/core/test_twins.py")
ITEMS = ("tests/core/test_items.py", "tests/core/test_twins.py", "tests/core/test_meaning.py")
PDUS = ("tests/association/test_pdata.py",)


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
        "for place in range((cell >> c_cells.shift << c_cells.shift) + 1, cell + 1):",
        "for place in range((cell >> c_cells.shift << c_cells.shift) + 1, cell):",
    ),
    bits(
        "the first cell behind a set left out",
        "for place in range((cell >> c_cells.shift << c_cells.shift) + 1, cell + 1):",
        "for place in range((cell >> c_cells.shift << c_cells.shift) + 2, cell + 1):",
    ),
    bits(
        "the set of the next cells",
        "<uint32_t>c_clauses.c_cell_sets[c_cells.sets + (cell >> c_cells.shift)]",
        "<uint32_t>c_clauses.c_cell_sets[\n"
        "        c_cells.sets + (min(cell + 1, c_cells.cells - 1) >> c_cells.shift)]",
    ),
    bits(
        "a condition that turned twice is turned",
        "    c_bits.c_flips[first + place - 1] = c_bits.c_flips[c_bits.flips]\n",
        "    c_bits.flips += 1\n",
    ),
    bits(
        "a large condition that fails is kept",
        """        if c_clauses.c_set_of[condition] >= 0:
            take(""",
        """        if c_clauses.c_set_of[condition] > 0:
            take(""",
    ),
    bits(
        "of two large conditions one is lost",
        "        add(c_bits.c_mask, c_set, c_clauses.words)\n",
        "",
    ),
    bits(
        "clauses are put back that were dead before",
        "saved += c_bits.c_live[clause >> 6] >> (clause & 63) & 1",
        "saved += 1",
    ),
    bits(
        "clauses that a condition keeps are not put back",
        "            put(c_bits.c_live, c_bits.c_saved[index], True)\n",
        "            put(c_bits.c_live, c_bits.c_saved[index], False)\n",
        is_quick=True,
    ),
    bits(
        "what a large condition keeps is lost where few words live",
        "c_mask[word] if c_other == NULL else c_mask[word] | c_other[word]",
        "c_mask[word]",
    ),
    bits(
        "what a large condition keeps is lost where many words live",
        "&= mask[word] | other[word];",
        "&= mask[word];",
    ),
    bits(
        "a field without sets says nothing",
        "            put(c_bits.c_live, c_clauses.c_postings[index], False)\n",
        "            pass\n",
    ),
    bits(
        "one field applied twice and one not at all",
        "    c_bits.c_narrowings[best] = c_bits.c_narrowings[place]\n",
        "",
        is_quick=True,
    ),
    bits(
        "a word with one clause taken for empty",
        "alive += c_bits.c_live[word] != 0",
        "alive += c_bits.c_live[word] > 1",
    ),
    bits(
        "the summary of live words one short",
        "    c_bits.alive = alive\n",
        "    c_bits.alive = alive - (alive > 1)\n",
    ),
    bits(
        "fields behind the chosen ones forgotten",
        "        for place in range(chosen, c_bits.narrowings):\n",
        "        for place in range(chosen + 1, c_bits.narrowings):\n",
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
        "            if c_section.first:\n",
        "            if not c_section.first:\n",
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
        "            if c_bits.fired != before and c_bits.c_fired[c_bits.fired - 1] == rule:\n"
        "                continue\n",
        "",
    ),
    bits(
        "a table reads the words of the next one",
        "c_bits.c_alive[place] < c_section.end:",
        "c_bits.c_alive[place] <= c_section.end:",
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
)
