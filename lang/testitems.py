"""Test items, typed: the object that a test gives and what it expects."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from roteiro.core.program import QUEUES, Field, ValueType
from roteiro.core.program import Source as Place
from roteiro.lang import nodes, typed
from roteiro.lang.asdata import Writer, with_vr
from roteiro.lang.attributes import Attributes, written
from roteiro.lang.invariants import destinations
from roteiro.lang.literals import Element
from roteiro.lang.report import Report, did_you_mean, hint, phrase, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.source import Span
from roteiro.lang.typecheck import Typer

CHARACTER_NAMES = "AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT"
CHARACTER = frozenset(CHARACTER_NAMES.split())
"""VRs of characters: any text can be given for them, also one that is no value of theirs."""
SENT = ("exactly", "send", "no send")


@dataclass(frozen=True, slots=True)
class Known:
    """What expectations may name."""

    rules: frozenset[str]
    broken: frozenset[str]
    """Tables whose rules could not all be read."""
    queues: frozenset[str]


def known(names: Names, queues: Iterable[str]) -> Known:
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
    named = {*queues, *QUEUES}
    return Known(frozenset(rules), frozenset(broken), frozenset(named))


class Tests:
    """Types the test items of a program."""

    __test__ = False  # not tests of pytest's

    def __init__(self, names: Names, known_names: Known, typer: Typer, report: Report) -> None:
        """Resolve by `names` and `known_names`, type results by `typer`, report to `report`."""
        self.names = names
        self.known = known_names
        self.typer = typer
        self.report = report
        self.attributes = Attributes(report)
        self.writer = Writer(report)

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
            self.instant(item.at) if item.at else None,
            tuple(one for entry in item.expectations if (one := self.expectation(entry))),
            item.span,
            self.report.source_of(item.span),
        )

    def instant(self, at: nodes.Instant) -> str:
        """Check that the instant of a test exists."""
        self.writer.literals.moment(at)
        return at.value

    # What is given ------------------------------------------------------------------------------

    def assigned(
        self, given: tuple[nodes.Given, ...], *, inside: bool = False
    ) -> tuple[typed.Assigned, ...]:
        """Type what a test gives, or `inside` an item; one field twice is an error."""
        first: dict[tuple[object, ...], nodes.Given] = {}
        found: list[typed.Assigned] = []
        for entry in given:
            one = self.assign(entry, inside=inside)
            if one is None:
                continue
            key = (one.field.source, one.field.tag, one.field.name, one.field.creator)
            if key in first:
                label = self.report.label(first[key].span, "first_here")
                name = written(one.field)
                self.report.add("RT105", entry.span, "given_twice", labels=(label,), name=name)
            else:
                first[key] = entry
                found.append(one)
        return tuple(found)

    def assign(self, entry: nodes.Given, *, inside: bool) -> typed.Assigned | None:
        """Type one assignment."""
        field = self.attributes.field(entry.path)
        if field is None or not self.can_be_given(field, entry, inside=inside):
            return None
        if entry.value is None:
            return typed.Assigned(field, None, entry.span)
        if isinstance(entry.value, nodes.Items):
            return self.items(field, entry, entry.value)
        if field.vr == "SQ":
            return self.no_items(field, entry)
        return self.values(field, entry, entry.value)

    def values(
        self, field: Field, entry: nodes.Given, given: tuple[Element, ...]
    ) -> typed.Assigned | None:
        """Type the values of an attribute."""
        if field.source is Place.ENVELOPE and len(given) != 1:
            self.report.add("RT108", entry.span, "one_value", name=written(field))
            return None
        field = with_vr(field, given[0]) if given else field
        values = [self.value(value, field) for value in given]
        if any(value is None for value in values):
            return None
        return typed.Assigned(field, tuple(v for v in values if v is not None), entry.span)

    def can_be_given(self, field: Field, entry: nodes.Given, *, inside: bool) -> bool:
        """Report what is no attribute as a whole, and what no item has."""
        if field.source is Place.CLOCK:
            key, helped = "given_clock", hint("given_clock_help")
        elif field.steps or field.position or field.component or field.repeating:
            key, helped = "given_part", hint("given_part_help")
        elif inside and field.source is not Place.ELEMENT:
            key, helped = "given_inside", None
        else:
            return True
        name = self.report.text(entry.path.span)
        self.report.add("RT108", entry.path.span, key, help=helped, name=name)
        return False

    def items(self, field: Field, entry: nodes.Given, value: nodes.Items) -> typed.Assigned | None:
        """Type the items of a sequence."""
        if field.vr != "SQ":
            self.report.add(
                "RT120", value.span, "given_items", name=written(field), vr=field.vr or ""
            )
            return None
        items = tuple(self.assigned(item, inside=True) for item in value.items)
        return typed.Assigned(field, (), entry.span, items)

    def no_items(self, field: Field, entry: nodes.Given) -> typed.Assigned | None:
        """Type a sequence that is given without items: it can be empty."""
        if entry.value == ():
            return typed.Assigned(field, (), entry.span, ())
        helped = hint("given_no_items_help", name=written(field))
        self.report.add("RT120", entry.span, "given_no_items", help=helped, name=written(field))
        return None

    def value(self, literal: Element, field: Field) -> str | None:
        """Give a value as a data set would hold it."""
        if isinstance(literal, nodes.Text) and not literal.folded and field.vr in CHARACTER:
            return literal.value
        if field.type is ValueType.STATE_ONLY:
            return self.bulk(literal, field)
        text = self.writer.value(literal, field)
        if text is not None and field.type is ValueType.ADDRESS:
            return literal.value if isinstance(literal, nodes.Text) else None
        return text

    def bulk(self, literal: Element, field: Field) -> str | None:
        """Give the bytes of OB, OW, UN and their kin, as a text."""
        if isinstance(literal, nodes.Text) and not literal.folded:
            return literal.value
        got = phrase("kind_name") if isinstance(literal, nodes.Name) else phrase("kind_literal")
        self.report.add(
            "RT120",
            literal.span,
            "wrong_given",
            help=hint("wanted_literal", wanted=phrase("wanted_bytes")),
            name=written(field),
            type=field.vr,
            got=got,
        )
        return None

    # What is expected ---------------------------------------------------------------------------

    def expectation(self, entry: nodes.Expect | nodes.ExpectedResult) -> typed.Expectation | None:
        """Type one expectation."""
        if isinstance(entry, nodes.ExpectedResult):
            return self.result(entry)
        names = tuple(name.text for name in entry.names)
        if entry.kind in SENT:
            names = destinations(entry.names, self.names, self.report)
        elif entry.kind == "rule":
            names = (self.rule(entry),)
        elif entry.kind == "hold":
            self.queue(entry.names[0])
        for name in entry.via:
            self.names.use("chains", name, self.report)
        verdict = entry.verdict
        status = verdict.status if isinstance(verdict, nodes.RefuseIt) else None
        reason = None if verdict is None or isinstance(verdict, nodes.PassOn) else verdict.reason
        return typed.Expectation(
            entry.kind,
            names,
            status,
            reason.value if reason else None,
            entry.span,
            tuple(name.text for name in entry.via) or None,
        )

    def result(self, entry: nodes.ExpectedResult) -> typed.Expectation | None:
        """Type `expect result`: a test of what is sent."""
        test = self.typer.leaf(entry.test)
        if not isinstance(test, typed.Compare | typed.IsState):
            return None
        if test.field.source is not Place.ELEMENT:
            name = self.report.text(entry.test.path.span)
            self.report.add("RT108", entry.test.path.span, "result_envelope", name=name)
            return None
        return typed.Expectation("result", (), None, None, entry.span, None, test)

    def rule(self, entry: nodes.Expect) -> str:
        """Check that a rule exists."""
        name = ".".join(part.text for part in entry.names)
        first, last = entry.names[0], entry.names[-1]
        span = replace(first.span, end=last.span.end)
        unsure = self.names.elsewhere() or first.text in self.known.broken | self.names.hidden
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
