"""Programs of other projects: DCMTK by full path, Orthanc with a configuration of its own."""

import base64
import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.raw import PATIENCE, RawSender, Rejected
from tests.e2e.routers import until
from tests.e2e.wire import IMPLICIT, VERIFICATION
from tests.ports import free_port

# pynetdicom's wheel puts programs of the same names into a virtual environment.
STORESCU, STORESCP, DCMSEND = "/usr/bin/storescu", "/usr/bin/storescp", "/usr/bin/dcmsend"
ORTHANC = "/usr/sbin/Orthanc"
NO_DELAY = {"TCP_NODELAY": "1", "PATH": "/usr/bin:/bin"}


@contextmanager
def running(
    words: Sequence[object], folder: Path, log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program until the end of the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*map(str, words)], cwd=folder, env=NO_DELAY, stdout=out, stderr=out
        )
        try:
            yield process
        finally:
            process.kill()  # its folder ends with the test
            process.wait(PATIENCE)


def wait_for_echo(port: int, process: "subprocess.Popen[bytes]", calling: str = "SENDER") -> None:
    """Wait until somebody answers a C-ECHO on this port."""

    def answers() -> bool:
        assert process.poll() is None, f"{process.args!r} ended"
        sender = RawSender(port, calling, "ANY-SCP")
        try:
            sender.open((VERIFICATION, IMPLICIT))
            assert sender.echo() == 0
            sender.release()
        except (OSError, Rejected):
            return False
        finally:
            sender.close()
        return True

    until(answers, every=0.02)


@contextmanager
def storescp(folder: Path, port: int | None = None) -> Iterator[int]:
    """Run DCMTK's storescp, which writes what comes exactly as read into the folder."""
    port = port or free_port()
    log = folder.parent / f"{folder.name}.storescp.log"
    words = [STORESCP, "-v", "+xa", "-pm", "+B", "+uf", "-od", folder, port]
    with running(words, folder, log) as process:
        wait_for_echo(port, process)
        yield port


def call(*words: object) -> None:
    """Run a sender of DCMTK to its end; it must succeed."""
    done = subprocess.run(
        [*map(str, words)], env=NO_DELAY, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Orthanc:
    """A running Orthanc, asked over REST on loopback."""

    port: int
    http: int

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data=body)
        token = base64.b64encode(b"test:test").decode()
        request.add_header("Authorization", f"Basic {token}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                found: bytes = answer.read()
                return found
        except urllib.error.HTTPError as no:
            with no:
                raise AssertionError(f"{path}: {no.code} {no.read()!r}") from None

    def json(self, path: str, body: bytes | None = None) -> Any:
        return json.loads(self.ask(path, body))

    def files(self) -> list[bytes]:
        """Give all instances as Part 10 files, as they were stored."""
        return [self.ask(f"/instances/{name}/file") for name in self.json("/instances")]

    def upload(self, raw: bytes) -> str:
        """Take a file; give Orthanc's name of it."""
        return str(self.json("/instances", raw)["ID"])

    def send(self, name: str, to: str) -> None:
        """Send an instance to a modality of the configuration."""
        self.json(f"/modalities/{to}/store", name.encode())


@contextmanager
def orthanc(folder: Path, router_port: int, port: int | None = None) -> Iterator[Orthanc]:
    """Run Orthanc in a folder of its own; `router` is the modality that it may send to."""
    port, http = port or free_port(), free_port()
    configuration = {
        "Name": "test",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [],
        "HttpPort": http,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"test": "test"},
        "DicomAet": "ORTHANC",
        "DicomPort": port,
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": True,
        "UnknownSopClassAccepted": True,
        "AcceptedTransferSyntaxes": ["*"],
        "DicomModalities": {"router": ["ROTEIRO", "127.0.0.1", router_port]},
        "OverwriteInstances": True,
        "StableAge": 1,
    }
    (folder / "orthanc.json").write_text(json.dumps(configuration), encoding="utf-8")
    with running([ORTHANC, folder / "orthanc.json"], folder, folder / "orthanc.log") as process:
        wait_for_echo(port, process)
        yield Orthanc(port, http)
