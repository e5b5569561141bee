"""`serve` refuses in one clear line, and exits with the code of cli.md."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.routers import Ran, Routers, header, roteiro
from tests.ports import free_port

NAMED = "schedule night = always\ntransform clean { remove InstitutionName }\n"
ROUTING = "table routing first { otherwise { send to pacs } }\n"


def serve(folder: Path, rules: str, *options: str) -> Ran:
    file = folder / "site.route"
    file.write_text(rules.replace("{port}", str(free_port())), encoding="utf-8")
    return roteiro("serve", file.name, *options, cwd=folder)


def assert_refused(ran: Ran, *words: str) -> None:
    assert ran.code == 1, ran.err
    assert not ran.out
    for word in words:
        assert word in ran.err


def test_rules_without_a_listener(tmp_path: Path) -> None:
    rules = "\n".join(line for line in header(pacs=1).splitlines() if "listener" not in line)
    ran = serve(tmp_path, rules + "\n" + ROUTING)
    assert_refused(ran, "listener", "site.route")
    assert ran.err.count("\n") == 1


def test_port_in_use(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        file = tmp_path / "site.route"
        file.write_text((header(pacs=1) + ROUTING).replace("{port}", str(port)), encoding="utf-8")
        ran = roteiro("serve", file.name, cwd=tmp_path)
    assert_refused(ran, "main", f"127.0.0.1:{port}", "address already in use")
    assert len([line for line in ran.err.splitlines() if line.startswith("roteiro:")]) == 1


def test_errors_in_the_rules(tmp_path: Path) -> None:
    rules = header(pacs=1) + "table routing first { otherwise { send to nobody } }\n"
    ran = serve(tmp_path, rules)
    assert_refused(ran, "nobody", "site.route:6", "error[RT")
    assert not (tmp_path / "spool").exists(), "nothing was begun"


def test_all_errors_in_one_run(tmp_path: Path) -> None:
    rules = header(pacs=1)
    rules += 'set a = { "x" \ncondition b = Modality = "CT"\nnode { }\n'
    rules += 'table c first { rule d { when Modalty == "CT" send to nowhere } }\n'
    ran = serve(tmp_path, rules)
    assert_refused(ran)
    assert ran.err.count("error[RT") >= 4, ran.err


@pytest.mark.parametrize(
    ("was", "now", "what"),
    [
        (
            "port = {port}",
            'port = {port}  tls = required  certificate = "c.pem"  key = secret("file:k")',
            "tls",
        ),
        ("retry = backoff 1s..2s", "accept_syntax = { ExplicitVRLittleEndian }", "accept_syntax"),
        ("retry = backoff 1s..2s", "deliver = cut_through", "deliver"),
        ("send to pacs", "send to pacs batch by study after 5m late all", "late"),
        ("send to pacs", 'send to pacs notify ops "x"', "notify"),
        ("send to pacs", "send to pacs via clean", "via"),
        ("table routing", "pool all = balance PatientID over (pacs)\ntable routing", "balance"),
    ],
)
def test_what_this_version_does_not_carry_out(
    was: str, now: str, what: str, tmp_path: Path
) -> None:
    rules = (header(pacs=1) + ROUTING).replace(was, now, 1)
    assert now in rules
    ran = serve(tmp_path, rules + NAMED)
    assert_refused(ran, "site.route:", what)
    assert "this version" in ran.err


def test_what_leaves_the_house_is_not_served_yet(tmp_path: Path) -> None:
    rules = header(pacs=1).replace("retry = backoff 1s..2s", "external = yes", 1)
    rules += "profile shield { remove PatientName }\n"
    ran = serve(tmp_path, rules + "table routing first { otherwise { send to pacs via shield } }\n")
    assert_refused(ran, "external", "via", "this version")


def test_a_file_that_is_used_and_missing(tmp_path: Path) -> None:
    ran = serve(tmp_path, header(pacs=1) + ROUTING + 'use "other.route"\n')
    assert_refused(ran, "RT131", "other.route")


def test_second_router_on_the_same_spool(routers: Routers, tmp_path: Path) -> None:
    first = routers(header(pacs=1) + ROUTING).start()
    ran = serve(tmp_path, header(pacs=1) + ROUTING, "--spool", str(first.spool))
    assert_refused(ran, "another router", str(first.spool))
    assert len([line for line in ran.err.splitlines() if line.startswith("roteiro:")]) == 1
    assert first.status()["router"], "the first one is not disturbed"
    first.kill()
    assert first.start().running, "what a killed router held is free"


def test_engine_that_was_not_built(tmp_path: Path) -> None:
    """The pure-Python twin is for tests: a router decides by the compiled engine or not at all."""
    file = tmp_path / "site.route"
    rules = (header(pacs=1) + ROUTING).replace("{port}", str(free_port()))
    file.write_text(rules, encoding="utf-8")
    program = (
        "import sys; sys.modules['roteiro.core.matcher'] = None\n"
        "from roteiro.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "serve", file.name],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert_refused(Ran(done.returncode, done.stdout, done.stderr), "engine", "build_ext")
    assert done.stderr.count("\n") == 1


def test_missing_rule_file(tmp_path: Path) -> None:
    ran = roteiro("serve", "nowhere.route", cwd=tmp_path)
    assert ran.code == 2
    assert ran.err == "roteiro: there is no `nowhere.route`\n"


@pytest.mark.parametrize("what", ["folder", "bytes"])
def test_rule_file_that_is_none(what: str, tmp_path: Path) -> None:
    path = tmp_path / "x.route"
    if what == "folder":
        path.mkdir()
    else:
        path.write_bytes(bytes(range(256)))
    ran = roteiro("serve", path.name, cwd=tmp_path)
    assert ran.code in {1, 2}
    assert "x.route" in ran.err


@pytest.mark.parametrize(
    "options",
    [
        ("--http", "127.0.0.1:8104"),
        ("--workers", "2"),
        ("--durability", "none"),
        ("--config", "x.toml"),
    ],
)
def test_option_that_this_version_does_not_carry_out(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    ran = serve(tmp_path, header(pacs=1) + ROUTING, *options)
    assert ran.code == 2
    assert options[0] in ran.err
    assert "not in this version" in ran.err


def test_spool_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    ran = serve(tmp_path, header(pacs=1) + ROUTING, "--spool", "file/spool")
    assert_refused(ran, "file/spool")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command", [["status"], ["queue", "list"]])
def test_question_without_a_router(command: list[str], tmp_path: Path) -> None:
    ran = roteiro(*command, cwd=tmp_path)
    assert ran.code == 1
    assert not ran.out
    assert "no router answers on the spool `spool`" in ran.err
    assert ran.err.count("\n") == 1


def test_question_after_a_kill(routers: Routers) -> None:
    router = routers(header(pacs=1) + ROUTING).start()
    router.kill()
    ran = roteiro("status", "--spool", router.spool)
    assert ran.code == 1
    assert "no router answers" in ran.err
