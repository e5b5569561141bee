"""Whole trees of the edition: all that the grammar can write, whether it means anything or not.

`files` draws a file; `lang.printing` writes it. Names are of two kinds: `NAMES` stand where
nothing but a name can and may be keywords, `WORDS` stand where keywords have a meaning.
"""

from decimal import Decimal

from hypothesis import strategies as st

from roteiro.lang import nodes
from roteiro.lang.source import Span

PLACE = Span(0, 0)
WORDS = ("Modality", "PatientName", "assoc", "x1", "RequestAttributesSequence", "late_x", "Rows")
KEYWORDS = ("late", "new", "key", "value", "file", "copy", "in", "rule", "when", "set", "always")
NAMES = (*WORDS, *KEYWORDS)


def made(kind, *parts, **named):
    """Draw a node of parts that are strategies."""
    return st.builds(kind, *parts, **named, span=st.just(PLACE))


def some(parts, least: int = 1, most: int = 3):
    """Draw a tuple."""
    return st.lists(parts, min_size=least, max_size=most).map(tuple)


def maybe(part):
    return st.none() | part


words = st.builds(nodes.Name, st.sampled_from(WORDS), st.just(PLACE))
names = st.builds(nodes.Name, st.sampled_from(NAMES), st.just(PLACE))
digits = st.integers(0, 10**12).map(str)

# Literals -----------------------------------------------------------------------------------------

texts = made(nodes.Text, st.text(max_size=8), st.just(False))
folded = made(nodes.Text, st.text(max_size=8), st.just(True))
numbers = made(
    nodes.Number,
    st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=3)
    | st.integers(-(10**9), 10**9).map(Decimal),
)
durations = made(nodes.Duration, st.sampled_from(("90s", "5m", "72h", "3650d", "500ms", "0s")))
times = made(nodes.Time, st.sampled_from(("22:00", "06:00:30", "24:00", "7:05", "00:00:00.5")))
instants = made(nodes.Instant, st.sampled_from(("2026-01-31T10:00:00+01:00", "2026-01-31T10:00Z")))
literals = st.one_of(
    texts,
    folded,
    numbers,
    durations,
    times,
    instants,
    made(nodes.Date, st.sampled_from(("2026-01-31", "2024-2-9"))),
    made(nodes.Age, st.sampled_from(("18Y", "006M", "2W", "10D"))),
    made(nodes.Size, st.sampled_from(("20MiB", "1KiB", "3GiB"))),
    made(nodes.Uid, st.sampled_from(("1.2.840.10008.1.2", "1.3.12"))),
    made(
        nodes.Regex,
        st.sampled_from((r"HEAD(_[0-9]+)?", r"a\/b", '["#}]', "x{1,2}")),
        st.booleans(),
    ),
)
ranges = made(nodes.Range, literals, literals)
secrets = made(nodes.Secret, texts)

# Paths --------------------------------------------------------------------------------------------

tags = made(nodes.Tag, st.sampled_from(("0018,0060", "60xx,3000", "50XX,0005", "fffe,e000")))
privates = made(
    nodes.PrivateTag,
    st.integers(0, 0xFFFF),
    st.sampled_from(("SIEMENS MR HEADER", "A,B (c) # d", "\\")),
    st.integers(0, 0xFF),
)
positions = maybe(st.integers(-3, 99))
first_steps = made(nodes.Step, words | tags | privates, positions)
more_steps = made(nodes.Step, names | tags | privates, positions)
paths = made(
    nodes.Path,
    st.builds(lambda first, more: (first, *more), first_steps, some(more_steps, 0, 2)),
)
tag_values = made(nodes.Path, some(made(nodes.Step, tags, st.none()), 1, 1))
set_literals = made(nodes.SetLiteral, some(literals | ranges | words | tag_values, 0))

# Conditions ---------------------------------------------------------------------------------------


def no_bare_name(path: nodes.Path) -> bool:
    """Whether a path cannot be taken for a name."""
    step = path.steps[0]
    return len(path.steps) > 1 or step.position is not None or not isinstance(step.what, nodes.Name)


ORDERED = ("<", "<=", ">", ">=")
NEGATABLE = ("==", "in", "contains", "starts with", "ends with", "like", "matches", "under")
refs = made(nodes.SetRef, names)
rights = st.one_of(literals, ranges, set_literals, refs, words, paths.filter(no_bare_name))


def comparison(function, quantifier, operator, path, right) -> nodes.Comparison:
    word, negated = operator
    asked = None if function else quantifier
    return nodes.Comparison(asked, path, function, word, negated, right, PLACE, PLACE)


quantifiers = st.sampled_from(("any", "all", "no"))
comparisons = st.builds(
    comparison,
    st.sampled_from((None, None, "count", "days since")),
    maybe(quantifiers),
    st.tuples(st.sampled_from(NEGATABLE), st.booleans())
    | st.tuples(st.sampled_from(ORDERED), st.just(False)),
    paths,
    rights,
)
states = st.sampled_from(("absent", "empty", "blank", "valued", "invalid"))
state_tests = made(nodes.StateTest, paths, states)
leaves = st.one_of(
    comparisons,
    comparisons,
    state_tests,
    made(nodes.ConditionRef, names),
    made(nodes.Constant, st.booleans()),
)
conditions = st.recursive(
    leaves,
    lambda parts: st.one_of(
        made(nodes.Not, parts),
        made(nodes.And, some(parts, 2)),
        made(nodes.Or, some(parts, 2)),
        made(nodes.SequenceTest, quantifiers, paths, parts),
    ),
    max_leaves=5,
)

# Actions ------------------------------------------------------------------------------------------

holds = made(nodes.HoldIn, names, maybe(texts))
options = st.one_of(
    made(nodes.Via, some(names)),
    made(
        nodes.BatchBy,
        names,
        durations,
        maybe(durations),
        st.sampled_from((None, "new", "all", "hold")),
    ),
    made(nodes.During, names),
    made(nodes.Urgency, names),
)
actions = st.one_of(
    made(nodes.SendTo, some(names), some(options, 0)),
    holds,
    made(nodes.NothingTo, texts),
    made(nodes.NotifyTo, names, texts),
)
drops = made(nodes.DropIt, texts)
refusals = made(nodes.RefuseIt, st.integers(0, 0xFFFF), maybe(texts))
verdicts = st.one_of(made(nodes.PassOn), drops, holds, refusals)

# Items --------------------------------------------------------------------------------------------

seconds = st.integers(0, 10**7).map(lambda one: Decimal(one) / 1000)
retries = made(nodes.Retry, seconds, seconds, maybe(seconds))
counts = st.integers(0, 10**6).map(Decimal)
kibibytes = counts.map(lambda one: one * 1024)
rates = made(nodes.Rate, counts, st.just(False), names, maybe(counts)) | made(
    nodes.Rate, kibibytes, st.just(True), names, maybe(kibibytes)
)
properties = made(
    nodes.Property,
    words,
    st.one_of(literals, set_literals, words, retries, rates, secrets),
)
days = st.builds(nodes.Days, words, words)
windows = made(nodes.Window, some(days, 0, 2), times, times)
pools = made(
    nodes.Pool, names, st.sampled_from(("failover", "copy")), st.none(), some(names)
) | made(nodes.Pool, names, st.just("balance"), paths, some(names))
set_items = made(nodes.SetItem, names, maybe(names), set_literals | made(nodes.SetFile, texts))
guard_rules = made(nodes.GuardRule, names, maybe(texts), conditions, verdicts)
rules = made(
    nodes.Rule, names, st.integers(-99, 99), maybe(texts), maybe(conditions), some(actions, 0)
)
tables = made(
    nodes.Table,
    names,
    st.sampled_from(("first", "all")),
    some(rules, 0),
    maybe(made(nodes.Otherwise, some(actions, 0))),
)

# Chains -------------------------------------------------------------------------------------------

terms = st.recursive(
    literals | paths,
    lambda parts: made(
        nodes.Call,
        words,
        some(parts | made(nodes.Join, some(parts, 2)) | refs | secrets, 0),
    ),
    max_leaves=4,
)
values = terms | made(nodes.Join, some(terms, 2))
plain_edits = st.one_of(
    made(nodes.SetEdit, paths, values),
    made(nodes.RemoveEdit, paths),
    made(nodes.BlankEdit, paths),
    made(nodes.CopyEdit, paths, paths),
)
edits = st.recursive(
    plain_edits,
    lambda parts: (
        made(nodes.IfEdit, conditions, some(parts, 0)) | made(nodes.EachEdit, paths, some(parts, 0))
    ),
    max_leaves=4,
)
boxes = made(nodes.Box, *(st.integers(0, 4096) for _ in range(4)))
statements = st.one_of(
    made(nodes.OptionStatement, some(names)),
    made(nodes.PathsStatement, st.sampled_from(("keep", "remove", "blank")), some(paths)),
    made(nodes.ReplaceStatement, paths, values),
    made(nodes.UidsStatement, secrets),
    made(nodes.DatesStatement, durations, paths, secrets),
    made(nodes.PrivateStatement, some(paths, 0)),
    made(nodes.PixelsStatement, some(boxes), conditions),
)

# Tests and invariants -----------------------------------------------------------------------------

given_values = st.none() | some(literals | words | tag_values, 0)
givens = st.recursive(
    made(nodes.Given, paths, given_values),
    lambda parts: made(nodes.Given, paths, made(nodes.Items, some(some(parts, 0)))),
    max_leaves=4,
)


nothing = st.just(())
none = st.none()


def expected(kind: str, found=nothing, via=nothing, verdict=none):
    return made(nodes.Expect, st.just(kind), found, via, verdict)


def of_queue(held: nodes.HoldIn) -> nodes.Expect:
    return nodes.Expect("hold", (held.queue,), (), held, PLACE)


result_tests = state_tests | st.builds(
    lambda mark, path, right: comparison(None, None, mark, path, right),
    st.sampled_from((("==", False), ("==", True), ("<", False), (">=", False))),
    paths,
    literals | tag_values,
)
expectations = st.one_of(
    expected("exactly", some(names)),
    expected("send", some(names), some(names, 0)),
    expected("no send", some(names)),
    expected("rule", some(names, 2, 2)),
    expected("drop", verdict=maybe(drops)),
    expected("nothing"),
    expected("pass", verdict=made(nodes.PassOn)),
    expected("refuse", verdict=refusals),
    holds.map(of_queue),
    made(nodes.ExpectedResult, result_tests),
)
tests = made(
    nodes.TestItem,
    texts,
    maybe(texts),
    some(givens, 0),
    maybe(instants),
    some(expectations, 0),
)
claims = st.one_of(
    made(nodes.Never, some(names), some(names, 0), st.none()),
    made(nodes.Never, some(names), st.just(()), conditions),
    made(nodes.Always, st.just("send"), some(names), maybe(conditions)),
    made(nodes.Always, st.sampled_from(("route", "pass")), st.just(()), maybe(conditions)),
    made(nodes.Equivalent, texts),
)

items = st.one_of(
    made(nodes.Use, texts),
    made(nodes.Timezone, texts),
    made(nodes.Router, some(properties, 0)),
    made(nodes.Listener, names, some(properties, 0), maybe(st.just(PLACE))),
    made(nodes.Node, names, some(properties, 0)),
    pools,
    set_items,
    made(nodes.ConditionItem, names, conditions),
    made(nodes.Lookup, names, texts, names, names),
    made(nodes.Schedule, names, some(windows, 0)),
    made(nodes.Transform, names, some(edits, 0)),
    made(nodes.Profile, names, some(names, 0), some(statements, 0)),
    made(nodes.Guard, some(guard_rules, 0), verdicts),
    tables,
    tests,
    made(nodes.Invariant, texts, some(claims)),
)
files = made(nodes.File, st.just(1), some(items, 0, 4))
