"""Trees to checked program: names, types, properties, chains, tests, invariants, then the lint.

What this accepts cannot fail at run time. Warnings do not keep a program from being made.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from roteiro.lang import nodes, typed
from roteiro.lang.actions import Actions
from roteiro.lang.beyond import NOTHING, Beyond
from roteiro.lang.chaintypes import Chains
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.invariants import Invariants
from roteiro.lang.lint import LintInput, Looked, look
from roteiro.lang.load import Loaded, loaded_of
from roteiro.lang.pools import Pools
from roteiro.lang.properties import Properties
from roteiro.lang.report import Report
from roteiro.lang.resolve import collect
from roteiro.lang.schedules import Schedules
from roteiro.lang.settings import Settings
from roteiro.lang.source import Source
from roteiro.lang.suppress import apply
from roteiro.lang.testitems import Tests, known
from roteiro.lang.typecheck import Typer
from roteiro.lang.typed import Typed
from roteiro.lang.uncarried import Carriage


@dataclass(frozen=True, slots=True)
class Counts:
    """How often items, guard and tables use which name, and hold in which queue."""

    used: Counter[tuple[str, str]]
    queues: Counter[str]


class Checking:
    """One run over one program, or over a part of it."""

    def __init__(
        self, loaded: Loaded, beyond: Callable[[Counts], Beyond] = lambda _: NOTHING
    ) -> None:
        """Gather the names of all files; `beyond` says what else there is, of what was counted."""
        self.loaded = loaded
        self.find_beyond = beyond
        self.beyond = NOTHING
        self.counts = Counts(Counter(), Counter())
        self.looked: Looked | None = None
        self.report: Report = loaded.report()
        self.names = collect(loaded.items, self.report, data=loaded.data, found=loaded.found)
        self.carriage = Carriage()
        self.typer = Typer(self.names, self.report)
        self.actions = Actions(self.names, self.report, self.carriage)

    def definitions(self) -> None:
        """Check sets and conditions by themselves, used or not."""
        for item in self.names.sets.values():
            self.typer.declare(item)
        for condition in self.names.conditions.values():
            if condition.name.text not in self.typer.definitions:
                self.typer.define(condition)

    def settings(self) -> Settings:
        """Check what belongs to running."""
        found = Properties(self.names, self.report, self.carriage).settings()
        pools = Pools(self.names, self.report, self.carriage).settings()
        schedules = Schedules(self.report)
        return Settings(
            found.router,
            found.listeners,
            found.nodes,
            tuple(pool for pool in pools if pool.kind != "copy"),
            tuple(map(schedules.settings, self.names.schedules.values())),
            schedules.zone(self.names.timezone),
            copies=tuple(pool for pool in pools if pool.kind == "copy"),
        )

    # The guard and the tables -------------------------------------------------------------------

    def guard(self, guard: nodes.Guard) -> typed.TypedGuard:
        """Type the guard."""
        self.same_names(rule.name for rule in guard.rules)
        rules = tuple(
            typed.TypedGuardRule(
                rule.name.text,
                self.typer.condition(rule.condition),
                self.actions.verdict(rule.verdict),
                rule.span,
            )
            for rule in guard.rules
        )
        return typed.TypedGuard(rules, self.actions.verdict(guard.otherwise), guard.otherwise.span)

    def table(self, table: nodes.Table) -> typed.TypedTable:
        """Type a table."""
        self.same_names(rule.name for rule in table.rules)
        otherwise = None
        rules = tuple(map(self.rule, table.rules))
        if table.otherwise is not None:
            otherwise = self.actions.effects(table.otherwise.actions, table.otherwise.span)
        return typed.TypedTable(
            table.name.text,
            table.mode == "first",
            rules,
            otherwise,
            table.span,
            table.otherwise.span if table.otherwise else table.span,
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

    def same_names(self, names: Iterable[nodes.Name]) -> None:
        """Report rules of one table with one name."""
        first: dict[str, nodes.Name] = {}
        for name in names:
            if name.text in first:
                label = self.report.label(first[name.text].span, "first_here")
                self.report.add(
                    "RT105", name.span, "duplicate_name", labels=(label,), name=name.text
                )
            first.setdefault(name.text, name)

    # Tests and invariants -----------------------------------------------------------------------

    def tests(self) -> tuple[typed.TypedTest, ...]:
        """Type the test items; two of one name are an error."""
        named = (*(queue.text for queue in self.actions.queues), *self.beyond.queues)
        known_names = known(self.names, named)
        checker = Tests(self.names, known_names, self.typer, self.report)
        items = [item for item in self.loaded.items if isinstance(item, nodes.TestItem)]
        self.same_titles(item.name for item in items)
        return tuple(map(checker.test, items))

    def invariants(self) -> tuple[typed.TypedInvariant, ...]:
        """Type the invariants; two of one name are an error."""
        checker = Invariants(self.names, self.typer, self.report)
        items = [item for item in self.loaded.items if isinstance(item, nodes.Invariant)]
        self.same_titles(item.name for item in items)
        return tuple(map(checker.invariant, items))

    def same_titles(self, titles: Iterable[nodes.Text]) -> None:
        """Report items of one kind with one title."""
        names = [nodes.Name(title.value, title.span) for title in titles]
        self.same_names(names)

    # All of it ----------------------------------------------------------------------------------

    def program(self) -> Typed:
        """Type the whole program, then look for what is suspicious."""
        self.definitions()
        settings = self.settings()
        chains = Chains(self.names, self.typer, self.report).typed()
        guard = self.guard(self.names.guard) if self.names.guard else None
        tables = tuple(map(self.table, self.names.tables.values()))
        self.count()
        tests = self.tests()
        invariants = self.invariants()
        program = Typed(
            carried(settings, self.carriage),
            guard,
            tables,
            tests,
            self.loaded.rule_set,
            chains,
            invariants,
            self.loaded.sources,
            self.names.places(),
        )
        self.lint(program)
        return program

    def count(self) -> None:
        """Count who was asked for, and find out what there is besides."""
        queues = Counter(queue.text for queue in self.actions.queues)
        self.counts = Counts(Counter(self.names.used), queues)
        self.beyond = self.find_beyond(self.counts)

    def lint(self, program: Typed) -> None:
        """Look for what is suspicious."""
        definitions = {name: found for name, (found, _) in self.typer.definitions.items()}
        loaded = self.loaded
        given = LintInput(loaded.items, loaded.whole, self.names, program, definitions, self.beyond)
        self.looked = look(given, self.report)


def carried(settings: Settings, carriage: Carriage) -> Settings:
    """Add to the settings what `serve` does not carry out."""
    return replace(settings, uncarried=carriage.in_order())


def check_loaded(
    loaded: Loaded, today: date | None = None
) -> tuple[Typed | None, tuple[Diagnostic, ...]]:
    """Check a program that was read; it is there only when no finding is an error.

    A program whose files had syntax errors can be checked too, for its other findings. The findings
    of the reading are not repeated. They are in the order of the files and places. Suppressions
    are carried out when `today` says what has expired.
    """
    run = Checking(loaded)
    return outcome(run, run.program(), today)


def outcome(
    run: Checking, program: Typed, today: date | None
) -> tuple[Typed | None, tuple[Diagnostic, ...]]:
    """Give what `check_loaded` gives, of a run that is over."""
    loaded, found = run.loaded, run.report.in_order()
    if today is not None:
        found = apply(found, loaded.sources, today, whole=loaded.whole)
    failed = any(each.level is Level.ERROR for each in found)
    return program if loaded.whole and not failed else None, found


def check(file: nodes.File, source: Source) -> tuple[Typed | None, tuple[Diagnostic, ...]]:
    """Check a tree that was parsed from one text, as `check_loaded`.

    There are no other files: what it uses is a finding, like a file that is missing.
    """
    loaded = loaded_of(file, source)
    program, findings = check_loaded(loaded)
    return program, (*loaded.findings, *findings)
