"""DICOM objects as the commands that read them take them: files, and folders of files."""

from pathlib import Path

from roteiro.runtime.cli.group import FINDINGS, USAGE, Refused
from roteiro.runtime.machine import machine_words
from roteiro.runtime.world import files_at


def is_there(given: str) -> bool:
    """Say whether a file or folder of this name is there, as far as anybody can see."""
    try:
        return Path(given).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def objects_at(path: Path) -> list[Path]:
    """Give the file, or the files of a folder in name order; `Refused` when there is none."""
    try:
        found = files_at(path)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(USAGE, "command.no_such_file", path=path) from None
    except OSError as wrong:
        raise Refused(
            FINDINGS, "command.cannot_read", path=path, why=machine_words(wrong)
        ) from None
    if not found:
        raise Refused(USAGE, "command.empty_folder", path=path)
    return found
