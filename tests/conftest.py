"""Shared by all tests: the programs of other projects that some of them need."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# Full paths: pynetdicom's wheel puts programs of the same names into a virtual environment.
PEERS = {
    "dcmtk": ("/usr/bin/storescu", "/usr/bin/storescp", "/usr/bin/dcmsend", "/usr/bin/echoscu"),
    "orthanc": ("/usr/sbin/Orthanc",),
}
settings.register_profile("unshrunk", phases=(Phase.explicit, Phase.generate))
REQUIRED = os.environ.get("ROTEIRO_PEERS") == "required"
os.environ["ROTEIRO_CACHE"] = "off"  # what is found by a test is no matter of the next


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose peer is not here and say which; fail it where peers are required."""
    for mark in item.iter_markers("peer"):
        for name in mark.args:
            absent = [path for path in PEERS[name] if not Path(path).exists()]
            if absent and REQUIRED:
                pytest.fail(f"{name} is required here and lacks {absent[0]}", pytrace=False)
            elif absent:
                pytest.skip(f"needs {name}: {absent[0]} is not there")
