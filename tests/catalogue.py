"""All texts of one language, of every subject."""

from collections.abc import Mapping

from roteiro.lang.messages import texts

SUBJECTS = ("language", "command", "help", "runtime", "selftest", "system")


def catalogue(language: str) -> Mapping[str, str]:
    """Give all texts of one language, by dotted key; English for what it lacks."""
    return {key: words for one in SUBJECTS for key, words in texts(one, language).items()}
