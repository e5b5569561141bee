"""`roteiro fix`: make the fixes that `check` offers."""

from collections import Counter
from collections.abc import Sequence

import click

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.fixing import Fixed, Fixer, Seen
from roteiro.lang.messages import text
from roteiro.lang.render.text import place, told
from roteiro.lang.source import Source
from roteiro.runtime.cli.edited import Edited, opened
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.output import counted, say, say_error, say_findings
from roteiro.runtime.cli.worded import command_of, option
from roteiro.runtime.sources import Folder, examine


@command_of("fix", more=("fix_rounds", "fix_exits"), example="roteiro fix --diff site.route")
@click.argument("paths", metavar="FILE...", nargs=-1)
@option("--unsafe", is_flag=True, help="fix_unsafe")
@option("--diff", is_flag=True, help="fix_diff")
@click.pass_obj
def command(language: str, *, paths: Sequence[str], unsafe: bool, diff: bool) -> int:
    """Make the fixes that `check` offers."""
    if not paths:
        raise Refused(USAGE, "command.no_file_to_fix")
    run = Run(language, unsafe=unsafe, diff=diff)
    for path in dict.fromkeys(paths):
        try:
            run.take(opened(path))
        except Refused as wrong:
            say_error(wrong.key, language, **wrong.values)
            run.worst = max(run.worst, wrong.code)
    run.say_sum()
    return run.worst


class Run:
    """One call, over all of its files."""

    def __init__(self, language: str, *, unsafe: bool, diff: bool) -> None:
        """Begin without files; with `diff` none is written."""
        self.language = language
        self.unsafe = unsafe
        self.shows = diff
        self.worst = FINE
        self.files = 0
        self.made = 0
        self.left: Counter[Level] = Counter()

    def take(self, file: Edited) -> None:
        """Mend one file."""
        self.files += 1
        fixed = self.fixed(file)
        made = fixed.seen.source.text
        if self.shows:
            click.echo(file.diff(made), nl=False)
        elif made != file.source.text:
            file.put(made)
        self.report(fixed)

    def fixed(self, file: Edited) -> Fixed:
        """Give what a file should become."""
        if file.wrong is not None:
            return Fixed(Seen(file.source, (file.wrong,)), ())
        assert file.path is not None
        folder = Folder(file.source.name, file.path)

        def examined(source: Source) -> Seen:
            return Seen(source, examine(source, folder).findings)

        return Fixer(examined, unsafe=self.unsafe).run(file.source)

    def report(self, fixed: Fixed) -> None:
        """Say what was mended and what is left; a diff is all of the output."""
        left = fixed.seen.findings
        self.made += len(fixed.made)
        self.left.update(each.level for each in left)
        if any(each.level is Level.ERROR for each in left):
            self.worst = max(self.worst, FINDINGS)
        if self.shows:
            return
        for each in fixed.made:
            say(self.line(each))
        say_findings(left, self.language)

    def line(self, found: Diagnostic) -> str:
        """Say what one fix did."""
        assert found.fix is not None
        key = "command.fixed" if found.fix.safe else "command.fixed_unsafe"
        return text(
            key,
            self.language,
            place=place(found.source, found.span),
            code=f"{found.code} {CODES[found.code].name}",
            done=told(found, found.fix, self.language),
        )

    def say_sum(self) -> None:
        """Say in one line what was mended and what is left."""
        if self.shows or not self.files:
            return
        weights = [
            counted(level.name.lower(), self.left[level], self.language)
            for level in sorted(Level, reverse=True)
            if self.left[level]
        ]
        key = "command.fix_left" if weights else "command.fix_clean"
        files = counted("file", self.files, self.language)
        say(text(key, self.language, n=self.made, left=", ".join(weights), files=files))
