"""What the machine says when it refuses, in words of the catalogue where it has them."""

import errno

from roteiro.lang.messages import DEFAULT, Phrase, texts

NO_FILE: dict[type[OSError], str] = {
    FileNotFoundError: "command.no_such_file",
    NotADirectoryError: "command.no_such_file",
    IsADirectoryError: "command.folder_not_file",
}
"""What the machine says of a path that is no file, and the text for it."""
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


def unread(name: str, wrong: OSError) -> Phrase:
    """Say why a file that a person named could not be read."""
    key = NO_FILE.get(type(wrong))
    if key is not None:
        return Phrase(key, path=name)
    return Phrase("command.cannot_read", path=name, why=machine_words(wrong))
