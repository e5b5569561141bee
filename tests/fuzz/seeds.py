"""Write inputs to begin with: real data sets, drawn ones, and what peers send.

`python -m fuzz.seeds FOLDER` in `tests`, a folder a target.
"""

import sys
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

from association.parts import associate_rq, context, item, pdata, pdv, usual_rq
from differential.test_real_objects import data_set, files
from generators.engine import datasets
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzz.corpus import put
from fuzz.fixed import PROGRAMS, SMALL, STRUCTURE
from fuzz.laid import LARGE
from fuzz.targets import ENCODINGS, FILES
from roteiro.core.machines_build import DEFAULT, Budget, build
from roteiro.core.machines_lay import lay
from roteiro.core.program import Chars, Encoding, PatternKind, Repeat, Sequence
from roteiro.runtime.association.command import (
    Priority,
    echo_request,
    encode,
    store_request,
)

SIZE = 2600
"""Bytes of a seed: what is longer is mostly pixels or more of the same."""
DRAWN = 400


def real() -> Iterator[tuple[Encoding, bytes]]:
    """Give the data sets of real files, as they are encoded, without most of their pixels."""
    for path in files():
        data, encoding, _ = data_set(path)
        yield encoding, data[:SIZE]


def put_object(root: Path, encoding: Encoding, data: bytes) -> None:
    """Write an object for all targets that read objects."""
    code = ENCODINGS.index(encoding)
    for place in range(len(PROGRAMS)):
        is_structure = place < len(STRUCTURE)
        number = place if is_structure else place - len(STRUCTURE)
        head = bytes((code | number << 2, 128))
        put(root / ("extract" if is_structure else "values"), head + data)
    for place, sizes in ((0, b"\x10"), (2, b"\x01"), (4, b"\x03\x50\x01")):
        put(root / "feed", bytes((code | place << 2, len(sizes))) + sizes + data)
    if encoding is Encoding.DEFLATED:
        put(root / "inflate", b"\x01\x20" + data)
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, SIZE)
    if encoding in (Encoding.DEFLATED, Encoding.EXPLICIT_LITTLE):
        put(root / "inflate", bytes((0x82, 3)) + data)
        put(root / "inflate", bytes((0x14, 120)) + data)
        put(root / "inflate", bytes((0x64, 200)) + data[:300])


def drawn(root: Path) -> None:
    """Write data sets that have much of what the programs read."""

    @seed(1)
    @settings(
        max_examples=DRAWN,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), st.sampled_from(ENCODINGS), st.sampled_from(PROGRAMS))
    def each(data: st.DataObject, encoding: Encoding, program: object) -> None:
        given_one = data.draw(datasets(program, encoding))
        if len(given_one) < SIZE:
            try:
                put_object(root, encoding, given_one)
            except zlib.error:
                return

    each()


def small_machines() -> Iterator[bytes]:
    """Give machines of one kind of part each, so small that a byte in them often matters."""
    kinds = [
        (PatternKind.CONTAINS, "ab"),
        (PatternKind.STARTS, "a"),
        (PatternKind.ENDS, "ba"),
        (PatternKind.LIKE, "*a?b*"),
        (PatternKind.LIKE, "a*b"),
        (PatternKind.UNDER, "1.2"),
    ]
    letters = Chars(((65, 90), (0xE9, 0x1F600)))
    word = (Sequence((letters, Repeat(letters, 0, None))),)
    budgets = (
        DEFAULT,
        Budget(states=0, steps=0),
        Budget(steps=0),
        Budget(states=3, expression_states=3),
    )
    for budget in budgets:
        for kind, text in kinds:
            yield lay(build([(0, kind, (text,))], (), budget))
        yield lay(build((), [(0, word)], budget))
        yield lay(build([(0, PatternKind.CONTAINS, ("ab",))], [(1, word)], budget))


def put_machines(root: Path) -> None:
    """Write small machines whole, and edits of large ones."""
    for laid in (*small_machines(), *(each.laid for each in LARGE if len(each.laid) < 4000)):
        for text in (b"", b"xabcab1.2"):
            put(root / "machines", bytes((len(text),)) + text + laid)
    texts = (b"", b"aababaXcab1.2ba", "1.2.19\u00e9\U0001f600".encode(), b"ab" * 20, b"XXba1.2ab")
    for place in range(len(LARGE)):
        for text in texts:
            put(root / "large", bytes((place, 0)) + text)
        for word in range(min(200, len(LARGE[place].laid) // 4)):
            for how, by in ((1, b"\0\0\1"), (1, b"\0\0\xff")):
                edit = word.to_bytes(2, "little") + bytes((how,)) + by
                put(root / "large", bytes((place, 1)) + edit + texts[1])


def put_files(root: Path, objects: list[bytes]) -> None:
    """Write edits of compiled programs: each kind of change in each part, before some object."""
    for place, parts in enumerate(FILES):
        put(root / "artefact", bytes((place, 0)) + objects[place % len(objects)])
        is_small = place < len(SMALL)
        for number in range(len(parts) if is_small else 0):
            for how, by in ((1, b"\0\0\1"), (3, b"\2\0\0"), (7, b"\7\0\0")):
                edit = bytes((number, 0, 0, how)) + by
                put(root / "artefact", bytes((place, 1)) + edit + objects[number % len(objects)])


def longer(part: bytes, by: int) -> bytes:
    """Say another length of a PDU or PDV than it has."""
    at = 2 if part[0] == 4 else 0
    length = int.from_bytes(part[at : at + 4], "big") + by
    return part[:at] + length.to_bytes(4, "big") + part[at + 4 :]


def put_streams(root: Path) -> None:
    """Write what peers send."""
    store = encode(store_request(1, "1.2.840", "1.2.3", Priority.LOW))
    echo = encode(echo_request(7, "1.2.840.10008.1.1"))
    for one in (store, echo, store[:-2], store + echo[12:]):
        put(root / "command", one)
    streams = (
        pdata(pdv(1, 3, store)) + pdata(pdv(1, 0, b"data"), pdv(1, 2, b"more")),
        pdata(pdv(3, 1, store[:9]), pdv(3, 3, store[9:])) + pdata(pdv(3, 2, b"d")),
        pdata(pdv(255, 3, echo)) + bytes((5, 0, 0, 0, 0, 4, 0, 0, 0, 0)),
        associate_rq(context(1, "1.2", "1.2.840.10008.1.2")) + pdata(pdv(1, 3, echo)),
        pdata(longer(pdv(1, 3, store), 1)),
        pdata(longer(pdv(1, 3, store), -1)),
        pdata(pdv(1, 3, store)) + longer(pdata(pdv(1, 2, b"data")), 1),
        pdata(pdv(1, 3, store)) + pdata(longer(pdv(1, 2, b"data"), 1)),
        pdata(pdv(1, 3, store)) + pdata(pdv(1, 0, bytes(5000))) + pdata(pdv(1, 2, bytes(4000))),
    )
    for head in (0, 1, 2, 4, 8, 9, 16, 24, 26):
        for step in (0, 6, 255):
            for stream in streams:
                put(root / "pdata", bytes((head, step)) + stream)
    odd = item(0x54, b"\0\5" + b"1.2.3" + b"\0\1") + item(0x56, b"\0\3" + b"1.2" + b"\1")
    more = item(0x57, b"\0\3" + b"1.2" + b"\0\3" + b"1.3" + b"\0\5\0\3" + b"1.4") + item(0x99, b"x")
    accepted = item(0x21, bytes((1, 0, 0, 0)) + item(0x40, b"1.2.840.10008.1.2"))
    for pdu in (
        usual_rq(),
        usual_rq(extra=odd + more),
        associate_rq(context(1, "1.2.03", "1.2.840.10008.1.2", "1.02"), calling=b"\xe9\0"),
        associate_rq(accepted),
        associate_rq(accepted, extra=odd),
    ):
        for kind in (0, 1):
            put(root / "associate", bytes((kind,)) + pdu[6:])


def main(root: Path) -> None:
    """Write all seeds."""
    objects = []
    for encoding, data in real():
        put_object(root, encoding, data)
        if encoding is Encoding.EXPLICIT_LITTLE and len(data) < SIZE:
            objects.append(data)
    drawn(root)
    put_machines(root)
    put_files(root, objects)
    put_streams(root)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
