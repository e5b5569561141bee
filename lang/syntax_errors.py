"""What the parser expected and what it found, in the words of people.

Tables: names of the grammar's terminals to words, and common slips to the remark that helps.
"""

WORDS = {
    "NAME": "a name",
    "STRING": 'a text in `"`',
    "INT": "a whole number",
    "NUMBER": "a number",
    "DURATION": "a duration such as `5m`",
    "SIZE": "a size such as `20MiB`",
    "STATUS": "a status such as `0x0124`",
    "DATETIME": "an instant such as `2026-01-31T14:00:00+01:00`",
    "_LBRACE": "`{`",
    "_RBRACE": "`}`",
    "_LPAR": "`(`",
    "_RPAR": "`)`",
    "_LSQUARE": "`[`",
    "_RSQUARE": "`]`",
    "_COMMA": "`,`",
    "_COLON": "`:`",
    "_RANGE": "`..`",
    "_DOT": "`.`",
    "_AT_SIGN": "`@`",
    "_ASSIGN": "`=`",
    "$END": "the end of the item",
}
CONTINUING = {"_RANGE", "_DOT", "_LSQUARE"}
"""What may go on almost anywhere and is almost never what was meant."""
GROUPS = (
    # terminals that stand together for one word, most telling first
    ({"COMPARE", "IN", "CONTAINS", "LIKE"}, "an operator such as `==`"),
    ({"STRING", "NUMBER", "UID"}, "a value"),
    ({"NAME", "TAG", "PRIVATE_TAG"}, "an attribute"),
    ({"NOT", "_TRUE", "_LPAR"}, "a condition"),
)
MEMBERS = {
    "an operator such as `==`": {
        *("COMPARE", "IN", "CONTAINS", "LIKE", "STARTS", "ENDS", "MATCHES", "UNDER", "NOT", "_IS"),
        *("_HAS", "_DOT", "_LSQUARE"),
    },
    "a value": {
        *("STRING", "FOLD", "NUMBER", "INT", "DATE", "TIME", "DATETIME", "DURATION", "AGE"),
        *("SIZE", "UID", "REGEX", "_LBRACE", "_AT_SIGN", "NAME", "TAG", "PRIVATE_TAG", "_LSQUARE"),
        *("_ABSENT", "_EMPTY", "_ITEMS", "_SECRET", "_BACKOFF"),
    },
    "an attribute": {"NAME", "TAG", "PRIVATE_TAG"},
    "a condition": {
        *("NOT", "_TRUE", "_FALSE", "_LPAR", "_AT_SIGN", "NAME", "TAG", "PRIVATE_TAG", "ANY"),
        *("ALL", "NO", "_COUNT", "_DAYS"),
    },
}
SLIPS = {
    # what was found to the key of the remark
    "=": "slip_assign",
    "'": "slip_quote",
    "&&": "slip_and",
    "&": "slip_and",
    "||": "slip_or",
    "|": "slip_or",
    "!": "slip_not",
    ";": "slip_semicolon",
    "else": "slip_else",
    "if": "slip_if",
    "null": "slip_null",
    "none": "slip_null",
    "None": "slip_null",
    "default": "slip_else",
}
MISPLACED = (
    # what was found, a terminal that was expected there, the key of the remark
    ({"drop", "refuse", "pass"}, "_SEND", "slip_guard_only"),
    ({"send", "nothing"}, "_PASS", "slip_table_only"),
    ({"when"}, "_SEND", "slip_when_first"),
    (set('"0123456789'), "_TRUE", "slip_value_alone"),
)
CONDITION, OPERATOR = "a condition", "an operator such as `==`"


def word_of(terminal: str) -> str:
    """Give the word for one terminal."""
    return WORDS.get(terminal) or f"`{terminal.strip('_').lower()}`"


def keywords_of(terminals: set[str]) -> list[str]:
    """Give the keywords among terminals, as they are written."""
    plain = {terminal for terminal in terminals if terminal not in WORDS}
    others = {"COMPARE", "FOLD", "DATE", "TIME", "AGE", "UID", "REGEX", "TAG", "PRIVATE_TAG"}
    return sorted(terminal.strip("_").lower() for terminal in plain - others)


def expected(terminals: set[str]) -> list[str]:
    """Say in few words what the parser would have taken."""
    left = terminals - CONTINUING if terminals - CONTINUING else set(terminals)
    words: list[str] = []
    for needed, word in (GROUPS[3], GROUPS[0], GROUPS[1], GROUPS[2]):
        if needed <= left:
            words.append(word)
            left -= MEMBERS[word]
    return words + sorted(word_of(terminal) for terminal in left)


def listing(words: list[str]) -> str:
    """Join words: `a`, `b` or `c`."""
    return "".join(words) if len(words) < 2 else ", ".join(words[:-1]) + " or " + words[-1]


def slip(found: str, terminals: set[str]) -> str | None:
    """Give the key of the remark for a common slip."""
    if found == "=" and "COMPARE" not in terminals:
        return None
    for words, expected_terminal, key in MISPLACED:
        if expected_terminal in terminals and (found in words or found[0] in words):
            return key
    return SLIPS.get(found)
