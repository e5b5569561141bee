"""Where keys are kept, and what is wrong when they are not kept there.

A key is named by its place, `secret("env:NAME")` or `secret("file:PATH")`. Anything else there is
the key itself, for all to read (RT504); a hash without one hides nothing (RT505). Both are reported
in one place, `roteiro.lang.lint.exposed`.
"""

from roteiro.lang import nodes

PLACES = ("env:", "file:")
HASHES = frozenset(("hash", "uid_hash"))
"""Functions whose second argument is a key."""


def is_key(node: object) -> bool:
    """Whether a key stands here itself."""
    if isinstance(node, nodes.Secret):
        return not node.place.value.startswith(PLACES)
    return isinstance(node, nodes.Text)


def lacks_key(call: nodes.Call) -> bool:
    """Whether a hash is made without a key."""
    return call.function.text in HASHES and len(call.arguments) == 1
