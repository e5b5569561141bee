"""The bytes that leave are the bytes that came, whatever they mean (P-5)."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.e2e.bundled import bundled
from tests.e2e.raw import RawSender, RawSink, send_all
from tests.e2e.routers import RouterProcess, header
from tests.e2e.wire import Parcel, parcel_of

# what it stands for -> a file of pydicom's wheel
FILES = {
    "CT explicit little endian": "CT_small.dcm",
    "MR implicit": "MR_small_implicit.dcm",
    "MR explicit big endian": "MR_small_bigendian.dcm",
    "ultrasound explicit big endian": "ExplVR_BigEnd.dcm",
    "padded at the end": "MR_small_padded.dcm",
    "JPEG 2000": "JPEG2000.dcm",
    "JPEG 2000 lossless": "MR_small_jp2klossless.dcm",
    "JPEG-LS lossless": "MR_small_jpeg_ls_lossless.dcm",
    "JPEG-LS near lossless": "JPEGLSNearLossless_08.dcm",
    "JPEG baseline": "SC_rgb_jpeg_gdcm.dcm",
    "JPEG extended": "JPGExtended.dcm",
    "RLE": "MR_small_RLE.dcm",
    "RLE, two frames": "SC_rgb_rle_2frame.dcm",
    "JPEG baseline, thirty frames": "examples_ybr_color.dcm",
    "deflated": "image_dfl.dcm",
    "RT dose, fifteen frames": "rtdose.dcm",
    "RT plan": "rtplan.dcm",
    "report": "reportsi.dcm",
    "comprehensive report": "test-SR.dcm",
    "waveform": "waveform_ecg.dcm",
    "segmentation": "liver_1frame.dcm",
    "overlay": "examples_overlay.dcm",
    "odd length of pixels": "SC_rgb_small_odd.dcm",
    "a value that its VR does not allow": "badVR.dcm",
    "private sequences": "priv_SQ.dcm",
    "a sequence as UN": "UN_sequence.dcm",
    "ends within an element": "MR_truncated.dcm",
    "a delimiter within the pixels": "JPEG2000-embedded-sequence-delimiter.dcm",
}
PRIVATE_CLASS = "1.2.826.0.1.3680043.9.7133.1.1"
RETIRED_CLASS = "1.2.840.10008.5.1.4.1.1.6"
# as the destinations announce it: smallest, odd, usual, largest, without limit (PS3.8 D.1)
LIMITS = {"small": 4_096, "odd": 5_001, "usual": 16_384, "large": 131_072, "endless": 0}


@pytest.fixture(scope="module")
def sinks() -> Iterator[dict[str, RawSink]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(RawSink(max_pdu=limit)) for name, limit in LIMITS.items()}


@pytest.fixture(scope="module")
def router(
    sinks: dict[str, RawSink], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RouterProcess]:
    rules = header(**{name: sink.port for name, sink in sinks.items()})
    rules += f"table all_of_it first {{ otherwise {{ send to {', '.join(sinks)} }} }}\n"
    process = RouterProcess(tmp_path_factory.mktemp("bits"), rules)
    yield process.start()
    process.close()


def assert_same(parcel: Parcel, sinks: dict[str, RawSink]) -> None:
    for name, sink in sinks.items():
        sink.wait(lambda arrivals: parcel.digest in {item.digest for item in arrivals}, 15)
        came = next(item for item in sink.arrivals if item.digest == parcel.digest)
        assert came.sop_instance == parcel.sop_instance
        assert came.sop_class == parcel.sop_class
        assert came.transfer_syntax == parcel.transfer_syntax
        assert came.size == len(parcel.data)
        assert (came.calling, came.called) == ("ROTEIRO", name.upper())


@pytest.mark.parametrize("what", FILES)
def test_data_set_is_delivered_bit_for_bit(
    what: str, router: RouterProcess, sinks: dict[str, RawSink]
) -> None:
    parcel = parcel_of(bundled(FILES[what]))
    assert send_all(router.port, [parcel]) == [0]
    assert_same(parcel, sinks)


@pytest.mark.parametrize(
    ("sop_class", "uid"), [(PRIVATE_CLASS, "1.2.3.801"), (RETIRED_CLASS, "1.2.3.802")]
)
def test_unusual_sop_class_is_delivered_bit_for_bit(
    sop_class: str, uid: str, router: RouterProcess, sinks: dict[str, RawSink]
) -> None:
    parcel = parcel_of(bundled("MR_small.dcm"))
    data = parcel.data + uid_element(uid)
    parcel = replace(parcel, sop_class=sop_class, sop_instance=uid, data=data)
    assert send_all(router.port, [parcel]) == [0]
    assert_same(parcel, sinks)


def uid_element(uid: str) -> bytes:
    """Give padding (FFFC,FFFC) that makes the data set one of its own."""
    value = uid.encode() + b"\0" * (len(uid) % 2)
    return b"\xfc\xff\xfc\xffOB\0\0" + len(value).to_bytes(4, "little") + value


@pytest.mark.parametrize("fragment", [1, 777, 4_090, 16_378, 131_066])
def test_fragments_of_the_sender_do_not_matter(
    fragment: int, router: RouterProcess, sinks: dict[str, RawSink]
) -> None:
    name = "rtplan.dcm" if fragment == 1 else "CT_small.dcm"
    parcel = parcel_of(bundled(name))
    uid = f"1.2.3.900.{fragment}"
    data = parcel.data + (uid_element(uid) if fragment != 1 else b"")
    parcel = replace(parcel, sop_instance=uid, data=data)
    sender = RawSender(router.port, fragment=fragment)
    sender.open((parcel.sop_class, parcel.transfer_syntax))
    assert sender.store(parcel) == 0
    sender.release()
    assert_same_uid(parcel, sinks)


def assert_same_uid(parcel: Parcel, sinks: dict[str, RawSink]) -> None:
    for sink in sinks.values():
        came = sink.wait_for(parcel)
        assert came.digest == parcel.digest


def test_all_files_over_one_association(router: RouterProcess, sinks: dict[str, RawSink]) -> None:
    parcels = [
        replace(parcel_of(bundled(name)), sop_instance=f"1.2.3.700.{number}")
        for number, name in enumerate(FILES.values())
    ]
    assert set(send_all(router.port, parcels)) == {0}
    for parcel in parcels:
        assert_same_uid(parcel, sinks)
    assert not router.queue("--state", "waiting")["deliveries"]


def test_pdus_fill_what_the_peer_announced(
    router: RouterProcess, sinks: dict[str, RawSink]
) -> None:
    parcel = replace(parcel_of(bundled("waveform_ecg.dcm")), sop_instance="1.2.3.600")
    assert send_all(router.port, [parcel]) == [0]
    lengths = {name: sink.wait_for(parcel).longest_pdu for name, sink in sinks.items()}
    assert lengths["small"] == 4_096
    assert lengths["odd"] == 5_000
    assert lengths["usual"] == 16_384
    assert 16_384 < lengths["large"] <= 131_072
    assert lengths["endless"] > 16_384
