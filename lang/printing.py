"""A syntax tree as text: plain, on few lines, for `fmt` to set.

Written from the grammar and not from the formatter, so that the two can be held against each other.
A tree that no text has (a name with a space) gives a text that is read otherwise, or not at all:
`treejson.text_of_tree` looks.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from roteiro.lang import nodes
from roteiro.lang.same import node_of

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
Writer = Callable[[Any], str]


def text_of(tree: Any) -> str:
    """Write a tree, or a part of one; places do not count."""
    kind: type = type(tree)
    return WRITERS[node_of(kind)](tree)


def _joined(parts: Iterable[Any], between: str = " ") -> str:
    return between.join(map(text_of, parts))


def _lines(parts: Iterable[Any]) -> str:
    return _joined(parts, "\n")


def _quoted(value: str) -> str:
    return '"' + "".join(ESCAPES.get(char, char) for char in value) + '"'


def _optional(before: str, part: Any) -> str:
    return "" if part is None else f" {before}{' ' if before else ''}{text_of(part)}"


def _number(value: Decimal) -> str:
    return format(value, "f")


def _seconds(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return f"{_number(value)}s" if whole else f"{_number(value * 1000).rstrip('0').rstrip('.')}ms"


def _amount(value: Decimal, *, is_bytes: bool) -> str:
    return f"{_number(value / 1024)}KiB" if is_bytes else _number(value)


# Conditions ---------------------------------------------------------------------------------------


def _step(one: nodes.Step) -> str:
    place = "" if one.position is None else f"[{one.position}]"
    return text_of(one.what) + place


def _operand(one: nodes.Comparison) -> str:
    path = text_of(one.path)
    if one.function == "count":
        return f"count({path})"
    before = one.function or one.quantifier
    return f"{before} {path}" if before else path


def _comparison(one: nodes.Comparison) -> str:
    operator = one.operator
    if one.negated:
        operator = "!=" if operator == "==" else f"not {operator}"
    return f"{_operand(one)} {operator} {text_of(one.right)}"


def _inner(one: nodes.Condition) -> str:
    """Write a part of a condition; brackets keep what is grouped together."""
    grouped = isinstance(one, nodes.And | nodes.Or)
    return f"({text_of(one)})" if grouped else text_of(one)


# Actions ------------------------------------------------------------------------------------------


def _batch(one: nodes.BatchBy) -> str:
    late = "" if one.late is None else f" late {one.late}"
    waits = text_of(one.after) + _optional("within", one.within)
    return f"batch by {text_of(one.by)} after {waits}{late}"


def _send(one: nodes.SendTo) -> str:
    return f"send to {_joined(one.destinations, ', ')} {_joined(one.options)}"


# Items --------------------------------------------------------------------------------------------


def _pool(one: nodes.Pool) -> str:
    key = "" if one.key is None else f" {text_of(one.key)} over"
    return f"pool {text_of(one.name)} = {one.kind}{key} ({_joined(one.members, ', ')})"


def _retry(one: nodes.Retry) -> str:
    limit = "" if one.limit is None else f" for {_seconds(one.limit)}"
    return f"backoff {_seconds(one.first)}..{_seconds(one.longest)}{limit}"


def _rate(one: nodes.Rate) -> str:
    most = "" if one.burst is None else f" burst {_amount(one.burst, is_bytes=one.is_bytes)}"
    return f"{_amount(one.amount, is_bytes=one.is_bytes)} per {text_of(one.per)}{most}"


def _listener(one: nodes.Listener) -> str:
    accept = "" if one.accept_unknown is None else " accept unknown"
    return f"listener {text_of(one.name)} {{ {_joined(one.properties)}{accept} }}"


def _set_item(one: nodes.SetItem) -> str:
    kind = _optional(":", one.vr)
    return f"set {text_of(one.name)}{kind} = {text_of(one.value)}"


def _lookup(one: nodes.Lookup) -> str:
    columns = f"key {text_of(one.key)} value {text_of(one.value)}"
    return f"lookup {text_of(one.name)} = file {text_of(one.path)} {columns}"


def _days(one: nodes.Days) -> str:
    first, last = text_of(one.first), text_of(one.last)
    return first if first == last else f"{first}..{last}"


def _window(one: nodes.Window) -> str:
    return f"{_joined(one.days, ',')} {text_of(one.opens)}..{text_of(one.closes)}"


def _schedule(one: nodes.Schedule) -> str:
    return f"schedule {text_of(one.name)} = {_joined(one.windows, ' or ') or 'always'}"


def _guard_rule(one: nodes.GuardRule) -> str:
    head = text_of(one.name) + _optional("", one.description)
    return f"rule {head} {{ when {text_of(one.condition)} {text_of(one.verdict)} }}\n"


def _guard(one: nodes.Guard) -> str:
    return f"guard {{\n{_joined(one.rules)} otherwise {{ {text_of(one.otherwise)} }} }}"


def _rule(one: nodes.Rule) -> str:
    priority = f" priority {one.priority}" if one.priority else ""
    head = text_of(one.name) + priority + _optional("", one.description)
    return f"rule {head} {{ {_optional('when', one.condition)} {_joined(one.actions)} }}\n"


def _table(one: nodes.Table) -> str:
    rules = _joined(one.rules) + _optional("", one.otherwise)
    return f"table {text_of(one.name)} {one.mode} {{\n{rules}}}"


# Chains -------------------------------------------------------------------------------------------


def _call(one: nodes.Call) -> str:
    return f"{text_of(one.function)}({_joined(one.arguments, ', ')})"


def _profile(one: nodes.Profile) -> str:
    extends = f" extends {_joined(one.extends, '.')}" if one.extends else ""
    return f"profile {text_of(one.name)}{extends} {{\n{_lines(one.statements)} }}"


def _private(one: nodes.PrivateStatement) -> str:
    return "private remove" + (f" except {_joined(one.keep, ', ')}" if one.keep else "")


def _dates(one: nodes.DatesStatement) -> str:
    return f"dates shift within {text_of(one.within)} per {text_of(one.per)} {text_of(one.secret)}"


# Tests and invariants -----------------------------------------------------------------------------


def _given(one: nodes.Given) -> str:
    value = "absent"
    if isinstance(one.value, nodes.Items):
        value = text_of(one.value)
    elif one.value is not None:
        value = f"[{_joined(one.value, ', ')}]" if len(one.value) > 1 else _joined(one.value)
    return f"{text_of(one.path)} = {value or 'empty'}"


def _items(one: nodes.Items) -> str:
    return f"items({', '.join(f'{{ {_joined(block)} }}' for block in one.items)})"


def _expect(one: nodes.Expect) -> str:
    via = f" via {_joined(one.via, ', ')}" if one.via else ""
    if one.kind == "rule":
        return f"expect rule {_joined(one.names, '.')}"
    if one.verdict is not None:
        return f"expect {text_of(one.verdict)}"
    return f"expect {one.kind} {_joined(one.names, ', ')}{via}"


def _test_item(one: nodes.TestItem) -> str:
    file = "" if one.file is None else f"file {text_of(one.file)} "
    at = _optional("at", one.at)
    values = f"{{ {_joined(one.given)} }}"
    return f"test {text_of(one.name)} {{ given {file}{values}{at} {_joined(one.expectations)} }}"


def _never(one: nodes.Never) -> str:
    via = f" unless via {_joined(one.unless_via, ', ')}" if one.unless_via else ""
    unless = _optional("unless when", one.unless_when)
    return f"never send to {_joined(one.destinations, ', ')}{via}{unless}"


def _always(one: nodes.Always) -> str:
    names = f" to {_joined(one.destinations, ', ')}" if one.destinations else ""
    return f"always {one.outcome}{names}{_optional('when', one.condition)}"


LITERALS: dict[type, Writer] = {
    nodes.Name: lambda one: one.text,
    nodes.Text: lambda one: ("i" if one.folded else "") + _quoted(one.value),
    nodes.Number: lambda one: _number(one.value),
    **{
        kind: lambda one: one.value
        for kind in (
            *(nodes.Date, nodes.Time, nodes.Instant, nodes.Age, nodes.Duration, nodes.Size),
            nodes.Uid,
        )
    },
    nodes.Regex: lambda one: f"/{one.pattern}/" + ("i" if one.folded else ""),
    nodes.Range: lambda one: f"{text_of(one.low)}..{text_of(one.high)}",
    nodes.SetLiteral: lambda one: f"{{ {_joined(one.elements, ', ')} }}",
    nodes.SetRef: lambda one: f"@{text_of(one.name)}",
    nodes.Secret: lambda one: f"secret({text_of(one.place)})",
}
CONDITIONS: dict[type, Writer] = {
    nodes.Tag: lambda one: f"({one.digits})",
    nodes.PrivateTag: lambda one: f'({one.group:04X},"{one.creator}",{one.element:02X})',
    nodes.Step: _step,
    nodes.Path: lambda one: _joined(one.steps, "."),
    nodes.Comparison: _comparison,
    nodes.StateTest: lambda one: f"{text_of(one.path)} is {one.state}",
    nodes.SequenceTest: lambda one: (
        f"{one.quantifier} {text_of(one.path)} has ({text_of(one.condition)})"
    ),
    nodes.ConditionRef: lambda one: f"@{text_of(one.name)}",
    nodes.Constant: lambda one: "true" if one.value else "false",
    nodes.Not: lambda one: f"not {_inner(one.part)}",
    nodes.And: lambda one: " and ".join(map(_inner, one.parts)),
    nodes.Or: lambda one: " or ".join(map(_inner, one.parts)),
}
ACTIONS: dict[type, Writer] = {
    nodes.Via: lambda one: f"via {_joined(one.names, ', ')}",
    nodes.BatchBy: _batch,
    nodes.During: lambda one: f"during {text_of(one.schedule)}",
    nodes.Urgency: lambda one: f"urgency {text_of(one.level)}",
    nodes.SendTo: _send,
    nodes.NotifyTo: lambda one: f"notify {text_of(one.channel)} {text_of(one.message)}",
    nodes.HoldIn: lambda one: f"hold {text_of(one.queue)}{_optional('', one.reason)}",
    nodes.NothingTo: lambda one: f"nothing {text_of(one.reason)}",
    nodes.PassOn: lambda _: "pass",
    nodes.DropIt: lambda one: f"drop {text_of(one.reason)}",
    nodes.RefuseIt: lambda one: f"refuse 0x{one.status:04X}{_optional('', one.reason)}",
}
ITEMS: dict[type, Writer] = {
    nodes.Use: lambda one: f"use {text_of(one.path)}",
    nodes.Timezone: lambda one: f"timezone {text_of(one.zone)}",
    nodes.Router: lambda one: f"router {{ {_joined(one.properties)} }}",
    nodes.Listener: _listener,
    nodes.Node: lambda one: f"node {text_of(one.name)} {{ {_joined(one.properties)} }}",
    nodes.Property: lambda one: f"{text_of(one.name)} = {text_of(one.value)}",
    nodes.Retry: _retry,
    nodes.Rate: _rate,
    nodes.Pool: _pool,
    nodes.SetItem: _set_item,
    nodes.SetFile: lambda one: f"file {text_of(one.path)}",
    nodes.ConditionItem: lambda one: f"condition {text_of(one.name)} = {text_of(one.condition)}",
    nodes.Lookup: _lookup,
    nodes.Days: _days,
    nodes.Window: _window,
    nodes.Schedule: _schedule,
    nodes.GuardRule: _guard_rule,
    nodes.Guard: _guard,
    nodes.Rule: _rule,
    nodes.Otherwise: lambda one: f"otherwise {{ {_joined(one.actions)} }}",
    nodes.Table: _table,
}
CHAINS: dict[type, Writer] = {
    nodes.Join: lambda one: _joined(one.parts, " + "),
    nodes.Call: _call,
    nodes.SetEdit: lambda one: f"set {text_of(one.path)} = {text_of(one.value)}",
    nodes.RemoveEdit: lambda one: f"remove {text_of(one.path)}",
    nodes.BlankEdit: lambda one: f"blank {text_of(one.path)}",
    nodes.CopyEdit: lambda one: f"copy {text_of(one.origin)} to {text_of(one.target)}",
    nodes.IfEdit: lambda one: f"if {text_of(one.condition)} {{ {_joined(one.edits)} }}",
    nodes.EachEdit: lambda one: f"each {text_of(one.path)} {{ {_joined(one.edits)} }}",
    nodes.Transform: lambda one: f"transform {text_of(one.name)} {{\n{_lines(one.edits)} }}",
    nodes.Profile: _profile,
    nodes.OptionStatement: lambda one: f"option {_joined(one.names, ', ')}",
    nodes.PathsStatement: lambda one: f"{one.verb} {_joined(one.paths, ', ')}",
    nodes.ReplaceStatement: lambda one: f"replace {text_of(one.path)} with {text_of(one.value)}",
    nodes.UidsStatement: lambda one: f"uids hash {text_of(one.secret)}",
    nodes.DatesStatement: _dates,
    nodes.PrivateStatement: _private,
    nodes.Box: lambda one: f"{one.width}x{one.height}+{one.left}+{one.top}",
    nodes.PixelsStatement: lambda one: (
        f"pixels block {_joined(one.boxes, ', ')} when {text_of(one.condition)}"
    ),
}
CLAIMS: dict[type, Writer] = {
    nodes.Items: _items,
    nodes.Given: _given,
    nodes.Expect: _expect,
    nodes.ExpectedResult: lambda one: f"expect result {text_of(one.test)}",
    nodes.TestItem: _test_item,
    nodes.Never: _never,
    nodes.Always: _always,
    nodes.Equivalent: lambda one: f"equivalent {text_of(one.path)}",
    nodes.Invariant: lambda one: f"invariant {text_of(one.name)} {{\n{_lines(one.claims)} }}",
    nodes.File: lambda one: f"language {one.edition}\n{_lines(one.items)}\n",
}
WRITERS = LITERALS | CONDITIONS | ACTIONS | ITEMS | CHAINS | CLAIMS
"""By the kind of node; what could not be read (`Broken`) is not written."""
