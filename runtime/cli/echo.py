"""`roteiro echo`: ask a peer whether it is there."""

import click

from roteiro.lang.messages import text
from roteiro.runtime.association.contract import Trouble
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.output import say, say_json
from roteiro.runtime.cli.worded import command_of, format_option, option
from roteiro.runtime.loop import run
from roteiro.runtime.sending import Target, parse_target
from roteiro.runtime.world import World, system_world


@command_of("echo", example="roteiro echo PACS@10.0.0.5:11112")
@click.argument("target", metavar="AE@HOST:PORT")
@option("--calling", default="ROTEIRO", metavar="AE", show_default=True, help="calling")
@format_option
@click.pass_obj
def command(language: str, *, target: str, calling: str, form: str) -> int:
    """Open an association and send a C-ECHO."""
    place = parse_target(target)
    if place is None:
        raise Refused(USAGE, "command.bad_target", target=target)
    world = system_world()
    began = world.clock.monotonic()
    try:
        status = run(echo(world, place, calling))
    except Trouble as trouble:
        why = str(trouble)
        raise Refused(FINDINGS, "command.no_association", target=target, why=why) from None
    seconds = world.clock.monotonic() - began
    if form == "json":
        say_json({"target": target, "status": f"0x{status:04X}", "seconds": round(seconds, 4)})
    else:
        words = {"target": target, "status": f"0x{status:04X}", "ms": round(seconds * 1000)}
        say(text("command.echo_answered", language, **words))
    return FINE if status == 0 else FINDINGS


async def echo(world: World, target: Target, calling: str) -> int:
    """Send one C-ECHO and give the status; `Trouble` when there is no association."""
    channel = await LoopCarrier(world).connect(target.node(), calling, ())
    try:
        return await channel.echo()
    finally:
        await channel.release()
