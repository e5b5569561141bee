"""RT226: a queue that is named once only may be a misspelling."""

from collections import Counter

from roteiro.core.program import UNREADABLE, UNROUTED
from roteiro.lang import nodes
from roteiro.lang.report import Report, did_you_mean


def look(file: nodes.File, named: list[nodes.Name], report: Report) -> None:
    """Report queues of one place; a test that expects one names it too."""
    tests = [item for item in file.items if isinstance(item, nodes.TestItem)]
    expected = [
        entry.names[0]
        for test in tests
        for entry in test.expectations
        if isinstance(entry, nodes.Expect) and entry.kind == "hold"
    ]
    count = Counter(name.text for name in (*named, *expected))
    for name in named:
        if count[name.text] == 1 and name.text not in {UNROUTED, UNREADABLE}:
            others = [other for other in count if other != name.text]
            meant = report.meant(name.text, others)
            report.add("RT226", name.span, "queue_once", help=did_you_mean(meant), name=name.text)
