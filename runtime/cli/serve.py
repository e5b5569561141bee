"""`roteiro serve`: the router."""

import sys
from pathlib import Path

import click

from roteiro.core import EngineMissingError
from roteiro.runtime.association.limits import LEAST_FILES, Limits, within_files
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused, not_read
from roteiro.runtime.cli.output import say, say_findings, wants_colour
from roteiro.runtime.cli.worded import command_of, option
from roteiro.runtime.log import make_log
from roteiro.runtime.loop import run
from roteiro.runtime.machine import machine_words
from roteiro.runtime.programs import (
    NOBODY,
    Prepared,
    Served,
    errors_of,
    prepare,
)
from roteiro.runtime.router import CannotListen, Router, place
from roteiro.runtime.serving import Service, ready_line
from roteiro.runtime.spool.contract import SpoolBusy, SpoolForeign
from roteiro.runtime.world import open_files, system_world


@command_of(
    "serve",
    more=("serve_ends",),
    example="roteiro serve site.route --spool /var/spool/roteiro",
)
@click.argument("rules", metavar="RULES")
@option(
    "--spool",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default=Path("spool"),
    show_default=True,
    help="serve_spool",
)
@option("--http", metavar="ADDR:PORT", default="off", show_default=True, help="only_off")
@option(
    "--config",
    metavar="FILE.toml",
    type=click.Path(path_type=Path),
    help="not_in_this_version",
)
@option("--workers", type=click.IntRange(1), default=1, metavar="N", help="only_one")
@option("--durability", type=click.Choice(["full", "none"]), default="full", help="only_full")
@option(
    "--log-format",
    type=click.Choice(["console", "json"]),
    default="console",
    show_default=True,
    help="serve_log_format",
)
@click.pass_obj
def command(  # noqa: PLR0913  the options of the command
    language: str,
    *,
    rules: str,
    spool: Path,
    http: str,
    config: Path | None,
    workers: int,
    durability: str,
    log_format: str,
) -> int:
    """Receive objects, decide by rules, deliver."""
    refuse_options(
        {
            "--http": http != "off",
            "--config": config is not None,
            "--workers": workers != 1,
            "--durability none": durability != "full",
        }
    )
    served = servable(read(rules), language)
    world = system_world()
    log = make_log(
        world.clock,
        sys.stderr,
        json=log_format == "json",
        colour=sys.stderr.isatty() and wants_colour(),
        language=language,
    )
    limits = limits_here(len(served.settings.listeners))
    service = Service(served, spool, world, log, Path(rules), limits)
    serve(service)
    return FINE


def limits_here(listeners: int) -> Limits:
    """Give the limits that the system leaves us; `Refused` when they are too few for a router."""
    files = open_files()
    if files < LEAST_FILES:
        raise Refused(FINDINGS, "command.few_files", files=files, least=LEAST_FILES)
    return within_files(Limits(), files, listeners)


def refuse_options(wanted: dict[str, bool]) -> None:
    """Refuse what this version does not carry out, by name: nothing is ignored."""
    for name, asked in wanted.items():
        if asked:
            raise Refused(USAGE, "command.not_in_this_version", what=name)


def read(path: str) -> Prepared:
    """Read and check the rules; `Refused` when that cannot be."""
    try:
        return prepare(Path(path), path)
    except OSError as wrong:
        raise not_read(path, wrong) from None


def servable(found: Prepared, language: str) -> Served:
    """Give rules to run by; `Refused` when they cannot be served, each reason a line."""
    if found.served is not None:
        return found.served
    if errors_of(found.findings):
        say_findings(found.findings, language, err=True)
    for why in found.obstacles:
        if why.key == NOBODY:
            raise Refused(FINDINGS, why.key, **why.values)
        click.echo(why.worded(language), err=True)
    raise Refused(FINDINGS, "command.not_served", path=found.name)


def serve(service: Service) -> None:
    """Run the router; what the machine refuses is one line."""

    def ready(router: Router) -> None:
        say(ready_line(router, service.served.rule_set))

    try:
        run(service.run(ready))
    except SpoolForeign as foreign:
        raise Refused(FINDINGS, "command.spool_refused", spool=service.spool, why=foreign) from None
    except SpoolBusy:
        raise Refused(FINDINGS, "command.spool_busy", spool=service.spool) from None
    except CannotListen as no:
        where = place(no.listener, no.listener.port)
        raise Refused(
            FINDINGS, "command.cannot_listen", name=no.listener.name, place=where, why=no.reason
        ) from None
    except EngineMissingError:
        raise Refused(FINDINGS, "command.no_engine") from None
    except OSError as wrong:
        raise Refused(
            FINDINGS, "command.spool_refused", spool=service.spool, why=machine_words(wrong)
        ) from None
