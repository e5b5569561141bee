"""Rules as expressions of Python and of CEL, for the peers.

Literals and values are in the form that is quickest for them: dates and times as the text that
stands in a header, ages as days, numbers as doubles; folding of case is done once an object.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal

from bench.families import Asked, Scalar

DAYS = 365.25
Known = str | float


def known(field: str, value: Scalar) -> Known:
    """Give a literal as peers compare it."""
    match field:
        case "StudyDate":
            return str(value)
        case "StudyTime":
            return f"{value:02}0000"
        case "PatientAge":
            return int(value) * DAYS
    return float(value) if isinstance(value, int | Decimal) else value


def literals(asked: Asked) -> list[Known]:
    """Give the literals of a condition."""
    return [known(asked.field, value) for value in asked.values if not isinstance(value, Asked)]


def pattern(asked: Asked) -> str:
    """Give `like` and `matches` as a pattern of Python and RE2 for the whole value."""
    text = str(asked.values[0])
    if asked.operator == "like":
        text = "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in text)
    return f"(?s){text}" if asked.operator == "like" else text


def python(asked: Asked, name: str, ask: Callable[[str], str]) -> str:
    """Write a condition in Python; `ask` names a function that matches a pattern."""
    values = literals(asked)
    one = repr(values[0])
    match asked.operator:
        case "==" if asked.field == "ImageType":
            text = f"{one} in {name}"
        case "in":
            text = f"{name} in {tuple(values)!r}"
        case "contains":
            text = f"{one} in {name}"
        case "starts with":
            text = f"{name}.startswith({one})"
        case "like" | "matches":
            text = f"{ask(pattern(asked))}({name}) is not None"
        case "under":
            text = f"({name} == {one} or {name}.startswith({values[0] + '.'!r}))"  # type: ignore[operator]
        case "range":
            text = f"{one} <= {name} <= {values[1]!r}"
        case operator:
            text = f"{name} {operator} {one}"
    return f"not ({text})" if asked.negated else text


def cel(asked: Asked, name: str) -> str:
    """Write a condition in CEL."""
    values = [json.dumps(value, ensure_ascii=False) for value in literals(asked)]
    one = values[0]
    match asked.operator:
        case "==" if asked.field == "ImageType":
            text = f"{one} in {name}"
        case "in":
            text = f"{name} in [{', '.join(values)}]"
        case "contains":
            text = f"{name}.contains({one})"
        case "starts with":
            text = f"{name}.startsWith({one})"
        case "like" | "matches":
            text = f"{name}.matches({json.dumps(f'^(?:{pattern(asked)})$')})"
        case "under":
            text = f"({name} == {one} || {name}.startsWith({one[:-1]}.{one[-1]}))"
        case "range":
            text = f"{one} <= {name} && {name} <= {values[1]}"
        case operator:
            text = f"{name} {operator} {one}"
    return f"!({text})" if asked.negated else text
