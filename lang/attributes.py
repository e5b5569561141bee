"""What a path reads: an element of the data set or a member of the envelope."""

from roteiro.core.program import Field, ValueType
from roteiro.core.program import Source as Place
from roteiro.lang import dictionary, nodes
from roteiro.lang.dictionary import Attribute
from roteiro.lang.report import Report, did_you_mean, hint, phrase, replaced
from roteiro.lang.source import Span

TEXT_VRS = frozenset(("AE", "CS", "SH", "LO", "UC", "ST", "LT", "UT", "UR"))
DECIMAL_VRS = frozenset(
    ("DS", "IS", "US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "US or SS"),
)
TYPES = {
    **dict.fromkeys(TEXT_VRS, ValueType.TEXT),
    **dict.fromkeys(DECIMAL_VRS, ValueType.DECIMAL),
    "UI": ValueType.UID,
    "DA": ValueType.DATE,
    "TM": ValueType.TIME,
}


def envelope(name: str, kind: ValueType) -> Field:
    """Make the field of a member of the envelope."""
    return Field(Place.ENVELOPE, kind, name=name)


ENVELOPE = {
    "assoc": {
        "calling_ae": envelope("calling_ae", ValueType.TEXT),
        "called_ae": envelope("called_ae", ValueType.TEXT),
        "peer": envelope("peer", ValueType.ADDRESS),
        "tls_subject": envelope("tls_subject", ValueType.TEXT),
        "listener": envelope("listener", ValueType.TEXT),
    },
    "instance": {
        "transfer_syntax": envelope("transfer_syntax", ValueType.UID),
        "sop_class": envelope("sop_class", ValueType.UID),
        "sop_instance": envelope("sop_instance", ValueType.UID),
        "size": envelope("size", ValueType.DECIMAL),
    },
}
COMPONENTS = frozenset(
    ("family", "given", "middle", "prefix", "suffix", "alphabetic", "ideographic", "phonetic"),
)


def vr_of(field: Field) -> str:
    """Give the VR whose limits the values of a field keep; none for most of the envelope."""
    return "AE" if field.name in {"calling_ae", "called_ae"} else field.vr


def written(field: Field) -> str:
    """Give a field as people write it."""
    if field.source is Place.ENVELOPE:
        return next(f"{space}.{field.name}" for space in ENVELOPE if field.name in ENVELOPE[space])
    return field.name or tag_text(field.tag)


def tag_text(tag: int) -> str:
    """Give a tag as people write it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def described(attribute: Attribute) -> str:
    """Give keyword, tag and VR of an attribute."""
    return f"{attribute.keyword} {tag_text(attribute.tag)} {attribute.vr}"


class Attributes:
    """Resolves paths, and reports what is wrong with them."""

    def __init__(self, report: Report) -> None:
        """Report to `report`."""
        self.report = report

    def field(self, path: nodes.Path) -> Field | None:
        """Give what a path reads; nothing when that was reported."""
        first = path.steps[0]
        if not self.simple(path):
            return None
        if len(path.steps) > 1:
            return self.dotted(path)
        if isinstance(first.what, nodes.Name):
            return self.keyword(first.what)
        if isinstance(first.what, nodes.Tag):
            return self.tag(first.what)
        return None

    def simple(self, path: nodes.Path) -> bool:
        """Refuse positions, private tags and what else is not in this version."""
        for step in path.steps:
            if isinstance(step.what, nodes.Unbuilt):
                if not self.repeats(step.what):
                    return False
                return self.unbuilt(step.what.what, step.what.span)
        for step in path.steps:
            if step.position is not None:
                return self.unbuilt(phrase("unbuilt_position"), step.span)
        return True

    def repeats(self, step: nodes.Unbuilt) -> bool:
        """Refuse an `x` that stands for no repeating group; only 50xx and 60xx repeat (2e)."""
        tag = self.report.source.text[step.span.start : step.span.end].lower()
        if '"' in tag or (tag[1:5] in {"50xx", "60xx"} and "x" not in tag[6:]):
            return True
        self.report.add("RT116", step.span, "bad_repeating", tag=tag)
        return False

    def unbuilt(self, what: str, span: Span) -> bool:
        """Report what is not in this version."""
        self.report.add("RT112", span, "unbuilt", what=what)
        return False

    def dotted(self, path: nodes.Path) -> Field | None:
        """Resolve `assoc.x`, `instance.x`, and explain the others."""
        first, second = path.steps[0].what, path.steps[1].what
        if not isinstance(first, nodes.Name):
            self.through(path)
            return None
        space = ENVELOPE.get(first.text)
        if first.text == "clock":
            self.unbuilt("`clock`", path.span)
            return None
        if space is None:
            self.through(path)
            return None
        if isinstance(second, nodes.Name) and second.text in space and len(path.steps) == 2:
            return space[second.text]
        word = second.text if isinstance(second, nodes.Name) else ""
        meant = self.report.meant(word, space)
        self.report.add(
            "RT101",
            path.steps[1].span,
            "unknown_member",
            help=did_you_mean(f"{first.text}.{meant}")
            if meant
            else hint("members", space=first.text),
            fix=replaced(path.steps[1].span, meant),
            name=self.report.source.text[path.span.start : path.span.end],
        )
        return None

    def through(self, path: nodes.Path) -> None:
        """Explain a path of more than one step."""
        first, second = path.steps[0], path.steps[1]
        field = self.field(nodes.Path((first,), first.span))
        if field is None:
            return
        if (
            field.vr == "PN"
            and isinstance(second.what, nodes.Name)
            and second.what.text in COMPONENTS
        ):
            self.unbuilt(phrase("unbuilt_component"), path.span)
        elif field.vr == "SQ":
            self.report.add(
                "RT128",
                path.span,
                "through_sequence",
                help=hint("through_help", name=written(field)),
                name=written(field),
            )
        else:
            self.report.add("RT128", path.span, "through_plain", name=written(field), vr=field.vr)

    def keyword(self, name: nodes.Name) -> Field | None:
        """Resolve a keyword."""
        attribute = dictionary.by_keyword(name.text)
        if attribute is not None:
            return self.of(attribute, name.span)
        if name.text in dictionary.repeating():
            self.unbuilt(phrase("unbuilt_repeating"), name.span)
            return None
        self.unknown(name)
        return None

    def unknown(self, name: nodes.Name) -> None:
        """Report a keyword that is not in the dictionary."""
        if name.text in ENVELOPE:
            self.report.add(
                "RT101",
                name.span,
                "bare_space",
                help=hint("members", space=name.text),
                name=name.text,
            )
            return
        meant = self.report.meant(name.text, dictionary.keywords())
        found = dictionary.by_keyword(meant) if meant else None
        help_text = None
        if found:
            help_text = hint(
                "did_you_mean_attribute",
                word=found.keyword,
                tag=tag_text(found.tag)[1:-1],
                vr=found.vr,
            )
        self.report.add(
            "RT101",
            name.span,
            "unknown_attribute",
            help=help_text,
            fix=replaced(name.span, meant),
            name=name.text,
        )

    def tag(self, tag: nodes.Tag) -> Field | None:
        """Resolve `(gggg,eeee)`."""
        shown = tag_text(tag.group << 16 | tag.element)
        if tag.group % 2:
            self.report.add(
                "RT116",
                tag.span,
                "private_tag",
                help=hint("private_help", group=f"{tag.group:04X}"),
                tag=shown,
            )
            return None
        attribute = dictionary.by_tag(tag.group << 16 | tag.element)
        if attribute is None or attribute.vr == "NONE":
            self.report.add("RT116", tag.span, "unknown_tag", tag=shown)
            return None
        return self.of(attribute, tag.span)

    def of(self, attribute: Attribute, span: Span) -> Field | None:
        """Make the field of an attribute, and report what is odd about it."""
        shown = described(attribute)
        if attribute.vr == "NONE":
            self.report.add("RT116", span, "unknown_tag", tag=tag_text(attribute.tag))
            return None
        if attribute.tag >> 16 in {0, 2}:
            key = "command_group" if attribute.tag >> 16 == 0 else "meta_group"
            self.report.add("RT224", span, key, help=hint("group_help"), name=shown)
        elif attribute.retired:
            self.report.add("RT102", span, "retired", name=shown)
        kind = TYPES.get(attribute.vr, ValueType.STATE_ONLY)
        return Field(Place.ELEMENT, kind, attribute.tag, attribute.vr, attribute.keyword)
