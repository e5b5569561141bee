"""Any tree of the edition as text: plain, on few lines, without a thought for its looks.

Written from the grammar and not from the formatter, so that the two can be held against each other.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from roteiro.lang import nodes

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
Writer = Callable[[Any], str]


def text_of(tree: Any) -> str:
    """Write a tree, or a part of one."""
    return WRITERS[type(tree)](tree)


def joined(parts: Iterable[Any], between: str = " ") -> str:
    return between.join(map(text_of, parts))


def lines(parts: Iterable[Any]) -> str:
    return joined(parts, "\n")


def quoted(value: str) -> str:
    return '"' + "".join(ESCAPES.get(char, char) for char in value) + '"'


def optional(before: str, part: Any) -> str:
    return "" if part is None else f" {before}{' ' if before else ''}{text_of(part)}"


def number(value: Decimal) -> str:
    return format(value, "f")


def seconds(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return f"{number(value)}s" if whole else f"{number(value * 1000).rstrip('0').rstrip('.')}ms"


def amount(value: Decimal, *, is_bytes: bool) -> str:
    return f"{number(value / 1024)}KiB" if is_bytes else number(value)


# Conditions ---------------------------------------------------------------------------------------


def step(one: nodes.Step) -> str:
    place = "" if one.position is None else f"[{one.position}]"
    return text_of(one.what) + place


def operand(one: nodes.Comparison) -> str:
    path = text_of(one.path)
    if one.function == "count":
        return f"count({path})"
    before = one.function or one.quantifier
    return f"{before} {path}" if before else path


def comparison(one: nodes.Comparison) -> str:
    operator = one.operator
    if one.negated:
        operator = "!=" if operator == "==" else f"not {operator}"
    return f"{operand(one)} {operator} {text_of(one.right)}"


def inner(one: nodes.Condition) -> str:
    """Write a part of a condition; brackets keep what is grouped together."""
    grouped = isinstance(one, nodes.And | nodes.Or)
    return f"({text_of(one)})" if grouped else text_of(one)


# Actions ------------------------------------------------------------------------------------------


def batch(one: nodes.BatchBy) -> str:
    late = "" if one.late is None else f" late {one.late}"
    waits = text_of(one.after) + optional("within", one.within)
    return f"batch by {text_of(one.by)} after {waits}{late}"


def send(one: nodes.SendTo) -> str:
    return f"send to {joined(one.destinations, ', ')} {joined(one.options)}"


# Items --------------------------------------------------------------------------------------------


def pool(one: nodes.Pool) -> str:
    key = "" if one.key is None else f" {text_of(one.key)} over"
    return f"pool {text_of(one.name)} = {one.kind}{key} ({joined(one.members, ', ')})"


def retry(one: nodes.Retry) -> str:
    limit = "" if one.limit is None else f" for {seconds(one.limit)}"
    return f"backoff {seconds(one.first)}..{seconds(one.longest)}{limit}"


def rate(one: nodes.Rate) -> str:
    most = "" if one.burst is None else f" burst {amount(one.burst, is_bytes=one.is_bytes)}"
    return f"{amount(one.amount, is_bytes=one.is_bytes)} per {text_of(one.per)}{most}"


def listener(one: nodes.Listener) -> str:
    accept = "" if one.accept_unknown is None else " accept unknown"
    return f"listener {text_of(one.name)} {{ {joined(one.properties)}{accept} }}"


def set_item(one: nodes.SetItem) -> str:
    kind = optional(":", one.vr)
    return f"set {text_of(one.name)}{kind} = {text_of(one.value)}"


def lookup(one: nodes.Lookup) -> str:
    columns = f"key {text_of(one.key)} value {text_of(one.value)}"
    return f"lookup {text_of(one.name)} = file {text_of(one.path)} {columns}"


def days(one: nodes.Days) -> str:
    first, last = text_of(one.first), text_of(one.last)
    return first if first == last else f"{first}..{last}"


def window(one: nodes.Window) -> str:
    return f"{joined(one.days, ',')} {text_of(one.opens)}..{text_of(one.closes)}"


def schedule(one: nodes.Schedule) -> str:
    return f"schedule {text_of(one.name)} = {joined(one.windows, ' or ') or 'always'}"


def guard_rule(one: nodes.GuardRule) -> str:
    head = text_of(one.name) + optional("", one.description)
    return f"rule {head} {{ when {text_of(one.condition)} {text_of(one.verdict)} }}\n"


def guard(one: nodes.Guard) -> str:
    return f"guard {{\n{joined(one.rules)} otherwise {{ {text_of(one.otherwise)} }} }}"


def rule(one: nodes.Rule) -> str:
    priority = f" priority {one.priority}" if one.priority else ""
    head = text_of(one.name) + priority + optional("", one.description)
    return f"rule {head} {{ {optional('when', one.condition)} {joined(one.actions)} }}\n"


def table(one: nodes.Table) -> str:
    rules = joined(one.rules) + optional("", one.otherwise)
    return f"table {text_of(one.name)} {one.mode} {{\n{rules}}}"


# Chains -------------------------------------------------------------------------------------------


def call(one: nodes.Call) -> str:
    return f"{text_of(one.function)}({joined(one.arguments, ', ')})"


def profile(one: nodes.Profile) -> str:
    extends = f" extends {joined(one.extends, '.')}" if one.extends else ""
    return f"profile {text_of(one.name)}{extends} {{\n{lines(one.statements)} }}"


def private(one: nodes.PrivateStatement) -> str:
    return "private remove" + (f" except {joined(one.keep, ', ')}" if one.keep else "")


def dates(one: nodes.DatesStatement) -> str:
    return f"dates shift within {text_of(one.within)} per {text_of(one.per)} {text_of(one.secret)}"


# Tests and invariants -----------------------------------------------------------------------------


def given(one: nodes.Given) -> str:
    value = "absent"
    if isinstance(one.value, nodes.Items):
        value = text_of(one.value)
    elif one.value is not None:
        value = f"[{joined(one.value, ', ')}]" if len(one.value) > 1 else joined(one.value)
    return f"{text_of(one.path)} = {value or 'empty'}"


def items(one: nodes.Items) -> str:
    return f"items({', '.join(f'{{ {joined(block)} }}' for block in one.items)})"


def expect(one: nodes.Expect) -> str:
    via = f" via {joined(one.via, ', ')}" if one.via else ""
    if one.kind == "rule":
        return f"expect rule {joined(one.names, '.')}"
    if one.verdict is not None:
        return f"expect {text_of(one.verdict)}"
    return f"expect {one.kind} {joined(one.names, ', ')}{via}"


def test_item(one: nodes.TestItem) -> str:
    file = "" if one.file is None else f"file {text_of(one.file)} "
    at = optional("at", one.at)
    values = f"{{ {joined(one.given)} }}"
    return f"test {text_of(one.name)} {{ given {file}{values}{at} {joined(one.expectations)} }}"


def never(one: nodes.Never) -> str:
    via = f" unless via {joined(one.unless_via, ', ')}" if one.unless_via else ""
    unless = optional("unless when", one.unless_when)
    return f"never send to {joined(one.destinations, ', ')}{via}{unless}"


def always(one: nodes.Always) -> str:
    names = f" to {joined(one.destinations, ', ')}" if one.destinations else ""
    return f"always {one.outcome}{names}{optional('when', one.condition)}"


WRITERS: dict[type, Writer] = {
    nodes.Name: lambda one: one.text,
    # literals
    nodes.Text: lambda one: ("i" if one.folded else "") + quoted(one.value),
    nodes.Number: lambda one: number(one.value),
    **{
        kind: lambda one: one.value
        for kind in (
            *(nodes.Date, nodes.Time, nodes.Instant, nodes.Age, nodes.Duration, nodes.Size),
            nodes.Uid,
        )
    },
    nodes.Regex: lambda one: f"/{one.pattern}/" + ("i" if one.folded else ""),
    nodes.Range: lambda one: f"{text_of(one.low)}..{text_of(one.high)}",
    nodes.SetLiteral: lambda one: f"{{ {joined(one.elements, ', ')} }}",
    nodes.SetRef: lambda one: f"@{text_of(one.name)}",
    nodes.Secret: lambda one: f"secret({text_of(one.place)})",
    # conditions
    nodes.Tag: lambda one: f"({one.digits})",
    nodes.PrivateTag: lambda one: f'({one.group:04X},"{one.creator}",{one.element:02X})',
    nodes.Step: step,
    nodes.Path: lambda one: joined(one.steps, "."),
    nodes.Comparison: comparison,
    nodes.StateTest: lambda one: f"{text_of(one.path)} is {one.state}",
    nodes.SequenceTest: lambda one: (
        f"{one.quantifier} {text_of(one.path)} has ({text_of(one.condition)})"
    ),
    nodes.ConditionRef: lambda one: f"@{text_of(one.name)}",
    nodes.Constant: lambda one: "true" if one.value else "false",
    nodes.Not: lambda one: f"not {inner(one.part)}",
    nodes.And: lambda one: " and ".join(map(inner, one.parts)),
    nodes.Or: lambda one: " or ".join(map(inner, one.parts)),
    # actions
    nodes.Via: lambda one: f"via {joined(one.names, ', ')}",
    nodes.BatchBy: batch,
    nodes.During: lambda one: f"during {text_of(one.schedule)}",
    nodes.Urgency: lambda one: f"urgency {text_of(one.level)}",
    nodes.SendTo: send,
    nodes.NotifyTo: lambda one: f"notify {text_of(one.channel)} {text_of(one.message)}",
    nodes.HoldIn: lambda one: f"hold {text_of(one.queue)}{optional('', one.reason)}",
    nodes.NothingTo: lambda one: f"nothing {text_of(one.reason)}",
    nodes.PassOn: lambda one: "pass",
    nodes.DropIt: lambda one: f"drop {text_of(one.reason)}",
    nodes.RefuseIt: lambda one: f"refuse 0x{one.status:04X}{optional('', one.reason)}",
    # items
    nodes.Use: lambda one: f"use {text_of(one.path)}",
    nodes.Timezone: lambda one: f"timezone {text_of(one.zone)}",
    nodes.Router: lambda one: f"router {{ {joined(one.properties)} }}",
    nodes.Listener: listener,
    nodes.Node: lambda one: f"node {text_of(one.name)} {{ {joined(one.properties)} }}",
    nodes.Property: lambda one: f"{text_of(one.name)} = {text_of(one.value)}",
    nodes.Retry: retry,
    nodes.Rate: rate,
    nodes.Pool: pool,
    nodes.SetItem: set_item,
    nodes.SetFile: lambda one: f"file {text_of(one.path)}",
    nodes.ConditionItem: lambda one: f"condition {text_of(one.name)} = {text_of(one.condition)}",
    nodes.Lookup: lookup,
    nodes.Days: days,
    nodes.Window: window,
    nodes.Schedule: schedule,
    nodes.GuardRule: guard_rule,
    nodes.Guard: guard,
    nodes.Rule: rule,
    nodes.Otherwise: lambda one: f"otherwise {{ {joined(one.actions)} }}",
    nodes.Table: table,
    # chains
    nodes.Join: lambda one: joined(one.parts, " + "),
    nodes.Call: call,
    nodes.SetEdit: lambda one: f"set {text_of(one.path)} = {text_of(one.value)}",
    nodes.RemoveEdit: lambda one: f"remove {text_of(one.path)}",
    nodes.BlankEdit: lambda one: f"blank {text_of(one.path)}",
    nodes.CopyEdit: lambda one: f"copy {text_of(one.origin)} to {text_of(one.target)}",
    nodes.IfEdit: lambda one: f"if {text_of(one.condition)} {{ {joined(one.edits)} }}",
    nodes.EachEdit: lambda one: f"each {text_of(one.path)} {{ {joined(one.edits)} }}",
    nodes.Transform: lambda one: f"transform {text_of(one.name)} {{\n{lines(one.edits)} }}",
    nodes.Profile: profile,
    nodes.OptionStatement: lambda one: f"option {joined(one.names, ', ')}",
    nodes.PathsStatement: lambda one: f"{one.verb} {joined(one.paths, ', ')}",
    nodes.ReplaceStatement: lambda one: f"replace {text_of(one.path)} with {text_of(one.value)}",
    nodes.UidsStatement: lambda one: f"uids hash {text_of(one.secret)}",
    nodes.DatesStatement: dates,
    nodes.PrivateStatement: private,
    nodes.Box: lambda one: f"{one.width}x{one.height}+{one.left}+{one.top}",
    nodes.PixelsStatement: lambda one: (
        f"pixels block {joined(one.boxes, ', ')} when {text_of(one.condition)}"
    ),
    # tests and invariants
    nodes.Items: items,
    nodes.Given: given,
    nodes.Expect: expect,
    nodes.ExpectedResult: lambda one: f"expect result {text_of(one.test)}",
    nodes.TestItem: test_item,
    nodes.Never: never,
    nodes.Always: always,
    nodes.Equivalent: lambda one: f"equivalent {text_of(one.path)}",
    nodes.Invariant: lambda one: f"invariant {text_of(one.name)} {{\n{lines(one.claims)} }}",
    nodes.File: lambda one: f"language {one.edition}\n{lines(one.items)}\n",
}
