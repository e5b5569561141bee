"""`send` and `echo` against real peers, dead ports and files that are none."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.bundled import bundled
from tests.e2e.peers import storescp
from tests.e2e.raw import RawSink, Reply
from tests.e2e.routers import roteiro
from tests.e2e.wire import file_of, made_up, parcel_of
from tests.ports import free_port

FILES = ("CT_small.dcm", "MR_small_RLE.dcm", "reportsi.dcm", "JPEG2000.dcm")


def one_line(text: str) -> str:
    assert text.count("\n") == 1, text
    return text


# --- echo ----------------------------------------------------------------------------------------


@pytest.mark.peer("dcmtk")
def test_echo_to_dcmtk(tmp_path: Path) -> None:
    with storescp(tmp_path) as port:
        ran = roteiro("echo", f"STORESCP@127.0.0.1:{port}")
    assert (ran.code, ran.err) == (0, "")
    assert "STORESCP" in ran.out


def test_echo_to_a_dead_port() -> None:
    port = free_port()
    ran = roteiro("echo", f"PACS@127.0.0.1:{port}")
    assert ran.code == 1
    assert not ran.out
    assert f"127.0.0.1:{port}" in one_line(ran.err)


def test_echo_to_whom_refuses_the_context() -> None:
    with RawSink(choose=lambda abstract, syntaxes: "") as sink:
        ran = roteiro("echo", f"PACS@127.0.0.1:{sink.port}")
    assert ran.code == 1
    assert one_line(ran.err)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "PACS",
        "PACS@",
        "PACS@host",
        "PACS@host:0",
        "A@b:99999",
        "@host:104",
        "SEVENTEENLETTERSX@host:104",
    ],
)
@pytest.mark.parametrize("command", ["echo", "send"])
def test_place_that_is_none(command: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "a.dcm"
    file.write_bytes(b"")
    words = ["echo", target] if command == "echo" else ["send", file, "--to", target]
    ran = roteiro(*words)
    assert ran.code == 2
    assert "AE@HOST:PORT" in ran.err


# --- send ----------------------------------------------------------------------------------------


@pytest.mark.peer("dcmtk")
def test_send_to_dcmtk(tmp_path: Path) -> None:
    with storescp(tmp_path) as port:
        ran = roteiro("send", *map(bundled, FILES), "--to", f"STORESCP@127.0.0.1:{port}")
    assert (ran.code, ran.err) == (0, "")
    assert "4 of 4 files" in one_line(ran.out)
    came = {parcel.sop_instance: parcel for parcel in map(parcel_of, tmp_path.iterdir())}
    for sent in (parcel_of(bundled(name)) for name in FILES):
        assert came[sent.sop_instance].digest == sent.digest
        assert came[sent.sop_instance].transfer_syntax == sent.transfer_syntax


def test_send_keeps_the_bytes_and_says_so_in_json(tmp_path: Path) -> None:
    with RawSink() as sink:
        ran = roteiro(
            "send",
            *map(bundled, FILES),
            "--to",
            f"PACS@127.0.0.1:{sink.port}",
            "--format",
            "json",
            "--repeat",
            3,
            "--associations",
            2,
            "--calling",
            "CT1",
        )
        assert ran.code == 0
        document = ran.json()
        assert document["sent"] == 3 * len(FILES)
        assert {entry["status"] for entry in document["files"]} == {"0x0000"}
        digests = sorted(arrival.digest for arrival in sink.arrivals)
        assert digests == sorted(3 * [parcel_of(bundled(name)).digest for name in FILES])
        assert {arrival.calling for arrival in sink.arrivals} == {"CT1"}


def test_send_to_a_dead_port(tmp_path: Path) -> None:
    port = free_port()
    ran = roteiro("send", bundled("CT_small.dcm"), "--to", f"PACS@127.0.0.1:{port}")
    assert ran.code == 1
    assert f"127.0.0.1:{port}" in one_line(ran.err)


def test_send_of_what_is_refused() -> None:
    with RawSink(script=lambda arrival: Reply(0xA700)) as sink:
        ran = roteiro("send", bundled("CT_small.dcm"), "--to", f"PACS@127.0.0.1:{sink.port}")
    assert ran.code == 1
    assert "0xA700" in one_line(ran.err)


def test_warning_counts_as_sent() -> None:
    with RawSink(script=lambda arrival: Reply(0xB000)) as sink:
        ran = roteiro("send", bundled("CT_small.dcm"), "--to", f"PACS@127.0.0.1:{sink.port}")
    assert (ran.code, ran.err) == (0, "")


def test_peer_that_accepts_no_context() -> None:
    with RawSink(choose=lambda abstract, syntaxes: "") as sink:
        ran = roteiro("send", bundled("CT_small.dcm"), "--to", f"PACS@127.0.0.1:{sink.port}")
    assert ran.code == 1
    assert one_line(ran.err)


BAD = {
    "text": (b"this is a text and no image at all\n" * 20, "text"),
    "empty": (b"", "empty"),
    "cut within the preamble": (bytes(100), "it ends within"),
    "cut within the file meta": (file_of(made_up("1.2.3"))[:180], "file meta"),
    "random": (bytes(range(256)) * 8, "no DICOM file"),
}


@pytest.mark.parametrize("what", BAD)
def test_file_that_is_no_dicom_gets_one_clear_line(what: str, tmp_path: Path) -> None:
    raw, word = BAD[what]
    path = tmp_path / "bad.dcm"
    path.write_bytes(raw)
    with RawSink() as sink:
        ran = roteiro("send", path, "--to", f"PACS@127.0.0.1:{sink.port}")
        assert not sink.arrivals
    assert ran.code == 1
    assert "bad.dcm" in one_line(ran.err)
    assert word in ran.err


def test_bad_files_do_not_keep_the_good_ones_back(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(b"")
    (tmp_path / "b.dcm").write_bytes(file_of(made_up("1.2.3.4")))
    (tmp_path / "c.txt").write_text("words, words, words\n", encoding="utf-8")
    with RawSink() as sink:
        ran = roteiro("send", tmp_path, "--to", f"PACS@127.0.0.1:{sink.port}")
        assert [arrival.sop_instance for arrival in sink.arrivals] == ["1.2.3.4"]
    assert ran.code == 1
    assert ran.err.count("\n") == 2


def test_file_that_is_cut_short_gets_one_clear_line(tmp_path: Path) -> None:
    whole = made_up("1.2.3.5", filling=bytes(10_000))
    cut = replace(whole, data=whole.data[:-5_001])
    (tmp_path / "cut.dcm").write_bytes(file_of(cut))
    with RawSink() as sink:
        ran = roteiro("send", tmp_path / "cut.dcm", "--to", f"PACS@127.0.0.1:{sink.port}")
        assert not sink.arrivals
    assert ran.code == 1
    assert "cut short" in one_line(ran.err)


def test_missing_file(tmp_path: Path) -> None:
    ran = roteiro("send", tmp_path / "nowhere.dcm", "--to", "PACS@127.0.0.1:11112")
    assert ran.code == 2
    assert "nowhere.dcm" in one_line(ran.err)
