"""A condition typed by itself: no table around it is looked at, and no lint."""

from dataclasses import dataclass

from roteiro.lang import nodes, typed
from roteiro.lang.datafiles import lines_of
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.parser import parse
from roteiro.lang.report import Report
from roteiro.lang.resolve import Data, collect
from roteiro.lang.source import Source
from roteiro.lang.typecheck import Typer


@dataclass(frozen=True)
class Result:
    """What became of a condition."""

    text: str
    condition: typed.Condition
    findings: tuple[Diagnostic, ...]

    def place(self, finding: Diagnostic) -> str:
        """Give the text that a finding points at."""
        return finding.source.text[finding.span.start : finding.span.end]

    @property
    def compared(self) -> typed.Compare:
        """The condition, which is one comparison that is in order."""
        assert self.findings == ()
        assert isinstance(self.condition, typed.Compare)
        return self.condition


def typed_alone(condition: str, before: str = "", files: dict[str, str] | None = None) -> Result:
    """Type one condition with the items `before` it and the set files that these name."""
    text = f'language 1\n{before}\ntable t all {{ rule r {{ when {condition} nothing "x" }} }}\n'
    source = Source("x.route", text)
    file, findings = parse(source)
    assert file is not None
    report = Report(source)
    names = collect(file.items, report, data=held(file, report, files or {}))
    typer = Typer(names, report)
    for item in names.sets.values():
        typer.declare(item)
    rules = [rule for table in names.tables.values() for rule in table.rules]
    made = typer.condition(rules[0].condition) if rules else typed.Constant(False)
    return Result(text, made, (*findings, *report.in_order()))


def held(file: nodes.File, report: Report, files: dict[str, str]) -> Data:
    """Give the lines of set files, as loading a program does."""
    lines = {}
    for item in file.items:
        if isinstance(item, nodes.SetItem) and isinstance(item.value, nodes.SetFile):
            number = len(report.sources)
            report.sources[number] = Source(item.value.path.value, files[item.value.path.value])
            lines[item.value.path] = lines_of(files[item.value.path.value], number)
    return Data(lines=lines)
