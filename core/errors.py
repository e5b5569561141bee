"""Whose fault it is: a program that no engine can run, or an engine that was not built."""

from enum import Enum


class ProgramError(ValueError):
    """The program is of another format, or refers to what it does not hold; our own fault."""


class EngineMissingError(ImportError):
    """The compiled half is not built; `core.pure` still is there, for tests."""


class Unfit(Enum):
    """Why some bytes are no compiled program for this build."""

    NO_ARTEFACT = "no compiled program"
    OTHER_FORMAT = "a compiled program of another format, or of a machine of another byte order"
    OTHER_ENGINE = "compiled by another build"
    DAMAGED = "a damaged compiled program"


class ArtefactError(ValueError):
    """Some bytes are no compiled program for this build."""

    def __init__(self, why: Unfit, release: str = "") -> None:
        """Say why; of another build, its release."""
        super().__init__(f"{why.value}: {release}" if release else why.value)
        self.why = why
        self.release = release
