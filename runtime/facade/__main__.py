"""The command `roteiro`, also as `python -m roteiro`."""

import sys
import warnings


def main() -> int:
    """Run the command line and give its exit code."""
    from roteiro.runtime.cli import run  # noqa: PLC0415  `import roteiro` stays light
    from roteiro.runtime.world import open_standard_streams  # noqa: PLC0415  likewise

    open_standard_streams()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # for who writes the program, not for who runs it
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
