"""The command line: one module a command, loaded when it is called.

- `group`: the table of commands, exit codes, and what happens when something goes wrong
- `output`: language, text or JSON, colour
- one module for each command
"""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    """Run one command and give its exit code."""
    from roteiro.runtime.cli.group import invoke  # noqa: PLC0415  click is loaded only for commands

    return invoke(words)
