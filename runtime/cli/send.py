"""`roteiro send`: send files to a peer as they are."""

from collections.abc import Sequence
from pathlib import Path

import click

from roteiro.lang.messages import text
from roteiro.runtime.association.contract import Trouble
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.objects import objects_at
from roteiro.runtime.cli.output import say, say_error, say_json
from roteiro.runtime.cli.worded import command_of, format_option, option
from roteiro.runtime.dicom import NotDicomError
from roteiro.runtime.loop import run
from roteiro.runtime.machine import machine_words
from roteiro.runtime.sending import CutShort, FileObject, Nameless, Sender, Sent, parse_target
from roteiro.runtime.world import World, system_world


@command_of("send", example="roteiro send study/ --to PACS@10.0.0.5:11112")
@click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@option("--to", "target", metavar="AE@HOST:PORT", required=True, help="send_to")
@option("--calling", default="ROTEIRO", metavar="AE", show_default=True, help="calling")
@option("--repeat", type=click.IntRange(1), default=1, metavar="N", help="send_repeat")
@option(
    "--associations", type=click.IntRange(1, 64), default=1, metavar="N", help="send_associations"
)
@format_option
@click.pass_obj
def command(  # noqa: PLR0913  the options of the command
    language: str,
    *,
    paths: Sequence[Path],
    target: str,
    calling: str,
    repeat: int,
    associations: int,
    form: str,
) -> int:
    """Send DICOM files, or folders of them, with C-STORE; data sets leave as they lie on disk."""
    place = parse_target(target)
    if place is None:
        raise Refused(USAGE, "command.bad_target", target=target)
    files = [file for path in paths for file in objects_at(path)]
    world = system_world()
    report = Report(language)
    objects = opened(world, files, language, report)
    sender = Sender(LoopCarrier(world), place.node(associations), calling)
    began = world.clock.monotonic()
    try:
        run(send_rounds(sender, objects, repeat, report))
    except Trouble as trouble:
        why = str(trouble)
        raise Refused(FINDINGS, "command.no_association", target=target, why=why) from None
    report.close(form, world.clock.monotonic() - began)
    return FINE if report.all_taken else FINDINGS


async def send_rounds(
    sender: Sender, objects: Sequence[FileObject], rounds: int, report: "Report"
) -> None:
    """Send all objects this often."""
    for _ in range(rounds):
        await sender.send(objects, report.take)


def opened(
    world: World, files: Sequence[Path], language: str, report: "Report"
) -> list[FileObject]:
    """Open the files; report each that cannot be sent, and why."""
    objects = []
    for path in files:
        try:
            objects.append(FileObject(world, path))
        except NotDicomError as wrong:
            why = text(f"runtime.part10_{wrong.cause.value}", language)
            report.take(Sent(path, 0, None, why))
        except Nameless:
            report.take(Sent(path, 0, None, text("command.nameless", language)))
        except CutShort:
            report.take(Sent(path, 0, None, text("command.cut_short", language)))
        except OSError as wrong:
            report.take(Sent(path, 0, None, machine_words(wrong)))
    return objects


class Report:
    """What became of the files: a line for each that was not taken, the sum at the end."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._all: list[Sent] = []

    @property
    def all_taken(self) -> bool:
        """Whether each file was answered with success or a warning (PS3.4 B.2.3)."""
        return all(taken(item) for item in self._all)

    def take(self, item: Sent) -> None:
        """Note one outcome."""
        self._all.append(item)
        if not taken(item):
            why = item.trouble or f"0x{item.status:04X}"
            say_error("command.not_sent", self._language, path=item.path, why=why)

    def close(self, form: str, seconds: float) -> None:
        """Print the sum, or the document."""
        size = sum(item.size for item in self._all if taken(item))
        count = sum(map(taken, self._all))
        if form == "json":
            say_json(
                {
                    "sent": count,
                    "bytes": size,
                    "seconds": round(seconds, 4),
                    "files": [entry(item) for item in self._all],
                }
            )
            return
        say(
            text(
                "command.sent_sum",
                self._language,
                count=count,
                total=len(self._all),
                size=size,
                seconds=seconds,
            )
        )


def taken(item: Sent) -> bool:
    """Say whether the peer keeps it: success, or a warning of the B000 family."""
    return item.status is not None and (item.status == 0 or item.status >> 12 == 0xB)


def entry(item: Sent) -> dict[str, object]:
    """Give the JSON entry of one file."""
    return {
        "file": str(item.path),
        "bytes": item.size,
        "status": None if item.status is None else f"0x{item.status:04X}",
        "error": item.trouble or None,
    }
