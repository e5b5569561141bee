"""Whose fault it is: a program that no engine can run, or an engine that was not built."""


class ProgramError(ValueError):
    """The program is of another format, or refers to what it does not hold; our own fault."""


class EngineMissingError(ImportError):
    """The compiled half is not built; `core.pure` still is there, for tests."""
