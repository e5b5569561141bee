"""Pools: which member a delivery that is owed to a pool may go by now.

A delivery is owed to the pool, lies in one queue under the pool's name, and is done once any member
has it. Members take from that queue; here stands who may take what:

- `failover`: the members in their order; `balance`: in an order that the key of the delivery makes
  (rendezvous hashing: each member has a weight for each key, so that a member that comes or goes
  moves only its own keys). A study that was begun stays with its member while that is healthy.
- The first healthy member in that order takes it. One before it that is not known to be healthy and
  whose wait is over takes one as its probe.
- What is in doubt at a member (its association ended under the object, so it may have arrived) goes
  by no other until that member was found dead: see docs/adr/0022.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from roteiro.lang.settings import PoolSettings
from roteiro.runtime.delivery.doubt import member_in_doubt
from roteiro.runtime.spool.contract import Delivery

REMEMBERED = 10_000
"""Keys whose member is remembered, the latest."""
STUDY = 0x0020000D
SERIES = 0x0020000E


class Member(Protocol):
    """What a pool asks of a destination."""

    @property
    def fit(self) -> bool:
        """Whether it may be tried now."""

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against it."""

    @property
    def dead(self) -> bool:
        """Whether it was found dead."""


@dataclass(slots=True)
class Pool:
    """The members of one pool, by name, in the order of the rules."""

    settings: PoolSettings
    members: Mapping[str, Member]
    _begun: dict[str, str] = field(default_factory=dict)
    """Key to the member that has what was sent of it; the latest last."""
    _orders: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def may(self, name: str, delivery: Delivery) -> bool:
        """Say whether a member may take a delivery now."""
        bound = self._bound(delivery)
        if bound is not None:
            return bound == name and self.members[name].fit
        for each in self._order(delivery):
            member = self.members[each]
            if each == name:
                return member.fit
            if member.healthy:
                return False
        return False

    def took(self, name: str, delivery: Delivery) -> None:
        """Remember that what has this key was begun at a member."""
        key = self._key(delivery)
        if key is None:
            return
        self._begun.pop(key, None)
        self._begun[key] = name
        if len(self._begun) > REMEMBERED:
            del self._begun[next(iter(self._begun))]

    def spare(self, name: str) -> bool:
        """Say whether another member can be tried now."""
        return any(member.fit for each, member in self.members.items() if each != name)

    @property
    def hopeless(self) -> bool:
        """Whether no member can be tried now."""
        return not any(member.fit for member in self.members.values())

    def _bound(self, delivery: Delivery) -> str | None:
        """Give the member at which a delivery is in doubt, while it is not dead."""
        name = member_in_doubt(delivery.reason) if delivery.reason else None
        member = self.members.get(name) if name else None
        return None if member is None or member.dead else name

    def _order(self, delivery: Delivery) -> tuple[str, ...]:
        key = self._key(delivery)
        if key is None:
            return tuple(self.members)
        order = self._weighed(key)
        stays = self._begun.get(key, "")
        member = self.members.get(stays)
        return (stays, *order) if member is not None and member.healthy else order

    def _weighed(self, key: str) -> tuple[str, ...]:
        order = self._orders.get(key)
        if order is None:
            weight = {name: sha256(f"{name}\0{key}".encode()).digest() for name in self.members}
            order = tuple(sorted(self.members, key=lambda name: weight[name], reverse=True))
            if len(self._orders) >= REMEMBERED:
                self._orders.clear()
            self._orders[key] = order
        return order

    def _key(self, delivery: Delivery) -> str | None:
        """Give what decides among the members of a `balance` pool."""
        if self.settings.kind != "balance" or self.settings.key is None:
            return None
        return delivery.series if self.settings.key.tag == SERIES else delivery.study
