"""The command `roteiro`, also as `python -m roteiro`."""

import sys


def main() -> int:
    """Run the command line and give its exit code."""
    from roteiro.runtime.cli import run  # noqa: PLC0415  `import roteiro` stays light

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
