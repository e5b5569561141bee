"""Many texts as one trie, to look for all of them in one pass over a value.

States are numbered by depth, the children of a state in the order of their bytes. So the child on
edge n is state n + 1, and an edge is one byte. Texts that are only sought where a value begins or
ends are branches: there the children of a state are numbered when it is reached from its parent, so
that the states of one long text lie side by side.

`fails` makes an automaton of a trie (Aho and Corasick): where a byte has no edge, the search goes
on in the state of the longest text that the one at hand ends with. A failing state is never deeper
than where it is left, and a byte leads one deeper at most: a value takes steps linear in its
length, whatever the texts are.
"""

from dataclasses import dataclass, field

ROOT = 0
ROWS = 32 * 1024
"""Bytes of the rows of one trie; the states without one are those of the longest texts."""
BYTES = 256
NUMBERS = 0x10000
"""States that a row can name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The longest text that the text of a state ends with."""

    output: int
    """Of that text, plus one; 0 is none."""
    shorter: int
    """A state of the longest other text that it ends with; 0 is none."""


@dataclass(frozen=True, slots=True)
class Trie:
    """Texts by their bytes; state 0 is the empty text."""

    begins: tuple[int, ...]
    """By state: its first edge; one more, for the end of the last."""
    labels: bytes
    """By edge."""
    fails: tuple[int, ...]
    """By state: the state of the longest other text of the trie that its text ends with."""
    entries: tuple[Entry, ...]
    """By state."""
    classes: bytes = b""
    """By byte: its place in a row; 0 is what stands in no text."""
    rows: tuple[int, ...] = ()
    """Of the first states, by state and class: where the search goes on."""

    @property
    def width(self) -> int:
        """How many classes there are."""
        return max(self.classes, default=0) + 1

    @property
    def dense(self) -> int:
        """How many states have a row."""
        return len(self.rows) // self.width

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.entries)


@dataclass(frozen=True, slots=True)
class Branch:
    """A state of texts that are only sought at one place of a value."""

    begin: int
    """Its first edge."""
    edges: int
    output: int
    """Of the text that ends here, plus one; 0 is none."""
    whole: int
    """The same, where the text is the whole value."""


@dataclass(frozen=True, slots=True)
class Branches:
    """Texts by their bytes; state 0 is the empty text, and the child on edge n is state n + 1."""

    nodes: tuple[Branch, ...]
    labels: bytes
    """By edge."""

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.nodes)


@dataclass(slots=True)
class _Node:
    """A state while texts are added."""

    children: "dict[int, _Node]" = field(default_factory=dict)
    output: int = 0
    whole: int = 0


@dataclass(slots=True)
class Texts:
    """Texts to be looked for, as long as there is room."""

    room: int
    """States that may still be made."""
    root: _Node = field(default_factory=_Node)

    def add(self, text: bytes, output: int, *, is_whole: bool = False) -> bool:
        """Add a text, or one that is to be the whole value; tell whether there was room."""
        node = self._node(text)
        if node is None:
            return False
        if is_whole:
            node.whole = output + 1
        else:
            node.output = output + 1
        return True

    def _node(self, text: bytes) -> _Node | None:
        node, place = self.root, 0
        while place < len(text) and text[place] in node.children:
            node = node.children[text[place]]
            place += 1
        if len(text) - place > self.room:
            return None
        self.room -= len(text) - place
        for byte in text[place:]:
            node.children[byte] = node = _Node()
        return node

    def branches(self) -> Branches:
        """Give the texts for who seeks them at one place of a value."""
        labels = bytearray()
        nodes = [Branch(0, 0, 0, 0)]
        waiting = [(0, self.root)]
        while waiting:
            number, node = waiting.pop()
            children = sorted(node.children.items(), key=_label)
            nodes[number] = Branch(len(labels), len(children), node.output, node.whole)
            waiting += [(len(nodes) + at, child) for at, (_, child) in enumerate(children)][::-1]
            labels += bytes(byte for byte, _ in children)
            nodes += [nodes[0]] * len(children)
        return Branches(tuple(nodes), bytes(labels))

    def trie(self) -> Trie:
        """Give the texts for who seeks them everywhere in a value."""
        order, begins, labels = [self.root], [], bytearray()
        for node in order:
            begins.append(len(labels))
            for byte, child in sorted(node.children.items(), key=_label):
                labels.append(byte)
                order.append(child)
        begins.append(len(labels))
        fails = _fails(begins, labels)
        entries = _entries(order, fails)
        classes, rows = _rows(begins, labels, fails)
        return Trie(
            tuple(begins), bytes(labels), tuple(fails), tuple(entries), classes, tuple(rows)
        )


def _label(edge: tuple[int, _Node]) -> int:
    return edge[0]


def _fails(begins: list[int], labels: bytearray) -> list[int]:
    """Find where each state fails to: what its parent fails to comes before it."""
    states = len(begins) - 1
    fails = [ROOT] * states
    children = [
        {labels[edge]: edge + 1 for edge in range(begins[state], begins[state + 1])}
        for state in range(states)
    ]
    for state, edges in enumerate(children):
        for byte, child in edges.items():
            at = state
            while at != ROOT:
                at = fails[at]
                if byte in children[at]:
                    fails[child] = children[at][byte]
                    break
    return fails


def _rows(begins: list[int], labels: bytearray, fails: list[int]) -> tuple[bytes, list[int]]:
    """Give the class of each byte, and the rows of as many states as there is room for."""
    if not labels or len(fails) > NUMBERS:
        return b"", []
    found = sorted(set(labels))[: BYTES - 1]  # a byte without a class would need a row of 257
    classes = bytearray(BYTES)
    for place, byte in enumerate(found):
        classes[byte] = place + 1
    width = len(found) + 1
    rows: list[int] = []
    for state in range(min(len(fails), max(1, ROWS // (2 * width)))):
        row = rows[fails[state] * width :][:width] if state != ROOT else [ROOT] * width
        for edge in range(begins[state], begins[state + 1]):
            row[classes[labels[edge]]] = edge + 1
        rows += row
    return bytes(classes), rows


def _entries(order: list[_Node], fails: list[int]) -> list[Entry]:
    """Find the longest text that each state ends with, its own before all; the root's is empty."""
    entries: list[Entry] = []
    longest: list[int] = []  # by state: where that text is a state's own, or zero
    for state, node in enumerate(order):
        shorter = longest[fails[state]] if state != ROOT else ROOT
        longest.append(state if node.output else shorter)
        if node.output:
            entries.append(Entry(node.output, shorter))
        else:
            entries.append(entries[shorter] if shorter else Entry(0, ROOT))
    return entries
