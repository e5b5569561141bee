"""Invariants, typed: claims about every decision of the program. Proving them comes later."""

from roteiro.lang import nodes, typed
from roteiro.lang.actions import members_of
from roteiro.lang.report import Report, hint
from roteiro.lang.resolve import Names
from roteiro.lang.typecheck import Typer


class Invariants:
    """Types the invariants of a program."""

    def __init__(self, names: Names, typer: Typer, report: Report) -> None:
        """Resolve by `names`, type conditions by `typer`, report to `report`."""
        self.names = names
        self.typer = typer
        self.report = report

    def invariant(self, item: nodes.Invariant) -> typed.TypedInvariant:
        """Type one invariant."""
        before = len(self.report.findings)
        claims = tuple(map(self.claim, item.claims))
        if len(self.report.findings) == before:
            helped, name = hint("invariant_unproved_help"), item.name.value
            self.report.add("RT311", item.name.span, "invariant_unproved", help=helped, name=name)
        return typed.TypedInvariant(item.name.value, claims, item.span)

    def claim(
        self, claim: nodes.Never | nodes.Always | nodes.Equivalent
    ) -> typed.NeverSent | typed.AlwaysSo | typed.SameAs:
        """Type one claim."""
        if isinstance(claim, nodes.Never):
            return self.never(claim)
        if isinstance(claim, nodes.Always):
            return typed.AlwaysSo(
                claim.outcome,
                destinations(claim.destinations, self.names, self.report),
                self.typer.condition(claim.condition),
            )
        if "\0" in claim.path.value:
            self.report.add("RT108", claim.path.span, "path_with_nul")
        return typed.SameAs(claim.path.value)

    def never(self, claim: nodes.Never) -> typed.NeverSent:
        """Type `never send to`."""
        for name in claim.unless_via:
            self.names.use("chains", name, self.report)
        when = claim.unless_when
        return typed.NeverSent(
            destinations(claim.destinations, self.names, self.report),
            tuple(name.text for name in claim.unless_via),
            None if when is None else self.typer.condition(when),
        )


def destinations(written: tuple[nodes.Name, ...], names: Names, report: Report) -> tuple[str, ...]:
    """Give the destinations that are meant: nodes, pools, and the members of `copy` pools."""
    found: list[str] = []
    for name in written:
        meant = names.use("destinations", name, report)
        found.extend(members_of(meant) if isinstance(meant, nodes.Pool) else (name.text,))
    return tuple(dict.fromkeys(found))
