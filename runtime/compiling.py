"""From a path to compiled rules, with as little work as what was kept allows.

1. Nothing at all was found in the file and in those it uses, and they are what they were: what was
   compiled is taken as it is, and nothing is checked.
2. The text of a large file is what it was: its findings are known (`sources`), and so is what was
   compiled of it, by its rule set.
3. One rule of a large file is another: the rest is known by numbers (`relowered`).
4. Else everything is read, checked and lowered from the beginning.

All ways give the same bytes. What was kept is looked at as any other file is, so what is damaged is
made again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from roteiro.core import lay
from roteiro.core.errors import ArtefactError, ProgramError
from roteiro.runtime.artefacts import (
    Site,
    Sources,
    Unserved,
    joined_with,
    site_of,
    sources_of,
    taken,
)
from roteiro.runtime.garbage import collecting_later
from roteiro.runtime.remembered import LOWERED, recall_compiled, remember_compiled

if TYPE_CHECKING:
    from roteiro.core.artefact import Artefact
    from roteiro.lang.diagnostics import Diagnostic
    from roteiro.lang.source import Source
    from roteiro.lang.typed import Typed
    from roteiro.lang.warm.answer import Carried
    from roteiro.runtime.sources import Origin


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """What became of a rule file."""

    name: str
    """As it was named by who asked."""
    findings: "tuple[Diagnostic, ...]"
    artefact: "Artefact | None"
    """There when it has no errors."""
    is_lasting: bool = False
    """Whether it was kept, and no file but those that it was made of counts for what was found."""
    carried: "Carried | None" = None
    """Which findings are those of before, where that is known."""


def compile_rules(path: Path, name: str) -> CompiledRules:
    """Read, check and compile a rule file and those it uses; `OSError` when it cannot be read.

    `name` is shown for it.
    """
    is_plain = path.is_file()  # a pipe is read once
    kept = kept_of(path) if is_plain else None
    if kept is not None and is_as_it_was(kept, path):
        return CompiledRules(name, (), kept)
    with collecting_later():
        return compiled_again(path, name, kept, is_plain=is_plain)


def kept_of(path: Path) -> "Artefact | None":
    """Give what was compiled of a file, whatever it was then."""
    data = recall_compiled(path)
    try:
        return None if data is None else taken(data)
    except (ArtefactError, OSError):
        return None


def is_as_it_was(kept: "Artefact", path: Path) -> bool:
    """Whether what was compiled can be taken without a check."""
    try:
        sources = sources_of(kept)
    except ArtefactError:
        return False
    return sources.silent and sources.are_unchanged(path)


def compiled_again(
    path: Path, name: str, kept: "Artefact | None", *, is_plain: bool
) -> CompiledRules:
    """Check a file, and compile it unless what was compiled is of the same text."""
    from roteiro.runtime.sources import examine_again, examine_file  # noqa: PLC0415  see 1.

    found = (examine_again if is_plain else examine_file)(path, name)
    if is_plain and found.typed is None and found.is_sound and found.origin is not None:
        artefact = of_known(path, found.origin, kept)
        if artefact is not None:
            carried = found.origin.carried
            return CompiledRules(name, found.findings, artefact, is_lasting=True, carried=carried)
        is_alone = found.origin.is_alone
        found = examine_file(path, name)
    else:
        is_alone = False
    if found.typed is None or found.origin is None:
        return CompiledRules(name, found.findings, None)
    origin = replace(found.origin, is_alone=found.origin.is_alone or is_alone)
    data = of_typed(path, found.typed, origin)
    is_lasting = origin.is_closed and is_worth_keeping(path, origin)
    return CompiledRules(name, found.findings, taken(data), is_lasting=is_lasting)


# By what is known ---------------------------------------------------------------------------------


def of_known(path: Path, origin: "Origin", kept: "Artefact | None") -> "Artefact | None":
    """Give what was compiled of a text, or compile it by what is known of all but one rule."""
    from roteiro.lang.load import digest, encoded  # noqa: PLC0415  see 1.
    from roteiro.runtime.lowered import Unusual  # noqa: PLC0415  see 1.

    rule_set = digest([("", encoded(origin.files[0]))])
    if kept is None:
        return None
    if kept.notes.rule_set == rule_set:
        return kept
    try:
        data = with_another_rule(path, origin, kept, rule_set)
    except (Unusual, ProgramError, ArtefactError):
        return None
    return taken(data)


def with_another_rule(path: Path, origin: "Origin", kept: "Artefact", rule_set: str) -> bytes:
    """Compile a text of which one rule is another. Raises `Unusual`, and what laying out does."""
    from roteiro.lang.load import digest  # noqa: PLC0415  see 1.
    from roteiro.runtime.lowered import Unusual, packed, unpacked  # noqa: PLC0415  see 1.
    from roteiro.runtime.relowered import moved, ready  # noqa: PLC0415  see 1.

    told = recall_compiled(path, LOWERED)
    lowered = None if told is None else unpacked(told)
    site = site_of(kept)
    if lowered is None or origin.rewritten is None:
        raise Unusual
    before = digest([("", origin.rewritten.before.encode("utf-8", "surrogatepass"))])
    if not before == lowered.rule_set == kept.notes.rule_set:
        raise Unusual  # what was checked last was not compiled
    made = ready(lowered, origin.rewritten, rule_set)
    compiled = lay(made.program, made.clauses)
    source = origin.files[0]
    unserved = moved(site.unserved, made.lowered, origin.rewritten, source)
    sources = sources_from(path, origin)
    data = joined_with(compiled.parts, replace(site, unserved=unserved), sources)
    remember_compiled(path, data)
    remember_compiled(path, packed(made.lowered), LOWERED)
    return data


# From the beginning -------------------------------------------------------------------------------


def of_typed(path: Path, typed: "Typed", origin: "Origin") -> bytes:
    """Lower and lay out a checked program, and keep that."""
    from roteiro.lang.lower import lower  # noqa: PLC0415  see 1.
    from roteiro.runtime.lowered import lowered_of, packed  # noqa: PLC0415  see 1.

    program = lower(typed)
    compiled = lay(program)
    data = joined_with(compiled.parts, site_from(typed), sources_from(path, origin))
    if not is_worth_keeping(path, origin):
        return data
    remember_compiled(path, data)
    lowered = lowered_of(typed, program, compiled.found) if origin.is_alone else None
    if lowered is not None:
        remember_compiled(path, packed(lowered), LOWERED)
    return data


def compiled_once(path: Path, typed: "Typed", origin: "Origin") -> "Artefact":
    """Give what was compiled of a checked program, or compile it."""
    kept = kept_of(path) if is_worth_keeping(path, origin) else None
    if kept is not None and kept.notes.rule_set == typed.rule_set:
        return kept
    return taken(of_typed(path, typed, origin))


def is_worth_keeping(path: Path, origin: "Origin") -> bool:
    """Whether to keep what was made of a program: it is large, and lies where it can be found."""
    from roteiro.lang.warm.keep import LARGE  # noqa: PLC0415  see 1.

    return path.is_file() and sum(len(each.text) for each in origin.files) >= LARGE


def compiled_of(typed: "Typed") -> bytes:
    """Compile a checked program that lies in no file."""
    from roteiro.lang.lower import lower  # noqa: PLC0415  see 1.

    names = tuple((PurePath(each.name).name, "") for each in typed.sources)
    return joined_with(lay(lower(typed)).parts, site_from(typed), Sources(names, silent=False))


def site_from(typed: "Typed") -> Site:
    """Give what belongs to running of a checked program."""
    settings = typed.settings
    return Site(replace(settings, uncarried=()), tuple(_unserved(typed)))


def _unserved(typed: "Typed") -> Iterable[Unserved]:
    from roteiro.lang.warm.plain import of_value  # noqa: PLC0415  see 1.

    for each in typed.settings.uncarried:
        at = typed.sources[each.span.file].position(each.span.start)
        yield Unserved(each.span.file, at.line, at.column, of_value(each.what))


def sources_from(path: Path, origin: "Origin") -> Sources:
    """Say of what a program was made: where each file lies beside the first one, and its digest."""
    first = PurePath(origin.files[0].name).parent
    files = tuple(_file(each, first) for each in origin.files)
    return Sources(((path.name, files[0][1]), *files[1:]), origin.silent)


def _file(source: "Source", first: PurePath) -> tuple[str, str]:
    name = PurePath(source.name)
    from roteiro.lang.load import encoded  # noqa: PLC0415  see 1.

    beside = name.relative_to(first) if name.is_relative_to(first) else name
    return beside.as_posix(), sha256(encoded(source)).hexdigest()
