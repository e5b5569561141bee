"""Constructs that check, but that `serve` of this version does not carry out exactly.

The one table of construct and reason (2f.11: nothing written is ever ignored). It shrinks release
by release; `check` accepts what stands here, `serve` refuses to start.
"""

UNCARRIED = {
    # (item, property, value as written; "" for any) to the text of the catalogue that says why
    ("listener", "tls", "required"): "uncarried_tls",
    ("listener", "certificate", ""): "uncarried_tls",
    ("listener", "key", ""): "uncarried_tls",
    ("listener", "client_ca", ""): "uncarried_tls",
    ("node", "tls", "required"): "uncarried_tls",
    ("node", "url", ""): "uncarried_url",
    ("node", "rate", ""): "uncarried_rate",
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
}


def uncarried(item: str, name: str, value: str) -> str | None:
    """Give the key of the reason why `serve` refuses a property; nothing when it carries it."""
    return UNCARRIED.get((item, name, value)) or UNCARRIED.get((item, name, ""))
