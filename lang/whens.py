"""The condition of a rule in words of the language, made of its tests as they were written."""

from roteiro.lang.typed import And, Condition, Constant, Not, Or


def when_text(condition: Condition) -> str:
    """Give a condition out of its tests; `@names` are what they stand for."""
    match condition:
        case Constant(value):
            return "true" if value else "false"
        case Not(part):
            return f"not {inside(part)}"
        case And(parts):
            return " and ".join(map(inside, parts))
        case Or(parts):
            return " or ".join(map(inside, parts))
        case _:
            written = condition.source.text[condition.span.start : condition.span.end]
            return " ".join(written.split())


def inside(condition: Condition) -> str:
    """Give a part of a condition, in parentheses where it would be read otherwise."""
    text = when_text(condition)
    return f"({text})" if isinstance(condition, And | Or) else text
