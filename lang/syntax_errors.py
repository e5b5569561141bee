"""What the parser expected and what it found, in the words of people.

Tables: names of the grammar's terminals to words, and common slips to the remark that helps.
"""

from roteiro.lang.report import phrase

WORDS = {
    # terminals to texts of the catalogue
    "NAME": "word_name",
    "STRING": "word_text",
    "INT": "word_whole",
    "NUMBER": "word_number",
    "DURATION": "word_duration",
    "SIZE": "word_size",
    "STATUS": "word_status",
    "BOX": "word_box",
    "DATETIME": "word_instant",
    "TIME": "word_time",
    "COMPARE": "word_operator",
    "$END": "word_end",
}
MARKS = {
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
    "_PLUS": "`+`",
}
CONTINUING = {"_RANGE", "_DOT", "_LSQUARE"}
"""What may go on almost anywhere and is almost never what was meant."""
REFUSED_IN = {"guard_rule": {"_PRIORITY"}}
"""What the grammar reads and the builder refuses: nobody should be told to write it."""
END = "$END"
OF_BODIES = ("edit", "statement")
"""Starts of what is followed by more of its kind, or a brace."""
GROUPS = (
    # terminals that stand together for one word, most telling first
    ({"COMPARE", "IN", "CONTAINS", "LIKE"}, "word_operator"),
    ({"STRING", "NUMBER", "UID"}, "word_value"),
    ({"NAME", "TAG"}, "word_attribute"),
    ({"NOT", "_TRUE", "_LPAR"}, "word_condition"),
)
MEMBERS = {
    "word_operator": {
        *("COMPARE", "IN", "CONTAINS", "LIKE", "STARTS", "ENDS", "MATCHES", "UNDER", "NOT", "_IS"),
        *("_HAS", "_DOT", "_LSQUARE"),
    },
    "word_value": {
        *("STRING", "FOLD", "NUMBER", "INT", "DATE", "TIME", "DATETIME", "DURATION", "AGE"),
        *("SIZE", "UID", "REGEX", "_LBRACE", "_AT_SIGN", "NAME", "TAG", "PRIVATE_TAG", "_LSQUARE"),
        *("_ABSENT", "_EMPTY", "_ITEMS", "_SECRET", "_BACKOFF"),
    },
    "word_attribute": {"NAME", "TAG", "PRIVATE_TAG"},
    "word_condition": {
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
    "/": "slip_pattern",
    ";": "slip_semicolon",
    "else": "slip_else",
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
    ({"if"}, "_WHEN", "slip_if"),
    ({"=="}, "_ASSIGN", "slip_equal"),
    ({"="}, "_UNKNOWN", "slip_accept"),
    ({"batch", "during", "urgency"}, "_EXPECT", "slip_expect_how"),
    (set('"0123456789'), "_TRUE", "slip_value_alone"),
)

OF_GUARD = ("guard_rule", "guard_otherwise")
OF_CONDITIONS = {"contains", "ends", "in", "like", "matches", "not", "starts", "under"}
"""Operators that a result is not compared by."""
BEHIND_EDITS = {",": "slip_one_path", "else": "slip_else_edit"}
"""The same, behind an edit that could end."""


def word_of(terminal: str) -> str:
    """Give the word for one terminal."""
    if terminal in WORDS:
        return phrase(WORDS[terminal])
    return MARKS.get(terminal) or f"`{terminal.strip('_').lower()}`"


def keywords_of(terminals: set[str]) -> list[str]:
    """Give the keywords among terminals, as they are written."""
    plain = {terminal for terminal in terminals if terminal not in {*WORDS, *MARKS}}
    others = {"FOLD", "DATE", "AGE", "UID", "REGEX", "TAG", "PRIVATE_TAG"}
    return sorted(terminal.strip("_").lower() for terminal in plain - others)


def expected(terminals: set[str], start: str) -> list[str]:
    """Say in few words what would have been read, in a piece of the grammar's rule `start`."""
    left = terminals - REFUSED_IN.get(start, set())
    left = left - CONTINUING or left
    words: list[str] = []
    if start in OF_BODIES and END in left:
        words.append(phrase("word_next"))
        left = left - {END}
    for needed, word in (GROUPS[3], GROUPS[0], GROUPS[1], GROUPS[2]):
        if needed <= left:
            words.append(phrase(word))
            left -= MEMBERS[word]
    return words + sorted(word_of(terminal) for terminal in left)


def slip(found: str, terminals: set[str], start: str = "") -> str | None:
    """Give the key of the remark for a common slip in a piece of the grammar's rule `start`."""
    if start == "edit" and END in terminals and found in BEHIND_EDITS:
        return BEHIND_EDITS[found]
    if start in OF_GUARD and found == "notify":
        return "slip_guard_notify"
    if start == "test" and found in OF_CONDITIONS and "COMPARE" in terminals:
        return "slip_result"
    for words, expected_terminal, key in MISPLACED:
        if expected_terminal in terminals and (found in words or found[0] in words):
            return key
    if found == "=" and "COMPARE" not in terminals:
        return None
    return SLIPS.get(found)
