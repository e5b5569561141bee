"""`roteiro compile`: one file to run by, what it takes, and what it says when it cannot be."""

import json

import pytest

from roteiro.core import EngineMissingError
from roteiro.lang.messages import LANGUAGES
from roteiro.lang.messages import text as words
from roteiro.runtime.artefacts import taken
from roteiro.runtime.cli import compile as command_module
from roteiro.runtime.stats import stats_of

WIDE = " and ".join(f"(Rows > {n} or Columns > {n})" for n in range(1, 8))
COSTLY = f"""language 1
node pacs {{ ae = "PACS" host = "127.0.0.1" port = 11113 }}
table t all {{
  rule wide {{ when {WIDE} send to pacs }}
  rule pattern {{ when StudyDescription matches /.*(a|b)[a-z ]{{14}}/ send to pacs }}
  rule items {{ when any RequestAttributesSequence has (ScheduledProcedureStepID == "7")
    send to pacs }}
  rule private {{ when (0041,"ACME",0C) == 1 send to pacs }}
}}
"""


@pytest.fixture
def rules(rules):
    return rules.rename(rules.with_name("site.route"))


def test_a_file_is_written(run, rules, tmp_path):
    output = tmp_path / "site.compiled"
    ran = run("compile", rules, "-o", output)
    assert ran.code == 0, ran.err
    artefact = taken(output.read_bytes())
    assert list(artefact.numbering.names)[:4] == [
        *("guard.stranger", "guard.silent", "guard.nobody", "guard.otherwise")
    ]
    assert ran.out == (
        f"{rules}: rules compiled into {output}, {len(artefact.data)} bytes, "
        f"{artefact.notes.rule_set}\n"
    )
    assert sorted(each.name for each in tmp_path.iterdir()) == ["site.compiled", "site.route"]


def test_compiling_twice_gives_the_same_bytes(run, rules, tmp_path):
    outputs = [tmp_path / name for name in ("one", "two")]
    for output in outputs:
        assert run("compile", rules, "-o", output).code == 0
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_without_an_output_nothing_is_written(run, rules, tmp_path):
    assert run("compile", rules).code == 0
    assert [each.name for each in tmp_path.iterdir()] == ["site.route"]


def test_an_error_leaves_the_old_file(run, rules, tmp_path):
    output = tmp_path / "site.compiled"
    output.write_bytes(b"old")
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("Modality", "Modalityy", 1), encoding="utf-8")
    ran = run("compile", rules, "-o", output)
    assert (ran.code, ran.out) == (1, "")
    assert "RT101" in ran.err
    assert output.read_bytes() == b"old"


def test_warnings_are_shown_as_check_shows_them(run, rules, tmp_path):
    checked, ran = run("check", rules), run("compile", rules)
    assert (checked.code, ran.code) == (0, 0)
    assert "RT510" in ran.err
    assert checked.out.startswith(ran.err)


def test_a_missing_file_is_wrong_usage(run, tmp_path):
    ran = run("compile", tmp_path / "none.route", "-o", tmp_path / "x")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert run("compile", tmp_path).code == 2


@pytest.mark.parametrize("where", ["", "missing/site.compiled"])
def test_what_cannot_be_written_is_one_line(run, rules, tmp_path, where):
    ran = run("compile", rules, "-o", tmp_path / where)
    assert ran.code == 1
    assert ran.err.splitlines()[-1].startswith(f"roteiro: `{tmp_path / where}` cannot be written")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["site.route", "nodes.route", "list.txt", "link", "./site.route"])
def test_rules_are_not_written_over(run, rules, tmp_path, which, language):
    text = rules.read_text(encoding="utf-8")
    head, _, rest = text.partition("\n")
    use = 'use "nodes.route"\nset listed : AE = file "list.txt"'
    rules.write_text(f"{head}\n{use}\n{rest}", encoding="utf-8")
    (tmp_path / "nodes.route").write_text("language 1\n", encoding="utf-8")
    (tmp_path / "list.txt").write_text("CT1\n", encoding="utf-8")
    (tmp_path / "link").symlink_to("site.route")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    ran = run("--lang", language, "compile", rules, "-o", f"{tmp_path}/{which}")
    said = words("command.output_is_source", language, path=tmp_path / which)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == f"roteiro: {said}"
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_the_mode_of_the_old_file_stays(run, rules, tmp_path):
    output = tmp_path / "site.compiled"
    output.write_bytes(b"")
    output.chmod(0o640)
    assert run("compile", rules, "-o", output).code == 0
    assert output.stat().st_mode & 0o777 == 0o640


# --stats ------------------------------------------------------------------------------------------


def test_stats_count_what_the_file_holds(run, rules, fits):
    ran = run("compile", rules, "--stats", "--format", "json")
    assert ran.code == 0
    found = ran.json()
    fits(found, "compile")
    stats = found["stats"]
    assert stats["rules"] == 8
    assert stats["clauses"] == 8
    assert stats["sources"] == ["site.route"]
    assert stats["last_tag"] == "(0028,0010)"
    assert stats["tags"] == 4  # with Specific Character Set
    assert sum(stats["parts"].values()) == stats["bytes"] == found["bytes"]
    assert all(0 <= bound["used"] <= bound["limit"] for bound in stats["bounds"])
    assert stats["over"] == []
    assert run("compile", rules, "--format", "json").json()["stats"] is None


def test_rules_over_a_bound_are_named(run, rules, fits):
    rules.write_text(COSTLY, encoding="utf-8")
    ran = run("compile", rules, "--stats", "--format", "json")
    fits(ran.json(), "compile")
    stats = ran.json()["stats"]
    over = {each["name"]: each["rules"] for each in stats["over"]}
    assert over == {"clauses_of_rule": ["t.wide"], "automaton_states": ["t.pattern"]}
    assert stats["scopes"] == 2
    assert all(bound["used"] <= bound["limit"] for bound in stats["bounds"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_stats_are_told_in_every_language(run, rules, language):
    rules.write_text(COSTLY, encoding="utf-8")
    ran = run("compile", rules, "--stats", "--lang", language)
    assert ran.code == 0
    assert "t.wide" in ran.out
    assert "t.pattern" in ran.out
    assert ("decidido pela via exata" in ran.out) == (language == "pt")


def test_a_program_that_reads_nothing_has_no_tags(run, rules):
    rules.write_text("language 1\ntable t all { rule r { hold q } }\n", encoding="utf-8")
    ran = run("compile", rules, "--stats")
    assert "no tags are read" in ran.out


def test_many_rules_over_a_bound_are_cut(run, rules):
    body = "".join(f"  rule w{n} {{ when {WIDE} and KVP > {n} hold q }}\n" for n in range(9))
    rules.write_text(f"language 1\ntable t all {{\n{body}}}\n", encoding="utf-8")
    ran = run("compile", rules, "--stats")
    assert "`t.w4`, …" in ran.out
    assert "t.w5" not in ran.out


# Compiled rules elsewhere -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["check", "explain", "test"])
def test_commands_that_need_the_text_say_so(run, rules, tmp_path, name):
    output = tmp_path / "site.compiled"
    run("compile", rules, "-o", output)
    words = ["Modality=CT"] if name == "explain" else []
    ran = run(name, output, *words)
    assert ran.code == 1
    assert "compiled rules, expected a rule file" in ran.out + ran.err


def test_serve_refuses_what_another_build_compiled(run, rules, tmp_path):
    output = tmp_path / "site.compiled"
    run("compile", rules, "-o", output)
    data = bytearray(output.read_bytes())
    data[20] ^= 1
    output.write_bytes(data)
    ran = run("serve", output, "--spool", tmp_path / "spool")
    assert ran.code == 1
    assert "compiled by another build" in ran.err
    assert not (tmp_path / "spool").exists()


def test_an_engine_that_is_missing_is_named(run, rules, monkeypatch):
    def missing(*_):
        raise EngineMissingError

    monkeypatch.setattr(command_module, "compile_rules", missing)
    ran = run("compile", rules)
    assert ran.code == 1
    assert "engine" in ran.err


def test_stats_name_the_build(run, rules, tmp_path):
    output = tmp_path / "site.compiled"
    run("compile", rules, "-o", output)
    stats = stats_of(taken(output.read_bytes()), "1.2", bytes(range(32)))
    assert (stats.release, stats.engine) == ("1.2", "0001020304050607")
    assert json.dumps(stats.document())
