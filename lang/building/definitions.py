"""Items that are neither tables nor chains nor claims."""

from decimal import Decimal

from roteiro.lang import nodes
from roteiro.lang.building.conditions import Conditions
from roteiro.lang.building.words import small
from roteiro.lang.scan import Token
from roteiro.lang.source import Span

SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
Amount = tuple[Decimal, bool]
"""Objects, or bytes; whether they are bytes."""
Members = tuple[str, nodes.Path | None, tuple[nodes.Name, ...]]
"""How a pool chooses, by what, among whom."""
PropertyValue = (
    nodes.Literal | nodes.SetLiteral | nodes.Name | nodes.Retry | nodes.Rate | nodes.Secret
)


class Definitions(Conditions):
    """Makes nodes, listeners, sets, pools and the like."""

    def edition(self, _place: Span, number: Token) -> int:
        """Make `language N`."""
        return small(number.text)

    def use(self, place: Span, path: Token) -> nodes.Use:
        """Make `use "..."`."""
        return nodes.Use(self.written(path), place)

    def timezone(self, place: Span, zone: Token) -> nodes.Timezone:
        """Make `timezone "..."`."""
        return nodes.Timezone(self.written(zone), place)

    def router(self, place: Span, *properties: nodes.Property) -> nodes.Router:
        """Make `router { ... }`."""
        return nodes.Router(properties, place)

    def listener(self, place: Span, name: Token, *parts: nodes.Property | Span) -> nodes.Listener:
        """Make `listener NAME { ... }`."""
        properties = tuple(part for part in parts if isinstance(part, nodes.Property))
        accept = next((part for part in parts if isinstance(part, Span)), None)
        return nodes.Listener(self.name(name), properties, accept, place)

    def accept(self, place: Span) -> Span:
        """Give the place of `accept unknown`."""
        return place

    def node(self, place: Span, name: Token, *properties: nodes.Property) -> nodes.Node:
        """Make `node NAME { ... }`."""
        return nodes.Node(self.name(name), properties, place)

    def property(self, place: Span, name: Token, value: PropertyValue) -> nodes.Property:
        """Make `name = value`."""
        return nodes.Property(self.name(name), value, place)

    def amount(self, _place: Span, token: Token) -> Amount:
        """Read objects, or bytes."""
        unit = SIZES.get(token.text[-3:])
        if unit is None:
            return Decimal(token.text), False
        return Decimal(token.text[:-3]) * unit, True

    def rate(self, place: Span, amount: Amount, per: Token, burst: Amount | None) -> nodes.Rate:
        """Make `400 per second [burst 800]`."""
        most = None if burst is None else burst[0]
        return nodes.Rate(*amount, self.name(per), most, place)

    def retry(self, place: Span, first: Token, longest: Token, limit: Token | None) -> nodes.Retry:
        """Make `backoff 5s..15m [for 72h]`."""
        first_s = nodes.duration_seconds(first.text)
        longest_s = nodes.duration_seconds(longest.text)
        most = None if limit is None else nodes.duration_seconds(limit.text)
        return nodes.Retry(first_s, longest_s, most, place)

    # Sets, conditions, lookups ------------------------------------------------------------------

    def set(
        self, place: Span, name: Token, vr: Token | None, value: nodes.SetLiteral | nodes.SetFile
    ) -> nodes.SetItem:
        """Make `set NAME [: VR] = ...`."""
        return nodes.SetItem(self.name(name), self.maybe_name(vr), value, place)

    def set_file(self, place: Span, path: Token) -> nodes.SetFile:
        """Make `file "..."` of a set."""
        return nodes.SetFile(self.written(path), place)

    def condition_item(
        self, place: Span, name: Token, condition: nodes.Condition
    ) -> nodes.ConditionItem:
        """Make `condition NAME = ...`."""
        return nodes.ConditionItem(self.name(name), condition, place)

    def lookup(
        self, place: Span, name: Token, path: Token, key: Token, value: Token
    ) -> nodes.Lookup:
        """Make `lookup NAME = file "..." key COLUMN value COLUMN`."""
        columns = self.name(key), self.name(value)
        return nodes.Lookup(self.name(name), self.written(path), *columns, place)

    # Pools and schedules ------------------------------------------------------------------------

    def pool(self, place: Span, name: Token, members: Members) -> nodes.Pool:
        """Make `pool NAME = ...`."""
        return nodes.Pool(self.name(name), *members, place)

    def failover(self, _place: Span, names: tuple[nodes.Name, ...]) -> Members:
        """Make `failover (a, b)`."""
        return "failover", None, names

    def balance(self, _place: Span, key: nodes.Path, names: tuple[nodes.Name, ...]) -> Members:
        """Make `balance PATH over (a, b)`."""
        return "balance", key, names

    def copies(self, _place: Span, names: tuple[nodes.Name, ...]) -> Members:
        """Make `copy (a, b)`."""
        return "copy", None, names

    def schedule(self, place: Span, name: Token, *windows: nodes.Window) -> nodes.Schedule:
        """Make `schedule NAME = ...`."""
        return nodes.Schedule(self.name(name), windows, place)

    def window(
        self, place: Span, days: tuple[nodes.Days, ...] | None, opens: Token, closes: Token
    ) -> nodes.Window:
        """Make `[DAYS] 19:00..06:00`."""
        opening = nodes.Time(opens.text, self.place(opens))
        closing = nodes.Time(closes.text, self.place(closes))
        return nodes.Window(days or (), opening, closing, place)

    def days(self, _place: Span, *days: nodes.Days) -> tuple[nodes.Days, ...]:
        """Make `mon..wed, fri`."""
        return days

    def day(self, _place: Span, first: Token, last: Token | None) -> nodes.Days:
        """Make `mon..fri` or `sat`."""
        return nodes.Days(self.name(first), self.name(last or first))
