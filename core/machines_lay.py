"""A machine laid flat: one bytes object without pointers, as `machines` takes it.

Three runs follow each other: words of four bytes, halves of two, bytes. What points into one of
them is an index. The words begin with the header; the order of its fields, and of those of each
record, is that of the structures in `machines.pxd`.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from roteiro.core.automaton import Code
from roteiro.core.machines_build import Alone, Built, Runner
from roteiro.core.program import PatternKind
from roteiro.core.subsets import Dfa
from roteiro.core.tries import ROOT, Branches, Trie

MAGIC = 0x324D5452
"""`RTM2` in the order of this machine's bytes."""
TRIE_WORDS = 10
BRANCHES_WORDS = 4
HEADER_WORDS = 23 + TRIE_WORDS + 2 * BRANCHES_WORDS
EDGES = 16
"""Bits of a branch's number of edges; its first label is above."""
KINDS = {kind: place for place, kind in enumerate(PatternKind)}
"""Kinds of patterns as `machines.PatternKind`."""
BYTE_VALUES = 256
ASCII = 128


@dataclass(slots=True)
class _Pools:
    """The three runs while they are filled."""

    words: "array[int]" = field(default_factory=lambda: array("I", [0] * HEADER_WORDS))
    halves: "array[int]" = field(default_factory=lambda: array("H"))
    octets: bytearray = field(default_factory=bytearray)

    def place(self, values: Iterable[int]) -> int:
        """Add words; give where."""
        at = len(self.words)
        self.words.extend(values)
        return at

    def place_halves(self, values: Iterable[int]) -> int:
        """Add halves; give where."""
        at = len(self.halves)
        self.halves.extend(values)
        return at

    def place_bytes(self, values: bytes) -> int:
        """Add bytes; give where."""
        at = len(self.octets)
        self.octets += values
        return at

    def place_lists(self, lists: Iterable[Iterable[int]]) -> tuple[int, int, int]:
        """Add where each list begins and where the last ends, and their items, with their count."""
        begins, items = [0], list[int]()
        for each in lists:
            items.extend(each)
            begins.append(len(items))
        return self.place(begins), self.place(items), len(items)


def lay(built: Built) -> bytes:
    """Lay a machine flat."""
    pools = _Pools()
    outputs, tests, test_count = pools.place_lists(built.outputs)
    tries = [_trie(pools, built.contains)]
    tries += [_branches(pools, branches) for branches in (built.starts, built.ends)]
    runners = [*built.runners, *(runner for _, runner in built.started)]
    dfas = [_dfa(pools, each, each.code) for each in runners if isinstance(each.code, Dfa)]
    runs = [_simulation(pools, each, each.code) for each in runners if isinstance(each.code, Code)]
    kinds = [isinstance(each.code, Dfa) for each in built.runners]
    header = [
        *(MAGIC, len(pools.words), len(pools.halves), len(pools.octets)),
        *(len(built.outputs), outputs, tests, test_count),
        *_starters(pools, built, len(dfas)),
        max((run[0] for run in runs), default=0),
        *(_records(pools, dfas), len(dfas), kinds.count(True)),
        *(_records(pools, runs), len(runs), kinds.count(False)),
        *(_records(pools, [_alone(pools, one) for one in built.alone]), len(built.alone)),
        *_pairs(pools, built),
        *(word for trie in tries for word in trie),
    ]
    header[1:4] = len(pools.words), len(pools.halves), len(pools.octets)
    pools.words[:HEADER_WORDS] = array("I", header)
    return pools.words.tobytes() + pools.halves.tobytes() + bytes(pools.octets)


def _records(pools: _Pools, records: list[list[int]]) -> int:
    return pools.place(word for record in records for word in record)


def _starters(pools: _Pools, built: Built, dfas: int) -> tuple[int, int, int]:
    """Add what each output starts: automata by number, then simulations behind them."""
    if not built.started:
        return 0, 0, 0
    next_of = {
        True: sum(isinstance(each.code, Dfa) for each in built.runners),
        False: dfas + sum(isinstance(each.code, Code) for each in built.runners),
    }
    starters: list[list[int]] = [[] for _ in built.outputs]
    for outputs, runner in built.started:
        kind = isinstance(runner.code, Dfa)
        for output in outputs:
            starters[output].append(next_of[kind])
        next_of[kind] += 1
    return pools.place_lists(starters)


def _pairs(pools: _Pools, built: Built) -> tuple[int, int, int]:
    """Add what each output is the start of: the end, the least size, the output of both."""
    if not built.pairs:
        return 0, 0, 0
    pairs: list[list[int]] = [[] for _ in built.outputs]
    for pair in built.pairs:
        pairs[pair.start] += (pair.end, pair.size, pair.output)
    begins, items, count = pools.place_lists(pairs)
    return begins, items, count


def _trie(pools: _Pools, trie: Trie | None) -> list[int]:
    assert trie is not None
    first = _first(trie.labels, trie.begins[ROOT + 1])
    entries = [word for each in trie.entries for word in (each.output, each.shorter)]
    places = [pools.place(row) for row in (first, trie.begins, trie.fails, entries)]
    return [
        *(trie.states, *places, pools.place_bytes(trie.labels)),
        *(pools.place_bytes(trie.classes), trie.width, trie.dense, pools.place_halves(trie.rows)),
    ]


def _first(labels: bytes, edges: int) -> list[int]:
    """Give by byte the child of the root, which has the first edges; nothing for no text at all."""
    first = [0] * BYTE_VALUES if labels else []
    for edge in range(edges):
        first[labels[edge]] = edge + 1
    return first


def _branches(pools: _Pools, branches: Branches | None) -> list[int]:
    assert branches is not None
    labels, nodes = branches.labels, list[int]()
    for node in branches.nodes:
        label = labels[node.begin] if node.edges else 0
        nodes += (node.begin, node.edges | label << EDGES, node.output, node.whole)
    first = _first(labels, branches.nodes[ROOT].edges)
    return [branches.states, pools.place(first), pools.place(nodes), pools.place_bytes(labels)]


def _dfa(pools: _Pools, runner: Runner, dfa: Dfa) -> list[int]:
    return [
        *(len(dfa.rows), dfa.width, dfa.begin, len(dfa.starts)),
        pools.place(dfa.starts),
        pools.place(runner.outputs),
        pools.place_bytes(bytes(map(dfa.class_of, range(ASCII)))),
        pools.place_halves(dfa.classes),
        pools.place_halves(after for row in dfa.rows for after in row),
    ]


def _simulation(pools: _Pools, runner: Runner, code: Code) -> list[int]:
    goes, targets, target_count = pools.place_lists(code.goes)
    chars, ranges, range_count = pools.place_lists(
        [end for pair in each.ranges for end in pair] for each in code.chars
    )
    reads = pools.place(number + 1 for number in code.reads)
    return [
        *(len(code.reads), code.begin, runner.outputs[0] - 1, reads),
        *(goes, targets, target_count),
        *(len(code.chars), chars, ranges, range_count),
    ]


def _alone(pools: _Pools, alone: Alone) -> list[int]:
    return [KINDS[alone.kind], pools.place_bytes(alone.text), len(alone.text), alone.output]
