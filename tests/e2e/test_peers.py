"""Through the router between DCMTK and Orthanc: element by element, pixel data byte by byte.

These peers re-encode by themselves, so lengths of sequences, group lengths and padding may differ;
what an object says may not. Bytes on the wire are compared in test_bits.py, with raw ends.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.encaps import generate_fragments
from pydicom.uid import UID

from tests.e2e.bundled import bundled
from tests.e2e.peers import DCMSEND, STORESCU, Orthanc, call, orthanc, storescp
from tests.e2e.raw import send_all
from tests.e2e.routers import RouterProcess, Routers, header, until
from tests.e2e.wire import EXPLICIT, made_up, parcel_of
from tests.ports import free_port

# pydicom warns of values that its files have on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR")

# what it stands for -> file of pydicom's wheel, and storescu's option to propose its syntax
FILES = {
    "CT explicit little endian": ("CT_small.dcm", "-xe"),
    "MR implicit": ("MR_small_implicit.dcm", "-xi"),
    "US explicit big endian": ("ExplVR_BigEnd.dcm", "-xb"),
    "JPEG 2000": ("JPEG2000.dcm", "-xw"),
    "RLE, two frames": ("SC_rgb_rle_2frame.dcm", "-xr"),
    "JPEG baseline, thirty frames": ("examples_ybr_color.dcm", "-xy"),
    "JPEG-LS": ("MR_small_jpeg_ls_lossless.dcm", "-xt"),
    "deflated": ("image_dfl.dcm", "-xd"),
    "RT dose, fifteen frames": ("rtdose.dcm", "-xi"),
    "RT plan": ("rtplan.dcm", "-xi"),
    "report without pixels": ("reportsi.dcm", "-xe"),
    "waveform": ("waveform_ecg.dcm", "-xe"),
    "segmentation": ("liver_1frame.dcm", "-xe"),
    "private SOP class": ("", "-xe"),
}
PRIVATE = "private SOP class"
PIXEL_DATA = 0x7FE0_0010
PRIVATE_CLASS = "1.2.826.0.1.3680043.9.7133.1.1"

# (what, peer) -> why this peer cannot carry it. Neither peer knows HTJ2K, of which pydicom's wheel
# has no file; Orthanc takes the private SOP class because its configuration says so.
NOT_SENT = {
    (PRIVATE, "storescu"): "DCMTK 3.6.7's storescu sends the SOP classes of its list only",
}
NOT_KEPT: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the files by what they stand for."""
    found = {what: bundled(name) for what, (name, _) in FILES.items() if name}
    # The same instance as the MR above, so it gets a UID of its own, of the same length.
    raw = found["JPEG-LS"].read_bytes()
    uid = parcel_of(found["JPEG-LS"]).sop_instance
    folder = tmp_path_factory.mktemp("files")
    found["JPEG-LS"] = folder / "jpeg_ls.dcm"
    found["JPEG-LS"].write_bytes(raw.replace(uid.encode(), f"{uid[:-1]}8".encode()))
    private = pydicom.dcmread(bundled("CT_small.dcm"))
    private.SOPClassUID = private.file_meta.MediaStorageSOPClassUID = PRIVATE_CLASS
    private.SOPInstanceUID = private.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4.5.6.7"
    found[PRIVATE] = folder / "private.dcm"
    private.save_as(found[PRIVATE])
    return found


class Stage:
    """A router between its peers: Orthanc on both sides, storescp behind it."""

    def __init__(self, folder: Path, router: RouterProcess, peer: Orthanc) -> None:
        self.folder = folder
        self.router = router
        self.orthanc = peer
        self.files = folder / "storescp"

    def at_dcmtk(self) -> dict[str, bytes]:
        """Give what storescp has, by SOP instance."""
        raw = [path.read_bytes() for path in self.files.iterdir()]
        return {instance_of(one): one for one in raw}

    def at_orthanc(self) -> dict[str, bytes]:
        """Give what Orthanc has, by SOP instance."""
        return {instance_of(one): one for one in self.orthanc.files()}


def instance_of(raw: bytes) -> str:
    return str(pydicom.dcmread(BytesIO(raw), specific_tags=["SOPInstanceUID"]).SOPInstanceUID)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "storescp").mkdir()
    (tmp_path / "router").mkdir()
    ports = {"dcmtk": free_port(), "orthanc": free_port()}
    rules = header(dcmtk=ports["dcmtk"]) + CALLERS.replace("{orthanc}", str(ports["orthanc"]))
    rules += "table all_of_it first { otherwise { send to dcmtk, orthanc } }\n"
    router = RouterProcess(tmp_path / "router", rules)
    with (
        storescp(tmp_path / "storescp", ports["dcmtk"]),
        orthanc(tmp_path, router.port, ports["orthanc"]) as peer,
    ):
        yield Stage(tmp_path, router.start(), peer)
        router.close()


CALLERS = """
node storescu { ae = "STORESCU" host = "127.0.0.1" may = { store, echo } }
node orthanc { ae = "ORTHANC" host = "127.0.0.1" port = {orthanc} may = { store, echo }
               retry = backoff 1s..2s }
node dcmsend { ae = "DCMSEND" host = "127.0.0.1" may = { store, echo } }
"""


def by_storescu(stage: Stage, files: dict[str, Path]) -> None:
    for what, path in files.items():
        call(
            STORESCU, "-R", FILES[what][1], "-aec", "ROTEIRO", "127.0.0.1", stage.router.port, path
        )


def by_dcmsend(stage: Stage, files: dict[str, Path]) -> None:
    call(DCMSEND, "-dn", "-aec", "ROTEIRO", "127.0.0.1", stage.router.port, *files.values())


@pytest.mark.peer("dcmtk", "orthanc")
@pytest.mark.parametrize("send", [by_storescu, by_dcmsend])
def test_from_dcmtk_to_dcmtk_and_orthanc(
    send: Callable[[Stage, dict[str, Path]], None], stage: Stage, files: dict[str, Path]
) -> None:
    sender = send.__name__.removeprefix("by_")
    sent = {what: path for what, path in files.items() if (what, sender) not in NOT_SENT}
    send(stage, sent)
    assert_arrived(stage, sent)


@pytest.mark.peer("dcmtk", "orthanc")
def test_from_orthanc_to_dcmtk(stage: Stage, files: dict[str, Path]) -> None:
    sent = {what: path for what, path in files.items() if (what, "orthanc") not in NOT_SENT}
    for path in sent.values():
        stage.orthanc.send(stage.orthanc.upload(path.read_bytes()), "router")
    assert_arrived(stage, sent)


def assert_arrived(stage: Stage, sent: dict[str, Path]) -> None:
    try:
        until(lambda: settled(stage), 6)
    except AssertionError:
        print([d for d in stage.router.queue()["deliveries"] if d["state"] != "done"])
    came = {"dcmtk": stage.at_dcmtk(), "orthanc": stage.at_orthanc()}
    wrong = []
    for what, path in sent.items():
        for peer, kept in came.items():
            found = kept.get(instance_of(path.read_bytes()))
            difference = "it is not there" if found is None else compare(path.read_bytes(), found)
            if bool(difference) != ((what, peer) in NOT_KEPT):
                wrong.append(f"{what} at {peer}: {difference or 'is there after all'}")
    assert not wrong, "\n".join(wrong) + "\n" + stage.router.log


@pytest.mark.peer("dcmtk")
def test_object_that_dcmtk_cannot_take_waits_and_others_pass(tmp_path: Path) -> None:
    """A deflated stream of odd length (PS3.5 A.5 wants padding): DCMTK aborts at its fragment."""
    (tmp_path / "storescp").mkdir()
    port = free_port()
    rules = header(dcmtk=port) + "table all_of_it first { otherwise { send to dcmtk } }\n"
    router = RouterProcess(tmp_path, rules)
    odd, fine = parcel_of(bundled("image_dfl.dcm")), parcel_of(bundled("CT_small.dcm"))
    assert len(odd.data) % 2
    with storescp(tmp_path / "storescp", port):
        router.start()
        assert send_all(router.port, [odd, fine]) == [0, 0]
        until(lambda: router.destination("dcmtk")["delivered"] == 1)
        (kept,) = map(parcel_of, (tmp_path / "storescp").iterdir())
        assert kept.digest == fine.digest
        (waits,) = router.queue("--state", "waiting")["deliveries"]
        assert waits["sop_instance"] == odd.sop_instance
        assert "abort" in waits["reason"]
    router.close()


def test_comparison_sees_what_is_wrong() -> None:
    raw = bundled("CT_small.dcm").read_bytes()
    report = bundled("reportsi.dcm").read_bytes()
    jpeg = bundled("JPEG2000.dcm").read_bytes()
    for one in (raw, report, jpeg):
        assert not compare(one, one)
    assert compare(raw, raw[:-200] + b"x" + raw[-199:])
    assert "another value" in compare(raw, raw.replace(b"1CT1", b"1CT2"))
    assert "another value" in compare(report, report.replace(b"Context Mode", b"Context mode"))
    assert "other fragments" in compare(jpeg, jpeg[:-60] + b"x" + jpeg[-59:])
    cut = BytesIO()
    lacking = pydicom.dcmread(BytesIO(raw))
    del lacking.Modality
    lacking.save_as(cut)
    assert "(0008,0060)" in compare(raw, cut.getvalue())


def settled(stage: Stage) -> bool:
    destinations = stage.router.status()["destinations"]
    return not any(item["waiting"] or item["sending"] for item in destinations)


def compare(sent: bytes, came: bytes) -> str:
    """Say in what two objects differ; nothing when they say the same."""
    one, other = (pydicom.dcmread(BytesIO(raw)) for raw in (sent, came))
    syntaxes = [each.file_meta.TransferSyntaxUID for each in (one, other)]
    # A sender that offers both is asked for explicit little endian (issue 2), and re-encodes.
    if syntaxes[0] != syntaxes[1] and (syntaxes[0].is_compressed or syntaxes[1] != EXPLICIT):
        return f"transfer syntax {syntaxes[1].name}"
    return Comparison(*syntaxes).differences(one, other)


class Comparison:
    """Compares two data sets; encodings may differ, what is said may not."""

    def __init__(self, sent: UID, came: UID) -> None:
        self._same = sent == came
        self._swapped = not sent.is_little_endian and came.is_little_endian
        self._encapsulated = sent.is_encapsulated

    def differences(self, one: Dataset, other: Dataset) -> str:
        tags = [{tag for tag in each.keys() if is_said(tag)} for each in (one, other)]  # noqa: SIM118
        if tags[0] != tags[1]:
            return f"elements {sorted(map(str, tags[0] ^ tags[1]))}"
        found = (
            (tag, self._items(one[tag], other[tag]) or self._values(one[tag], other[tag]))
            for tag in sorted(tags[0])
        )
        return next((f"{tag}: {difference}" for tag, difference in found if difference), "")

    def _items(self, one: DataElement, other: DataElement) -> str:
        if one.VR != "SQ" or other.VR != "SQ":
            return ""
        if len(one.value) != len(other.value):
            return "another number of items"
        pairs = zip(one.value, other.value, strict=True)
        return next(filter(None, (self.differences(*pair) for pair in pairs)), "")

    def _values(self, one: DataElement, other: DataElement) -> str:
        if one.VR == "SQ":
            return "" if other.VR == "SQ" else "no sequence"
        if one.tag == PIXEL_DATA and self._encapsulated:
            # OB, whatever a file says (PS3.5 A.4): DCMTK mends that.
            same = list(generate_fragments(one.value)) == list(generate_fragments(other.value))
            return "" if same else "other fragments"
        if self._same and one.VR != other.VR:
            return f"VR {one.VR} became {other.VR}"
        value = one.value
        if self._swapped and one.VR == "OW":
            value = np.frombuffer(value, ">u2").astype("<u2").tobytes()
        return "" if value == other.value else "another value"


def is_said(tag: pydicom.tag.BaseTag) -> bool:
    """Leave out group lengths and padding (PS3.5 7.2, 7.3)."""
    return bool(tag.element != 0 and tag != 0xFFFC_FFFC)


@pytest.mark.peer("orthanc")
def test_one_object_that_orthanc_always_refuses_stops_no_other(
    tmp_path: Path, routers: Routers
) -> None:
    """Orthanc answers A700 to what has no Study Instance UID, each time: the object's trouble."""
    port = free_port()
    rules = header(orthanc=port) + "table all_of_it first { otherwise { send to orthanc } }\n"
    with orthanc(tmp_path, free_port(), port) as peer:
        router = routers(rules).start()
        where = {"x0020000D": "1.2.3.4", "x0020000E": "1.2.3.4.5"}
        poison = made_up("1.2.840.99.1")
        good = [made_up(f"1.2.840.99.{number}", **where) for number in range(2, 22)]
        assert set(send_all(router.port, [poison, *good])) == {0}
        until(lambda: len(peer.json("/instances")) == len(good))
        seen = until(lambda: (found := router.destination("orthanc"))["waiting"] == 1 and found)
        assert (seen["resting"], seen["held"], seen["cause"]) == (1, 0, None)
        (left,) = router.queue("--state", "waiting")["deliveries"]
        assert left["sop_instance"] == "1.2.840.99.1"
        assert "0xA700" in left["reason"]
