"""The guard against loops between routers: what we sent to a node must not go back to it.

The mark is the object itself: nothing that travels in a C-STORE counts hops, and what we would add
to a data set would break the promise that its bytes are left alone. An object that comes from a
node with the same bytes as one that we sent to this very node is not sent to it again by a rule: it
is held in the queue `loop`, and a person decides. Longer rounds end elsewhere: the node that has
the bytes since a moment ago is spared them (`spool.repeats`).
"""

from collections.abc import Callable
from dataclasses import replace

from roteiro.core.program import Decision, Hold

LOOP = "loop"
"""The queue that holds what came back."""

Sent = Callable[[str], bool]
"""Says whether a node was sent, or is owed, the same bytes of the same instance unchanged."""


def without_loops(decision: Decision, origins: frozenset[str], sent: Sent) -> Decision:
    """Hold what would go back to where it came from; `origins` are nodes that it may be from."""
    back = {
        send.to for send in decision.sends if send.to in origins and not send.via and sent(send.to)
    }
    if not back:
        return decision
    names = ", ".join(sorted(back))
    hold = Hold(LOOP, f"{names} sent what we had sent there")
    sends = tuple(send for send in decision.sends if send.to not in back or send.via)
    verdict = decision.verdict if sends else "hold"
    return replace(decision, verdict=verdict, sends=sends, holds=(*decision.holds, hold))
