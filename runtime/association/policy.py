"""Who may call us, and how many at once. Sans-I/O: addresses of names are told to it.

A caller is a declared node when its calling AE title is the node's and its address is the node's
host. Of several such nodes the one with the most specific host counts: an address before a name,
a name before a network, a narrow network before a wide one. Only its `may` decides what the caller
may do; a node without it may not call.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import count

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import NodeSettings
from roteiro.runtime.association.contract import Admitted, Caller, Rejected
from roteiro.runtime.association.limits import Limits

UNKNOWN_ROLES = frozenset(("store", "echo"))

# A-ASSOCIATE-RJ: result, source, reason (PS3.8 9.3.4)
UNKNOWN_CALLING = Rejected(1, 1, 3)
UNKNOWN_CALLED = Rejected(1, 1, 7)
NO_SUCH_VERSION = Rejected(1, 2, 2)
CONGESTION = Rejected(2, 3, 1)
LOCAL_LIMIT = Rejected(2, 3, 2)

NOT_THE_CALLERS = {
    NO_SUCH_VERSION: "runtime.reject_version",
    CONGESTION: "runtime.reject_no_room",
    LOCAL_LIMIT: "runtime.reject_limit",
}

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
NOT_A_NAME = re.compile(r"[^a-z0-9_]+")


def plain_address(address: str) -> str:
    """Give an address as people write it: without a zone, IPv4 in IPv6 as IPv4."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


def network_of(host: str) -> Network | None:
    """Give an address or a network; `None` for a name."""
    try:
        return ip_network(plain_address(host), strict=False)
    except ValueError:
        return None


class Directory:
    """The nodes that may call, and the addresses of their names as far as they are known."""

    def __init__(self, nodes: Sequence[NodeSettings]) -> None:
        self._nodes: dict[str, list[NodeSettings]] = {}
        self._addresses: dict[str, frozenset[str]] = {}
        self.taken: frozenset[str] = frozenset()
        """Names of all nodes."""
        self.declare(nodes)

    def declare(self, nodes: Sequence[NodeSettings]) -> None:
        """Let these nodes call, and no others; what is known of their names stays known."""
        self._nodes = {}
        for node in nodes:
            self._nodes.setdefault(node.ae, []).append(node)
        self.taken = frozenset(node.name for node in nodes)
        names = self.names()
        self._addresses = {name: at for name, at in self._addresses.items() if name in names}

    def names(self, calling_ae: str | None = None) -> frozenset[str]:
        """Give the host names that have to be resolved: all, or those of an AE title."""
        groups = self._nodes.values() if calling_ae is None else [self._nodes.get(calling_ae, [])]
        return frozenset(
            node.host for nodes in groups for node in nodes if network_of(node.host) is None
        )

    def resolved(self, name: str, addresses: Sequence[str]) -> None:
        """Learn the addresses of a name; none leaves those known before (a resolver that fails)."""
        if addresses:
            self._addresses[name] = frozenset(plain_address(found) for found in addresses)

    def find(self, calling_ae: str, address: str) -> NodeSettings | None:
        """Give the node that calls, or `None` when nobody declared it."""
        ranked = [
            (rank, node)
            for node in self._nodes.get(calling_ae, ())
            if (rank := self._rank(node.host, address)) is not None
        ]
        return max(ranked, key=lambda found: found[0])[1] if ranked else None

    def _rank(self, host: str, address: str) -> tuple[int, int] | None:
        """Say how specifically a host means an address; `None` when it does not."""
        network = network_of(host)
        if network is None:
            return (1, 0) if address in self._addresses.get(host, ()) else None
        try:
            inside = ip_address(address) in network
        except ValueError:
            return None
        if not inside:
            return None
        return (2, 0) if "/" not in host else (0, network.prefixlen)

    def declared(self, calling_ae: str) -> Sequence[NodeSettings]:
        """Give the nodes with this AE title, whatever their address."""
        return self._nodes.get(calling_ae, ())

    def admit(self, caller: Caller) -> Admitted | Rejected:
        """Decide on an association request; capacity is not looked at here."""
        node = self.find(caller.calling_ae, plain_address(caller.address))
        if node is not None and node.may:
            admitted = Admitted(node.name, node.may)
        elif node is None and caller.listener.accept_unknown and caller.calling_ae:
            admitted = Admitted("", UNKNOWN_ROLES)
        else:
            return UNKNOWN_CALLING
        called = caller.listener.called
        if not caller.called_ae or (called is not None and caller.called_ae not in called):
            return UNKNOWN_CALLED
        return admitted


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a caller was turned away, and what would let it in."""

    why: str
    add: str


def explain(
    caller: Caller, rejected: Rejected, directory: Directory | None, files: int | None = None
) -> Explanation:
    """Explain a rejection in the log's words; `files` when a limit on open files is the cause."""
    if files is not None:
        return Explanation(Phrase("runtime.reject_files", files=files), Phrase("runtime.add_files"))
    known = directory.declared(caller.calling_ae) if directory else ()
    if rejected == UNKNOWN_CALLED:
        return Explanation(
            Phrase("runtime.reject_called"),
            Phrase(
                "runtime.add_called", ae=quoted(caller.called_ae), listener=caller.listener.name
            ),
        )
    if rejected != UNKNOWN_CALLING:
        key = NOT_THE_CALLERS.get(rejected, "runtime.reject_congestion")
        return Explanation(Phrase(key), Phrase("runtime.add_nothing"))
    node = directory.find(caller.calling_ae, plain_address(caller.address)) if directory else None
    if node is not None:
        return Explanation(
            Phrase("runtime.reject_may", node=node.name), Phrase("runtime.add_may", node=node.name)
        )
    key = "runtime.reject_address" if known else "runtime.reject_unknown"
    if "\\" in caller.calling_ae or not caller.calling_ae.isprintable():  # PS3.5 6.2, AE
        return Explanation(Phrase(key), Phrase("runtime.add_nothing"))
    line = node_line(caller, directory.taken if directory else frozenset())
    return Explanation(Phrase(key), Phrase("runtime.add_node", line=line))


def node_line(caller: Caller, taken: AbstractSet[str] = frozenset()) -> str:
    """Give the line that would let a caller in, below those of the nodes whose names are taken."""
    base = NOT_A_NAME.sub("_", caller.calling_ae.lower()).strip("_") or "caller"
    base = f"n_{base}" if base[0].isdigit() else base
    name = next(name for name in _numbered(base) if name not in taken)
    host = plain_address(caller.address)
    return (
        f"node {name} {{ ae = {quoted(caller.calling_ae)}  host = {quoted(host)}  "
        "may = { store, echo } }"
    )


def _numbered(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}_{number}" for number in count(2))


def quoted(value: str) -> str:
    """Give a string literal of the language; what a terminal should not see is escaped."""
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in plain) + '"'


class Census:
    """How many associations there are, by address and by AE title."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._addresses: Counter[str] = Counter()
        self._titles: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """All associations."""
        return self._addresses.total()

    @property
    def full(self) -> bool:
        """Whether there are as many as there may be, whoever has them."""
        return self.total >= self._limits.connections

    def has_room(self, address: str, calling_ae: str) -> bool:
        """Say whether one more may come in."""
        limits = self._limits
        return (
            not self.full
            and self._addresses[address] < limits.per_address
            and self._titles[calling_ae] < limits.per_ae
        )

    def enter(self, address: str, calling_ae: str) -> None:
        """Count one that came in."""
        self._addresses[address] += 1
        self._titles[calling_ae] += 1

    def leave(self, address: str, calling_ae: str) -> None:
        """Count one that left; what is at zero is forgotten."""
        for counter, key in ((self._addresses, address), (self._titles, calling_ae)):
            counter[key] -= 1
            if counter[key] <= 0:
                del counter[key]
