"""`roteiro graph`: a picture of a rule file, and the way of one object through it."""

from importlib import import_module

import click

from roteiro.core.program import Decision, Envelope
from roteiro.lang.graph.model import Picture, picture
from roteiro.runtime.cli.explain import Explainer
from roteiro.runtime.cli.given import check_given
from roteiro.runtime.cli.group import FINDINGS, FINE, OURS, USAGE, Refused
from roteiro.runtime.cli.output import say
from roteiro.runtime.cli.rulefile import usable
from roteiro.runtime.cli.worded import command_of, option
from roteiro.runtime.instant import micros_of
from roteiro.runtime.rules import Rules
from roteiro.runtime.subjects import Words

FORMS = ("mermaid", "dot", "svg")
"""Each has a module of its name, with a function of its name."""


@command_of("graph", example="roteiro graph site.route --format svg > site.svg")
@click.argument("rules", metavar="RULES")
@option("--format", "form", type=click.Choice(FORMS), default="mermaid", help="graph_format")
@option("--object", "path", metavar="FILE", help="graph_object")
@option("--calling", metavar="AE", help="explain_calling")
@option("--called", metavar="AE", help="explain_called")
@option("--peer", metavar="IP", help="explain_peer")
@option("--at", metavar="INSTANT", help="explain_at")
@click.pass_obj
def command(  # noqa: PLR0913  the options of the command
    language: str,
    *,
    rules: str,
    form: str,
    path: str | None,
    calling: str | None,
    called: str | None,
    peer: str | None,
    at: str | None,
) -> int:
    """Draw a rule file."""
    check_given(peer, at)
    program = usable(rules, language)
    decision = None
    if path is not None:
        known = Envelope(calling_ae=calling, called_ae=called, peer=peer, at=micros_of(at))
        decision = decided(program, known, path, language)
    say(drawn(form, picture(program.typed, decision)).removesuffix("\n"))
    return FINE


def drawn(form: str, whole: Picture) -> str:
    """Write a picture in a form."""
    written = getattr(import_module(f"roteiro.lang.graph.{form}"), form)(whole)
    assert isinstance(written, str)
    return written


def decided(rules: Rules, known: Envelope, path: str, language: str) -> Decision:
    """Decide the object of a file; `Refused` when it is none, or there are several."""
    found = list(
        Explainer(rules, Words(known), language, whole=False, unrouted=False).explain(path)
    )
    if len(found) != 1:
        raise Refused(USAGE, "command.graph_one_object", path=path)
    if found[0].decision is None:
        raise Refused(FINDINGS, "command.not_explained", path=path, why=found[0].error)
    if found[0].difference is not None:
        raise Refused(OURS, "command.graph_difference", path=path)
    return found[0].decision
