"""Tree to checked program: names, types, properties, tests, then the lint.

What this accepts cannot fail at run time. Warnings do not keep a program from being made.
"""

from hashlib import sha256

from roteiro.lang import nodes, typed
from roteiro.lang.actions import Actions
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.lint import exhaustive, negation, priorities, queues, unused
from roteiro.lang.properties import Properties
from roteiro.lang.report import Report
from roteiro.lang.resolve import collect
from roteiro.lang.source import Source
from roteiro.lang.testitems import Tests, known
from roteiro.lang.typecheck import Typer
from roteiro.lang.typed import Typed


class Checking:
    """One run over one file."""

    def __init__(self, file: nodes.File, source: Source) -> None:
        """Gather the names of the file."""
        self.file = file
        self.source = source
        self.report = Report(source)
        self.names = collect(file, self.report)
        self.typer = Typer(self.names, self.report)
        self.actions = Actions(self.names, self.report)

    def unbuilt(self) -> None:
        """Report the items that this version does not carry."""
        for item in self.file.items:
            if isinstance(item, nodes.Unbuilt):
                self.report.add("RT112", item.span, "unbuilt", what=item.what)

    def definitions(self) -> None:
        """Check sets and conditions by themselves, used or not."""
        for item in self.names.sets.values():
            self.typer.declare(item)
        for condition in self.names.conditions.values():
            if condition.name.text not in self.typer.definitions:
                self.typer.define(condition)

    def guard(self, guard: nodes.Guard) -> typed.TypedGuard:
        """Type the guard."""
        self.same_names([rule.name for rule in guard.rules])
        rules = tuple(
            typed.TypedGuardRule(
                rule.name.text,
                self.typer.condition(rule.condition),
                self.actions.verdict(rule.verdict),
                rule.span,
            )
            for rule in guard.rules
        )
        return typed.TypedGuard(rules, self.actions.verdict(guard.otherwise))

    def table(self, table: nodes.Table) -> typed.TypedTable:
        """Type a table."""
        self.same_names([rule.name for rule in table.rules])
        otherwise = None
        rules = tuple(map(self.rule, table.rules))
        if table.otherwise is not None:
            otherwise = self.actions.effects(table.otherwise.actions, table.otherwise.span)
        return typed.TypedTable(
            table.name.text, table.mode == "first", rules, otherwise, table.span
        )

    def rule(self, rule: nodes.Rule) -> typed.TypedRule:
        """Type a rule of a table."""
        return typed.TypedRule(
            rule.name.text,
            rule.description.value if rule.description else None,
            rule.priority,
            self.typer.condition(rule.condition),
            self.actions.effects(rule.actions, rule.name.span),
            rule.span,
        )

    def same_names(self, names: list[nodes.Name]) -> None:
        """Report rules of one table with one name."""
        first: dict[str, nodes.Name] = {}
        for name in names:
            if name.text in first:
                label = self.report.label(first[name.text].span, "first_here")
                self.report.add(
                    "RT105", name.span, "duplicate_name", labels=(label,), name=name.text
                )
            first.setdefault(name.text, name)

    def tests(self) -> tuple[typed.TypedTest, ...]:
        """Type the test items; two of one name are an error."""
        checker = Tests(self.names, known(self.names, self.actions.queues), self.report)
        items = [item for item in self.file.items if isinstance(item, nodes.TestItem)]
        first: dict[str, nodes.Text] = {}
        for item in items:
            if item.name.value in first:
                label = self.report.label(first[item.name.value].span, "first_here")
                name = item.name.value
                self.report.add(
                    "RT105", item.name.span, "duplicate_name", labels=(label,), name=name
                )
            first.setdefault(item.name.value, item.name)
        return tuple(map(checker.test, items))

    def program(self) -> Typed:
        """Type the whole file, then look for what is suspicious."""
        self.unbuilt()
        self.definitions()
        settings = Properties(self.names, self.report).settings()
        guard = self.guard(self.names.guard) if self.names.guard else None
        tables = tuple(map(self.table, self.names.tables.values()))
        tests = self.tests()
        negation.look(self.file, self.names.conditions, self.report)
        priorities.look(self.file, self.report)
        exhaustive.look(self.names, tables, self.report)
        if self.names.complete and self.file.whole:
            unused.look(self.names, self.report)
            queues.look(self.file, self.actions.queues, self.report)
        return Typed(settings, guard, tables, tests, digest(self.source))


def digest(source: Source) -> str:
    """Name a rule set by its text."""
    data = source.text.encode("utf-8", "surrogatepass")
    return f"sha256:{sha256(data).hexdigest()}"


def check(file: nodes.File, source: Source) -> tuple[Typed | None, tuple[Diagnostic, ...]]:
    """Check a tree; the program is there only when no finding is an error.

    A tree whose file had syntax errors can be checked too, for its other findings. Findings are in
    the order of their places.
    """
    run = Checking(file, source)
    program = run.program()
    usable = file.whole and not run.report.failed
    return program if usable else None, run.report.in_order()
