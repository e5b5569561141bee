"""The right sides of edits, typed: literals, attributes, functions, `+`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from roteiro.core.program import Field, ValueType
from roteiro.core.program import Source as Place
from roteiro.lang import chains, dictionary, functions, nodes
from roteiro.lang.asdata import BARE, Writer, with_vr, written_as
from roteiro.lang.attributes import Attributes, written
from roteiro.lang.functions import ACCEPTED, FUNCTIONS, Signature
from roteiro.lang.items import NESTING
from roteiro.lang.keys import is_key, lacks_key
from roteiro.lang.literals import Element, is_tag, type_of
from roteiro.lang.report import Report, did_you_mean, hint, phrase, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.writable import Limits

Argument = chains.Value | chains.LookupTable | chains.Secret | int
PLACES = ("env", "file")
"""Where a secret may be kept."""


@dataclass(frozen=True, slots=True)
class Made:
    """A typed value; `type` is nothing for text that is computed, or whose type is not known."""

    value: chains.Value
    type: ValueType | None


class Values:
    """Types the right sides of edits."""

    def __init__(self, names: Names, report: Report) -> None:
        """Resolve by `names`, report to `report`."""
        self.names = names
        self.report = report
        self.attributes = Attributes(report)
        self.writer = Writer(report)
        self.limits = Limits(report)

    # For a field --------------------------------------------------------------------------------

    def put(self, node: nodes.Value, field: Field) -> tuple[Field, chains.Value] | None:
        """Type a value for a field; give the field with its VR, which a private one takes."""
        literal = tag_of(node) if field.type is ValueType.TAG else as_literal(node)
        if literal is None:
            return self.computed(node, field)
        field = with_vr(field, literal)
        text = self.writer.value(literal, field)
        if text is None or not self.limits.keep(text, literal, field):
            return None
        return field, chains.Written(text)

    def computed(self, node: nodes.Value, field: Field) -> tuple[Field, chains.Value] | None:
        """Type a value that is made object by object."""
        made = self.made(node)
        if made is None:
            return None
        if field.creator:
            return with_vr(field, nodes.Text("", folded=False, span=node.span)), made.value
        if not functions.fits(made.type, field.type):
            self.wrong(node, made, field)
            return None
        sound = self.limits.hold(made.value, node.span, field) and self.whole(node, field)
        return (field, made.value) if sound else None

    def wrong(self, node: nodes.Value, made: Made, field: Field) -> None:
        """Report a value of another type than the field's."""
        self.report.add(
            "RT120",
            node.span,
            "wrong_value",
            name=written(field),
            type=type_of(field),
            got=phrase(f"type_{made.type.value}") if made.type else phrase("type_text"),
        )

    def whole(self, node: nodes.Value, field: Field) -> bool:
        """Check the literals that may be all of the value, as those of `coalesce` are."""
        kept = [
            text is not None and self.limits.keep(text, literal, field, several=False)
            for literal in alternatives(node)
            for text in (self.writer.value(literal, field),)
        ]
        return all(kept)

    # By itself ----------------------------------------------------------------------------------

    def made(self, node: nodes.Value, depth: int = 0) -> Made | None:
        """Type a value that stands in a function or a join."""
        if depth > NESTING:
            self.report.add("RT126", node.span, "too_deep", limit=NESTING)
            return None
        if isinstance(node, nodes.Join):
            return self.joined(node, depth)
        if isinstance(node, nodes.Call):
            return self.call(node, depth)
        literal = as_literal(node)
        if literal is not None:
            return self.literal(literal)
        return self.path(node) if isinstance(node, nodes.Path) else None

    def joined(self, node: nodes.Join, depth: int) -> Made | None:
        """Type `a + b`."""
        parts = [self.made(part, depth + 1) for part in node.parts]
        if any(part is None for part in parts):
            return None
        return Made(chains.Joined(tuple(part.value for part in parts if part)), None)

    def literal(self, literal: Element) -> Made | None:
        """Type a literal by its kind."""
        if not self.writer.plain(literal):
            return None
        if type(literal) not in BARE:
            self.report.add(
                "RT120", literal.span, "no_argument", got=self.report.text(literal.span)
            )
            return None
        vr, kind = BARE[type(literal)]
        value = self.writer.literals.scalar(literal, Field(Place.ELEMENT, kind, vr=vr))
        return None if value is None else Made(chains.Written(written_as(literal, value)), kind)

    def path(self, path: nodes.Path) -> Made | None:
        """Type an attribute."""
        field = self.attributes.field(path, "LO")
        if field is None:
            return None
        if field.creator:
            return Made(chains.ValueOf(field), None)
        if field.type not in ACCEPTED[functions.VALUE] or field.source is Place.CLOCK:
            name = self.report.text(path.span)
            self.report.add("RT120", path.span, "no_value_of", name=name, vr=field.vr or name)
            return None
        return Made(chains.ValueOf(field), field.type)

    # Functions ----------------------------------------------------------------------------------

    def call(self, node: nodes.Call, depth: int) -> Made | None:
        """Type a call of a function."""
        name = node.function.text
        signature = FUNCTIONS.get(name)
        if signature is None:
            self.unknown(node.function)
            return None
        if not signature.least <= len(node.arguments) <= signature.most:
            self.count(node, signature)
            return None
        arguments: list[Argument] = []
        types: list[ValueType | None] = []
        for number, argument in enumerate(node.arguments):
            typed = self.argument(argument, signature.kind(number), depth)
            if typed is None:
                return None
            arguments.append(typed.value if isinstance(typed, Made) else typed)
            types.extend([typed.type] if isinstance(typed, Made) else [])
        return self.result(node, signature, tuple(arguments), types)

    def unknown(self, name: nodes.Name) -> None:
        """Report a function that there is not."""
        meant = self.report.meant(name.text, FUNCTIONS)
        self.report.add(
            "RT104",
            name.span,
            "unknown_function",
            help=did_you_mean(meant) or hint("functions"),
            fix=replaced(name.span, meant),
            name=name.text,
        )

    def count(self, node: nodes.Call, signature: Signature) -> None:
        """Report too few arguments, or too many."""
        if lacks_key(node):
            return
        key = "arguments" if signature.least == signature.most else "arguments_between"
        self.report.add(
            "RT108",
            node.span,
            key,
            name=node.function.text,
            least=signature.least,
            most=signature.most,
            got=len(node.arguments),
        )

    def result(
        self,
        node: nodes.Call,
        signature: Signature,
        arguments: tuple[Argument, ...],
        types: list[ValueType | None],
    ) -> Made | None:
        """Say what a function gives."""
        value = chains.Apply(node.function.text, arguments)
        if node.function.text == "slice" and not self.in_order(node, arguments):
            return None
        if signature.result != functions.FIRST:
            assert not isinstance(signature.result, str)
            return Made(value, signature.result)
        kinds = set(types)
        if len(kinds) > 1 and not kinds <= {ValueType.TEXT, ValueType.NAME, None}:
            self.report.add("RT120", node.span, "mixed_arguments", name=node.function.text)
            return None
        return Made(value, types[0] if len(kinds) == 1 else None)

    def in_order(self, node: nodes.Call, arguments: tuple[Argument, ...]) -> bool:
        """Report a slice that ends before it begins."""
        _, first, last = arguments
        if isinstance(first, int) and isinstance(last, int) and first > last:
            self.report.add("RT115", node.span, "reversed_range")
            return False
        return True

    def argument(
        self, node: nodes.Value | nodes.SetRef | nodes.Secret, kind: str, depth: int
    ) -> Made | Argument | None:
        """Type one argument as its function wants it; nothing when that was reported."""
        if kind in ACCEPTED and not isinstance(node, nodes.SetRef | nodes.Secret):
            return self.of_type(node, kind, depth)
        if kind == functions.LOOKUP and isinstance(node, nodes.SetRef):
            return self.lookup(node)
        reader = READERS.get(kind)
        typed = reader(node) if reader else None
        if typed is None:
            self.wrong_argument(node, kind)
        return typed

    def wrong_argument(self, node: nodes.Value | nodes.SetRef | nodes.Secret, kind: str) -> None:
        """Report an argument of another kind than its function takes."""
        if kind == functions.SECRET and is_key(node):
            return
        helped = hint("wanted_literal", wanted=phrase(f"argument_{kind}"))
        got = self.report.text(node.span)
        self.report.add("RT120", node.span, "wrong_argument", help=helped, got=got)

    def of_type(self, node: nodes.Value, kind: str, depth: int) -> Made | None:
        """Type an argument that is a value."""
        made = self.made(node, depth + 1)
        if made is None or made.type is None or made.type in ACCEPTED[kind]:
            return made
        self.wrong_argument(node, kind)
        return None

    def lookup(self, node: nodes.SetRef) -> chains.LookupTable | None:
        """Resolve `@name` of a lookup."""
        item = self.names.use("lookups", node.name, self.report)
        if not isinstance(item, nodes.Lookup):
            return None
        return chains.LookupTable(item.name.text, self.names.rows(item) or {})


def is_place(place: str) -> bool:
    """Whether a text says where a secret is kept: `env:NAME` or `file:PATH`."""
    kind, _, rest = place.partition(":")
    return kind in PLACES and bool(rest.strip()) and "\0" not in rest


def secret_of(node: object) -> chains.Secret | None:
    """Read where a secret is kept."""
    if isinstance(node, nodes.Secret) and is_place(node.place.value):
        return chains.Secret(node.place.value)
    return None


def any_text(node: object) -> chains.Written | None:
    """Read a literal text."""
    if isinstance(node, nodes.Text) and not node.folded:
        return chains.Written(node.value)
    return None


def some_text(node: object) -> chains.Written | None:
    """Read a literal text that is not empty."""
    text = any_text(node)
    return text if text and text.text else None


def place_in(node: object) -> int | None:
    """Read a place, counted from 1."""
    if not isinstance(node, nodes.Number):
        return None
    whole = node.value == node.value.to_integral_value()
    return int(node.value) if whole and 1 <= node.value <= functions.MOST_COUNTED else None


def days(node: object) -> int | None:
    """Read a number of days."""
    return whole_days(node) if isinstance(node, nodes.Duration) else None


def whole_days(duration: nodes.Duration) -> int | None:
    """Give the days of a duration, if it is a number of them that a date may be moved by."""
    number = duration.seconds / 86400
    whole = number == number.to_integral_value()
    return int(number) if whole and 1 <= number <= functions.MOST_DAYS else None


READERS: dict[str, Callable[[object], Argument | None]] = {
    functions.SECRET: secret_of,
    functions.TEXT: some_text,
    functions.ANY_TEXT: any_text,
    functions.COUNT: place_in,
    functions.DAYS: days,
}


def as_literal(node: nodes.Value) -> Element | None:
    """Give the literal that a value is: a bare name that is no attribute may be a UID's."""
    if isinstance(node, nodes.Path):
        (first, *others) = node.steps
        bare = isinstance(first.what, nodes.Name) and not others and first.position is None
        if bare and isinstance(first.what, nodes.Name) and is_uid(first.what.text):
            return first.what
        return None
    return None if isinstance(node, nodes.Call | nodes.Join) else node


def tag_of(node: nodes.Value) -> Element | None:
    """Give the tag that a value is, for an attribute whose values are tags."""
    return node if isinstance(node, nodes.Path) and is_tag(node) else None


def is_uid(name: str) -> bool:
    """Whether a name is a UID's and no attribute's."""
    return dictionary.by_keyword(name) is None and dictionary.uid_of(name) is not None


def alternatives(node: nodes.Value) -> Iterator[Element]:
    """Give the literals that may be all of a value: those of `coalesce`, the last of `lookup`."""
    if not isinstance(node, nodes.Call):
        return
    whole = {"coalesce": node.arguments, "lookup": node.arguments[2:]}
    for argument in whole.get(node.function.text, ()):
        if isinstance(argument, nodes.SetRef | nodes.Secret):
            continue
        literal = as_literal(argument)
        if literal is not None:
            yield literal
        else:
            yield from alternatives(argument)
