"""Rules as the text of a rule file."""

from decimal import Decimal

from bench.families import EFFECTS, Asked, Rule, Scalar

HEAD = 'language 1\ntimezone "UTC"\n' + "".join(
    f'node d{number} {{ ae = "D{number}" host = "127.0.0.1" port = {10400 + number} }}\n'
    for number in range(EFFECTS + 1)
)


def literal(field: str, value: Scalar, *, folded: bool = False) -> str:
    """Write a value."""
    match field:
        case "StudyDate":
            text = str(value)
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        case "StudyTime":
            return f"{value:02}:00"
        case "PatientAge":
            return f"{value}Y"
        case "SOPClassUID" | "ReferencedSOPClassUID":
            return str(value)
    if isinstance(value, int | Decimal):
        return f"{value}"
    return f'{"i" * folded}"{value}"'


def condition(asked: Asked) -> str:
    """Write one condition."""
    path = "assoc.calling_ae" if asked.field == "calling_ae" else asked.field
    if asked.operator == "has":
        inner = " and ".join(condition(v) for v in asked.values if isinstance(v, Asked))
        return f"{'no' if asked.negated else 'any'} {path} has ({inner})"
    values = [value for value in asked.values if not isinstance(value, Asked)]
    written = [literal(asked.field, value, folded=asked.folded) for value in values]
    match asked.operator:
        case "in":
            text = f"{path} in {{ {', '.join(written)} }}"
        case "range":
            text = f"{path} in {written[0]}..{written[1]}"
        case "matches":
            pattern = str(values[0]).replace("/", "\\/")
            text = f"{path} matches /{pattern}/{'i' * asked.folded}"
        case operator:
            text = f"{path} {operator} {written[0]}"
    return f"not ({text})" if asked.negated else text


def file(made: tuple[Rule, ...], *, first: bool) -> str:
    """Write a rule file."""
    texts = [
        f"  rule {rule.name} {{ when {' and '.join(map(condition, rule.asked))}"
        f"  send to d{rule.to} }}\n"
        for rule in made
    ]
    kind = "first" if first else "all"
    return f"{HEAD}\ntable t {kind} {{\n{''.join(texts)}  otherwise {{ send to d{EFFECTS} }}\n}}\n"
