"""Constructs that check, but that `serve` of this version does not carry out exactly.

The one table of construct and reason (2f.11: nothing written is ever ignored). It shrinks release
by release; `check` accepts what stands here, `serve` refuses to start. A test walks over the
grammar, the properties and their words: each is carried out, says nothing of serving, or is here.
"""

from roteiro.lang.report import phrase
from roteiro.lang.settings import Uncarried
from roteiro.lang.source import Span

UNCARRIED = {
    # (where, what, value as written; "" for any) to the text of the catalogue that says why
    ("listener", "tls", "required"): "uncarried_tls",
    ("listener", "certificate", ""): "uncarried_tls",
    ("listener", "key", ""): "uncarried_tls",
    ("listener", "client_ca", ""): "uncarried_tls",
    ("node", "tls", "required"): "uncarried_tls",
    ("node", "url", ""): "uncarried_url",
    ("node", "accept_syntax", ""): "uncarried_transcoding",
    ("node", "lossy", "allowed"): "uncarried_transcoding",
    ("node", "deliver", "cut_through"): "uncarried_cut_through",
    ("node", "external", "yes"): "uncarried_external",
    # roles of `may`, one by one
    ("node", "may", "query"): "uncarried_query",
    ("node", "may", "move"): "uncarried_move",
    ("node", "may", "get"): "uncarried_get",
    ("node", "may", "worklist"): "uncarried_worklist",
    ("node", "may", "mpps"): "uncarried_mpps",
    ("node", "may", "commit"): "uncarried_commit",
    ("node", "may", "hl7"): "uncarried_hl7",
    # pools: by any other key than Study or Series Instance UID
    ("pool", "balance", "key"): "uncarried_balance",
    # options of `send`, and what else a rule may do
    ("send", "via", ""): "uncarried_via",
    ("send", "late", "all"): "uncarried_late",
    ("action", "notify", ""): "uncarried_notify",
}


def uncarried(where: str, what: str, value: str) -> str | None:
    """Give the key of the reason why `serve` refuses a construct; nothing when it carries it."""
    return UNCARRIED.get((where, what, value)) or UNCARRIED.get((where, what, ""))


class Carriage:
    """Gathers what a program holds that `serve` does not carry out."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.found: list[Uncarried] = []

    def note(self, where: str, what: str, value: str, shown: str, span: Span) -> None:
        """Remember a construct that was written, if `serve` does not carry it out."""
        key = uncarried(where, what, value)
        if key:
            what = phrase("uncarried_construct", what=shown, why=phrase(key))
            self.found.append(Uncarried(what, shown, span))

    def in_order(self) -> tuple[Uncarried, ...]:
        """Give what was gathered, in the order of the files and places."""
        return tuple(sorted(self.found, key=lambda one: (one.span.file, one.span.start)))
