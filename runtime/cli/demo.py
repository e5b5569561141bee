"""`roteiro demo`: see a router at work, on this machine, in a few seconds."""

import sys
from importlib.resources import files

import click

from roteiro.lang.messages import text
from roteiro.lang.reference import Reference
from roteiro.lang.source import Source
from roteiro.runtime.cli.group import FINDINGS, FINE, Refused
from roteiro.runtime.cli.output import say, say_findings
from roteiro.runtime.cli.table import heads, table
from roteiro.runtime.cli.worded import command_of
from roteiro.runtime.demo import Shown, Stage, show
from roteiro.runtime.events import Level
from roteiro.runtime.log import make_log
from roteiro.runtime.loop import run
from roteiro.runtime.programs import served_of
from roteiro.runtime.serving import Service
from roteiro.runtime.sources import examine
from roteiro.runtime.world import scratch_folder, system_world

RULES = "demo.route"


@command_of("demo", example="roteiro demo")
@click.pass_obj
def command(language: str) -> int:
    """Show a router at work."""
    rules = (files("roteiro.rules") / RULES).read_text(encoding="utf-8")
    found = examine(Source(RULES, rules))
    if found.typed is None:
        say_findings(found.findings, language, err=True)
        raise Refused(FINDINGS, "command.not_served", path=RULES)
    world = system_world()
    notify = make_log(world.clock, sys.stderr, least=Level.ERROR, language=language)

    def started(stage: Stage) -> None:
        for line in cast(stage, language):
            say(line)

    with scratch_folder() as scratch:
        service = Service(served_of(found.typed), scratch, world, notify)
        shown = run(show(service, Reference(found.typed), started))
    for line in lines(shown, language):
        say(line)
    return FINE if all(item.right for item in shown) else FINDINGS


def cast(stage: Stage, language: str) -> list[str]:
    """Say who takes part, and on which ports."""
    listener = stage.router.listeners[0]
    out = [
        text("command.demo_rules", language, name=RULES),
        text(
            "command.demo_router",
            language,
            ae=stage.settings.router.ae,
            port=listener.port,
            scanner=stage.scanner().ae,
        ),
    ]
    out += [
        text("command.demo_archive", language, name=sink.settings.name, port=sink.port)
        for sink in stage.sinks
    ]
    return [*out, ""]


def lines(shown: list[Shown], language: str) -> list[str]:
    """Say what became of each file, and the sum."""
    rows: list[list[str | int]] = [
        [
            item.file,
            item.transfer_syntax,
            item.size,
            "-" if item.status is None else f"0x{item.status:04X}",
            ", ".join(item.arrived) or "-",
            ", ".join(item.held) or "-",
            text(f"command.demo_{'same' if item.right else 'wrong'}", language),
        ]
        for item in shown
    ]
    owed = sum(len(item.owed) for item in shown)
    same = sum(len(item.arrived) - len(item.altered) for item in shown)
    total = text("command.demo_sum", language, files=len(shown), owed=owed, same=same)
    head = heads("command.demo_heads", language)
    return [*table(head, rows), "", total]
