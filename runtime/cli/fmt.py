"""`roteiro fmt`: one layout for all rule files."""

from collections.abc import Sequence

import click

from roteiro.lang.fmt.run import format_source
from roteiro.lang.messages import text
from roteiro.runtime.cli.edited import STANDARD, Edited, opened, rule_files, standard_input
from roteiro.runtime.cli.group import FINDINGS, FINE, OURS, USAGE, Refused
from roteiro.runtime.cli.output import counted, say, say_error, say_findings
from roteiro.runtime.cli.worded import command_of, option
from roteiro.runtime.garbage import collecting_later


@command_of("fmt", more=("fmt_proof", "fmt_exits"), example="roteiro fmt rules/")
@click.argument("paths", metavar="FILE...", nargs=-1)
@option("--check", is_flag=True, help="fmt_check")
@option("--diff", is_flag=True, help="fmt_diff")
@click.pass_obj
def command(language: str, *, paths: Sequence[str], check: bool, diff: bool) -> int:
    """Format rule files in place."""
    if not paths:
        raise Refused(USAGE, "command.no_file_to_format")
    if STANDARD in paths and len(paths) > 1:
        raise Refused(USAGE, "command.standard_alone")
    run = Run(language, check=check, diff=diff)
    for name in run.names(paths):
        with collecting_later():
            run.take(name)
    if STANDARD not in paths:
        run.say_sum()
    return run.worst


class Run:
    """One call, over all of its files."""

    def __init__(self, language: str, *, check: bool, diff: bool) -> None:
        """Begin without files; with `check` or `diff` none is written."""
        self.language = language
        self.check = check
        self.shows = diff
        self.worst = FINE
        self.files = 0
        self.changed = 0

    def names(self, paths: Sequence[str]) -> list[str]:
        """Give the files; a folder without any is reported, the others are still formatted."""
        found: list[str] = []
        for path in paths:
            try:
                found += rule_files([path])
            except Refused as wrong:
                self.refuse(wrong)
        return list(dict.fromkeys(found))

    def refuse(self, wrong: Refused) -> None:
        """Say why a file is left as it is."""
        say_error(wrong.key, self.language, **wrong.values)
        self.worst = max(self.worst, wrong.code)

    def take(self, name: str) -> None:
        """Format one file, or say why not."""
        try:
            self.format(standard_input() if name == STANDARD else opened(name))
        except Refused as wrong:
            self.refuse(wrong)

    def format(self, file: Edited) -> None:
        """Format one file that could be read."""
        done = format_source(file.source) if file.wrong is None else None
        findings = done.findings if done is not None else (file.wrong,)
        if done is None or findings:
            say_findings([each for each in findings if each], self.language, err=True)
            raise Refused(FINDINGS, "command.not_formatted", path=file.source.name)
        if done.text is None:
            what = text(f"command.fmt_{done.fault}", self.language)
            raise Refused(OURS, "command.fmt_fault", path=file.source.name, what=what)
        self.files += 1
        self.show(file, done.text)

    def show(self, file: Edited, made: str) -> None:
        """Write, or show, what a file should look like."""
        same = made == file.source.text
        self.changed += not same
        if self.check and not same:
            self.worst = max(self.worst, FINDINGS)
        if self.shows:
            click.echo(file.diff(made), nl=False)
        elif file.path is None:
            if not self.check:
                click.echo(file.encoded(made), nl=False)
        elif not same:
            self.write(file, made)

    def write(self, file: Edited, made: str) -> None:
        """Put the text in the place of the file, unless it is only asked what would change."""
        if not self.check:
            file.put(made)
        key = "command.would_format" if self.check else "command.formatted"
        say(text(key, self.language, path=file.source.name))

    def say_sum(self) -> None:
        """Say in one line what was done; a diff is all of the output."""
        if self.shows or not self.files:
            return
        files = counted("file", self.files, self.language)
        kind = "would_change" if self.check else "changed"
        key = f"command.fmt_{kind}" if self.changed else "command.fmt_nothing"
        say(text(key, self.language, files=files, n=self.changed))
