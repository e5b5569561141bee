"""Makes what is kept of the check of a whole file, if it can be checked again in part."""

import re
from array import array
from collections.abc import Iterable, Iterator

from roteiro.core.program import Deliver
from roteiro.lang import nodes
from roteiro.lang.check import Checking
from roteiro.lang.items import SHAPES
from roteiro.lang.lint import Looked
from roteiro.lang.lint.untested import WORK
from roteiro.lang.report import SUGGESTIONS
from roteiro.lang.settings import Uncarried
from roteiro.lang.source import Span
from roteiro.lang.typed import Typed
from roteiro.lang.warm.memory import ALL, FIRST, GUARD, Facts, Memory, Places, indexed
from roteiro.lang.warm.plain import one_file, plain
from roteiro.lang.warm.words import Words

LARGE = 64 * 1024
"""Characters of a file from which on it is worth it."""
BLANK = re.compile(r"(?:\s++|#[^\n]*+)*+")
LINE = re.compile(r"\n([ \t]*+)(?![#}\s])(\w*+)")
"""The beginning of a line that is neither empty nor a comment, nor closes what is open."""
NOTHING_MORE = re.compile(r"[ \t\r]*+(?:#[^\n]*+)?(?:\n|\Z)")
LARGEST = 2**60


def kept(checking: Checking, typed: Typed) -> Memory | None:
    """Give what is kept of a check; nothing when the file is small, or not one of the usual."""
    loaded, looked = checking.loaded, checking.looked
    text = loaded.sources[0].text
    alone = len(loaded.sources) == 1 and not loaded.data_sources
    if len(text) < LARGE or not alone or not loaded.whole or loaded.findings or looked is None:
        return None
    others = (nodes.Use, nodes.Lookup)
    strange = any(isinstance(item, others) or of_file(item) for item in loaded.items)
    tables = tables_of(loaded.items)
    known = len(typed.tables) + (typed.guard is not None)
    if strange or len(tables) != known or checking.report.suggested > SUGGESTIONS:
        return None
    places = places_of(text, tables)
    if places is None or not all(map(one_file, checking.report.findings)):
        return None
    return memory_of(checking, looked, typed, places, tables)


def of_file(item: nodes.Item) -> bool:
    """Whether an item has its values in a file, or names one that must be there."""
    if isinstance(item, nodes.Invariant):
        return any(isinstance(claim, nodes.Equivalent) for claim in item.claims)
    return isinstance(item, nodes.SetItem) and isinstance(item.value, nodes.SetFile)


def tables_of(items: tuple[nodes.Item, ...]) -> list[nodes.Table | nodes.Guard]:
    """Give the tables and the guard, in order."""
    return [item for item in items if isinstance(item, nodes.Table | nodes.Guard)]


# Places -------------------------------------------------------------------------------------------


def places_of(text: str, tables: list[nodes.Table | nodes.Guard]) -> Places | None:
    """Give where rules stand, and what is between; nothing where one does not stand by itself."""
    starts, ends, owners, gaps = (array("Q") for _ in range(4))
    at = 0
    for number, table in enumerate(tables):
        for rule in table.rules:
            if not by_itself(text, rule.span, margin(text, table.span.start)):
                return None
            starts.append(rule.span.start)
            ends.append(rule.span.end)
            owners.append(number)
            if not BLANK.fullmatch(text, at, rule.span.start):
                gaps.extend((at, rule.span.start))
            at = rule.span.end
    gaps.extend((at, len(text)))
    return Places(text, starts, ends, owners, gaps)


def margin(text: str, start: int) -> int:
    """Give the characters before a place on its line."""
    return start - (text.rfind("\n", 0, start) + 1)


def by_itself(text: str, rule: Span, least: int) -> bool:
    """Whether nothing else stands on the lines of a rule, and each shows that it is part of it.

    Then the rule can be left out and nothing around it is read differently.
    """
    indent = margin(text, rule.start)
    if text[rule.start - indent : rule.start].strip() or not NOTHING_MORE.match(text, rule.end):
        return False
    least = max(least, indent)
    return all(
        len(line[1]) > least and line[2] not in SHAPES
        for line in LINE.finditer(text, rule.start, rule.end)
    )


# What is known of rules ---------------------------------------------------------------------------


def memory_of(
    checking: Checking,
    looked: Looked,
    typed: Typed,
    places: Places,
    tables: list[nodes.Table | nodes.Guard],
) -> Memory | None:
    """Put together what is kept."""
    priorities = array("q")
    for table in tables:
        for rule in table.rules:
            priority = rule.priority if isinstance(rule, nodes.Rule) else 0
            if abs(priority) > LARGEST:
                return None
            priorities.append(priority)
    own = list(words_of(looked, typed, tables))
    return Memory(places, priorities, indexed(own), facts_of(checking, looked, typed, tables))


def words_of(
    looked: Looked, typed: Typed, tables: list[nodes.Table | nodes.Guard]
) -> Iterator[list[int]]:
    """Give the words of all rules; the guard's, which is never left out, have none."""
    words = Words(looked)
    by_name = {table.name: table for table in typed.tables}
    for table in tables:
        if isinstance(table, nodes.Guard):
            yield from ([] for _ in table.rules)
        else:
            checked = by_name[table.name.text]
            for rule, written in zip(checked.rules, table.rules, strict=True):
                yield words.of(checked, rule, written)


# What is known besides ----------------------------------------------------------------------------


def facts_of(
    checking: Checking, looked: Looked, typed: Typed, tables: list[nodes.Table | nodes.Guard]
) -> Facts:
    """Give what is small."""
    findings, text = checking.report.findings, checking.report.source.text
    program = looked.program
    return Facts(
        tables=[named(table, margin(text, table.span.start)) for table in tables],
        sound=looked.sound,
        errors=looked.errors,
        early=[plain(one) for one in findings[: looked.early]],
        general=[plain(one) for one in findings[looked.early : looked.general]],
        late=[plain(one) for one in findings[looked.general :]],
        used=[(*name, count) for name, count in checking.counts.used.items()],
        queues=dict(checking.counts.queues),
        suggested=checking.report.suggested,
        asking=dict(program.asking),
        spent=dict(program.spent),
        share=program.share,
        expected=sorted(program.expected),
        ways=sorted(ways_of(typed)),
        pools={pool.name: list(pool.members) for pool in typed.settings.pools},
        uncarried=uncarried(typed.settings.uncarried),
        tried=tried(typed, program.rules),
    )


def named(table: nodes.Table | nodes.Guard, indent: int) -> tuple[str, str, int]:
    """Give the name, the kind and the indent of a table."""
    if isinstance(table, nodes.Guard):
        return GUARD, GUARD, indent
    return table.name.text, FIRST if table.mode == FIRST else ALL, indent


def ways_of(typed: Typed) -> list[tuple[str, list[str]]]:
    """Give where is sent, and by which chain, with and without a rule."""
    ways = {
        (effect.to, effect.via)
        for table in typed.tables
        for effects in (*(rule.effects for rule in table.rules), table.otherwise or ())
        for effect in effects
        if isinstance(effect, Deliver)
    }
    return [(to, list(via)) for to, via in ways]


def tried(typed: Typed, rules: int) -> bool:
    """Whether the tests are run to see which rules fire."""
    by_hand = all(test.file is None for test in typed.tests)
    return bool(typed.tests) and by_hand and len(typed.tests) * rules <= WORK


def uncarried(found: Iterable[Uncarried]) -> dict[str, list[int]]:
    """Give what `serve` does not carry out, and where it stands."""
    places: dict[str, list[int]] = {}
    for one in found:
        places.setdefault(one.construct, []).append(one.span.start)
    return places
