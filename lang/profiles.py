"""Statements of profiles, typed (2c, PS3.15 E)."""

from collections.abc import Iterator

from roteiro.lang import chains, nodes
from roteiro.lang.attributes import written
from roteiro.lang.chainvalues import is_place, whole_days
from roteiro.lang.edits import UNWRITTEN, Edits
from roteiro.lang.keys import is_key
from roteiro.lang.report import Report, did_you_mean, hint, replaced

OPTIONS = (
    *("clean_pixel_data", "clean_recognizable_visual_features", "clean_graphics"),
    *("clean_structured_content", "clean_descriptors"),
    *("retain_longitudinal_full_dates", "retain_longitudinal_modified_dates"),
    *("retain_patient_characteristics", "retain_device_identity"),
    *("retain_institution_identity", "retain_uids", "retain_safe_private"),
)
"""Options of the standard's profile, by the names of PS3.15 E.3."""
EITHER = frozenset(("retain_longitudinal_full_dates", "retain_longitudinal_modified_dates"))
"""Options of which one profile has one at most (PS3.15 E.3.6)."""
ONCE: dict[type, str] = {
    nodes.UidsStatement: "uids",
    nodes.DatesStatement: "dates",
    nodes.PrivateStatement: "private",
}
"""Statements that a profile has once at most."""
LARGEST = 65_535
"""Pixels of a frame in one direction (Rows and Columns are US)."""


class Statements:
    """Types the statements of one profile's body."""

    def __init__(self, edits: Edits, report: Report) -> None:
        """Type by `edits`, report to `report`."""
        self.edits = edits
        self.report = report

    def typed(self, profile: nodes.Profile) -> tuple[chains.Edit, ...]:
        """Type all statements but the options."""
        self.once(profile)
        self.one_each(profile)
        return tuple(edit for statement in profile.statements for edit in self.statement(statement))

    def statement(self, statement: nodes.ProfileStatement) -> Iterator[chains.Edit]:
        """Type one statement; what is wrong is reported and left out."""
        if isinstance(statement, nodes.PathsStatement):
            yield from self.paths(statement)
        elif isinstance(statement, nodes.ReplaceStatement):
            put = self.edits.put(statement.path, statement.value, statement)
            yield from () if put is None else (put,)
        elif isinstance(statement, nodes.UidsStatement):
            if secret := self.secret(statement.secret):
                yield chains.HashUids(secret, statement.span)
        elif isinstance(statement, nodes.DatesStatement):
            yield from self.dates(statement)
        elif isinstance(statement, nodes.PrivateStatement):
            yield from self.private(statement)
        elif isinstance(statement, nodes.PixelsStatement):
            yield self.pixels(statement)

    def paths(self, statement: nodes.PathsStatement) -> Iterator[chains.Edit]:
        """Type `keep`, `remove` and `blank`."""
        fields = [self.edits.target(path) for path in statement.paths]
        found = tuple(field for field in fields if field is not None)
        if statement.verb == "keep":
            yield chains.Keep(found, statement.span)
            return
        kind = chains.Remove if statement.verb == "remove" else chains.Blank
        for field in found:
            yield kind(field, statement.span)

    def dates(self, statement: nodes.DatesStatement) -> Iterator[chains.Edit]:
        """Type `dates shift`."""
        number = whole_days(statement.within)
        if number is None:
            helped = hint("wanted_literal", wanted="`365d`")
            value = statement.within.value
            self.report.add("RT108", statement.within.span, "bad_days", help=helped, value=value)
        field = self.edits.target(statement.per)
        if field is not None and field.type in UNWRITTEN:
            name = written(field)
            self.report.add("RT120", statement.per.span, "no_value_of", name=name, vr=field.vr)
            return
        secret = self.secret(statement.secret)
        if number is not None and field is not None and secret is not None:
            yield chains.ShiftDates(number, field, secret, statement.span)

    def private(self, statement: nodes.PrivateStatement) -> Iterator[chains.Edit]:
        """Type `private remove`; what is excepted is private."""
        fields = [self.edits.target(path) for path in statement.keep]
        for path, field in zip(statement.keep, fields, strict=True):
            if field is not None and not field.creator:
                name = written(field)
                self.report.add("RT116", path.span, "except_public", name=name)
        keep = tuple(field for field in fields if field is not None)
        yield chains.RemovePrivate(keep, statement.span)

    def pixels(self, statement: nodes.PixelsStatement) -> chains.Edit:
        """Type `pixels block`."""
        for box in statement.boxes:
            outside = max(box.left + box.width, box.top + box.height) > LARGEST
            if not box.width or not box.height or outside:
                helped = hint("bad_box_help")
                self.report.add("RT108", box.span, "bad_box", help=helped, most=LARGEST)
        boxes = tuple((box.width, box.height, box.left, box.top) for box in statement.boxes)
        condition = self.edits.typer.condition(statement.condition)
        return chains.BlockPixels(boxes, condition, statement.span)

    def secret(self, secret: nodes.Secret) -> chains.Secret | None:
        """Check where a secret is kept."""
        place = secret.place.value
        if is_place(place):
            return chains.Secret(place)
        if not is_key(secret):
            helped = hint("wanted_secret")
            self.report.add("RT108", secret.span, "bad_secret", help=helped, value=place)
        return None

    # What contradicts itself --------------------------------------------------------------------

    def once(self, profile: nodes.Profile) -> None:
        """Report a second statement of a kind that a profile has once."""
        first: dict[type, nodes.ProfileStatement] = {}
        for statement in profile.statements:
            kind = type(statement)
            if kind in ONCE and kind in first:
                label = self.report.label(first[kind].span, "first_here")
                self.report.add(
                    "RT105", statement.span, "second_statement", labels=(label,), name=ONCE[kind]
                )
            first.setdefault(kind, statement)

    def one_each(self, profile: nodes.Profile) -> None:
        """Report an attribute of which one body says two things."""
        first: dict[str, nodes.Path] = {}
        for path in said_of(profile):
            text = "".join(self.report.text(path.span).split())
            if text in first:
                label = self.report.label(first[text].span, "first_here")
                self.report.add("RT105", path.span, "said_twice", labels=(label,), name=text)
            first.setdefault(text, path)

    def options(self, profile: nodes.Profile, standard: str | None) -> tuple[str, ...]:
        """Check the options of a profile, which are those of the standard's."""
        first: dict[str, nodes.Name] = {}
        for name in options_of(profile):
            if standard is None:
                helped = hint("option_alone_help")
                self.report.add("RT108", name.span, "option_alone", help=helped, name=name.text)
            elif name.text not in OPTIONS:
                self.unknown(name)
            elif name.text in first:
                label = self.report.label(first[name.text].span, "first_here")
                self.report.add(
                    "RT105", name.span, "duplicate_name", labels=(label,), name=name.text
                )
            first.setdefault(name.text, name)
        return tuple(first)

    def either(self, profile: nodes.Profile, options: tuple[str, ...]) -> None:
        """Report options that exclude each other, inherited ones included."""
        if set(options) >= EITHER:
            own = [name for name in options_of(profile) if name.text in EITHER]
            span = own[-1].span if own else profile.name.span
            one, other = sorted(EITHER)
            self.report.add("RT108", span, "options_exclude", one=one, other=other)

    def unknown(self, name: nodes.Name) -> None:
        """Report an option that the standard has not."""
        meant = self.report.meant(name.text, OPTIONS)
        self.report.add(
            "RT108",
            name.span,
            "unknown_option",
            help=did_you_mean(meant) or hint("options"),
            fix=replaced(name.span, meant),
            name=name.text,
        )


def options_of(profile: nodes.Profile) -> Iterator[nodes.Name]:
    """Give the options that a profile's own body names."""
    for statement in profile.statements:
        if isinstance(statement, nodes.OptionStatement):
            yield from statement.names


def said_of(profile: nodes.Profile) -> Iterator[nodes.Path]:
    """Give the attributes of which a profile's own body says something."""
    for statement in profile.statements:
        if isinstance(statement, nodes.PathsStatement):
            yield from statement.paths
        elif isinstance(statement, nodes.ReplaceStatement):
            yield statement.path
