"""Which presentation contexts to propose: what waits, then what was sent lately."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from roteiro.runtime.association.contract import SyntaxPair
from roteiro.runtime.spool.contract import Delivery

MOST = 127
"""Pairs proposed at once: 128 contexts are possible (PS3.8 9.3.2.2), one is Verification."""


def pair_of(delivery: Delivery) -> SyntaxPair:
    """Give the pair that a delivery needs."""
    return delivery.sop_class, delivery.transfer_syntax


@dataclass(slots=True)
class Pairs:
    """The pairs of one destination, latest last; so that CT, MR, CT, ... needs one association."""

    _lately: dict[SyntaxPair, None] = field(default_factory=dict)

    def used(self, pair: SyntaxPair) -> None:
        """Remember a pair as the latest."""
        self._lately.pop(pair, None)
        self._lately[pair] = None
        if len(self._lately) > MOST:
            del self._lately[next(iter(self._lately))]

    def to_propose(self, waiting: Iterable[Delivery]) -> tuple[SyntaxPair, ...]:
        """Give the pairs to propose, the first in the queue first."""
        wanted = dict.fromkeys(pair_of(delivery) for delivery in waiting)
        wanted |= dict.fromkeys(pair for pair in reversed(self._lately) if pair not in wanted)
        return tuple(wanted)[:MOST]
