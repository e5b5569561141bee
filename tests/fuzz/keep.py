"""Choose anew which inputs are kept: of seeds, of those kept so far, of those that fuzzing found.

`PYTHONPATH=tests:. python -m fuzz.keep [TARGET...]` from the root of the project.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzz import run, seeds
from fuzz.corpus import inputs, pack, unpack

EDGES = {"pdata", "command", "associate", "large"}
"""Of these all seeds are kept: lengths that are off by one, which no coverage tells apart."""


def main(targets: list[str]) -> None:
    """Take the fewest inputs that reach all that is reached."""
    with run.copy() as folder, TemporaryDirectory(prefix="roteiro-seeds-") as given:
        seeds.main(Path(given))
        for target in targets:
            unpack(target, folder / "kept" / target)
            found = (Path(given) / target, folder / "kept" / target, run.GROWN / target)
            chosen = folder / "chosen" / target
            run.merge(folder, target, chosen, *(each for each in found if each.is_dir()))
            edges = Path(given) / target if target in EDGES else chosen
            folders = (chosen, edges)
            pack(target, (path.read_bytes() for each in folders for path in each.iterdir()))
            print(target, len(inputs(target)))


if __name__ == "__main__":
    main(sys.argv[1:] or list(run.TARGETS))
