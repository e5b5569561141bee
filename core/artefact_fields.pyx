"""Looks at the levels, the fields and the literals of a file, before anybody uses them.

What `scan`, `values` and the matcher rely on, beside that every index is within its part:

- a slot leads to a level that is there, a hop and a sequence whose items are asked to one that is
  not the object's; each scope but the first is asked by one field, of a scope before it;
- a value can only be looked up among constants of its kind (`take_classes`);
- a test is hit by one field; once a text, a node of a tree or a condition on items
  (`Hits.c_touched`);
- a hash table has an empty slot (`find_exact` ends), and knows texts of its field (`Hits.c_cells`);
- the longest text of a table of names is no shorter than its longest key (`Hits.c_key`).

A function says whether it is so. Nothing here makes a Python object.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from roteiro.core.artefact cimport (
    BLOB, CHARSET_FLAG, CLOCK_FLAG, COMPONENT_FLAG, CONSTANTS, COUNT_FLAG, DAYS_FLAG, EXACT, FIELDS,
    FIELD_SLOTS, FOLDED_FLAG, HASH, HOPS, INSTANT_FLAG, INTEGERS, IS_EVERY, ITEMS, ITEMS_OF, MACHINE, MEMBER_FLAG,
    NAME_FLAG, NONE, PLACES, SHAPES, TESTS, TREE_ITEMS, TREE_STARTS,
    FieldRecord, IndexRecord, Laid, LevelRecord, Look, Run, SlotRecord, claim, find,
)
from roteiro.core.bitset cimport Clauses
from roteiro.core.machines cimport Machine, marks, take, tests_of
from roteiro.core.scan cimport Level, Slot
from roteiro.core.tags cimport DECIMAL_CLASS, TEXT_CLASS, UID_CLASS, VrClass
from roteiro.core.values cimport (
    ADDRESSES, DECIMALS, INTEGERS as INTEGER_KIND, STATE_ONLY, TEXTS,
    Constant, Exact, FieldPlan, Hop, Index, ItemTest, Kind as ValueKind, Shape, Tables,
)

cdef enum:
    PRIVATE_GROUP = 0xFFFE  # of a level without private elements: no element is of it
    ADDRESS_BYTES = 16
    SHAPE_BYTES = 4         # that a key of a name begins with


# --- levels ---------------------------------------------------------------------------------------

cdef void place_private(Level* c_level) noexcept nogil:
    """Note the tags of the tested private groups, and what lies between."""
    cdef uint32_t place, group, low = 0xFFFF, high = 0
    for place in range(c_level.plain, c_level.slots):
        group = c_level.c_slots[place].tag >> 16
        low, high = min(low, group), max(high, group)
    if c_level.plain == c_level.slots:
        low = high = PRIVATE_GROUP
    c_level.private_begin = low << 16
    c_level.private_span = (high - low) << 16 | 0xFFFF


cdef bint take_level(
    Look* c_look, const LevelRecord* c_record, uint32_t begin, uint32_t slots, Slot* c_made,
    Level* c_level
) noexcept nogil:
    """Take a level: its slots follow those of the level before."""
    cdef uint32_t size = c_record.end - begin
    if not begin == c_record.begin <= c_record.plain <= c_record.end <= slots:
        return False
    if c_record.character_set != NONE and c_record.character_set >= size:
        return False
    if c_record.pixel_representation != NONE and c_record.pixel_representation >= size:
        return False
    c_level.c_slots = c_made + begin
    c_level.plain = c_record.plain - begin
    c_level.slots = size
    c_level.last = c_record.last
    c_level.character_set = -1 if c_record.character_set == NONE else <int>c_record.character_set
    c_level.pixel_representation = (
        -1 if c_record.pixel_representation == NONE else <int>c_record.pixel_representation)
    place_private(c_level)
    return True


cdef bint take_levels(
    Look* c_look, const Run* c_records, const Run* c_slots, Slot* c_made
) noexcept nogil:
    """Take levels and slots; `c_made` has room for as many slots, all zero."""
    cdef:
        const SlotRecord* c_slot
        Level* c_levels = c_look.c_laid.c_levels
        uint32_t place, at = 0
    for place in range(c_slots.count):
        c_slot = <const SlotRecord*>c_slots.c_items + place
        if c_slot.level >= c_records.count or c_slot.creator >= c_look.creators:
            return False
        c_made[place].tag = c_slot.tag
        c_made[place].read_by_default = c_slot.is_read != 0
        c_made[place].level = c_slot.level
        c_made[place].creator = c_slot.creator
    for place in range(c_records.count):
        if not take_level(
            c_look, <const LevelRecord*>c_records.c_items + place, at, c_slots.count, c_made,
            &c_levels[place]
        ):
            return False
        at = (<const LevelRecord*>c_records.c_items)[place].end
    c_look.c_laid.levels = c_records.count
    return c_records.count >= 1 and at == c_slots.count


# --- literals -------------------------------------------------------------------------------------

cdef bint take_exact(Look* c_look, const Run* c_run, uint32_t blob, uint32_t tests) noexcept nogil:
    """Take the exact texts: the tests of one follow those of the text before, each once."""
    cdef const Exact* c_exact
    cdef uint32_t place, at = 0
    for place in range(c_run.count):
        c_exact = <const Exact*>c_run.c_items + place
        if c_exact.text + <uint64_t>c_exact.size > blob:
            return False
        if c_exact.tests != at or c_exact.tests_end < at or c_exact.tests_end > tests:
            return False
        at = c_exact.tests_end
    return at == tests


cdef bint take_decimals(const Run* c_run, uint32_t blob) noexcept nogil:
    cdef const Constant* c_constant
    cdef uint32_t place
    for place in range(c_run.count):
        c_constant = <const Constant*>c_run.c_items + place
        if c_constant.digits + <uint64_t>c_constant.digit_count > blob:
            return False
        if not -1 <= c_constant.sign <= 1 or not -1 <= c_constant.side <= 1:
            return False
    return True


cdef bint take_shapes(const Run* c_run, uint32_t places) noexcept nogil:
    """Take the shapes of names: places of one follow those of the shape before."""
    cdef const Shape* c_shape
    cdef uint32_t place, at = 0
    for place in range(c_run.count):
        c_shape = <const Shape*>c_run.c_items + place
        if c_shape.places != at or c_shape.places_end < at or c_shape.places_end > places:
            return False
        at = c_shape.places_end
    return at == places


cdef bint take_tables(Look* c_look) noexcept nogil:
    """Take the literals of all fields."""
    cdef:
        Tables* c_tables = &c_look.c_laid.tables
        Run blob, hashes, exact, tests, starts, items, integers, decimals, every, shapes, places
    if not (
        find(c_look.c_file, BLOB, 0, 1, &blob)
        and find(c_look.c_file, HASH, 0, 4, &hashes)
        and find(c_look.c_file, EXACT, 0, sizeof(Exact), &exact)
        and find(c_look.c_file, TESTS, 0, 4, &tests)
        and find(c_look.c_file, TREE_STARTS, 0, 4, &starts)
        and find(c_look.c_file, TREE_ITEMS, 0, 4, &items)
        and find(c_look.c_file, INTEGERS, 0, 8, &integers)
        and find(c_look.c_file, CONSTANTS, 0, sizeof(Constant), &decimals)
        and find(c_look.c_file, IS_EVERY, 0, 1, &every)
        and find(c_look.c_file, SHAPES, 0, sizeof(Shape), &shapes)
        and find(c_look.c_file, PLACES, 0, 4, &places)
        and take_exact(c_look, &exact, blob.count, tests.count)
        and take_decimals(&decimals, blob.count)
        and take_shapes(&shapes, places.count)
    ):
        return False
    c_tables.c_blob = <const uint8_t*>blob.c_items
    c_tables.c_hash = <const uint32_t*>hashes.c_items
    c_tables.c_exact = <const Exact*>exact.c_items
    c_tables.c_tests = <const uint32_t*>tests.c_items
    c_tables.c_tree_starts = <const uint32_t*>starts.c_items
    c_tables.c_tree_items = <const uint32_t*>items.c_items
    c_tables.c_integers = <const int64_t*>integers.c_items
    c_tables.c_decimals = <const Constant*>decimals.c_items
    c_tables.c_is_every = <const uint8_t*>every.c_items
    c_tables.c_shapes = <const Shape*>shapes.c_items
    c_tables.c_places = <const uint32_t*>places.c_items
    c_look.c_laid.decimals = decimals.count
    c_look.counts.blob = blob.count
    c_look.counts.hashes = hashes.count
    c_look.counts.exact = exact.count
    c_look.counts.starts = starts.count
    c_look.counts.tree_items = items.count
    c_look.counts.integers = integers.count
    c_look.counts.shapes = shapes.count
    return True


# --- what a field asks ----------------------------------------------------------------------------

cdef bint claim_list(
    Look* c_look, const uint32_t* c_tests, uint32_t begin, uint32_t end, uint32_t field
) noexcept nogil:
    """Claim tests for a field; they ascend, so each is there once."""
    cdef uint32_t place
    for place in range(begin, end):
        if place != begin and c_tests[place] <= c_tests[place - 1]:
            return False
        if not claim(c_look, c_tests[place], field, False):
            return False
    return True


cdef bint take_index(
    Look* c_look, const FieldRecord* c_record, const IndexRecord* c_from, Index* c_index
) noexcept nogil:
    """Take a hash table: a power of two slots, one of them empty, texts of its field."""
    cdef:
        const uint32_t* c_hash = c_look.c_laid.tables.c_hash
        uint32_t place, number, size = c_from.size, longest = 0
        bint has_room = size == 0
    if size & (size - 1) or c_from.begin != c_look.at.hashes:
        return False
    if c_from.begin + <uint64_t>size > c_look.counts.hashes:
        return False
    for place in range(c_from.begin, c_from.begin + size):
        number = c_hash[place]
        if number == 0:
            has_room = True
            continue
        if not c_record.exact < number <= c_record.exact + c_record.exact_count:
            return False
        longest = max(longest, c_look.c_laid.tables.c_exact[number - 1].size)
    c_look.at.hashes += size
    c_index.begin = c_from.begin
    c_index.size = size
    c_index.longest = c_from.longest
    return has_room and longest == c_from.longest


cdef bint take_texts(
    Look* c_look, const FieldRecord* c_record, uint32_t field, FieldPlan* c_field
) noexcept nogil:
    """Take the exact texts of a field, and the shapes of its names."""
    cdef:
        Laid* c_laid = c_look.c_laid
        const Exact* c_exact
        uint32_t place
    if c_record.exact != c_look.at.exact or c_record.shapes != c_look.at.shapes:
        return False
    if c_record.exact + <uint64_t>c_record.exact_count > c_look.counts.exact:
        return False
    if c_record.shapes_end < c_record.shapes or c_record.shapes_end > c_look.counts.shapes:
        return False
    if c_record.exact_count and c_record.kind != TEXTS:
        return False
    for place in range(c_record.exact, c_record.exact + c_record.exact_count):
        c_exact = &c_laid.tables.c_exact[place]
        if not claim_list(
            c_look, c_laid.tables.c_tests, c_exact.tests, c_exact.tests_end, field
        ):
            return False
    if not (
        take_index(c_look, c_record, &c_record.plain, &c_field.plain)
        and take_index(c_look, c_record, &c_record.folded, &c_field.folded)
    ):
        return False
    c_look.at.exact += c_record.exact_count
    c_look.at.shapes = c_record.shapes_end
    c_field.exact = c_record.exact
    c_field.shapes = c_record.shapes
    c_field.shapes_end = c_record.shapes_end
    if c_record.shapes != c_record.shapes_end:
        c_laid.tables.longest_name = max(c_laid.tables.longest_name, c_field.folded.longest)
    return c_record.shapes == c_record.shapes_end or c_field.folded.longest >= SHAPE_BYTES


cdef bint take_constants(Look* c_look, const FieldRecord* c_record) noexcept nogil:
    """Whether the constants of a field are where those of its kind are."""
    cdef uint64_t end = c_record.constants + <uint64_t>c_record.constant_count
    if c_record.constant_count > NONE // 4:
        return False
    if c_record.kind == DECIMALS:
        return end <= c_look.c_laid.decimals
    if c_record.kind == INTEGER_KIND:
        return end <= c_look.counts.integers
    if c_record.kind == ADDRESSES:
        return c_record.constants + (
            ADDRESS_BYTES * <uint64_t>c_record.constant_count) <= c_look.counts.blob
    return c_record.constant_count == 0 and c_record.leaves == 0


cdef bint take_tree(
    Look* c_look, const FieldRecord* c_record, uint32_t field
) noexcept nogil:
    """Take the tree of a field: a leaf for each of its cells, a list of tests at each node."""
    cdef:
        const uint32_t* c_starts = c_look.c_laid.tables.c_tree_starts + c_record.tree
        const uint32_t* c_items = c_look.c_laid.tables.c_tree_items
        uint64_t nodes = 2 * <uint64_t>c_record.leaves
        uint32_t node
    if c_record.tree != c_look.at.starts:
        return False
    if not c_record.leaves:
        return True
    if c_record.leaves != 2 * c_record.constant_count + 1:
        return False
    if c_record.tree + nodes + 1 > c_look.counts.starts or c_starts[0] != c_look.at.tree_items:
        return False
    for node in range(nodes):
        if c_starts[node + 1] < c_starts[node] or c_starts[node + 1] > c_look.counts.tree_items:
            return False
        if not claim_list(c_look, c_items, c_starts[node], c_starts[node + 1], field):
            return False
    c_look.at.starts += <uint32_t>nodes + 1
    c_look.at.tree_items = c_starts[nodes]
    return True


cdef bint take_classes(const FieldRecord* c_record) noexcept nogil:
    """Whether values that the field expects are of the kind that its constants are.

    Text is looked up where the kind is TEXTS, whole numbers where it is INTEGERS, whatever is
    expected (`values`); but decimals wherever they come.
    """
    cdef uint32_t kind = c_record.kind, flags = c_record.flags
    if kind > ADDRESSES:
        return False
    if c_record.classes & DECIMAL_CLASS and kind not in (DECIMALS, STATE_ONLY):
        return False
    if flags & COMPONENT_FLAG and kind not in (TEXTS, STATE_ONLY):
        return False
    if flags & (COUNT_FLAG | DAYS_FLAG | CLOCK_FLAG) and kind not in (DECIMALS, STATE_ONLY):
        return False
    return not flags & NAME_FLAG or kind in (TEXTS, STATE_ONLY)


cdef bint take_machine(
    Look* c_look, uint32_t number, uint32_t field, Machine* c_machine
) noexcept nogil:
    """Take a machine, if there is one."""
    cdef Laid* c_laid = c_look.c_laid
    cdef uint32_t place
    cdef Run run
    c_machine.c_header = NULL
    if not find(c_look.c_file, MACHINE, number, 1, &run):
        return True
    if not take(c_machine, <const uint8_t*>run.c_items, run.count):
        return False
    for place in range(c_machine.c_header.test_count):
        if not claim(c_look, tests_of(c_machine)[place], field, False):
            return False
    c_laid.pattern_marks = max(c_laid.pattern_marks, marks(c_machine))
    c_laid.pattern_outputs = max(c_laid.pattern_outputs, <size_t>c_machine.c_header.outputs)
    c_laid.pattern_instructions = max(
        c_laid.pattern_instructions, <size_t>c_machine.c_header.instructions)
    return True


# --- where a field is read ------------------------------------------------------------------------

cdef bint inside(Look* c_look, uint32_t slot, uint32_t* c_level) noexcept nogil:
    """Go from a level to that of the items of a slot."""
    cdef const Level* c_from = &c_look.c_laid.c_levels[c_level[0]]
    if slot >= c_from.slots or c_from.c_slots[slot].level == 0:
        return False
    c_level[0] = c_from.c_slots[slot].level
    return True


cdef bint take_way(
    Look* c_look, const FieldRecord* c_record, uint32_t level, FieldPlan* c_field
) noexcept nogil:
    """Take where a field is read; `level` is that of its scope."""
    cdef:
        uint32_t place, items
        bint is_member = c_record.flags & MEMBER_FLAG
    if c_record.slots != c_look.at.slots or c_record.hops != c_look.at.hops:
        return False
    if c_record.slots + <uint64_t>c_record.slot_count > c_look.counts.slots:
        return False
    if c_record.hops + <uint64_t>c_record.hop_count > c_look.counts.hops:
        return False
    if is_member and (c_record.slot_count or c_record.hop_count or c_record.scope):
        return False
    c_field.c_slots = c_look.c_slots + c_record.slots
    c_field.slots = c_record.slot_count
    c_field.c_hops = c_look.c_hops + c_record.hops
    c_field.hops = c_record.hop_count
    c_field.slot = c_field.c_slots[0] if c_field.slots else 0
    for place in range(c_field.hops):
        if c_field.c_hops[place].item == 0 or not inside(
            c_look, c_field.c_hops[place].slot, &level
        ):
            return False
    for place in range(c_field.slots):
        if c_field.c_slots[place] >= c_look.c_laid.c_levels[level].slots:
            return False
        if c_record.scope:
            items = level
            if not inside(c_look, c_field.c_slots[place], &items):
                return False
            if not take_scope(c_look, c_record, items, place == 0):
                return False
    c_look.at.slots += c_record.slot_count
    c_look.at.hops += c_record.hop_count
    return True


cdef bint take_scope(
    Look* c_look, const FieldRecord* c_record, uint32_t level, bint is_first
) noexcept nogil:
    """Take the level that a scope of items is read at; one field leads there."""
    cdef uint32_t scope = c_record.scope
    if scope >= c_look.c_laid.scopes or scope <= c_look.scope:
        return False
    if is_first:
        if c_look.c_level_of[scope] != NONE:
            return False
        c_look.c_level_of[scope] = level
    return c_look.c_level_of[scope] == level


cdef bint take_items(
    Look* c_look, const FieldRecord* c_record, uint32_t field, FieldPlan* c_field
) noexcept nogil:
    """Take what is asked of items: by condition of their scope, the tests of this field."""
    cdef:
        const uint32_t* c_ends = c_look.c_items_of + c_record.items_of
        uint32_t place, conditions = 0
    if c_record.scope:
        conditions = c_look.c_laid.c_clauses[c_record.scope].asked
    if c_record.conditions != conditions or c_record.items != c_look.at.items:
        return False
    if c_record.items_of != c_look.at.items_of:
        return False
    if c_record.items_of + <uint64_t>conditions + 1 > c_look.counts.items_of:
        return False
    if c_record.items + <uint64_t>c_record.item_count > c_look.counts.items:
        return False
    if c_ends[0] != 0 or c_ends[conditions] != c_record.item_count:
        return False
    for place in range(conditions):
        if c_ends[place] > c_ends[place + 1]:
            return False
    c_field.scope = c_record.scope
    c_field.c_items_of = c_ends
    c_field.c_items = c_look.c_items + c_record.items
    for place in range(c_record.item_count):
        if not claim(c_look, c_field.c_items[place].test, field, True):
            return False
    c_look.at.items += c_record.item_count
    c_look.at.items_of += conditions + 1
    return True


# --- fields ---------------------------------------------------------------------------------------

cdef void place_reading(const FieldRecord* c_record, FieldPlan* c_field) noexcept nogil:
    """Note how a field is read."""
    cdef uint32_t flags = c_record.flags
    c_field.kind = <ValueKind>c_record.kind
    c_field.is_member = flags & MEMBER_FLAG != 0
    c_field.is_clock = flags & CLOCK_FLAG != 0
    c_field.has_folded = flags & FOLDED_FLAG != 0
    c_field.is_count = flags & COUNT_FLAG != 0
    c_field.is_days = flags & DAYS_FLAG != 0
    c_field.is_name = flags & NAME_FLAG != 0
    c_field.is_by_charset = flags & CHARSET_FLAG != 0
    c_field.has_component = flags & COMPONENT_FLAG != 0
    c_field.position = c_record.position
    c_field.group = c_record.group
    c_field.component = c_record.component
    c_field.vr = <uint16_t>c_record.vr
    c_field.signed_vr = <uint16_t>c_record.signed_vr
    c_field.text_vr = <uint16_t>c_record.text_vr
    c_field.classes = c_record.classes
    c_field.constants = c_record.constants
    c_field.constant_count = c_record.constant_count
    c_field.tree = c_record.tree
    c_field.leaves = c_record.leaves


cdef bint take_field(Look* c_look, const FieldRecord* c_record, uint32_t field) noexcept nogil:
    cdef:
        Laid* c_laid = c_look.c_laid
        FieldPlan* c_field = &c_laid.c_fields[field]
    if not (
        take_classes(c_record)
        and take_way(c_look, c_record, c_look.c_level_of[c_look.scope], c_field)
        and take_items(c_look, c_record, field, c_field)
        and take_constants(c_look, c_record)
        and take_tree(c_look, c_record, field)
        and take_texts(c_look, c_record, field, c_field)
        and take_machine(c_look, 2 * field, field, &c_field.patterns)
        and take_machine(c_look, 2 * field + 1, field, &c_field.folded_patterns)
    ):
        return False
    place_reading(c_record, c_field)
    c_field.asks_offset = c_record.flags & INSTANT_FLAG != 0 and c_laid.timezone >= 0
    c_laid.cells = max(c_laid.cells, c_record.exact_count, 2 * c_record.constant_count + 1)
    return True


cdef bint take_lists(Look* c_look) noexcept nogil:
    """Take the lists that fields have parts of."""
    cdef Run slots, hops, items, items_of
    if not (
        find(c_look.c_file, FIELD_SLOTS, 0, 4, &slots)
        and find(c_look.c_file, HOPS, 0, sizeof(Hop), &hops)
        and find(c_look.c_file, ITEMS, 0, sizeof(ItemTest), &items)
        and find(c_look.c_file, ITEMS_OF, 0, 4, &items_of)
    ):
        return False
    c_look.c_slots = <const uint32_t*>slots.c_items
    c_look.c_hops = <const Hop*>hops.c_items
    c_look.c_items = <const ItemTest*>items.c_items
    c_look.c_items_of = <const uint32_t*>items_of.c_items
    c_look.counts.slots = slots.count
    c_look.counts.hops = hops.count
    c_look.counts.items = items.count
    c_look.counts.items_of = items_of.count
    return True


cdef bint take_fields(Look* c_look) noexcept nogil:
    """Take the fields of all scopes, whose clauses were taken; each scope has a level by then."""
    cdef:
        const Clauses* c_clauses
        uint32_t scope, field
        Run records
    if not (
        take_lists(c_look) and find(c_look.c_file, FIELDS, 0, sizeof(FieldRecord), &records)
    ):
        return False
    c_look.c_level_of[0] = 0
    for scope in range(c_look.c_laid.scopes):
        c_clauses = &c_look.c_laid.c_clauses[scope]
        c_look.scope = scope
        if c_look.c_level_of[scope] == NONE:
            return False
        for field in range(c_clauses.first_field, c_clauses.first_field + c_clauses.fields):
            if not take_field(c_look, <const FieldRecord*>records.c_items + field, field):
                return False
    c_look.c_laid.fields = c_look.c_laid.c_clauses[0].fields
    return True
