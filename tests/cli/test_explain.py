"""`roteiro explain`: real files through real rules, and everything that is no DICOM file."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread

from roteiro.core.program import Outcome, Read
from roteiro.runtime.rules import Judged, Rules

CT, MR, US = "CT_small.dcm", "MR_small.dcm", "color-px.dcm"


def changed(source: Path, target: Path, **values: object) -> Path:
    """Write a copy of a DICOM file with some elements changed."""
    data = dcmread(source)
    for keyword, value in values.items():
        setattr(data, keyword, value)
    data.save_as(target)
    return target


def test_the_contract_of_an_entry(run, rules: Path, sample, fits) -> None:
    path = sample(CT)
    done = run("explain", "--format", "json", "--calling", "CT1", rules, path)
    assert (done.code, done.err) == (0, "")
    fits(done.json(), "explain")
    (entry,) = done.json()
    assert entry["object"] == str(path)
    assert entry["verdict"] == "route"
    assert entry["sends"] == [
        {
            "to": "pacs",
            "via": [],
            "rule": "clinical.ct",
            "rules": ["clinical.ct", "copies.twice"],
            "urgency": "stat",
            "batch": None,
            "during": None,
            "release": [{"batch": None, "during": None}],
        },
        {
            "to": "vna",
            "via": [],
            "rule": "copies.archive",
            "rules": ["copies.archive"],
            "urgency": "normal",
            "batch": None,
            "during": None,
            "release": [{"batch": None, "during": None}],
        },
    ]
    assert (entry["holds"], entry["nothing"]) == ([], [])
    assert (entry["hold"], entry["refuse"], entry["drop"]) == (None, None, None)
    assert entry["rules"] == ["guard.otherwise", "clinical.ct", "copies.archive", "copies.twice"]
    assert entry["read"]["last_tag"] == "(0028,0010)"
    assert [rule["rule"] for rule in entry["trace"]] == [
        "guard.stranger",
        "guard.silent",
        "guard.nobody",
        "guard.otherwise",
        "clinical.ct",
        "copies.archive",
        "copies.twice",
    ]
    assert entry["trace"][4] == {
        "rule": "clinical.ct",
        "result": True,
        "tests": [
            {"test": 'Modality == "CT"', "state": "valued", "values": ["CT"], "result": True},
            {"test": "Rows >= 16", "state": "valued", "values": ["128"], "result": True},
        ],
    }


def test_trace_all_has_every_rule(run, rules: Path, sample, fits) -> None:
    done = run("explain", "--format", "json", "--trace", "all", rules, sample(CT))
    fits(done.json(), "explain")
    names = [rule["rule"] for rule in done.json()[0]["trace"]]
    assert {"clinical.us", "clinical.sr", "clinical.otherwise"} <= set(names)
    assert len(names) == len(set(names)) == 10


@pytest.mark.parametrize(
    ("words", "verdict", "member"),
    [
        (["--calling", "EVIL"], "refuse", {"status": "0x0124", "reason": "not authorised"}),
        (["--calling", "TEST"], "drop", {"reason": "only a test"}),
        ([], "route", None),
    ],
)
def test_the_guard_decides(  # noqa: PLR0917
    run, rules: Path, sample, fits, words, verdict, member
) -> None:
    done = run("explain", "--format", "json", *words, rules, sample(CT))
    fits(done.json(), "explain")
    (entry,) = done.json()
    assert entry["verdict"] == verdict
    if member:
        assert entry[verdict] == member
        assert (entry["sends"], len(entry["rules"])) == ([], 1)


def test_holds_of_the_guard_and_of_tables(run, rules: Path, sample, fits, tmp_path) -> None:
    blank = changed(sample(CT), tmp_path / "blank.dcm", PatientID="")
    report = changed(sample(CT), tmp_path / "report.dcm", Modality="SR")
    done = run("explain", "--format", "json", rules, blank, report)
    fits(done.json(), "explain")
    first, second = done.json()
    assert first["hold"] == {"queue": "quarantine", "reason": "no Patient ID"}
    assert second["verdict"] == "hold"
    assert second["hold"] is None
    assert second["holds"] == [{"queue": "reports", "reason": "for a person"}]


def test_nothing_is_a_route_without_sends(run, rules: Path, sample, fits, tmp_path) -> None:
    path = changed(sample(CT), tmp_path / "us.dcm", Modality="US")
    (entry,) = run("explain", "--format", "json", rules, path).json()
    assert (entry["verdict"], entry["sends"]) == ("route", [])
    assert entry["nothing"] == ["read on the cart"]


def test_no_rule_is_held_in_unrouted(run, tmp_path: Path, sample, fits) -> None:
    rules = tmp_path / "few.route"
    rules.write_text('language 1\ntable t all { rule r { when Modality == "XX" nothing "x" } }\n')
    done = run("explain", "--format", "json", rules, sample(CT))
    fits(done.json(), "explain")
    assert done.json()[0]["hold"]["queue"] == "unrouted"
    assert done.code == 0


ENVELOPE = """\
language 1
table t all {{ rule r {{ when {condition} nothing "yes" }} otherwise {{ nothing "no" }} }}
"""


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('assoc.calling_ae == "CT1"', ["--calling", "CT1"]),
        ('assoc.called_ae == "ROTEIRO"', ["--called", "ROTEIRO"]),
        ('assoc.peer == "10.0.0.7"', ["--peer", "10.0.0.7"]),
        ('assoc.peer in { "10.0.0.0/24" }', ["--peer", "10.0.0.7"]),
        ("assoc.calling_ae is absent and assoc.called_ae is absent", []),
        ("assoc.peer is absent and assoc.listener is absent", []),
        ("instance.sop_class == CTImageStorage", []),
        ("instance.transfer_syntax == ExplicitVRLittleEndian", []),
        ("instance.sop_instance is valued", []),
        ("instance.size == {size}", []),
    ],
)
def test_the_envelope(run, tmp_path: Path, sample, condition: str, words: list[str]) -> None:
    path = sample(CT)
    meta = 132 + 12 + dcmread(path).file_meta.FileMetaInformationGroupLength
    rules = tmp_path / "envelope.route"
    condition = condition.replace("{size}", str(path.stat().st_size - meta))
    rules.write_text(ENVELOPE.format(condition=condition))
    (entry,) = run("explain", "--format", "json", *words, rules, path).json()
    assert entry["nothing"] == ["yes"]


def test_text_for_people(run, rules: Path, sample) -> None:
    path = sample(CT)
    done = run("explain", rules, path)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == str(path)
    assert "  send to pacs urgency stat by clinical.ct, copies.twice" in lines
    assert "  send to vna by copies.archive" in lines
    assert any("yes" in line and "Rows >= 16" in line and '"128"' in line for line in lines)
    assert any("no" in line and "PatientID is blank" in line for line in lines)
    assert lines[-1].startswith("  read ")
    assert max(map(len, lines[1:])) < 100


def test_text_escapes_what_is_no_character(run, rules: Path, sample, tmp_path: Path) -> None:
    path = changed(sample(CT), tmp_path / "\x1b[31mred.dcm", PatientID="a\x1b]0;title\x07b")
    done = run("explain", rules, path)
    assert "\x1b" not in done.out
    assert "\\x1b" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--calling", "EVIL"], "refuse with 0x0124: not authorised"),
        (["--calling", "TEST"], "drop: only a test"),
    ],
)
def test_text_of_the_guard(run, rules: Path, sample, words, said) -> None:
    assert f"  {said}\n" in run("explain", *words, rules, sample(CT)).out


def test_folders_are_walked_in_name_order(run, rules: Path, sample, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    (folder / "b").mkdir(parents=True)
    for name in ("c.dcm", "b/z.dcm", "b/a.dcm", "a.dcm"):
        shutil.copy(sample(CT), folder / name)
    (folder / "again").symlink_to(folder)
    entries = run("explain", "--format", "json", rules, folder, sample(MR)).json()
    names = [entry["object"] for entry in entries]
    assert names == [
        *(str(folder / name) for name in ("a.dcm", "b/a.dcm", "b/z.dcm", "c.dcm")),
        str(sample(MR)),
    ]


def bad_files(folder: Path, ct: Path) -> dict[str, bytes]:
    """Give files that are no Part 10 files."""
    whole = ct.read_bytes()
    return {
        "empty.dcm": b"",
        "text.dcm": b"this is a letter to the radiologist\n" * 20,
        "noise.dcm": bytes(range(256)) * 8,
        "short.dcm": b"\0" * 100,
        "prefix.dcm": b"\0" * 128 + b"DICM",
        "meta.dcm": whole[:200],
        "bare.dcm": whole[132:],
    }


def test_what_is_no_dicom_file_is_one_line_each(run, rules: Path, sample, fits, tmp_path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    bad = bad_files(folder, sample(CT))
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    shutil.copy(sample(CT), folder / "zz_good.dcm")
    done = run("explain", "--format", "json", rules, folder)
    fits(done.json(), "explain")
    assert (done.code, done.err) == (1, "")
    failed = {Path(entry["object"]).name for entry in done.json() if "error" in entry}
    assert failed == set(bad)
    assert len(done.json()) == len(bad) + 1
    text = run("explain", rules, folder)
    assert text.code == 1
    assert len(text.err.splitlines()) == len(bad)
    assert "zz_good.dcm" in text.out
    assert "Traceback" not in text.err


def test_a_truncated_file_is_held_or_decided(run, rules: Path, sample, fits, tmp_path) -> None:
    whole = sample(CT).read_bytes()
    cut, late = tmp_path / "cut.dcm", tmp_path / "late.dcm"
    cut.write_bytes(whole[:600])
    late.write_bytes(whole[:-100])
    done = run("explain", "--format", "json", rules, cut, late)
    fits(done.json(), "explain")
    assert done.code == 0
    first, second = done.json()
    assert first["hold"]["queue"] == "unreadable"
    assert first["rules"] == []
    assert second["verdict"] == "route"
    assert "hold in unreadable: " in run("explain", rules, cut).out


def test_every_cut_of_a_file_has_an_answer(run, rules: Path, sample, fits, tmp_path) -> None:
    whole = sample(CT).read_bytes()
    folder = tmp_path / "cuts"
    folder.mkdir()
    for at in range(0, 2000, 37):
        (folder / f"{at:04}.dcm").write_bytes(whole[:at])
    done = run("explain", "--format", "json", rules, folder)
    fits(done.json(), "explain")
    assert done.code == 1
    assert len(done.json()) == len(range(0, 2000, 37))


def test_every_file_of_pydicom(run, rules: Path, sample, fits) -> None:
    folder = sample(CT).parent
    done = run("explain", "--format", "json", "--trace", "all", rules, folder)
    fits(done.json(), "explain")
    entries = {Path(entry["object"]).name: entry for entry in done.json()}
    assert done.code == 1  # some are no DICOM files
    cut = [line.partition("`")[2].partition("`")[0] for line in done.err.splitlines()]
    assert [Path(name).name for name in cut] == ["MR_truncated.dcm", "rtplan_truncated.dcm"]
    assert entries["image_dfl.dcm"]["hold"]["queue"] == "quarantine"
    for kind in ("expb", "bigendian", "implicit", "jp2klossless", "RLE"):
        assert entries[f"MR_small_{kind}.dcm"]["sends"] == entries["MR_small.dcm"]["sends"] != []
    assert "error" in entries["rtstruct.dcm"]
    assert entries["README.txt"]["error"]


def test_an_unknown_transfer_syntax_is_no_guess(run, rules: Path, sample, fits, tmp_path) -> None:
    path = tmp_path / "private.dcm"
    known = b"1.2.840.10008.1.2.1\0"
    content = sample(CT).read_bytes()
    assert content.count(known) == 1
    path.write_bytes(content.replace(known, b"1.2.840.113619.5.2\0\0"))
    done = run("explain", "--format", "json", rules, path)
    fits(done.json(), "explain")
    assert done.code == 1
    assert "1.2.840.113619.5.2" in done.json()[0]["error"]


def test_a_missing_object_is_one_line_and_the_others_are_explained(run, rules, sample) -> None:
    done = run("explain", "--format", "json", rules, "nowhere.dcm", sample(CT))
    assert done.code == 2
    assert done.err == "roteiro: there is no `nowhere.dcm`\n"
    assert len(done.json()) == 1


def test_a_folder_without_files(run, rules: Path, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    done = run("explain", rules, tmp_path / "a")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"roteiro: there is no file in `{tmp_path / 'a'}`\n"


def test_a_name_that_no_file_can_have(run, rules: Path) -> None:
    done = run("explain", rules, "x" * 300)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1


def test_a_reader_that_goes_away(rules: Path, sample) -> None:
    command = [sys.executable, "-m", "roteiro", "explain", rules, sample(CT).parent]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read().decode()
    assert "ipe" not in said
    assert "Traceback" not in said


def test_missing_rules(run, sample, tmp_path: Path) -> None:
    done = run("explain", tmp_path / "none.route", sample(CT))
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1


def test_rules_with_errors_are_shown_on_stderr(run, sample, tmp_path: Path) -> None:
    path = tmp_path / "wrong.route"
    path.write_text('language 1\ntable t all { rule r { when Modalty == "CT" nothing "x" } }\n')
    done = run("explain", "--format", "json", path, sample(CT))
    assert done.code == 1
    assert list(done.json()) == ["error"]
    assert "RT101" in done.err
    assert "cannot be used" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--why-not", "copies.archiv"], "did you mean `copies.archive`"),
        (["--why-not", "nothing.like.it"], "no rule is named `nothing.like.it`"),
        (["--peer", "ct1.example.org"], "`ct1.example.org` is no IP address"),
        (["--at", "yesterday"], "`yesterday` is no instant"),
        (["--at", "2026-01-31T10:00:00"], "is no instant"),
        (["--at", "2026-02-31T10:00:00Z"], "is no instant"),
        (["--at", "0001-01-01T00:00:00+14:00"], "is no instant"),
        (["--trace", "some"], "--trace"),
        (["--format", "xml"], "--format"),
        (["--colour"], "--colour"),
    ],
)
def test_wrong_usage(run, rules: Path, sample, words: list[str], said: str) -> None:
    done = run("explain", *words, rules, sample(CT))
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_instants_are_taken(run, rules: Path, sample) -> None:
    for at in ("2026-01-31T10:00:00+00:00", "2026-01-31T10:00:00.5Z", "2026-01-31t10:00:00z"):
        assert run("explain", "--at", at, rules, sample(CT)).code == 0


def test_no_object_is_wrong_usage(run, rules: Path) -> None:
    assert run("explain", rules).code == 2


def test_a_difference_is_our_fault(
    run, rules: Path, sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Rules.judge

    def wrong(self: Rules, subject: object) -> Judged:
        judged = judge(self, subject)  # type: ignore[arg-type]
        lost = replace(judged.outcome.decision, sends=())
        return Judged(Outcome(lost, Read()), judged.trace)

    monkeypatch.setattr(Rules, "judge", wrong)
    done = run("explain", "--format", "json", rules, sample(CT))
    assert done.code == 3
    assert len(done.json()[0]["sends"]) == 2
    assert str(sample(CT)) in done.err
    assert "sha256:" in done.err
    assert '"sends": []' in done.err
    assert done.err.count("\n") == 1


def test_help_says_that_nothing_is_hidden(run) -> None:
    done = run("explain", "--help")
    assert "Example: roteiro explain" in done.out
    assert "--redact hides those" in " ".join(done.out.split())


def test_as_a_process(process, rules: Path, sample: Callable[[str], Path]) -> None:
    done = process("explain", rules, sample(CT), "--calling", "CT1")
    assert (done.code, done.err) == (0, "")
    assert "send to vna" in done.out
    assert process("explain", rules, "gone.dcm").code == 2


def test_a_file_meta_without_a_data_set(run, rules: Path, sample, fits, tmp_path: Path) -> None:
    path = tmp_path / "meta_only.dcm"
    content = sample(CT).read_bytes()
    path.write_bytes(content[: 132 + 12 + dcmread(sample(CT)).file_meta[0x00020000].value])
    done = run("explain", "--format", "json", rules, path)
    fits(done.json(), "explain")
    assert done.json()[0]["hold"] == {"queue": "quarantine", "reason": "no Patient ID"}
    assert done.json()[0]["read"] == {"tags": 0, "last_tag": None, "bytes": 0}


def test_rules_and_objects_the_wrong_way_round(run, sample, tmp_path: Path) -> None:
    rules = tmp_path / "site.route"
    rules.write_text("language 1\ntable t all { rule r { hold all } }\n")
    done = run("explain", sample(CT), rules)
    assert done.code == 1
    assert "rules come first" in done.err
    assert "\\x" not in done.err


LISTENING = """language 1
listener main { port = 11112 }
node ct { ae = "CT1" host = "10.0.0.1" may = { store, echo } }
node mr { ae = "MR1" host = "10.0.0.2" may = { echo } }
table t all { rule mr { when Modality == "MR" hold mr } rule us { when Modality == "US" hold mr } }
"""


@pytest.mark.parametrize(("calling", "rejected"), [("CT1", False), ("MR1", True), ("CT9", True)])
def test_a_caller_that_would_be_turned_away_is_said(
    run, sample, tmp_path: Path, calling: str, *, rejected: bool
) -> None:
    rules = tmp_path / "site.route"
    rules.write_text(LISTENING)
    done = run("explain", rules, sample(CT), "--calling", calling)
    assert done.code == 0
    assert ("would reject it" in done.err) is rejected
    assert 'no   Modality == "MR"  valued "CT"' in done.out  # why not, where no rule fired


def test_why_not_names_the_fewest_changes(run, rules: Path, sample, fits) -> None:
    done = run("explain", "--format", "json", "--why-not", "clinical.us", rules, sample(CT))
    fits(done.json(), "explain")
    (entry,) = done.json()
    assert entry["why_not"] == {
        "rule": "clinical.us",
        "fires": False,
        "winner": "clinical.ct",
        "change": [
            {"test": 'Modality == "CT"', "needed": False},
            {"test": 'Modality == "US"', "needed": True},
        ],
    }
    assert "clinical.us" in [step["rule"] for step in entry["trace"]]
    told = run("explain", "--why-not", "clinical.us", rules, sample(CT)).out
    assert '`Modality == "US"` were true' in told


def test_redacted_entries_tell_nothing_of_the_patient(run, rules: Path, sample, fits) -> None:
    done = run("explain", "--format", "json", "--trace", "all", "--redact", rules, sample(CT))
    fits(done.json(), "explain")
    assert "1CT1" not in done.out  # its Patient ID
    assert str(sample(CT)) not in done.out
    assert '"CT"' in done.out


CHAIN = """language 1
node vna { ae = "VNA" host = "127.0.0.1" port = 11114 }
transform study { set StudyID = "LUNG-7" remove InstitutionName }
table t all {
  rule r { when Modality == "CT" send to vna via study batch by study after 5m within 1h late all
           notify desk "one came" }
}
"""


def test_what_chains_change_and_how_deliveries_start(run, tmp_path, sample, fits) -> None:
    path = tmp_path / "chain.route"
    path.write_text(CHAIN)
    done = run("explain", "--format", "json", path, sample(CT))
    fits(done.json(), "explain")
    (entry,) = done.json()
    (send,) = entry["sends"]
    assert send["batch"] == {"by": "study", "after_s": 300, "within_s": 3600, "late": "all"}
    assert '"after_s": 300,' in done.out
    assert send["release"] == [{"batch": send["batch"], "during": None}]
    changes = {each["keyword"]: each["after"] for each in send["result"]["changes"]}
    assert changes == {"StudyID": "LUNG-7", "InstitutionName": None}
    assert entry["notify"] == [{"channel": "desk", "message": "one came"}]
    told = run("explain", path, sample(CT)).out
    assert "InstitutionName: JFK IMAGING CENTER -> absent" in told
    how = "study by study, 5 min after the last image, at the latest 1 h after the first"
    assert f"by t.r: {how}; a late one takes the whole batch along again\n" in told
    assert "JFK" not in run("explain", "--redact", path, sample(CT)).out


def test_a_profile_of_the_standard_is_not_computed(run, tmp_path, sample, fits) -> None:
    path = tmp_path / "chain.route"
    path.write_text(
        CHAIN.replace("transform study {", "profile study extends dicom.basic_2024 {").replace(
            'set StudyID = "LUNG-7"', 'replace StudyID with "LUNG-7"'
        )
    )
    done = run("explain", "--format", "json", path, sample(CT))
    fits(done.json(), "explain")
    result = done.json()[0]["sends"][0]["result"]
    assert (result["computed"], result["changes"]) == (False, [])
    assert "dicom.basic_2024" in result["reason"]


def test_a_chain_that_cannot_be_carried_out(run, tmp_path, sample, fits) -> None:
    path = tmp_path / "chain.route"
    path.write_text(CHAIN.replace('"LUNG-7"', 'PatientID + "0123456789012345"'))
    done = run("explain", "--format", "json", path, sample(CT))
    fits(done.json(), "explain")
    result = done.json()[0]["sends"][0]["result"]
    assert (result["computed"], result["changes"]) == (False, [])
    assert result["reason"].startswith("held in `transform_failed`: the new value of `StudyID`")


LOOKED_UP = """language 1
node vna { ae = "VNA" host = "127.0.0.1" port = 11114 }
lookup names = file "names.csv" key PatientID value Name
transform who { set StudyID = lookup(@names, PatientID) }
table t all { rule r { send to vna via who } }
"""


def test_a_value_without_a_row_is_told_but_not_shared(run, tmp_path, sample) -> None:
    path = tmp_path / "chain.route"
    path.write_text(LOOKED_UP)
    (tmp_path / "names.csv").write_text("PatientID,Name\n1,A\n")
    assert "`names` has no row for `1CT1`" in run("explain", path, sample(CT)).out
    for words in (("--redact",), ("--redact", "--format", "json")):
        shared = run("explain", *words, path, sample(CT)).out
        assert "`names` has no row for `[redacted]`" in shared
        assert "1CT1" not in shared


@pytest.mark.parametrize(
    ("batch", "told"),
    [
        ("batch by study after 90s", "by t.r: study by study, 90 s after the last image"),
        (
            "batch by series after 2m late hold",
            "by t.r: series by series, 2 min after the last image; late ones are held",
        ),
        (
            "during night batch by study after 90m",
            "by t.r: while `night` is open, study by study, 90 min after the last image",
        ),
        (
            "during night send to vna batch by study after 1h",
            "by t.r: while `night` is open; or study by study, 1 h after the last image",
        ),
        ("during night send to vna", "by t.r"),
    ],
)
def test_how_a_delivery_starts_is_said_as_people_say_it(
    run, tmp_path, sample, batch: str, told: str
) -> None:
    path = tmp_path / "how.route"
    path.write_text(
        'language 1\ntimezone "Europe/Lisbon"\nschedule night = 19:00..07:00\n'
        'node vna { ae = "VNA" host = "127.0.0.1" port = 11114 }\n'
        f"table t all {{ rule r {{ send to vna {batch} }} }}\n"
    )
    done = run("explain", path, sample(CT)).out
    assert done.splitlines()[1] == f"  send to vna {told}"


def test_how_a_delivery_starts_in_portuguese(run, tmp_path, sample) -> None:
    path = tmp_path / "chain.route"
    path.write_text(CHAIN.replace("after 5m within 1h late all", "after 2m late hold"))
    told = run("--lang", "pt", "explain", path, sample(CT)).out
    assert "por estudo, 2 min depois da última imagem; as atrasadas ficam retidas" in told


def test_why_nothing_fired_comes_in_the_readers_language(run, tmp_path, sample) -> None:
    path = tmp_path / "none.route"
    path.write_text(CHAIN.replace('"CT"', '"MR"'))
    assert "hold in unrouted: no rule matched" in run("explain", path, sample(CT)).out
    told = run("--lang", "pt", "explain", path, sample(CT)).out
    assert "nenhuma regra se aplicou" in told
    assert "no rule matched" not in told
