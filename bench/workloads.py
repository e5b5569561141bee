"""Objects to send: as many as asked, alike but for their identifiers, written once into a folder.

`ct` are slices of 512 x 512 pixels of 16 bits, `small` objects of 9 KiB, `big` some of 128 MiB.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

ROOT = "1.2.826.0.1.3680043.10.1511"
"""Of identifiers that are made here: no object of anybody."""


@dataclass(frozen=True, slots=True)
class Workload:
    """So many objects of one size."""

    name: str
    objects: int
    rows: int
    columns: int


WORKLOADS: Mapping[str, Workload] = {
    each.name: each
    for each in (
        Workload("ct", 400, 512, 512),
        Workload("small", 1_000, 64, 68),
        Workload("big", 2, 8_192, 8_192),
    )
}


def data_set(workload: Workload, number: int) -> Dataset:
    """Make an object; its pixels are noise, so that nothing on the way can make them fewer."""
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 100"
    made.SOPClassUID = CTImageStorage
    made.SOPInstanceUID = UID(f"{ROOT}.{workload.rows}.3.{number + 1}")
    made.StudyDate, made.Modality, made.Manufacturer = "20260102", "CT", "Roteiro"
    made.StudyDescription = "TC TORAX"
    made.PatientName, made.PatientID = "Ensaio^Um", "0001"
    made.StudyInstanceUID = UID(f"{ROOT}.{workload.rows}.1")
    made.SeriesInstanceUID = UID(f"{ROOT}.{workload.rows}.2")
    made.InstanceNumber = number + 1
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = workload.rows, workload.columns
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation = 15, 0
    made.PixelData = os.urandom(2 * workload.rows * workload.columns)
    return made


def write(workload: Workload, folder: Path, parts: int = 1) -> list[Path]:
    """Write the objects, dealt out to so many folders, one a sender; give these folders."""
    folders = [folder / f"{workload.name}-{part}" for part in range(parts)]
    for each in folders:
        each.mkdir(parents=True)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for number in range(workload.objects):
        made = data_set(workload, number)
        path = folders[number % parts] / f"{number:06}.dcm"
        file = FileDataset(str(path), made, file_meta=meta, preamble=bytes(128))
        file.save_as(path, enforce_file_format=True)
    return folders
