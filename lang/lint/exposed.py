"""RT504 and RT505: secrets that stand in the text, and hashes that anyone can repeat."""

from collections.abc import Iterator

from roteiro.lang import nodes
from roteiro.lang.keys import HASHES, is_key, lacks_key
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint

Part = nodes.Value | nodes.SetRef | nodes.Secret


def look(program: Program) -> None:
    """Report both, wherever a secret may stand."""
    for item in program.items:
        for part in parts(item):
            if isinstance(part, nodes.Secret) and is_key(part):
                in_text(program, part.place)
            elif isinstance(part, nodes.Call) and part.function.text in HASHES:
                hashed(program, part)


def in_text(program: Program, place: nodes.Text) -> None:
    """Report a secret that everybody can read who reads the rules."""
    program.report.add("RT504", place.span, "secret_in_text", help=hint("secret_help"))


def hashed(program: Program, call: nodes.Call) -> None:
    """Report a hash without a secret, or with a text in its place."""
    if lacks_key(call):
        name = call.function.text
        helped = hint("secret_help")
        program.report.add("RT505", call.span, "hash_without_secret", help=helped, name=name)
    elif len(call.arguments) == 2 and isinstance(call.arguments[1], nodes.Text):
        in_text(program, call.arguments[1])


def parts(item: nodes.Item) -> Iterator[Part]:
    """Give the secrets and calls of an item."""
    if isinstance(item, nodes.Listener | nodes.Node | nodes.Router):
        yield from (
            entry.value for entry in item.properties if isinstance(entry.value, nodes.Secret)
        )
    elif isinstance(item, nodes.Transform):
        yield from (part for value in values(item.edits) for part in nested(value))
    elif isinstance(item, nodes.Profile):
        for statement in item.statements:
            if isinstance(statement, nodes.UidsStatement | nodes.DatesStatement):
                yield statement.secret
            elif isinstance(statement, nodes.ReplaceStatement):
                yield from nested(statement.value)


def values(edits: tuple[nodes.Edit, ...]) -> Iterator[nodes.Value]:
    """Give the right sides of a transform."""
    for edit in edits:
        if isinstance(edit, nodes.SetEdit):
            yield edit.value
        elif isinstance(edit, nodes.IfEdit | nodes.EachEdit):
            yield from values(edit.edits)


def nested(value: Part) -> Iterator[Part]:
    """Give a value and all that it is made of."""
    waiting: list[Part] = [value]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, nodes.Join):
            waiting.extend(reversed(part.parts))
        elif isinstance(part, nodes.Call):
            waiting.extend(reversed(part.arguments))
