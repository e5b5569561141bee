"""The guard against loops between routers: what we sent to a node must not go back to it.

The mark is the object itself: nothing that travels in a C-STORE counts hops, and what we would add
to a data set would break the promise that its bytes are left alone. An object that comes from a
node with the same bytes as one that we sent to this very node is not sent to it again by a rule.
When it goes elsewhere as well, that is all; else it is held in the queue `loop`, and a person
decides. Longer rounds end elsewhere: the node that has
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
    """Send nothing back to where it came from; `origins` are nodes that it may be from."""
    back = {
        send.to for send in decision.sends if send.to in origins and not send.via and sent(send.to)
    }
    if not back:
        return decision
    reason = f"{', '.join(sorted(back))} sent what we had sent there"
    sends = tuple(send for send in decision.sends if send.to not in back or send.via)
    if sends:
        return replace(decision, sends=sends, nothing=(*decision.nothing, reason))
    holds = (*decision.holds, Hold(LOOP, reason))
    return replace(decision, verdict="hold", sends=(), holds=holds)
