"""RT226: a queue that is named once only may be a misspelling."""

from collections import Counter
from collections.abc import Iterator

from roteiro.core.program import QUEUES
from roteiro.lang import nodes
from roteiro.lang.lint.program import Program
from roteiro.lang.report import did_you_mean

Holding = nodes.Action | nodes.Verdict


def look(program: Program) -> None:
    """Report queues of one place; a test that expects one names it too."""
    named = [name for item in program.items for name in queues(item)]
    count = Counter(name.text for name in (*named, *expected(program)))
    count.update(program.beyond.queues)
    for name in named:
        once = count[name.text] == 1 and name.text not in QUEUES
        if once and program.first_file(name.span):
            others = sorted(other for other in count if other != name.text)
            meant = program.report.meant(name.text, others)
            program.report.add(
                "RT226", name.span, "queue_once", help=did_you_mean(meant), name=name.text
            )


def queues(item: nodes.Item) -> Iterator[nodes.Name]:
    """Give the queues that an item holds in, each time it does."""
    held: list[Holding] = []
    if isinstance(item, nodes.Guard):
        held = [*(rule.verdict for rule in item.rules), item.otherwise]
    elif isinstance(item, nodes.Table):
        held = [action for rule in item.rules for action in rule.actions]
        held += item.otherwise.actions if item.otherwise else ()
    yield from (one.queue for one in held if isinstance(one, nodes.HoldIn))


def expected(program: Program) -> Iterator[nodes.Name]:
    """Give the queues that tests expect."""
    for test in program.of(nodes.TestItem):
        for entry in test.expectations:
            if isinstance(entry, nodes.Expect) and entry.kind == "hold":
                yield entry.names[0]
