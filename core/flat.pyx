"""A plan laid flat: C arrays of what `plan` holds in Python.

Rules of this file: arrays live in bytearrays that a list keeps, so that nobody has to free them;
what is laid flat once never changes.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from decimal import Decimal

from roteiro.core.bitset cimport Bits, Cells, Clauses, Frame, Narrowing, Section, Slice, Step
from roteiro.core.machines cimport Machine, marks, take
from roteiro.core.tags cimport NO_VR
from roteiro.core.values cimport (
    ADDRESSES, DECIMALS, INTEGERS,
    Constant, Exact, FieldPlan, Index, Kind, Shape, Tables, hash_text,
)

from roteiro.core.machines_build import build
from roteiro.core.machines_lay import lay


cdef void* room(list memory, size_t size):
    """Give zeroed memory that lives as long as the list."""
    block = bytearray(size or 1)
    memory.append(block)
    return PyByteArray_AS_STRING(block)


cdef void* rough_room(list memory, size_t size):
    """Give memory as it is: who has much of it and uses little touches only that."""
    block = PyBytes_FromStringAndSize(NULL, size)
    memory.append(block)
    return PyBytes_AS_STRING(block)


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


cdef class Literals:
    """The literals of all fields, gathered before they are laid flat."""

    def __init__(self):
        self.blob = bytearray()
        self.hash_slots = []
        self.exact = []
        self.tests = []
        self.tree_starts = []
        self.tree_items = []
        self.integers = []
        self.decimals = []
        self.machines = []
        self.sizes = []
        self.shapes = []
        self.places = []
        self.longest_name = 0

    cdef size_t keep(self, bytes text) except? 0:
        """Put bytes into the blob; give where."""
        cdef size_t place = len(self.blob)
        self.blob += text
        return place

    cdef void decimal(self, value) except *:
        """Note a decimal literal: sign, digits without zeros at the ends, exponent; nearest double."""
        sign, digits, exponent = value.as_tuple()
        text = "".join(map(str, digits)).lstrip("0")
        nearest = float(value)  # infinite when it is beyond all doubles
        exactly = Decimal(nearest)
        side = (value > exactly) - (value < exactly)
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
        c_field.exact = len(self.exact)
        self.index(&c_field.plain, row.exact)
        self.index(&c_field.folded, row.names or row.folded)
        self.longest_name = max(self.longest_name, max(map(len, row.names), default=0))
        c_field.shapes = len(self.shapes)
        for places in row.shapes:
            self.shapes.append((len(self.places), len(self.places) + len(places)))
            self.places.extend(places)
        c_field.shapes_end = len(self.shapes)
        c_field.has_folded = bool(row.folded) or bool(row.folded_patterns)
        self.machine(&c_field.patterns, row.patterns, row.expressions)
        self.machine(&c_field.folded_patterns, row.folded_patterns, [])

    cdef void machine(self, Machine* c_machine, list patterns, list expressions) except *:
        """Make the machine of some patterns, if there are any."""
        cdef bytes laid
        if not patterns and not expressions:
            return
        built = build(patterns, expressions)
        laid = lay(built)
        self.machines.append(laid)
        self.sizes.append(built.size(laid))
        if not take(
            c_machine, <const uint8_t*>PyBytes_AS_STRING(laid), PyBytes_GET_SIZE(laid)
        ):
            raise AssertionError("a machine that is none")
        self.marks = max(self.marks, marks(c_machine))
        self.outputs = max(self.outputs, c_machine.c_header.outputs)
        self.instructions = max(self.instructions, c_machine.c_header.instructions)

    cdef void plant(self, FieldPlan* c_field, tree) except *:
        before = len(self.tree_items)
        c_field.tree = len(self.tree_starts)
        c_field.leaves = tree.leaves
        self.tree_starts.extend(before + start for start in tree.starts)
        self.tree_items.extend(tree.items)

    cdef void index(self, Index* c_index, dict exact) except *:
        """Make a hash table of a field: open addressing, half empty."""
        cdef uint32_t size = 2, place, start
        if not exact:
            return
        while size < 2 * len(exact):
            size *= 2
        slots = [0] * size
        for text, tests in exact.items():
            where = self.keep(text)
            begin_tests = len(self.tests)
            self.tests.extend(tests)
            self.exact.append((where, len(text), begin_tests, len(self.tests)))
            start = <uint32_t>hash_text(<const uint8_t*>PyBytes_AS_STRING(text), len(text))
            place = start & (size - 1)
            while slots[place]:
                place = (place + 1) & (size - 1)
            slots[place] = len(self.exact)
            c_index.longest = max(c_index.longest, <uint32_t>len(text))
        c_index.begin = len(self.hash_slots)
        c_index.size = size
        self.hash_slots.extend(slots)

    cdef void lay(self, Tables* c_tables, list memory, list every) except *:
        """Lay everything flat."""
        cdef:
            size_t place
            Exact* c_exact = <Exact*>room(memory, sizeof(Exact) * len(self.exact))
            Constant* c_decimals = <Constant*>room(memory, sizeof(Constant) * len(self.decimals))
            Shape* c_shapes = <Shape*>room(memory, sizeof(Shape) * len(self.shapes))
            int64_t* c_integers = <int64_t*>room(memory, 8 * len(self.integers))
        for place, (text, size, first, last) in enumerate(self.exact):
            c_exact[place] = Exact(text, size, first, last)
        for place, (sign, side, digits, count, exponent, nearest) in enumerate(self.decimals):
            c_decimals[place] = Constant(sign, side, digits, count, exponent, nearest)
        for place, value in enumerate(self.integers):
            c_integers[place] = value
        for place, (first, last) in enumerate(self.shapes):
            c_shapes[place] = Shape(first, last)
        c_tables.c_shapes = c_shapes
        c_tables.c_places = words32(memory, self.places)
        c_tables.longest_name = self.longest_name
        memory.extend(self.machines)
        c_tables.c_blob = octets(memory, bytes(self.blob))
        c_tables.c_hash = words32(memory, self.hash_slots)
        c_tables.c_exact = c_exact
        c_tables.c_tests = words32(memory, self.tests)
        c_tables.c_tree_starts = words32(memory, self.tree_starts)
        c_tables.c_tree_items = words32(memory, self.tree_items)
        c_tables.c_integers = c_integers
        c_tables.c_decimals = c_decimals
        c_tables.c_is_every = flags(memory, every)


cdef void lay_cells(Clauses* c_clauses, list memory, plan) except *:
    """Lay the sets of cells flat."""
    cdef:
        size_t place
        list sets = [], turns = [], flat = []
        Cells* c_cells = <Cells*>room(memory, sizeof(Cells) * len(plan.cells))
    for place, (made, numbers) in enumerate(zip(plan.cells, plan.cell_sets, strict=True)):
        c_cells[place] = Cells(made.cells, made.shift, len(sets), len(turns))
        sets.extend(each & 0xFFFFFFFF for each in numbers)
        turns.extend(made.turns)
    c_clauses.c_cells = c_cells
    c_clauses.c_cell_sets = <const int32_t*>words32(memory, sets)
    c_clauses.c_turns_of = slices(memory, turns, flat)
    c_clauses.c_turns = words32(memory, flat)


cdef void lay_clauses(Clauses* c_clauses, list memory, plan) except *:
    """Lay the clauses of a scope flat."""
    cdef:
        size_t place
        list flat = []
        Section* c_sections = <Section*>room(memory, sizeof(Section) * len(plan.sections))
        Step* c_steps
    c_clauses.words = plan.words
    c_clauses.first_field = plan.fields.start
    c_clauses.fields = len(plan.fields)
    c_clauses.first_test = plan.tests.start
    c_clauses.tests = len(plan.tests)
    c_clauses.conditions = len(plan.conditions)
    c_clauses.asked = plan.asked
    c_clauses.most_fired = plan.most_fired
    c_clauses.c_all = <const uint64_t*>octets(memory, plan.all)
    c_clauses.c_sets = <const uint64_t*>octets(memory, b"".join(plan.sets))
    c_clauses.c_mask_of = words32(memory, plan.mask_of)
    c_clauses.c_mask_size = words32(
        memory, [int.from_bytes(each, "little").bit_count() for each in plan.sets])
    lay_cells(c_clauses, memory, plan)
    flat = []
    c_clauses.c_conditions_of = slices(memory, plan.few_of, flat)
    c_clauses.c_conditions = words32(memory, flat)
    flat = []
    c_clauses.c_states = flags(memory, [int(item.states) for item in plan.conditions])
    c_clauses.c_wanted = words32(memory, [len(item.wanted) for item in plan.conditions])
    c_clauses.c_set_of = <const int32_t*>words32(memory, [each & 0xFFFFFFFF for each in plan.set_of])
    c_clauses.c_posting_of = slices(memory, [
        [] if large >= 0 else clauses
        for clauses, large in zip(plan.postings, plan.set_of, strict=True)
    ], flat)
    c_clauses.c_postings = words32(memory, flat)
    flat = []
    c_clauses.c_mention_of = slices(memory, plan.mentions, flat)
    c_clauses.c_mentions = words32(memory, flat)
    c_clauses.steps = len(plan.steps)
    c_steps = <Step*>room(memory, sizeof(Step) * len(plan.steps))
    for place, step in enumerate(plan.steps):
        c_steps[place] = Step(step.ask, step.negated, step.first, step.second)
    c_clauses.c_steps = c_steps
    c_clauses.c_operands = words32(memory, plan.operands)
    flat = []
    c_clauses.c_wants_of = slices(memory, plan.wants, flat) if plan.wants else NULL
    c_clauses.c_wants = words32(memory, flat)
    for place, section in enumerate(plan.sections):
        c_sections[place] = Section(section.begin, section.end, section.first, section.otherwise)
    c_clauses.sections = len(plan.sections)
    c_clauses.c_sections = c_sections
    c_clauses.c_rules = words32(memory, plan.rules)


cdef void lay_bits(Bits* c_bits, list memory, const Clauses* c_clauses) except *:
    """Make room for the work on one object, or on one item at a time."""
    c_bits.c_live = <uint64_t*>room(memory, 8 * c_clauses.words)
    c_bits.c_mask = <uint64_t*>room(memory, 8 * c_clauses.words)
    c_bits.c_alive = <uint32_t*>room(memory, 4 * c_clauses.words)
    c_bits.c_narrowings = <Narrowing*>room(memory, sizeof(Narrowing) * c_clauses.fields)
    c_bits.c_wanted_hits = <uint32_t*>room(memory, 4 * c_clauses.conditions)
    c_bits.c_unwanted_hits = <uint32_t*>room(memory, 4 * c_clauses.conditions)
    c_bits.c_asked = <uint32_t*>room(memory, 4 * c_clauses.conditions)
    c_bits.c_flips = <uint32_t*>room(memory, 4 * c_clauses.conditions)
    c_bits.c_holds = <uint8_t*>room(memory, c_clauses.tests)
    c_bits.c_state = <uint8_t*>room(memory, c_clauses.fields)
    c_bits.c_results = <uint8_t*>room(memory, c_clauses.steps)
    c_bits.c_computed = <uint32_t*>room(memory, 4 * c_clauses.steps)
    c_bits.c_frames = <Frame*>room(memory, sizeof(Frame) * c_clauses.steps)
    c_bits.c_saved = <uint32_t*>room(memory, 4 * c_clauses.most_fired)
    c_bits.c_fired = <uint32_t*>room(memory, 4 * c_clauses.most_fired)
    c_bits.c_items = <uint32_t*>room(memory, 4 * c_clauses.asked)
    c_bits.c_some = <uint32_t*>room(memory, 4 * c_clauses.asked)
