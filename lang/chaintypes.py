"""Transforms and profiles become chains: what `via` names."""

from roteiro.lang import chains, nodes
from roteiro.lang.edits import Edits
from roteiro.lang.profiles import Statements
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.resolve import Names
from roteiro.lang.source import Span
from roteiro.lang.typecheck import Typer

STANDARD = "dicom"
"""What the names of the standard's profiles begin with."""
STANDARDS = ("dicom.basic_2024",)
"""Profiles of PS3.15 by edition: what may stand behind `extends` and is no name of a file."""


class Chains:
    """Types the transforms and profiles of a program."""

    def __init__(self, names: Names, typer: Typer, report: Report) -> None:
        """Resolve by `names`, type conditions by `typer`, report to `report`."""
        self.names = names
        self.report = report
        self.edits = Edits(names, typer, report)
        self.statements = Statements(self.edits, report)
        self.done: dict[str, chains.Chain] = {}
        self.open: list[str] = []
        """Profiles that are being typed, each because the one before extends it."""

    def typed(self) -> tuple[chains.Chain, ...]:
        """Type all of them: transforms, then profiles, in the order of the files."""
        transforms = [
            chains.Chain(item.name.text, False, self.edits.edits(item.edits), item.span)  # noqa: FBT003
            for item in self.names.transforms.values()
        ]
        profiles = [self.profile(item) for item in self.names.profiles.values()]
        return (*transforms, *profiles)

    def profile(self, profile: nodes.Profile) -> chains.Chain:
        """Type a profile, after what it extends."""
        name = profile.name.text
        if name in self.done:
            return self.done[name]
        self.open.append(name)
        base = self.base(profile)
        self.open.pop()
        standard = base.standard if base else None
        options = self.statements.options(profile, standard)
        inherited = base.options if base else ()
        joined = tuple(dict.fromkeys((*inherited, *options)))
        self.statements.either(profile, joined)
        edits = (*(base.edits if base else ()), *self.statements.typed(profile))
        chain = chains.Chain(name, True, edits, profile.span, standard, joined)  # noqa: FBT003
        self.done[name] = chain
        return chain

    def base(self, profile: nodes.Profile) -> chains.Chain | None:
        """Give what a profile extends: another one, or the standard's, of which only the name."""
        if not profile.extends:
            return None
        first = profile.extends[0]
        if len(profile.extends) == 1 and first.text != STANDARD:
            return self.of_program(first)
        standard = ".".join(name.text for name in profile.extends)
        if standard in STANDARDS:
            return chains.Chain(standard, True, (), profile.span, standard)  # noqa: FBT003
        span = Span(first.span.start, profile.extends[-1].span.end, first.span.file)
        meant = self.report.meant(standard, STANDARDS)
        self.report.add(
            "RT104",
            span,
            "no_standard",
            help=did_you_mean(meant) or hint("no_standard_help"),
            fix=replaced(span, meant),
            name=standard,
        )
        return None

    def of_program(self, name: nodes.Name) -> chains.Chain | None:
        """Give another profile of the program; one that needs itself is an error."""
        item = self.names.use("profiles", name, self.report)
        if not isinstance(item, nodes.Profile):
            return None
        if name.text in self.open:
            circle = " -> ".join((*self.open[self.open.index(name.text) :], name.text))
            self.report.add("RT118", name.span, "profile_cycle", circle=circle)
            return None
        if len(self.open) > MOST_OPEN:
            self.report.add("RT126", name.span, "too_deep", limit=MOST_OPEN)
            return None
        return self.profile(item)


MOST_OPEN = 64
"""Profiles that extend each other in a row."""
