"""The literals of all fields, gathered for the file of a compiled program."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from struct import Struct

from roteiro.core.artefact_notes import Machine, Taken
from roteiro.core.artefact_parts import Key, Kind
from roteiro.core.flat import hashed
from roteiro.core.machines_build import ExpressionsOf, PatternOf, build
from roteiro.core.machines_lay import lay
from roteiro.core.program import ValueType
from roteiro.core.scopes import KINDS, FieldRow

CONSTANT = Struct("@bbIIqd")
"""As `values.Constant`."""
ADDRESS_BYTES = 16
DECIMALS, INTEGERS, ADDRESSES = (
    KINDS[kind] for kind in (ValueType.DECIMAL, ValueType.DATE, ValueType.ADDRESS)
)


class Literals:
    """Rows of literals, each with indexes into the others."""

    def __init__(self) -> None:
        """Begin without any."""
        self.blob = bytearray()
        self.hash, self.exact, self.tests = (array("I") for _ in range(3))
        self.tree_starts, self.tree_items = array("I"), array("I")
        self.shapes, self.places = array("I"), array("I")
        self.integers = array("q")
        self.decimals: list[bytes] = []
        self.machines: list[Machine] = []
        self._machines = 0

    def parts(self, every: Sequence[bool]) -> dict[Key, bytes]:
        """Give all of them; `every` says of each test whether all values must match."""
        found = {
            Kind.BLOB: bytes(self.blob),
            Kind.HASH: self.hash.tobytes(),
            Kind.EXACT: self.exact.tobytes(),
            Kind.TESTS: self.tests.tobytes(),
            Kind.TREE_STARTS: self.tree_starts.tobytes(),
            Kind.TREE_ITEMS: self.tree_items.tobytes(),
            Kind.INTEGERS: self.integers.tobytes(),
            Kind.CONSTANTS: b"".join(self.decimals),
            Kind.IS_EVERY: bytes(every),
            Kind.SHAPES: self.shapes.tobytes(),
            Kind.PLACES: self.places.tobytes(),
        }
        return {(kind, 0): part for kind, part in found.items()}

    def fill(self, row: FieldRow) -> list[int]:
        """Take the literals of a field; give what its record says of them."""
        constants = self._constants(row)
        tree, leaves = len(self.tree_starts), 0
        if row.tree is not None:
            before, leaves = len(self.tree_items), row.tree.leaves
            self.tree_starts.extend(before + start for start in row.tree.starts)
            self.tree_items.extend(row.tree.items)
        first = len(self.exact) // 4
        plain, folded = self._index(row.exact), self._index(row.names or row.folded)
        count = len(self.exact) // 4 - first
        shapes = len(self.shapes) // 2
        for places in row.shapes:
            begin = len(self.places)
            self.places.extend(places)
            self.shapes.extend((begin, len(self.places)))
        shapes_end = len(self.shapes) // 2
        return [
            *(*plain, *folded, first, count, constants, len(row.constants)),
            *(tree, leaves, shapes, shapes_end),
        ]

    def machines_of(self, row: FieldRow) -> Iterator[bytes | None]:
        """Give the machines of a field: of its texts, and of its folded texts."""
        yield self._machine(row.patterns, row.expressions)
        yield self._machine(row.folded_patterns, [])

    def decimal_of(self, value: Decimal) -> int:
        """Take a literal of its own; give its number."""
        self.decimals.append(self._decimal(value))
        return len(self.decimals) - 1

    def _machine(self, patterns: list[PatternOf], expressions: list[ExpressionsOf]) -> bytes | None:
        place = self._machines
        self._machines += 1
        if not patterns and not expressions:
            return None
        built = build(patterns, expressions)
        laid = lay(built)
        self.machines.append(Machine(place, built.size(laid), Taken.of(built)))
        return laid

    def _constants(self, row: FieldRow) -> int:
        """Take the constants of an ordered type; give where they begin."""
        begin = 0
        if row.kind == DECIMALS:
            begin = len(self.decimals)
            self.decimals += [self._decimal(Decimal(value)) for value in row.constants]
        elif row.kind == INTEGERS:
            begin = len(self.integers)
            self.integers.extend(map(int, row.constants))
        elif row.kind == ADDRESSES:
            begin = len(self.blob)
            for value in row.constants:
                self.blob += int(value).to_bytes(ADDRESS_BYTES, "big")
        return begin

    def _decimal(self, value: Decimal) -> bytes:
        """Write a decimal: sign, digits without zeros at the ends, exponent; nearest double."""
        sign, digits, exponent = value.as_tuple()
        assert isinstance(exponent, int)
        text = "".join(map(str, digits)).lstrip("0")
        nearest = float(value)  # infinite when it is beyond all doubles
        exactly = Decimal(nearest)
        side = (value > exactly) - (value < exactly)
        significant = text.rstrip("0")
        signum = 0 if not text else -1 if sign else 1
        place = self._keep(significant.encode())
        return CONSTANT.pack(signum, side, place, len(significant), len(text) + exponent, nearest)

    def _index(self, exact: Mapping[bytes, Sequence[int]]) -> tuple[int, int, int]:
        """Take exact texts; give where their hash table begins, its size, and the longest text."""
        begin = len(self.hash)
        if not exact:
            return begin, 0, 0
        first = len(self.exact) // 4
        for text, tests in exact.items():
            at = len(self.tests)
            self.tests.extend(tests)
            self.exact.extend((self._keep(text), len(text), at, len(self.tests)))
        self.hash.frombytes(hashed(list(exact), first))
        return begin, len(self.hash) - begin, max(map(len, exact))

    def _keep(self, text: bytes) -> int:
        """Put bytes into the blob; give where."""
        place = len(self.blob)
        self.blob += text
        return place
