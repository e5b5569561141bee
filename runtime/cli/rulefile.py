"""Rule files as the commands that read them take them: `check`, `explain`, `test`."""

from pathlib import Path
from typing import TYPE_CHECKING

from roteiro.lang.diagnostics import Diagnostic, Level, message
from roteiro.lang.messages import Phrase
from roteiro.lang.source import Source, Span
from roteiro.runtime.cli.group import FINDINGS, Refused, not_read
from roteiro.runtime.cli.output import say_findings
from roteiro.runtime.machine import NO_FILE, unread
from roteiro.runtime.sources import Examined, examine_again, examine_file

if TYPE_CHECKING:
    from roteiro.runtime.rules import Rules


def examined(path: str, *, made: bool = True) -> Examined:
    """Parse and check a file, named as it was given; one that cannot be read is a finding.

    Unless the program has to be `made`, what an earlier check found is used. `Refused` when there
    is no such file, or it is a folder.
    """
    try:
        return (examine_file if made else examine_again)(Path(path), path)
    except OSError as wrong:
        if type(wrong) in NO_FILE:
            raise not_read(path, wrong) from None
        return _unread(path, wrong)


def usable(path: str, language: str) -> "Rules":
    """Make the rules of a file; with errors in it, print them on stderr and refuse."""
    found = examined(path)
    if found.typed is None:
        say_findings(found.findings, language, err=True)
        count = sum(each.level is Level.ERROR for each in found.findings)
        errors = Phrase("command.error_one" if count == 1 else "command.error_many", n=count)
        raise Refused(FINDINGS, "command.rules_have_errors", path=path, errors=errors)
    from roteiro.runtime.rules import rules_of  # noqa: PLC0415  `check` needs no engine

    return rules_of(found, Path(path))


def _unread(path: str, wrong: OSError) -> Examined:
    source = Source(path, "")
    why = unread(path, wrong)
    said = message(why.key, **why.values)
    return Examined(source, None, (Diagnostic("RT100", Level.ERROR, said, source, Span(0, 0)),))
