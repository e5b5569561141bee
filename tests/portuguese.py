"""Slips of Portuguese that can be found by their shape: not European, or spelt as before 1990."""

import re

NO_WORDS = re.compile(r"```.*?```|`[^`]*`|\{[^}]*\}", re.DOTALL)
BRAZILIAN = re.compile(
    r"\b(usuários?|telas?|registros?|contatos?|conexão|conexões|equipes?|você|deletar|salvar|"
    r"gerenciar|baixar|senhas?|planejad[oa]s?|controle|tu|teu|tua)\b"
)
OLD_SPELLING = re.compile(
    r"\b\w*(?:acç|ecç|icç|opç(?!ã|õ)|object|direct[oa]|correct|activ|óptim|baptis|projecto)\w*\b"
)
GERUND = re.compile(r"\b(?!comando|quando)\w+(?:ando|endo|indo)\b")


def slips(text: str) -> list[str]:
    """Give the words that its readers would not write; what is in backticks is no word."""
    words = NO_WORDS.sub("", text).lower()
    return [
        found[0] for kind in (BRAZILIAN, OLD_SPELLING, GERUND) for found in kind.finditer(words)
    ]
