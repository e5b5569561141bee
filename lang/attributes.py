"""What a path reads: an element, a part of one, a member of the envelope, or the clock.

Steps lead through sequences by position, the last one names the element; a person name may be
followed by its group and component. What a private element holds is said by the literal that it is
compared with (2e), so callers pass a VR.
"""

import re
from dataclasses import dataclass, replace
from unicodedata import normalize

from roteiro.core.program import Field, Step, ValueType, View
from roteiro.core.program import Source as Place
from roteiro.lang import dictionary, names_of_people, nodes, persons
from roteiro.lang.dictionary import Attribute
from roteiro.lang.report import Report, did_you_mean, hint, replaced
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
    "DT": ValueType.INSTANT,
    "AS": ValueType.AGE,
    "PN": ValueType.NAME,
    "AT": ValueType.TAG,
    "SQ": ValueType.SEQUENCE,
}
PRIVATE_GROUPS = range(0x0009, 0xFFFF, 2)
"""Odd groups that may hold private elements (PS3.5 7.8.1)."""
LAST_SPECIAL = 2
"""Groups up to this one are of the command set and the file meta."""
LARGEST_CREATOR = 64
GROUPS_OF_A_KIND = 16


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
LOCAL_TIME = Field(Place.CLOCK, ValueType.DECIMAL, name="local")
SPACES = {**ENVELOPE, "clock": {"local": LOCAL_TIME}}
"""First words of what is asked of no element."""


def vr_of(field: Field) -> str:
    """Give the VR whose limits the values of a field keep; none for numbers made of an element."""
    if field.view is not View.VALUES:
        return ""
    return "AE" if field.name in {"calling_ae", "called_ae"} else field.vr


def written(field: Field) -> str:
    """Give a field as people write it."""
    if field.source is not Place.ELEMENT:
        return next(f"{space}.{field.name}" for space in SPACES if field.name in SPACES[space])
    way = "".join(f"{step_text(step)}[{step.item}]." for step in field.steps)
    position = f"[{field.position}]" if field.position else ""
    part = names_of_people.shown(field.component) if field.component else ""
    text = f"{way}{element_text(field)}{position}{part}"
    return {
        View.VALUES: text,
        View.COUNT: f"count({text})",
        View.DAYS_SINCE: f"days since {text}",
    }[field.view]


def element_text(field: Field) -> str:
    """Give keyword or tag of the element of a field."""
    if field.creator:
        return private_text(field.tag, field.creator)
    return field.name or tag_text(field.tag)


def step_text(step: Step) -> str:
    """Give keyword or tag of a sequence on the way."""
    if step.creator:
        return private_text(step.tag, step.creator)
    attribute = dictionary.by_tag(step.tag)
    return attribute.keyword if attribute else tag_text(step.tag)


def tag_text(tag: int) -> str:
    """Give a tag as people write it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def private_text(tag: int, creator: str) -> str:
    """Give a private tag as people write it."""
    return f'({tag >> 16:04X},"{creator}",{tag & 0xFF:02X})'


def described(attribute: Attribute) -> str:
    """Give keyword, tag and VR of an attribute."""
    return f"{attribute.keyword} {tag_text(attribute.tag)} {attribute.vr}"


def most_values(vm: str) -> int | None:
    """Give the largest number of values that a VM allows (PS3.6 6), if there is one."""
    return None if "n" in vm else max(int(number) for number in re.findall(r"\d+", vm))


@dataclass(frozen=True, slots=True)
class Found:
    """What one step names; `vm` is empty where the dictionary does not say it."""

    field: Field
    vm: str = ""


class Attributes:
    """Resolves paths, and reports what is wrong with them."""

    def __init__(self, report: Report) -> None:
        """Report to `report`."""
        self.report = report
        self.plain: dict[str, Field] = {}
        """Keywords about which there is nothing to say."""

    def field(self, path: nodes.Path, vr: str = "UN", whole: Span | None = None) -> Field | None:
        """Give what a path reads; nothing when that was reported.

        A private element is read as `vr`. `whole` is the test that the path stands in: a fix may
        have to write it anew.
        """
        first = path.steps[0]
        if isinstance(first.what, nodes.Name):
            known = self.plain.get(first.what.text)
            if known is not None and len(path.steps) == 1 and first.position is None:
                return known
            if first.what.text in SPACES:
                return self.member(path)
        return self.element(path, vr, whole)

    # Envelope and clock -------------------------------------------------------------------------

    def member(self, path: nodes.Path) -> Field | None:
        """Resolve `assoc.x`, `instance.x`."""
        space = path.steps[0].what
        assert isinstance(space, nodes.Name)
        if len(path.steps) == 1:
            helped = hint("members", space=space.text)
            self.report.add("RT101", space.span, "bare_space", help=helped, name=space.text)
            return None
        second = path.steps[1].what
        word = second.text if isinstance(second, nodes.Name) else ""
        field = SPACES[space.text].get(word)
        if field is None:
            self.unknown_member(path, space.text, word)
        elif len(path.steps) > 2 or any(step.position is not None for step in path.steps):
            self.report.add("RT128", path.span, "member_has_no_parts", name=written(field))
        elif field is LOCAL_TIME:
            self.report.add("RT111", path.span, "clock_alone", help=hint("clock_help"))
        else:
            return field
        return None

    def unknown_member(self, path: nodes.Path, space: str, word: str) -> None:
        """Report a member that there is not."""
        meant = self.report.meant(word, SPACES[space])
        self.report.add(
            "RT101",
            path.steps[1].span,
            "unknown_member",
            help=did_you_mean(f"{space}.{meant}") if meant else hint("members", space=space),
            fix=replaced(path.steps[1].span, meant),
            name=self.report.text(path.span),
        )

    # Elements -----------------------------------------------------------------------------------

    def element(self, path: nodes.Path, vr: str, whole: Span | None) -> Field | None:
        """Follow the steps of a path to an element."""
        way: list[Step] = []
        for at, step in enumerate(path.steps[:-1]):
            found = self.found(step.what, "SQ")
            if found is None:
                return None
            if found.field.vr == "PN":
                return self.component(path, at, found, tuple(way))
            if not self.passable(path, at, found, whole):
                return None
            way.append(Step(found.field.tag, step.position or 0, found.field.creator))
        last = self.found(path.steps[-1].what, vr)
        return None if last is None else self.positioned(path.steps[-1], last, tuple(way))

    def passable(self, path: nodes.Path, at: int, found: Found, whole: Span | None) -> bool:
        """Whether a path may go on behind a step: it names one item of a sequence."""
        step, field = path.steps[at], found.field
        if field.vr != "SQ":
            self.report.add(
                "RT128", path.span, "through_plain", name=element_text(field), vr=field.vr
            )
        elif step.position is None:
            self.through(path, at, field, whole)
        elif field.repeating:
            name = element_text(field)
            self.report.add("RT128", path.span, "through_repeating", name=name)
        else:
            return self.counts_from_one(step)
        return False

    def positioned(self, step: nodes.Step, found: Found, way: tuple[Step, ...]) -> Field | None:
        """Give the field of a last step, its position checked."""
        field = replace(found.field, steps=way) if way else found.field
        if step.position is None:
            return field
        if field.type is ValueType.SEQUENCE:
            helped = hint("item_alone_help", name=element_text(field), position=step.position)
            self.report.add(
                "RT128", step.span, "item_alone", help=helped, name=self.report.text(step.span)
            )
            return None
        if not (self.counts_from_one(step) and self.within_vm(step, found)):
            return None
        return replace(field, position=step.position)

    def counts_from_one(self, step: nodes.Step) -> bool:
        """Report a position below 1."""
        if step.position is not None and step.position < 1:
            name = self.report.text(step.span)
            self.report.add("RT110", step.span, "position_zero", name=name)
            return False
        return True

    def within_vm(self, step: nodes.Step, found: Found) -> bool:
        """Compare a position with the dictionary's VM."""
        most = most_values(found.vm) if found.vm else None
        if most is None or step.position is None:
            return True
        most *= GROUPS_OF_A_KIND if found.field.repeating else 1
        name = element_text(found.field)
        if step.position > most:
            key = "one_value_only" if most == 1 else "fewer_values"
            self.report.add("RT110", step.span, key, name=name, vm=found.vm, most=most)
            return False
        return True

    def component(
        self, path: nodes.Path, at: int, found: Found, way: tuple[Step, ...]
    ) -> Field | None:
        """Resolve the group and component behind a person name."""
        rest = path.steps[at + 1 :]
        name = element_text(found.field)
        for step in rest:
            if step.position is not None:
                helped = hint("component_position_help", name=name, position=step.position)
                self.report.add("RT128", step.span, "component_position", help=helped)
                return None
        words = tuple(step.what.text if isinstance(step.what, nodes.Name) else "" for step in rest)
        part = names_of_people.part_of(words)
        if part is None:
            self.unknown_component(rest, words, name)
            return None
        field = self.positioned(path.steps[at], found, way)
        return None if field is None else replace(field, type=ValueType.TEXT, component=part)

    def unknown_component(
        self, rest: tuple[nodes.Step, ...], words: tuple[str, ...], name: str
    ) -> None:
        """Report what no person name has."""
        known = (*persons.GROUPS, *persons.COMPONENTS)
        wrong = next(
            (step for step, word in zip(rest, words, strict=True) if word not in known), None
        )
        if wrong is None:
            span = Span(rest[0].span.start, rest[-1].span.end, rest[0].span.file)
            self.report.add("RT128", span, "component_order", help=hint("components"), name=name)
            return
        word = self.report.text(wrong.span)
        meant = self.report.meant(word, known)
        self.report.add(
            "RT128",
            wrong.span,
            "unknown_component",
            help=did_you_mean(meant) or hint("components"),
            fix=replaced(wrong.span, meant),
            name=name,
            word=word,
        )

    def through(self, path: nodes.Path, at: int, field: Field, whole: Span | None) -> None:
        """Report a path through a sequence that does not say which item, with what to write."""
        name = element_text(field)
        better = None if whole is None else self.asked_of_items(path, at, whole)
        fix = None if whole is None else replaced(whole, better, safe=False)
        helped = hint("through_help", name=name)
        self.report.add("RT128", path.span, "through_sequence", help=helped, fix=fix, name=name)

    def asked_of_items(self, path: nodes.Path, at: int, whole: Span) -> str:
        """Write a test with `has` for every step that lacks a position, from `at` on."""
        text, begin = self.report.source_of(whole).text, path.span.start
        before = text[whole.start : begin].strip()
        asked = before in {"any", "all", "no"}
        sequences: list[str] = []
        for number, step in enumerate(path.steps[:-1]):
            if number == at or (number > at and is_open_sequence(step)):
                sequences.append(text[begin : step.span.end])
                begin = path.steps[number + 1].span.start
        space = "" if not before or before.endswith("(") else " "
        inner = text[begin : whole.end] if asked else f"{before}{space}{text[begin : whole.end]}"
        for number, sequence in reversed(list(enumerate(sequences))):
            word = before if asked and number == 0 else "any"
            inner = f"{word} {sequence} has ({inner})"
        return inner

    # Steps --------------------------------------------------------------------------------------

    def found(self, what: nodes.Name | nodes.Tag | nodes.PrivateTag, vr: str) -> Found | None:
        """Resolve one step; nothing when that was reported."""
        if isinstance(what, nodes.Name):
            return self.keyword(what)
        if isinstance(what, nodes.Tag):
            return self.repeating(what) if "x" in what.digits.lower() else self.tag(what)
        return self.private(what, vr)

    def keyword(self, name: nodes.Name) -> Found | None:
        """Resolve a keyword."""
        attribute = dictionary.by_keyword(name.text)
        if attribute is None:
            self.unknown(name)
            return None
        found = self.of(attribute, name.span)
        if found is not None and not attribute.retired and attribute.tag >> 16 > LAST_SPECIAL:
            self.plain[name.text] = found.field
        return found

    def unknown(self, name: nodes.Name) -> None:
        """Report a keyword that is not in the dictionary."""
        if name.text in dictionary.repeating():
            self.report.add("RT116", name.span, "repeats_elsewhere", name=name.text)
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

    def tag(self, tag: nodes.Tag) -> Found | None:
        """Resolve `(gggg,eeee)`."""
        group, element = (int(part, 16) for part in tag.digits.split(","))
        shown = tag_text(group << 16 | element)
        if group % 2:
            helped = hint("private_help", group=f"{group:04X}", element=f"{element & 0xFF:02X}")
            self.report.add("RT116", tag.span, "private_tag", help=helped, tag=shown)
            return None
        attribute = dictionary.by_tag(group << 16 | element)
        if attribute is None:
            self.report.add("RT116", tag.span, "unknown_tag", tag=shown)
            return None
        return self.of(attribute, tag.span)

    def repeating(self, tag: nodes.Tag) -> Found | None:
        """Resolve `(60xx,eeee)`; only groups 50xx and 60xx repeat (2e)."""
        group, element = tag.digits.lower().split(",")
        shown = self.report.text(tag.span)
        if group not in {"50xx", "60xx"} or "x" in element:
            helped = hint("repeating_help")
            self.report.add("RT116", tag.span, "bad_repeating", help=helped, tag=shown)
            return None
        attribute = dictionary.by_group(group + element)
        if attribute is None:
            self.report.add("RT116", tag.span, "unknown_tag", tag=shown)
            return None
        return self.of(attribute, tag.span)

    def private(self, tag: nodes.PrivateTag, vr: str) -> Found | None:
        """Resolve `(gggg,"CREATOR",ee)`."""
        creator = normal(tag.creator)
        key = wrong_creator(creator)
        if tag.group not in PRIVATE_GROUPS:
            helped = hint("private_groups" if tag.group % 2 else "tag_form_help")
            group = f"{tag.group:04X}"
            self.report.add("RT116", tag.span, "no_private_group", help=helped, group=group)
        elif key is not None:
            self.report.add("RT116", tag.span, key, creator=creator, most=LARGEST_CREATOR)
        else:
            number = tag.group << 16 | tag.element
            kind = TYPES.get(vr, ValueType.STATE_ONLY)
            return Found(Field(Place.ELEMENT, kind, number, vr, creator=creator))
        return None

    def of(self, attribute: Attribute, span: Span) -> Found | None:
        """Make the field of an attribute, and report what is odd about it."""
        shown = described(attribute)
        if attribute.vr == "NONE":
            self.report.add("RT116", span, "unknown_tag", tag=tag_text(attribute.tag))
            return None
        if attribute.tag >> 16 <= LAST_SPECIAL:
            key = "command_group" if attribute.tag >> 16 == 0 else "meta_group"
            self.report.add("RT224", span, key, help=hint("group_help"), name=shown)
        elif attribute.retired:
            self.report.add("RT102", span, "retired", name=shown)
        return Found(field_of(attribute), attribute.vm)


def field_of(attribute: Attribute) -> Field:
    """Make the field of an attribute; one group of many has a tag and no name of its own."""
    one_of_many = not attribute.repeating and dictionary.is_one_of_many(attribute.tag)
    return Field(
        Place.ELEMENT,
        TYPES.get(attribute.vr, ValueType.STATE_ONLY),
        attribute.tag,
        attribute.vr,
        "" if one_of_many else attribute.keyword,
        repeating=attribute.repeating,
    )


def is_open_sequence(step: nodes.Step) -> bool:
    """Whether a step names a sequence and none of its items."""
    if step.position is not None or isinstance(step.what, nodes.PrivateTag):
        return step.position is None
    if isinstance(step.what, nodes.Name):
        found = dictionary.by_keyword(step.what.text)
    else:
        found = dictionary.by_group(step.what.digits.replace(",", ""))
        if "x" not in step.what.digits.lower():
            found = dictionary.by_tag(int(step.what.digits.replace(",", ""), 16))
    return found is not None and found.vr == "SQ"


def normal(creator: str) -> str:
    """Give a private creator as its value is read (LO)."""
    return normalize("NFC", creator).strip(" ")


def wrong_creator(creator: str) -> str | None:
    """Say what keeps a text from being a private creator."""
    if not creator:
        return "empty_creator"
    if "\\" in creator or not creator.isprintable():
        return "bad_creator"
    return "long_creator" if len(creator) > LARGEST_CREATOR else None
