"""Pools: several nodes that stand for one destination."""

from roteiro.core.program import Field, ValueType
from roteiro.lang import nodes
from roteiro.lang.actions import not_a_destination, receives
from roteiro.lang.attributes import Attributes, written
from roteiro.lang.report import Report, hint
from roteiro.lang.resolve import Names
from roteiro.lang.settings import PoolSettings
from roteiro.lang.uncarried import Carriage

UNHASHED = frozenset((ValueType.SEQUENCE, ValueType.STATE_ONLY))
"""What has no value that could be hashed."""
KEPT = frozenset((0x0020000D, 0x0020000E))
"""Study and Series Instance UID: what is kept beside an object, so that a pool can go by it."""


class Pools:
    """Checks the pools of a program."""

    def __init__(self, names: Names, report: Report, carriage: Carriage) -> None:
        """Resolve by `names`, report to `report`, tell `carriage` what was written."""
        self.names = names
        self.report = report
        self.carriage = carriage
        self.attributes = Attributes(report)

    def settings(self) -> tuple[PoolSettings, ...]:
        """Check all pools; a `copy` pool is no destination, since sends name its members."""
        return tuple(self.pool(pool) for pool in self.names.pools.values())

    def pool(self, pool: nodes.Pool) -> PoolSettings:
        """Check one pool."""
        first: dict[str, nodes.Name] = {}
        for member in pool.members:
            if member.text in first:
                label = self.report.label(first[member.text].span, "first_here")
                self.report.add(
                    "RT105", member.span, "member_twice", labels=(label,), name=member.text
                )
            else:
                first[member.text] = member
                self.member(member)
        key = self.key(pool)
        if pool.key is not None and not is_kept(key):
            self.carriage.note("pool", pool.kind, "key", f"`{pool.kind}`", pool.span)
        return PoolSettings(pool.name.text, pool.kind, tuple(first), key)

    def member(self, name: nodes.Name) -> None:
        """Check that a member is a node that can be sent to."""
        inner = self.names.pools.get(name.text)
        if inner is not None and name.text not in self.names.nodes:
            label = self.report.label(inner.name.span, "pool_here")
            self.report.add(
                "RT117",
                name.span,
                "pool_in_pool",
                labels=(label,),
                help=hint("pool_in_pool_help"),
                name=name.text,
            )
            return
        node = self.names.use("nodes", name, self.report)
        if isinstance(node, nodes.Node) and not receives(node):
            not_a_destination(name, node, self.report)

    def key(self, pool: nodes.Pool) -> Field | None:
        """Check what `balance` hashes."""
        if pool.key is None:
            return None
        field = self.attributes.field(pool.key)
        if field is not None and field.type in UNHASHED:
            self.report.add(
                "RT120",
                pool.key.span,
                "balance_key",
                help=hint("balance_key_help"),
                name=written(field),
                vr=field.vr,
            )
            return None
        return field


def is_kept(key: Field | None) -> bool:
    """Whether a key is kept beside an object."""
    return key is not None and key.tag in KEPT and not key.steps and not key.position
