"""Free ports for tests, below those that the system gives to callers.

A call to a dead port of the system's own range can meet itself: TCP then connects the caller to the
caller, and whoever wants the port afterwards cannot have it.
"""

import socket
from random import SystemRandom

LOOPBACK = "127.0.0.1"
PORTS = range(15_000, 30_000)


def free_port() -> int:
    """Find a port on which nobody listens."""
    while True:
        port = SystemRandom().choice(PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
