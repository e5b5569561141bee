"""Tests and invariants."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from roteiro.lang import nodes
from roteiro.lang.building.chains import Chains
from roteiro.lang.building.conditions import bare_name
from roteiro.lang.scan import Token
from roteiro.lang.source import Span

Value = nodes.Literal | nodes.Name | nodes.Path


class Object(NamedTuple):
    """One `given` of a test."""

    file: nodes.Text | None
    values: tuple[nodes.Given, ...]
    span: Span


class Values(NamedTuple):
    """What is given for a path."""

    value: tuple[Value, ...] | nodes.Items | None


class Claims(Chains):
    """Makes what is said about a program."""

    def test(self, place: Span, name: Token, *parts: Any) -> nodes.TestItem:
        """Make `test "name" { given ... [at ...] expect ... }`."""
        objects = [part for part in parts if isinstance(part, Object)]
        at = [part for part in parts if isinstance(part, nodes.Instant)]
        expects = [part for part in parts if isinstance(part, nodes.Expect | nodes.ExpectedResult)]
        return nodes.TestItem(
            self.written(name),
            self.object_file(objects),
            tuple(one for given in objects for one in given.values),
            at[0] if at else None,
            tuple(expects),
            place,
        )

    def object_file(self, objects: Sequence[Object]) -> nodes.Text | None:
        """Give the file that the test's object comes from."""
        files = [given for given in objects if given.file is not None]
        for again in files[1:]:
            self.found("RT106", again.span, "second_file")
        return files[0].file if files else None

    def at(self, _place: Span, token: Token) -> nodes.Instant:
        """Make `at INSTANT`."""
        return nodes.Instant(token.text, self.place(token))

    def given(self, place: Span, file: Token, values: tuple[nodes.Given, ...] | None) -> Object:
        """Make `given file "..." [{ ... }]`."""
        return Object(self.written(file), values or (), place)

    def given_values(self, place: Span, values: tuple[nodes.Given, ...]) -> Object:
        """Make `given { ... }`."""
        return Object(None, values, place)

    def given_block(self, _place: Span, *assigned: nodes.Given) -> tuple[nodes.Given, ...]:
        """Make `{ path = value ... }`."""
        return assigned

    def assign(self, place: Span, path: nodes.Path, value: Values | Value) -> nodes.Given:
        """Make `path = value` of a test."""
        given = value.value if isinstance(value, Values) else (value,)
        return nodes.Given(path, given, place)

    def absent(self, _place: Span) -> Values:
        """Make `absent`."""
        return Values(None)

    def empty(self, _place: Span) -> Values:
        """Make `empty`."""
        return Values(())

    def list(self, _place: Span, *values: Value | None) -> Values:
        """Make `[a, b]`; an empty one is given one part that is not there."""
        return Values(tuple(one for one in values if one is not None))

    def items(self, place: Span, *blocks: tuple[nodes.Given, ...]) -> Values:
        """Make `items({ ... }, { ... })`."""
        return Values(nodes.Items(blocks, place))

    # Expectations -------------------------------------------------------------------------------

    def expect(self, _place: Span, expectation: Any) -> Any:
        """Make `expect ...`."""
        return expectation

    def expect_exactly(self, place: Span, names: tuple[nodes.Name, ...]) -> nodes.Expect:
        """Make `exactly a, b`."""
        return nodes.Expect("exactly", names, (), None, place)

    def expect_send(
        self, place: Span, names: tuple[nodes.Name, ...], chain: nodes.Via | None
    ) -> nodes.Expect:
        """Make `send a [via b]`."""
        return nodes.Expect("send", names, chain.names if chain else (), None, place)

    def expect_no_send(
        self, place: Span, _word: Token, names: tuple[nodes.Name, ...]
    ) -> nodes.Expect:
        """Make `no send a`."""
        return nodes.Expect("no send", names, (), None, place)

    def expect_rule(self, place: Span, table: Token, rule: Token) -> nodes.Expect:
        """Make `rule TABLE.RULE`."""
        return nodes.Expect("rule", (self.name(table), self.name(rule)), (), None, place)

    def expect_hold(self, place: Span, queue: Token, reason: Token | None) -> nodes.Expect:
        """Make `hold QUEUE`."""
        verdict = self.hold(place, queue, reason)
        return nodes.Expect("hold", (verdict.queue,), (), verdict, place)

    def expect_refuse(self, place: Span, status: Token, reason: Token | None) -> nodes.Expect:
        """Make `refuse 0xNNNN`."""
        return nodes.Expect("refuse", (), (), self.refuse(place, status, reason), place)

    def expect_drop(self, place: Span, reason: Token | None) -> nodes.Expect:
        """Make `drop`."""
        words = self.maybe_written(reason)
        verdict = nodes.DropIt(words, place) if words else None
        return nodes.Expect("drop", (), (), verdict, place)

    def expect_nothing(self, place: Span) -> nodes.Expect:
        """Make `nothing`."""
        return nodes.Expect("nothing", (), (), None, place)

    def expect_pass(self, place: Span, _word: Token) -> nodes.Expect:
        """Make `pass`."""
        return nodes.Expect("pass", (), (), nodes.PassOn(place), place)

    def expect_result(
        self, place: Span, test: nodes.Comparison | nodes.StateTest
    ) -> nodes.ExpectedResult:
        """Make `result ...`."""
        return nodes.ExpectedResult(test, place)

    def result_comparison(
        self, place: Span, path: nodes.Path, mark: Token, right: Any
    ) -> nodes.Comparison:
        """Make `path == value` of a result."""
        word, negated, where = self.operator(self.place(mark), mark)
        right = bare_name(right)
        return nodes.Comparison(None, path, None, word, negated, right, place, where)

    # Invariants ---------------------------------------------------------------------------------

    def invariant(
        self, place: Span, name: Token, *claims: nodes.Never | nodes.Always | nodes.Equivalent
    ) -> nodes.Invariant:
        """Make `invariant "name" { claims }`."""
        return nodes.Invariant(self.written(name), claims, place)

    def never(
        self, place: Span, names: tuple[nodes.Name, ...], unless: nodes.Via | nodes.Condition | None
    ) -> nodes.Never:
        """Make `never send to a [unless via x | unless when condition]`."""
        if isinstance(unless, nodes.Via):
            return nodes.Never(names, unless.names, None, place)
        return nodes.Never(names, (), unless, place)

    def always(
        self,
        place: Span,
        outcome: Token | tuple[nodes.Name, ...],
        condition: nodes.Condition | None,
    ) -> nodes.Always:
        """Make `always send to a | route | pass [when condition]`."""
        if isinstance(outcome, Token):
            return nodes.Always(outcome.text, (), condition, place)
        return nodes.Always("send", outcome, condition, place)

    def equivalent(self, place: Span, path: Token) -> nodes.Equivalent:
        """Make `equivalent "old.route"`."""
        return nodes.Equivalent(self.written(path), place)
