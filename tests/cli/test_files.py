"""Programs of several files on disk: what is read from where, and what the commands say of it."""

import os
from pathlib import Path

import pytest

from roteiro.runtime.rules import compile_file
from roteiro.runtime.sources import examine_file

NODES = 'language 1\nnode pacs { ae = "P" host = "127.0.0.1" port = 104 }\n'
SITE = (
    'language 1\nuse "shared/nodes.route"\n'
    'set peers : AE = file "lists/peers.txt"\n'
    "table t all { rule known { when assoc.calling_ae in @peers send to pacs } }\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give the first file of a program of three."""
    for name in ("shared", "lists"):
        (tmp_path / name).mkdir()
    (tmp_path / "shared" / "nodes.route").write_text(NODES)
    (tmp_path / "lists" / "peers.txt").write_text("CT1\nCT2\n")
    path = tmp_path / "site.route"
    path.write_text(SITE)
    return path


def test_paths_are_relative_to_the_file_that_says_them(site: Path, monkeypatch) -> None:
    found = examine_file(site)
    assert [one.code for one in found.findings if one.level.name == "ERROR"] == []
    monkeypatch.chdir("/")
    assert examine_file(site).typed.rule_set == found.typed.rule_set


def test_a_change_of_any_file_is_another_rule_set(site: Path) -> None:
    before = compile_file(site).rule_set
    peers = site.parent / "lists" / "peers.txt"
    peers.write_text("CT1\n")
    after = compile_file(site).rule_set
    assert before != after
    (site.parent / "shared" / "nodes.route").write_text(NODES + "# changed\n")
    assert compile_file(site).rule_set != after


def test_rules_of_several_files_decide(site: Path) -> None:
    rules = compile_file(site)
    assert [send.to for send in rules.decide(b"", calling_ae="CT2").sends] == ["pacs"]
    assert rules.decide(b"", calling_ae="CT3").verdict == "hold"


def test_a_link_to_the_same_file_is_the_same_file(site: Path) -> None:
    (site.parent / "other.route").symlink_to(site.parent / "shared" / "nodes.route")
    site.write_text(SITE.replace('use "shared', 'use "other.route"\nuse "shared'))
    found = examine_file(site)
    assert [one.code for one in found.findings if one.level.name == "ERROR"] == []
    assert len(found.typed.sources) == 2


def test_a_file_that_leads_back_to_itself_by_a_link(site: Path) -> None:
    (site.parent / "loop.route").symlink_to(site)
    site.write_text('language 1\nuse "loop.route"\n')
    assert [one.code for one in examine_file(site).findings] == ["RT132"]


def test_a_link_that_leads_to_itself(site: Path) -> None:
    (site.parent / "loop.route").symlink_to("loop.route")
    site.write_text('language 1\nuse "loop.route"\n')
    (found,) = examine_file(site).findings
    assert found.code == "RT131"


def test_findings_in_a_used_file_are_shown_there(run, site: Path) -> None:
    nodes = site.parent / "shared" / "nodes.route"
    nodes.write_text(NODES + "listener l { port = 70000 }\n")
    done = run("check", site)
    assert done.code == 1
    assert f"{nodes}:3:21" in done.out
    # what two files have in common is one finding
    both = run("check", nodes, site)
    assert both.out.count("RT108") == 1


def test_a_missing_file_is_shown_where_it_is_named(run, site: Path) -> None:
    (site.parent / "lists" / "peers.txt").unlink()
    done = run("check", "--format", "json", site)
    assert done.code == 1
    (found,) = [one for one in done.json()["findings"] if one["level"] == "error"]
    assert (found["code"], found["name"], found["file"]) == (
        *("RT130", "file-set-missing", str(site)),
    )
    assert found["span"]["start"] == {"line": 3, "column": 23}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(run, site: Path) -> None:
    (site.parent / "lists" / "peers.txt").chmod(0)
    assert "permission denied" in run("check", site).out


def test_a_folder_is_no_file(run, site: Path) -> None:
    site.write_text(SITE.replace("lists/peers.txt", "lists"))
    done = run("check", site)
    assert done.code == 1
    assert "the file `lists` cannot be read: it is a folder" in done.out


def test_serve_names_the_file_of_what_it_refuses(run, site: Path, tmp_path: Path) -> None:
    nodes = site.parent / "shared" / "nodes.route"
    nodes.write_text(
        NODES + "pool both = balance PatientID over (pacs)\nlistener l { port = 104 }\n"
    )
    done = run("serve", site, "--spool", tmp_path / "spool")
    assert done.code == 1
    assert f"{nodes}:3:1: " in done.err
    assert "this version balances by `StudyInstanceUID`" in done.err


PLACES = {"folder": "`{}` is a folder", "none": "there is no `{}`", "file/in": "there is no `{}`"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "words",
    ["check {}", "test {}", "test {rules} --rows {}", "explain {} Modality=CT", "serve {}"],
)
def test_what_is_no_file_is_said_alike(
    run, rules: Path, tmp_path: Path, place: str, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    path = tmp_path / place
    done = run(*words.format(path, rules=rules).split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("roteiro: " + PLACES[place].format(path))
    assert done.err.count("\n") == 1
