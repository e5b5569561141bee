"""The checked program: names resolved, literals typed, places kept.

`check` makes it, and what it accepts cannot fail at run time. It still has the surface forms of the
language (quantifiers, negated operators), because two readers want them: the reference interpreter
transcribes the predicate table from them, and `lower` turns them into `roteiro.core.program`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from roteiro.core.program import (
    Effect,
    Expression,
    Field,
    GuardVerdict,
    Interval,
    Scalar,
    State,
)
from roteiro.lang.chains import Chain
from roteiro.lang.comments import docs_of
from roteiro.lang.settings import Settings
from roteiro.lang.source import NOWHERE, Source, Span


@dataclass(frozen=True, slots=True)
class Compare:
    """`[quantifier] field [not] operator right`, typed.

    `values`, `folded` and `intervals` are the right side: one value for `==` and the orders, the
    elements and ranges of the set for `in` (a time range that wraps midnight is two intervals; of
    `clock.local in @schedule` the windows), the texts for `contains`, `starts with`, `ends with`,
    `like` and `under`. `folded` has the texts of `i"..."` and of person names, after NFC and case
    folding. `expressions` is the right side of `matches`.
    """

    field: Field
    quantifier: str | None
    operator: str
    negated: bool
    values: tuple[Scalar, ...]
    intervals: tuple[Interval, ...]
    span: Span
    source: Source
    """The file it was written in: `source.text[span.start:span.end]` is the test's text."""
    folded: tuple[str, ...] = ()
    expressions: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class IsState:
    """`field is STATE`; `blank` is two states."""

    field: Field
    states: State
    span: Span
    source: Source


@dataclass(frozen=True, slots=True)
class Has:
    """`any|all|no field has (condition)`; the condition is read in each item."""

    field: Field
    quantifier: str
    condition: "Condition"
    span: Span
    source: Source


@dataclass(frozen=True, slots=True)
class Constant:
    """`true`, `false`, or a rule without `when`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    """Plain negation."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    """All parts."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Some part."""

    parts: "tuple[Condition, ...]"


Condition = Compare | IsState | Has | Constant | Not | And | Or


@dataclass(frozen=True, slots=True)
class TypedGuardRule:
    """A rule of the guard; `name` without the `guard.` before it."""

    name: str
    condition: Condition
    verdict: GuardVerdict
    span: Span


@dataclass(frozen=True, slots=True)
class TypedGuard:
    """The guard, rules in order."""

    rules: tuple[TypedGuardRule, ...]
    otherwise: GuardVerdict
    otherwise_span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class TypedRule:
    """A rule of a table; `name` without the table's."""

    name: str
    description: str | None
    priority: int
    condition: Condition
    effects: tuple[Effect, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TypedTable:
    """A table, rules in the order of the file (their key is (-priority, position))."""

    name: str
    first: bool
    rules: tuple[TypedRule, ...]
    otherwise: tuple[Effect, ...] | None
    span: Span
    otherwise_span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Assigned:
    """One element or envelope field of a test's object.

    `values` `None` is absent, empty is empty; else the values as a data set holds them, as text
    (`"1.5"`, `"20260131"`), in order. `items` is there for a sequence.
    """

    field: Field
    values: tuple[str, ...] | None
    span: Span
    items: "tuple[tuple[Assigned, ...], ...] | None" = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a test wants; `kind` as in `nodes.Expect`.

    `names` are destinations (`exactly`, `send`, `no send`), one `TABLE.RULE` (`rule`) or one queue
    (`hold`); `status` is for `refuse`, `reason` for `refuse` and `hold` when one was written; `via`
    for `send` when one was written. Of kind `result`, `result` must hold in what every delivery
    with a chain carries.
    """

    kind: str
    names: tuple[str, ...]
    status: int | None
    reason: str | None
    span: Span
    via: tuple[str, ...] | None = None
    result: Compare | IsState | None = None


@dataclass(frozen=True, slots=True)
class TypedTest:
    """A test of the language."""

    name: str
    file: str | None
    """Path of a DICOM file, relative to the rule file."""
    given: tuple[Assigned, ...]
    at: str | None
    expectations: tuple[Expectation, ...]
    span: Span
    source: Source


@dataclass(frozen=True, slots=True)
class NeverSent:
    """`never send to ... unless ...`."""

    destinations: tuple[str, ...]
    unless_via: tuple[str, ...]
    unless_when: Condition | None


@dataclass(frozen=True, slots=True)
class AlwaysSo:
    """`always send to ... | route | pass when ...`; `outcome` as in `nodes.Always`."""

    outcome: str
    destinations: tuple[str, ...]
    condition: Condition


@dataclass(frozen=True, slots=True)
class SameAs:
    """`equivalent "FILE"`: the path, relative to the rule file."""

    path: str


@dataclass(frozen=True, slots=True)
class TypedInvariant:
    """An invariant; typed, and proved in a later version."""

    name: str
    claims: tuple[NeverSent | AlwaysSo | SameAs, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Typed:
    """A whole program, checked."""

    settings: Settings
    guard: TypedGuard | None
    tables: tuple[TypedTable, ...]
    tests: tuple[TypedTest, ...]
    rule_set: str
    """`sha256:...` over the sources and the files of sets and lookups."""
    chains: tuple[Chain, ...] = ()
    """Transforms and profiles: what `via` names."""
    invariants: tuple[TypedInvariant, ...] = ()
    sources: tuple[Source, ...] = ()
    """The rule files; `span.file` counts in them."""
    places: Mapping[str, Span] = field(default_factory=dict, compare=False, hash=False)
    """Where `guard`, `table NAME`, `node NAME` and `pool NAME` begin."""

    def docs(self, place: Span | None) -> str:
        """Give the documentation (`##`) of the item or rule at a place; nothing without one."""
        return "" if place is None else docs_of(self.sources[place.file], place.start)
