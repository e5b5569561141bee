"""Test items, typed: the object that a test gives and what it expects."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from roteiro.core.program import UNREADABLE, UNROUTED, Field, ValueType
from roteiro.core.program import Source as Place
from roteiro.lang import nodes, typed
from roteiro.lang.attributes import Attributes, written
from roteiro.lang.literals import Literals
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.source import Span

CHARACTER = frozenset(
    (
        "AE",
        "AS",
        "CS",
        "DA",
        "DS",
        "DT",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "ST",
        "TM",
        "UC",
        "UI",
        "UR",
        "UT",
    ),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What expectations may name."""

    rules: frozenset[str]
    broken: frozenset[str]
    """Tables whose rules could not all be read."""
    queues: frozenset[str]


def known(names: Names, queues: Iterable[nodes.Name]) -> Known:
    """Gather the names of rules and queues."""
    rules: set[str] = set()
    broken: set[str] = set()
    for table in names.tables.values():
        rules |= {f"{table.name.text}.{rule.name.text}" for rule in table.rules}
        rules |= {f"{table.name.text}.otherwise"} if table.otherwise else set()
        broken |= {table.name.text} if table.broken else set()
    if names.guard:
        rules |= {f"guard.{rule.name.text}" for rule in names.guard.rules} | {"guard.otherwise"}
        broken |= {"guard"} if names.guard.broken else set()
    named = {queue.text for queue in queues} | {UNROUTED, UNREADABLE}
    return Known(frozenset(rules), frozenset(broken), frozenset(named))


class Tests:
    """Types the test items of a file."""

    __test__ = False  # not tests of pytest's

    def __init__(self, names: Names, known_names: Known, report: Report) -> None:
        """Resolve by `names` and `known_names`, report to `report`."""
        self.names = names
        self.known = known_names
        self.report = report
        self.attributes = Attributes(report)
        self.literals = Literals(report, given=True)

    def test(self, item: nodes.TestItem) -> typed.TypedTest:
        """Type one test."""
        if item.file and "\0" in item.file.value:
            self.report.add("RT108", item.file.span, "path_with_nul")
        if not item.expectations:
            self.report.add("RT603", item.name.span, "expects_nothing", help=hint("expects_help"))
        return typed.TypedTest(
            item.name.value,
            item.file.value if item.file else None,
            self.assigned(item.given),
            item.at,
            tuple(one for entry in item.expectations if (one := self.expectation(entry))),
            item.span,
            self.report.source,
        )

    # What is given ------------------------------------------------------------------------------

    def assigned(self, given: tuple[nodes.Given, ...]) -> tuple[typed.Assigned, ...]:
        """Type what a test gives; one field twice is an error."""
        first: dict[Field, nodes.Given] = {}
        found: list[typed.Assigned] = []
        for entry in given:
            one = self.assign(entry)
            if one is None:
                continue
            if one.field in first:
                label = self.report.label(first[one.field].span, "first_here")
                name = written(one.field)
                self.report.add("RT105", entry.span, "given_twice", labels=(label,), name=name)
            else:
                first[one.field] = entry
                found.append(one)
        return tuple(found)

    def assign(self, entry: nodes.Given) -> typed.Assigned | None:
        """Type one assignment."""
        field = self.attributes.field(entry.path)
        if field is None:
            return None
        if isinstance(entry.value, nodes.Unbuilt):
            self.report.add("RT112", entry.value.span, "unbuilt", what=entry.value.what)
            return None
        if entry.value is None:
            return typed.Assigned(field, None, entry.span)
        if field.source is Place.ENVELOPE and len(entry.value) != 1:
            self.report.add("RT108", entry.span, "one_value", name=written(field))
            return None
        values = [self.value(value, field) for value in entry.value]
        if any(value is None for value in values):
            return None
        return typed.Assigned(field, tuple(v for v in values if v is not None), entry.span)

    def value(self, literal: nodes.Literal | nodes.Name, field: Field) -> str | None:
        """Give a value as a data set would hold it."""
        if isinstance(literal, nodes.Text) and field.vr in CHARACTER:
            return literal.value
        if isinstance(literal, nodes.Unbuilt):
            self.report.add("RT112", literal.span, "unbuilt", what=literal.what)
            return None
        if field.type is ValueType.STATE_ONLY:
            self.report.add(
                "RT112", literal.span, "unbuilt_given", name=written(field), vr=field.vr
            )
            return None
        value = self.literals.scalar(literal, field)
        if value is None:
            return None
        if field.type is ValueType.ADDRESS:
            return literal.value if isinstance(literal, nodes.Text) else None
        return self.encoded(value, field)

    def encoded(self, value: str | int | Decimal, field: Field) -> str:
        """Write a value as its VR does (PS3.5 6.2)."""
        if field.type is ValueType.DATE:
            return f"{value:08d}"
        if field.type is ValueType.TIME and isinstance(value, int):
            seconds, micros = divmod(value, 1_000_000)
            clock = f"{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}"
            return f"{clock}.{micros:06d}" if micros else clock
        if isinstance(value, Decimal):
            return f"{value:f}"
        return str(value)

    # What is expected ---------------------------------------------------------------------------

    def expectation(self, entry: nodes.Expect | nodes.Unbuilt) -> typed.Expectation | None:
        """Type one expectation."""
        if isinstance(entry, nodes.Unbuilt):
            self.report.add("RT112", entry.span, "unbuilt", what=entry.what)
            return None
        if entry.kind in {"exactly", "send", "no send"}:
            for name in entry.names:
                self.names.use("nodes", name, self.report)
        names = tuple(name.text for name in entry.names)
        if entry.kind == "rule":
            names = (self.rule(entry),)
        if entry.kind == "hold":
            self.queue(entry.names[0])
        verdict = entry.verdict
        status = verdict.status if isinstance(verdict, nodes.RefuseIt) else None
        reason = None if verdict is None or isinstance(verdict, nodes.PassOn) else verdict.reason
        return typed.Expectation(
            entry.kind, names, status, reason.value if reason else None, entry.span
        )

    def rule(self, entry: nodes.Expect) -> str:
        """Check that a rule exists."""
        name = ".".join(part.text for part in entry.names)
        table = entry.names[0].text
        span = Span(entry.names[0].span.start, entry.names[1].span.end)
        unsure = self.names.elsewhere() or table in self.known.broken | self.names.hidden
        if name not in self.known.rules and not unsure:
            self.missing(span, "unknown_rule", name, self.known.rules)
        return name

    def queue(self, name: nodes.Name) -> None:
        """Check that some rule holds in a queue of this name."""
        if name.text not in self.known.queues and self.names.complete:
            self.missing(name.span, "unknown_queue", name.text, self.known.queues)

    def missing(self, span: Span, key: str, name: str, words: Iterable[str]) -> None:
        """Report a name that means nothing."""
        meant = self.report.meant(name, words)
        fix = replaced(span, meant)
        self.report.add("RT104", span, key, help=did_you_mean(meant), fix=fix, name=name)
