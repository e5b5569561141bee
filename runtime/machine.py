"""What the machine says when it refuses, in words of the catalogue where it has them."""

import errno

from roteiro.lang.messages import DEFAULT, Phrase, texts

RESOLVER = {-2: "EAI_NONAME", -3: "EAI_AGAIN", -5: "EAI_NODATA"}
"""Numbers of a resolver's refusals; those of the system are positive."""


def machine_words(error: OSError) -> str:
    """Say why the machine refused, without the path that it was about."""
    number = error.errno or 0
    name = RESOLVER.get(number) or errno.errorcode.get(number, "")
    key = f"system.{name.lower()}"
    if key in texts("system", DEFAULT):
        return Phrase(key)
    return error.strerror or type(error).__name__
