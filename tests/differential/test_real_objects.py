"""Real objects: each DICOM file that pydicom and its data package carry, through programs that fit.

The programs ask what the file has, with its own values as literals, and what it has not. Files of
`pydicom-data` are tried as well where that package is installed.
"""

import warnings
from importlib.util import find_spec
from pathlib import Path

import pydicom
import pytest
from differential.engines import Engines, engines_of
from generators.dice import Dice
from generators.objects import at, harmed
from generators.programs import Case, program, program_of
from generators.real import uses_of

from roteiro.core.program import Encoding, Envelope, encoding_of
from roteiro.runtime.dicom import NotDicomError, read_part10

OWN = 1
"""Programs of a file's own values, and one of others."""
MOST = 500_000
"""Bytes of a data set that are tried: no rule reads pixels."""


def files() -> list[Path]:
    """Give every file that may be one of DICOM."""
    folders = [Path(pydicom.__file__).parent / "data"]
    if (more := find_spec("data_store")) is not None and more.origin:
        folders.append(Path(more.origin).parent / "data")
    found = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if is_dicom(path)]


def is_dicom(path: Path) -> bool:
    """Take Part 10 files, and data sets without meta that pydicom reads."""
    with path.open("rb") as file:
        head = file.read(132)
    return head[128:] == b"DICM" or path.suffix == ".dcm"


def data_set(path: Path) -> tuple[bytes, Encoding, Envelope]:
    """Read a file as `explain` does; what has no meta is implicit VR."""
    content = path.read_bytes()
    try:
        meta = read_part10(content)
    except NotDicomError:
        return content[:MOST], Encoding.IMPLICIT_LITTLE, Envelope()
    envelope = Envelope(
        transfer_syntax=meta.transfer_syntax,
        sop_class=meta.sop_class,
        sop_instance=meta.sop_instance,
    )
    return content[meta.offset :][:MOST], encoding_of(meta.transfer_syntax), envelope


def programs(dice: Dice, path: Path) -> list[Case]:
    """Make programs for a file; of what pydicom cannot read, only general ones."""
    made = [program(dice)]
    try:
        found = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        own = [uses_of(dice, found) for _ in range(OWN)]
    except Exception:  # noqa: BLE001  many of these files are there to be wrong
        return made
    return [*made, *(program_of(dice, uses) for uses in own if uses)]


def compiled(case: Case) -> Engines | None:
    """Compile a program; a literal of a wrong file may be none of the language."""
    try:
        return engines_of(case.text)
    except AssertionError as refused:
        if "Level.ERROR" not in str(refused):
            raise
        return None


def test_real_objects(capsys: pytest.CaptureFixture[str]) -> None:
    dice, tried, refused, fired, held = Dice(2026), 0, 0, 0, 0
    paths = files()
    warnings.simplefilter("ignore")
    for path in paths:
        data, encoding, envelope = data_set(path)
        for case in programs(dice, path):
            engines = compiled(case)
            if engines is None:
                refused += 1
                continue
            envelope = Envelope(
                transfer_syntax=envelope.transfer_syntax,
                sop_class=envelope.sop_class,
                at=at(dice, case),
            )
            decision = engines.agree(data, encoding, envelope)
            engines.agree(harmed(dice, data[:4096]), encoding, envelope)
            tried += 1
            fired += bool(decision.sends)
            held += decision.hold is not None and decision.hold.queue == "unreadable"
    with capsys.disabled():
        print(
            f"\n{len(paths)} real files, {tried} programs: {fired} sent, {held} unreadable; "
            f"{refused} programs refused"
        )
    assert len(paths) > 100
    assert refused < tried / 10
    assert fired > tried / 4
