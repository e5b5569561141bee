"""The forms in which `check` prints what it found: for people, screen readers, scripts and CI."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.messages import text
from roteiro.lang.render import plain
from roteiro.runtime.cli.output import counted, say, say_findings, say_json

if TYPE_CHECKING:
    from roteiro.runtime.cost import FileCost

PAGES = "roteiro.pages"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a call of `check` found."""

    findings: tuple[Diagnostic, ...]
    files: tuple[str, ...]
    """The files that were there, as they were named."""
    fails: Level
    """From which level on findings fail the call."""
    language: str
    unserved: tuple[str, ...] = ()
    """What `serve` of this version does not carry out, and where it stands."""
    costs: "tuple[FileCost, ...] | None" = None
    """What each file costs that has no error, when it was asked."""

    @property
    def failed(self) -> bool:
        """Whether something weighs enough to fail the call."""
        return any(each.level >= self.fails for each in self.findings)

    def end(self) -> str:
        """Say what was found, and what `serve` would refuse of what was not."""
        if not self.unserved:
            return self.sum()
        what = ", ".join(self.unserved)
        return f"{self.sum()}\n{text('command.check_unserved', self.language, what=what)}"

    def sum(self) -> str:
        """Say in one line what was found."""
        weights = Counter(each.level for each in self.findings)
        parts = [
            counted(level.name.lower(), weights[level], self.language)
            for level in sorted(Level, reverse=True)
            if weights[level]
        ]
        files = counted("file", len(self.files), self.language)
        key = "command.check_sum" if parts else "command.check_clean"
        return text(key, self.language, files=files, found=", ".join(parts))


def say_text(checked: Checked) -> None:
    """Print findings with their lines, and the sum."""
    if checked.files:
        say_findings(checked.findings, checked.language)
        say_costs(checked)
        say(checked.end())


def say_costs(checked: Checked) -> None:
    """Print what each file costs, when it was asked."""
    if checked.costs is not None:
        from roteiro.runtime.cli.cost import lines_of  # noqa: PLC0415  few ask

        for each in checked.costs:
            say("\n".join([*lines_of(each, checked.language), ""]))


def say_plain(checked: Checked) -> None:
    """Print one line a finding; the end is on stderr, so that every line is a finding."""
    for each in checked.findings:
        say(plain.line(each, checked.language))
    if checked.files:
        click.echo(checked.end(), err=True)


def say_document(checked: Checked) -> None:
    """Print the JSON document."""
    from roteiro.lang.render import json  # noqa: PLC0415  each form for itself, here and below

    document = json.document(checked.findings, len(checked.files), checked.language)
    if checked.costs is not None:
        document["cost"] = [each.document() for each in checked.costs]
    say_json(document)


def say_sarif(checked: Checked) -> None:
    """Print SARIF."""
    from importlib.metadata import version  # noqa: PLC0415

    from roteiro.lang.render import sarif  # noqa: PLC0415
    from roteiro.runtime.places import uri_of  # noqa: PLC0415

    say_json(
        sarif.document(
            checked.findings,
            pages=pages(checked.language),
            version=version("roteiro"),
            uri=uri_of,
            language=checked.language,
        )
    )


def say_github(checked: Checked) -> None:
    """Print commands of GitHub Actions."""
    from roteiro.lang.render import github  # noqa: PLC0415
    from roteiro.runtime.places import below_root  # noqa: PLC0415

    for each in checked.findings:
        say(github.annotation(each, checked.language, below_root))


def say_junit(checked: Checked) -> None:
    """Print JUnit XML; it names its encoding, so the terminal's does not count."""
    from roteiro.lang.render import junit  # noqa: PLC0415

    document = junit.render(checked.findings, checked.files, checked.fails, checked.language)
    click.echo(document.encode())


def pages(language: str) -> Mapping[str, str]:
    """Give the pages of all codes."""
    return {code: page_of(code, language) for code in CODES}


def page_of(code: str, language: str) -> str:
    """Give the page of a code, in English where there is no other."""
    from importlib.resources import files  # noqa: PLC0415  slow, and seldom needed

    found = files(PAGES)
    own = found / language / f"{code}.md"
    page = own if own.is_file() else found / f"{code}.md"
    return page.read_text(encoding="utf-8").rstrip("\n")


WITH_COSTS = ("text", "json")
"""Forms that have a place for costs."""
FORMS: Mapping[str, Callable[[Checked], None]] = {
    "text": say_text,
    "plain": say_plain,
    "json": say_document,
    "sarif": say_sarif,
    "github": say_github,
    "junit": say_junit,
}
