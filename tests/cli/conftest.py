"""Running commands: in this process (fast) or as people do, as a process of their own."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydicom.data import get_testdata_file

from roteiro.runtime.cli.group import invoke

ROOT = Path(__file__).resolve().parent.parent.parent

HOSPITAL = """\
language 1
node ct1  { ae = "CT1"  host = "127.0.0.1" may = { store, echo } }
node pacs { ae = "PACS" host = "127.0.0.1" port = 11113 }
node vna  { ae = "VNA"  host = "127.0.0.1" port = 11114 }

guard {
  rule stranger { when assoc.calling_ae == "EVIL" refuse 0x0124 "not authorised" }
  rule silent   { when assoc.calling_ae == "TEST" drop "only a test" }
  rule nobody   { when PatientID is blank hold quarantine "no Patient ID" }
  otherwise { pass }
}

table clinical first {
  rule ct { when Modality == "CT" and Rows >= 16 send to pacs urgency stat }
  rule us { when Modality == "US" nothing "read on the cart" }
  rule sr { when Modality == "SR" hold reports "for a person" }
  otherwise { nothing "not ours" }
}

table copies all {
  rule archive { when Modality in { "CT", "MR" } send to vna }
  rule twice   { when Modality == "CT" send to pacs }
}
"""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> object:
        """Give the one document on stdout."""
        return json.loads(self.out)


Command = Callable[..., Ran]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process."""

    def call(*words: object) -> Ran:
        capfd.readouterr()
        code = invoke([str(word) for word in words])
        printed = capfd.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture
def process(tmp_path: Path) -> Command:
    """Run a command as people do; keywords are the environment."""

    def call(*words: object, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "roteiro", *(str(word) for word in words)],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Write a rule file that has one of everything that can become of an object."""
    path = tmp_path / "hospital.route"
    path.write_text(HOSPITAL, encoding="utf-8")
    return path


@pytest.fixture
def sample() -> Callable[[str], Path]:
    """Find a real DICOM file in pydicom's wheel."""

    def find(name: str) -> Path:
        found = get_testdata_file(name, download=False)
        assert isinstance(found, str), name
        return Path(found)

    return find


@pytest.fixture
def fits() -> Callable[[object, str], None]:
    """Compare a document with one of docs/schemas."""

    def check(document: object, name: str) -> None:
        schema = json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(document)

    return check
