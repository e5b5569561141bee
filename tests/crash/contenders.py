"""Programs that receive objects, each as it is started here and how to see what it kept.

Each is asked the same two things only: answer C-STORE on a port, and show afterwards what there is.
"""

import asyncio
import importlib.metadata
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from roteiro.runtime.spool.contract import Damaged, DeliveryState
from roteiro.runtime.world import system_world
from tests.crash.subject import make_spool
from tests.e2e.peers import ORTHANC, STORESCP, Orthanc
from tests.e2e.routers import header, until
from tests.e2e.wire import parcel_of
from tests.ports import free_port

MOST = 1_000_000
Kept = dict[str, bytes]
"""SOP Instance UID to the data set."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one contender works in one run."""

    folder: Path
    """On the disk that is hit."""
    aside: Path
    """For what is no part of the test: configuration."""
    port: int
    http: int


@dataclass(frozen=True, slots=True)
class Contender:
    """One configuration of one program."""

    name: str
    configuration: str
    """As the table says it."""
    command: Callable[[Place], Sequence[object]]
    kept: Callable[[Place], Kept]
    program: str = ""
    """A file that must be there."""
    mount: str = ""
    """Options of the file system in power cuts."""
    running: bool = False
    """Whether it must run to be asked what it kept."""
    version: Callable[[], str] = lambda: ""
    """As it says itself."""


def storescp(*more: object) -> Callable[[Place], Sequence[object]]:
    return lambda place: [STORESCP, *more, "-od", place.folder, place.port]


def pynetdicom(place: Place) -> Sequence[object]:
    return [sys.executable, "-m", "pynetdicom", "storescp", "-od", place.folder, place.port]


def orthanc(**more: object) -> Callable[[Place], Sequence[object]]:
    def command(place: Place) -> Sequence[object]:
        configuration = {
            "Name": "contender",
            "StorageDirectory": str(place.folder),
            "IndexDirectory": str(place.folder),
            "Plugins": [],
            "HttpPort": place.http,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": True,
            "RegisteredUsers": {"test": "test"},
            "DicomPort": place.port,
            "DicomCheckCalledAet": False,
            "DicomAlwaysAllowEcho": True,
            "DicomAlwaysAllowStore": True,
            **more,
        }
        path = place.aside / "orthanc.json"
        path.write_text(json.dumps(configuration), encoding="utf-8")
        return [ORTHANC, path]

    return command


def roteiro(place: Place) -> Sequence[object]:
    """Its one destination is down, so that all it took must still be there."""
    rules = header(pacs=free_port()) + "table t all { rule all_of_it { send to pacs } }\n"
    path = place.aside / "site.route"
    if not path.exists():
        path.write_text(rules.replace("{port}", str(place.port)), encoding="utf-8")
    return [sys.executable, "-m", "roteiro", "serve", path, "--spool", place.folder / "spool"]


def files(place: Place) -> Kept:
    """Read the DICOM files of a folder; what cannot be read is not kept."""
    found = {}
    for path in place.folder.rglob("*"):
        with suppress(OSError, AssertionError, LookupError, ValueError, AttributeError):
            if path.is_file():
                parcel = parcel_of(path)
                found[parcel.sop_instance] = parcel.data
    return found


def answers(port: int) -> bool:
    """Say whether somebody listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


def instances(place: Place) -> Kept:
    """Ask Orthanc for all that it lists, and for each as a file."""
    server, found = Orthanc(place.port, place.http), {}
    until(lambda: answers(place.http), 60.0)  # that port comes after the one for DICOM
    for name in server.json("/instances"):
        path = place.aside / "instance.dcm"
        with suppress(AssertionError):  # listed, and its file is not there
            path.write_bytes(server.ask(f"/instances/{name}/file"))
            parcel = parcel_of(path)
            found[parcel.sop_instance] = parcel.data
    return found


def waiting(place: Place) -> Kept:
    """Ask the spool for all that is owed."""
    return asyncio.run(_waiting(place.folder / "spool"))


async def _waiting(folder: Path) -> Kept:
    world, found = system_world(), {}
    spool = make_spool(folder, world)
    await spool.recover()
    for each in spool.deliveries(state=DeliveryState.WAITING, limit=MOST):
        with suppress(Damaged, OSError):
            stored = await spool.open(each.object)
            data = await stored.read(0, stored.size)
            if stored.intact():
                found[each.sop_instance] = data
            stored.close()
    await spool.close()
    world.workers.close()
    return found


def printed(program: str) -> Callable[[], str]:
    """Give what a program prints as its version, without its name."""

    def ask() -> str:
        ran = subprocess.run(
            [program, "--version"], capture_output=True, encoding="utf-8", timeout=60, check=False
        )
        found = VERSION.search(ran.stdout)
        return found[0] if found else "unknown"

    return ask


def installed(package: str) -> Callable[[], str]:
    return lambda: importlib.metadata.version(package)


VERSION = re.compile(r"\d+(\.\d+)+")
SYNC = "sync"
DCMTK_VERSION, ORTHANC_VERSION = printed(STORESCP), printed(ORTHANC)
PYNETDICOM_VERSION = installed("pynetdicom")
CONTENDERS: Mapping[str, Contender] = {
    each.name: each
    for each in (
        Contender("Roteiro", "as it is", roteiro, waiting, version=installed("roteiro")),
        Contender(
            "DCMTK storescp", "`--fork`", storescp("--fork"), files, STORESCP,
            version=DCMTK_VERSION,
        ),
        Contender(
            "DCMTK storescp, +B", "`--fork +B`: bytes go to the file as they come",
            storescp("--fork", "+B"), files, STORESCP, version=DCMTK_VERSION,
        ),
        Contender(
            "DCMTK storescp, sync", "`--fork`, file system mounted with `sync`",
            storescp("--fork"), files, STORESCP, SYNC, version=DCMTK_VERSION,
        ),
        Contender(
            "pynetdicom storescp", "as it is", pynetdicom, files, version=PYNETDICOM_VERSION
        ),
        Contender(
            "pynetdicom storescp, sync", "file system mounted with `sync`", pynetdicom, files,
            mount=SYNC, version=PYNETDICOM_VERSION,
        ),
        Contender(
            "Orthanc", "as it is (`SyncStorageArea` is true by default)", orthanc(), instances,
            ORTHANC, running=True, version=ORTHANC_VERSION,
        ),
        Contender(
            "Orthanc, sync", "file system mounted with `sync`", orthanc(), instances, ORTHANC, SYNC,
            running=True, version=ORTHANC_VERSION,
        ),
    )
}  # fmt: skip
