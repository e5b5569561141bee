"""The command `roteiro`, also as `python -m roteiro`."""

import sys
import warnings


def main() -> int:
    """Run the command line and give its exit code."""
    from roteiro.runtime.cli import run  # noqa: PLC0415  `import roteiro` stays light
    from roteiro.runtime.garbage import leave_all  # noqa: PLC0415  likewise
    from roteiro.runtime.world import open_standard_streams  # noqa: PLC0415  likewise

    open_standard_streams()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # for who writes the program, not for who runs it
    code = run(sys.argv[1:])
    leave_all()
    return code


if __name__ == "__main__":
    sys.exit(main())
