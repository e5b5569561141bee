"""Real DICOM files: those that lie in pydicom's own wheel, so that nothing is downloaded."""

from pathlib import Path

from pydicom.data import get_testdata_file


def bundled(name: str) -> Path:
    found = get_testdata_file(name, download=False)
    assert isinstance(found, str), name
    return Path(found)
