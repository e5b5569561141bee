"""Properties of `router`, `listener` and `node`: the table of 2f, and the settings they make.

One reader a kind of value; a reader gives nothing when it reported. What is not written has the
default of `roteiro.lang.settings`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

from roteiro.lang import dictionary, nodes
from roteiro.lang.keys import is_key
from roteiro.lang.report import Report, did_you_mean, hint, listed, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.scalars import as_address, is_address
from roteiro.lang.settings import (
    Backoff,
    ListenerSettings,
    NodeSettings,
    Rate,
    RouterSettings,
    Settings,
)
from roteiro.lang.uncarried import Carriage

ROLES = ("store", "query", "move", "get", "worklist", "mpps", "commit", "echo", "hl7")
HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*\.?\Z"
)
LOOPBACK = "127.0.0.1"
LONGEST = Decimal(10 * 366 * 86400)
"""Seconds of the longest duration that makes sense here."""


class Reader:
    """Reads the values of properties."""

    def __init__(self, report: Report) -> None:
        """Report to `report`."""
        self.report = report

    def bad(self, entry: nodes.Property, wanted: str, **values: object) -> None:
        """Report a value that its property cannot have."""
        span = entry.value.span
        got = self.report.text(span)
        self.report.add(
            "RT108",
            span,
            "bad_value",
            help=hint(wanted, **values),
            name=entry.name.text,
            got=got,
        )

    def any_text(self, entry: nodes.Property) -> str | None:
        """Read a text that says something."""
        value = entry.value.value if isinstance(entry.value, nodes.Text) else ""
        if value.strip() and "\0" not in value:
            return value
        self.bad(entry, "wanted_text")
        return None

    def ae(self, entry: nodes.Property) -> str | None:
        """Read an AE title."""
        if isinstance(entry.value, nodes.Text) and is_title(entry.value.value):
            return entry.value.value
        self.bad(entry, "wanted_ae")
        return None

    def titles(self, entry: nodes.Property) -> frozenset[str] | None:
        """Read a set of AE titles."""
        value = entry.value
        if isinstance(value, nodes.SetLiteral) and value.elements:
            texts = [one.value for one in value.elements if isinstance(one, nodes.Text)]
            if len(texts) == len(value.elements) and all(map(is_title, texts)):
                return frozenset(texts)
        self.bad(entry, "wanted_titles")
        return None

    def port(self, entry: nodes.Property) -> int | None:
        """Read a TCP port."""
        return self.whole(entry, 1, 65535)

    def associations(self, entry: nodes.Property) -> int | None:
        """Read a number of associations."""
        return self.whole(entry, 1, 64)

    def whole(self, entry: nodes.Property, low: int, high: int) -> int | None:
        """Read an integer within limits."""
        value = entry.value
        if isinstance(value, nodes.Number) and low <= value.value <= high:
            number = int(value.value)
            if number == value.value:
                return number
        self.bad(entry, "wanted_whole", low=low, high=high)
        return None

    def address(self, entry: nodes.Property) -> str | None:
        """Read an address of ours."""
        if isinstance(entry.value, nodes.Text) and is_address(entry.value.value):
            return entry.value.value
        self.bad(entry, "wanted_address")
        return None

    def host(self, entry: nodes.Property) -> str | None:
        """Read a name, an address or a network."""
        value = entry.value
        if isinstance(value, nodes.Text) and (HOST.match(value.value) or is_network(value.value)):
            looks_numeric = re.fullmatch(r"[0-9.]+", value.value)
            if not looks_numeric or is_network(value.value):
                return value.value
        self.bad(entry, "wanted_host")
        return None

    def roles(self, entry: nodes.Property) -> frozenset[str] | None:
        """Read a set of roles."""
        if not isinstance(entry.value, nodes.SetLiteral):
            self.bad(entry, "wanted_roles")
            return None
        names = [one for one in entry.value.elements if isinstance(one, nodes.Name)]
        if len(names) != len(entry.value.elements):
            self.bad(entry, "wanted_roles")
            return None
        for name in names:
            if name.text not in ROLES:
                meant = self.report.meant(name.text, ROLES)
                self.report.add(
                    "RT108",
                    name.span,
                    "unknown_role",
                    help=did_you_mean(meant) or hint("wanted_roles"),
                    fix=replaced(name.span, meant),
                    role=name.text,
                )
        return frozenset(name.text for name in names)

    def retry(self, entry: nodes.Property) -> Backoff | None:
        """Read `backoff A..B [for C]`."""
        value = entry.value
        if not isinstance(value, nodes.Retry):
            self.bad(entry, "wanted_retry")
            return None
        limit = value.limit if value.limit is not None else LONGEST
        if not 0 < value.first <= value.longest <= LONGEST or not 0 < limit <= LONGEST:
            self.bad(entry, "wanted_retry_order")
            return None
        forever = value.limit is None
        return Backoff(float(value.first), float(value.longest), None if forever else float(limit))

    def rate(self, entry: nodes.Property) -> Rate | None:
        """Read `N per second [burst M]`."""
        value = entry.value
        if isinstance(value, nodes.Rate) and value.per.text == "second":
            burst = value.amount if value.burst is None else value.burst
            same = value.burst is None or self.in_bytes(value) == value.is_bytes
            if same and min(value.amount, burst) > 0:
                return Rate(float(value.amount), float(burst), value.is_bytes)
        self.bad(entry, "wanted_rate")
        return None

    def in_bytes(self, rate: nodes.Rate) -> bool:
        """Whether the last quantity of a rate is one of bytes."""
        return self.report.text(rate.span).endswith("B")

    def secret(self, entry: nodes.Property) -> str | None:
        """Read `secret("env:NAME")` or `secret("file:NAME")`."""
        value = entry.value
        if isinstance(value, nodes.Secret):
            kind, _, rest = value.place.value.partition(":")
            if kind in {"env", "file"} and rest and "\0" not in rest:
                return value.place.value
        if not (isinstance(value, nodes.Secret) and is_key(value)):
            self.bad(entry, "wanted_secret")
        return None

    def syntaxes(self, entry: nodes.Property) -> frozenset[str] | None:
        """Read a set of transfer syntaxes."""
        value = entry.value
        known = dictionary.transfer_syntaxes()
        if isinstance(value, nodes.SetLiteral) and value.elements:
            found = [self.syntax(one) for one in value.elements]
            if all(uid in known for uid in found):
                return frozenset(uid for uid in found if uid)
        self.bad(entry, "wanted_syntaxes")
        return None

    def syntax(self, element: Any) -> str | None:
        """Give the UID of one transfer syntax."""
        if isinstance(element, nodes.Name):
            return dictionary.uid_of(element.text)
        return element.value if isinstance(element, nodes.Uid) else None


def words_reader(words: tuple[str, ...]) -> Callable[[Reader, nodes.Property], str | None]:
    """Make a reader of one word of several."""

    def read(reader: Reader, entry: nodes.Property) -> str | None:
        if isinstance(entry.value, nodes.Name) and entry.value.text in words:
            return entry.value.text
        reader.bad(entry, "wanted_words", words=listed([f"`{word}`" for word in words], "list_or"))
        return None

    return read


def is_title(title: str) -> bool:
    """Whether a text is an AE title: 1 to 16 ASCII characters, no backslash (PS3.5 6.2)."""
    plain = title.isascii() and title.isprintable() and "\\" not in title
    return plain and title == title.strip() and 1 <= len(title) <= 16


def is_network(host: str) -> bool:
    """Whether a text is an address or a network."""
    try:
        ip_network(host, strict=False)
    except ValueError:
        return False
    return True


def is_wide(host: str) -> bool:
    """Whether a host is a network of more than one address."""
    return is_network(host) and ip_network(host, strict=False).num_addresses > 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A property: how it is read, and whether it must be there."""

    read: Callable[[Reader, nodes.Property], Any]
    required: bool = False


TLS = {
    "tls": Kind(words_reader(("off", "required"))),
    "certificate": Kind(Reader.any_text),
    "key": Kind(Reader.secret),
    "client_ca": Kind(Reader.any_text),
}
ROUTER = {"ae": Kind(Reader.ae)}
LISTENER = {
    "port": Kind(Reader.port, required=True),
    "address": Kind(Reader.address),
    "called": Kind(Reader.titles),
    "unreadable": Kind(words_reader(("hold", "refuse"))),
    **TLS,
}
NODE = {
    "ae": Kind(Reader.ae),
    "host": Kind(Reader.host),
    "port": Kind(Reader.port),
    "may": Kind(Reader.roles),
    "associations": Kind(Reader.associations),
    "retry": Kind(Reader.retry),
    "rate": Kind(Reader.rate),
    "accept_syntax": Kind(Reader.syntaxes),
    "lossy": Kind(words_reader(("never", "allowed"))),
    "deliver": Kind(words_reader(("stored", "cut_through"))),
    "external": Kind(words_reader(("yes", "no"))),
    "tls": TLS["tls"],
    "url": Kind(Reader.any_text),
}


class Properties:
    """Makes the settings of a program."""

    def __init__(self, names: Names, report: Report, carriage: Carriage) -> None:
        """Take the items from `names`, report to `report`, tell `carriage` what was written."""
        self.names = names
        self.report = report
        self.carriage = carriage
        self.reader = Reader(report)

    def settings(self) -> Settings:
        """Read the items that have properties."""
        router = self.router(self.names.router)
        listeners = tuple(map(self.listener, self.names.listeners.values()))
        peers = tuple(map(self.node, self.names.nodes.values()))
        self.same_callers(peers)
        self.same_ports(listeners)
        return Settings(router, listeners, peers)

    def read(
        self,
        item: str,
        kinds: Mapping[str, Kind],
        item_node: nodes.Listener | nodes.Node | nodes.Router,
    ) -> dict[str, Any]:
        """Read the properties of one item; what could not be read is left out."""
        values: dict[str, Any] = {}
        seen: dict[str, nodes.Property] = {}
        for entry in item_node.properties:
            name = entry.name.text
            if name not in kinds:
                self.unknown(item, kinds, entry)
            elif name in seen:
                first = self.report.label(seen[name].span, "first_here")
                self.report.add(
                    "RT105", entry.name.span, "second_property", labels=(first,), name=name
                )
            else:
                seen[name] = entry
                value = kinds[name].read(self.reader, entry)
                values |= {} if value is None else {name: value}
                self.note(item, name, entry)
        required = [name for name, kind in kinds.items() if kind.required]
        self.need(item_node, [name for name in required if name not in seen])
        return values

    def need(self, item: nodes.Listener | nodes.Node | nodes.Router, missing: list[str]) -> None:
        """Report properties that must be there."""
        if missing and not isinstance(item, nodes.Router):
            words = listed([f"`{name}`" for name in missing], "list_and")
            self.report.add(
                "RT109", item.name.span, "missing_property", name=item.name.text, missing=words
            )

    def unknown(self, item: str, kinds: Mapping[str, Kind], entry: nodes.Property) -> None:
        """Report a property that an item has not."""
        meant = self.report.meant(entry.name.text, kinds)
        self.report.add(
            "RT107",
            entry.name.span,
            "unknown_property",
            help=did_you_mean(meant)
            or hint("properties", words=listed([f"`{kind}`" for kind in kinds], "list_and")),
            fix=replaced(entry.name.span, meant),
            item=item,
            name=entry.name.text,
        )

    def note(self, item: str, name: str, entry: nodes.Property) -> None:
        """Remember what `serve` does not carry out."""
        value = self.report.text(entry.value.span)
        self.carriage.note(item, name, value, f"`{name}`", entry.span)
        if name == "may" and isinstance(entry.value, nodes.SetLiteral):
            for one in entry.value.elements:
                if isinstance(one, nodes.Name):
                    self.carriage.note(item, name, one.text, f"`{one.text}`", one.span)

    def router(self, item: nodes.Router | None) -> RouterSettings:
        """Read the router."""
        return RouterSettings(**self.read("router", ROUTER, item)) if item else RouterSettings()

    def listener(self, item: nodes.Listener) -> ListenerSettings:
        """Read a listener."""
        values = self.read("listener", LISTENER, item)
        settings = ListenerSettings(
            name=item.name.text,
            port=values.get("port", 0),
            address=values.get("address", LOOPBACK),
            called=values.get("called"),
            accept_unknown=item.accept_unknown is not None,
            refuse_unreadable=values.get("unreadable") == "refuse",
        )
        if values.get("tls") == "required":
            written = {entry.name.text for entry in item.properties}
            self.need(item, [name for name in ("certificate", "key") if name not in written])
        if item.accept_unknown and not is_loopback(settings.address):
            self.report.add(
                "RT511",
                item.accept_unknown,
                "accept_unknown",
                help=hint("accept_unknown_help"),
                name=item.name.text,
            )
        return settings

    def node(self, item: nodes.Node) -> NodeSettings:
        """Read a node."""
        values = self.read("node", NODE, item)
        written = {entry.name.text for entry in item.properties}
        if "url" not in written:
            self.need(item, [name for name in ("ae", "host") if name not in written])
        if "port" in values and is_wide(values.get("host", "")):
            place = next(entry for entry in item.properties if entry.name.text == "host")
            self.report.add("RT108", place.value.span, "network_with_port", name=item.name.text)
        return NodeSettings(
            name=item.name.text,
            ae=values.get("ae", ""),
            host=values.get("host", ""),
            port=values.get("port"),
            may=values.get("may", frozenset()),
            associations=values.get("associations", 2),
            retry=values.get("retry", Backoff()),
            rate=values.get("rate"),
        )

    def same_callers(self, peers: tuple[NodeSettings, ...]) -> None:
        """Report two nodes with the same AE title and host."""
        first: dict[tuple[str, object], str] = {}
        for peer in peers:
            if not peer.ae or not peer.host:
                continue
            key = (peer.ae, as_address(peer.host) or peer.host.lower().rstrip("."))
            if key in first:
                other = self.report.label(self.names.nodes[first[key]].name.span, "first_here")
                self.report.add(
                    "RT127",
                    self.names.nodes[peer.name].name.span,
                    "same_caller",
                    labels=(other,),
                    name=peer.name,
                    other=first[key],
                )
            first.setdefault(key, peer.name)

    def same_ports(self, listeners: tuple[ListenerSettings, ...]) -> None:
        """Report two listeners on one port of one address."""
        first: dict[tuple[str, int], str] = {}
        for listener in listeners:
            key = (listener.address, listener.port)
            if listener.port and key in first:
                other = self.report.label(self.names.listeners[first[key]].name.span, "first_here")
                span = self.names.listeners[listener.name].name.span
                self.report.add(
                    "RT127",
                    span,
                    "same_port",
                    labels=(other,),
                    name=listener.name,
                    other=first[key],
                )
            first.setdefault(key, listener.name)


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address."""
    return ip_network(address).is_loopback
