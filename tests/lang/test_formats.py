"""Findings for machines: one line each, GitHub's commands, JUnit and SARIF."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic, Fix, Label, Level, message
from roteiro.lang.render import fingerprint, github, junit, plain, sarif
from roteiro.lang.source import Source, Span

SCHEMA = Path(__file__).parents[1] / "data" / "sarif-2.1.0-rtm.4.json"
PAGES = Path(__file__).parents[2] / "docs" / "errors"
HOSPITAL = Source("rules/hospital.route", "language 1\nnode p { }\nnode q { }\nnode p { }\n")
COMMON = Source("rules/common.route", "\nnode x { }\n")


def found(
    code: str = "RT105",
    source: Source = HOSPITAL,
    start: int = 38,
    end: int = 39,
    **more: Any,
) -> Diagnostic:
    level = more.pop("level", CODES[code].level)
    what = more.pop("message", message("language.did_you_mean", word=source.text[start:end]))
    return Diagnostic(code, level, what, source, Span(start, end), **more)


SECOND = Label(HOSPITAL, Span(16, 17), message("language.first_here"))
ELSEWHERE = Label(COMMON, Span(6, 7), message("language.first_here"))
MENDED = Fix(Span(38, 39), "r", safe=True)
ALL = [
    found(labels=(SECOND, ELSEWHERE), fix=MENDED, help=message("language.close_text")),
    found("RT221", COMMON, 6, 7, others=(Fix(Span(1, 11), "", safe=False),)),
    found("RT226", start=11, end=30),
]


# One line each ----------------------------------------------------------------------------------


def test_plain_is_one_line_a_finding() -> None:
    assert plain.render(ALL[:2]).splitlines() == [
        "rules/hospital.route:4:6: error[RT105 duplicate-name]: did you mean `p`?",
        "rules/common.route:2:6: warning[RT221 unused-name]: did you mean `x`?",
    ]


def test_plain_stays_one_line_whatever_the_name() -> None:
    odd = Source("a\nb\x1b[31m.route", "x")
    assert plain.render([found(source=odd, start=0, end=1)]).count("\n") == 0
    assert "\x1b" not in plain.render([found(source=odd, start=0, end=1)])


# GitHub -----------------------------------------------------------------------------------------


def test_a_command_of_github() -> None:
    helped = "rules/hospital.route"
    assert github.render(ALL[1:2]) == (
        "::warning title=RT221 unused-name,file=rules/common.route,line=2,endLine=2,col=6,"
        "endColumn=7::did you mean `x`?"
    )
    assert github.render(ALL[:1]).startswith(f"::error title=RT105 duplicate-name,file={helped},")
    assert "%0A" in github.render(ALL[:1])


def test_github_gets_no_columns_over_several_lines() -> None:
    command = github.render(ALL[2:])
    assert command.startswith("::notice ")
    assert "line=2,endLine=3::" in command


def command_of(line: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command as the runner does."""
    head, _, words = line.removeprefix("::").partition("::")
    kind, _, properties = head.partition(" ")
    pairs = (pair.partition("=") for pair in properties.split(","))
    return kind, {key: unquote(value) for key, _, value in pairs}, unquote(words)


@given(
    name=st.text(st.sampled_from("ab%,:\r\n=;é日 "), min_size=1),
    word=st.text(st.sampled_from("ab%,:\r\n=;é日 "), min_size=1),
)
def test_what_is_escaped_comes_back(name: str, word: str) -> None:
    one = found(source=Source(name, "x"), start=0, end=1, message=message(
        "language.did_you_mean", word=word
    ))  # fmt: skip
    line = github.render([one])
    assert "\n" not in line
    assert "\r" not in line
    kind, properties, words = command_of(line)
    assert (kind, properties["file"]) == ("error", name)
    assert words == f"did you mean `{word}`?"


def test_github_knows_files_by_another_name() -> None:
    assert ",file=x/rules/common.route," in github.render(ALL[1:2], name="x/{}".format)


# JUnit ------------------------------------------------------------------------------------------


def cases(document: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(document)
    assert root.tag == "testsuites"
    (suite,) = root
    assert suite.attrib["tests"] == root.attrib["tests"] == str(len(suite))
    failed = [case for case in suite if case.find("failure") is not None]
    assert suite.attrib["failures"] == root.attrib["failures"] == str(len(failed))
    return {case.attrib["name"]: case for case in suite}


def test_junit_has_a_case_a_file_and_at_most_one_failure_in_it() -> None:
    seen = cases(junit.render(ALL, ["rules/hospital.route", "rules/clean.route"]))
    assert list(seen) == ["rules/hospital.route", "rules/clean.route", "rules/common.route"]
    (failure,) = seen["rules/hospital.route"].findall("failure")
    assert failure.attrib == {"message": "did you mean `p`?", "type": "RT105"}
    assert failure.text == plain.render([ALL[0], ALL[2]])
    assert len(seen["rules/clean.route"]) == 0
    assert seen["rules/common.route"].find("failure") is None
    assert seen["rules/common.route"].findtext("system-out") == plain.render(ALL[1:2])


def test_junit_fails_from_the_level_that_is_asked_for() -> None:
    seen = cases(junit.render(ALL, [], Level.WARNING))
    assert {case.find("failure") is not None for case in seen.values()} == {True}


@given(st.text())
def test_junit_is_xml_whatever_the_name(name: str) -> None:
    cases(junit.render([found(source=Source(name, "x"), start=0, end=1)], [name, "\ud800\0"]))


# SARIF ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judge() -> Draft4Validator:
    """The schema of OASIS, with what its errata added to it."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema)
    places = [{"required": [key]} for key in ("startLine", "charOffset", "byteOffset")]
    schema["definitions"]["region"]["anyOf"] = places
    language = schema["definitions"]["run"]["properties"]["language"]
    language["pattern"] = "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$"
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


@pytest.fixture(scope="module")
def pages() -> Mapping[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in PAGES.glob("RT*.md")}


def run_of(findings: list[Diagnostic], **more: Any) -> dict[str, Any]:
    document = sarif.document(findings, **{"pages": {}, "version": "0.1.0"} | more)
    (run,) = document["runs"]
    return run


@pytest.mark.parametrize("language", ["en", "pt"])
def test_sarif_is_what_the_schema_says(judge, pages, language: str) -> None:
    document = sarif.document(ALL, pages=pages, version="0.1.0", language=language)
    judge.validate(json.loads(sarif.render(document)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda run: run["results"][0].update(level="info"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].clear(),
        lambda run: run["tool"]["driver"].pop("name"),
        lambda run: run["results"][0].pop("message"),
    ],
)
def test_the_judge_sees_a_wrong_document(judge, spoil) -> None:
    document = copy.deepcopy(sarif.document(ALL, pages={}, version="0.1.0"))
    spoil(document["runs"][0])
    assert not judge.is_valid(document)


def test_every_code_is_declared_with_its_page(pages) -> None:
    rules = run_of([], pages=pages)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    for rule in rules:
        assert rule["name"] == CODES[rule["id"]].name
        assert rule["help"]["text"] == pages.get(rule["id"], rule["shortDescription"]["text"])
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert "helpUri" not in rule


def test_a_result_names_its_rule_and_places() -> None:
    run = run_of(ALL)
    assert run["columnKind"] == "unicodeCodePoints"
    for finding, result in zip(ALL, run["results"], strict=True):
        declared = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert declared["id"] == result["ruleId"] == finding.code
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "rules/hospital.route", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 4, "startColumn": 6, "endLine": 4, "endColumn": 7}
    labels = run["results"][0]["relatedLocations"]
    uris = [each["physicalLocation"]["artifactLocation"]["uri"] for each in labels]
    assert uris == ["rules/hospital.route", "rules/common.route"]


def test_fixes_are_replacements() -> None:
    first, second, third = run_of(ALL)["results"]
    (change,) = first["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert replacement["insertedContent"] == {"text": "r"}
    assert replacement["deletedRegion"]["startLine"] == 4
    assert first["fixes"][0]["description"]["text"] == "write `r`"
    assert second["fixes"][0]["description"]["text"] == "delete `node x { }`"
    assert "fixes" not in third


def test_no_message_reads_like_a_link() -> None:
    one = found(message=message("language.did_you_mean", word="[a](1) b[2] (c)"))
    (result,) = run_of([one])["results"]
    assert result["message"]["text"] == r"did you mean `\[a](1) b[2] (c)`?"


def test_a_file_outside_the_root_has_no_base() -> None:
    (result,) = run_of(ALL[1:2], uri="file:///tmp/{}".format)["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "file:///tmp/rules/common.route"}


def test_no_more_results_than_a_service_takes(monkeypatch) -> None:
    monkeypatch.setattr(sarif, "MOST", 3)
    light = [found("RT226", start=at, end=at + 1) for at in range(3)]
    results = run_of([*light, ALL[1], ALL[0]])["results"]
    assert [result["ruleId"] for result in results] == ["RT226", "RT221", "RT105"]


def print_of(text: str, at: int) -> str:
    (result,) = run_of([found(source=Source("x", text), start=at, end=at + 1)])["results"]
    return result["partialFingerprints"]["primaryLocationLineHash"]


def test_a_fingerprint_stays_when_lines_move() -> None:
    text = "language 1\n" + "".join(f"node n{number} {{ }}\n" for number in range(40))
    at = text.index("node n3 ")
    moved = f"# more\n\n{text}".replace("node n3 ", "  node n3   ")
    assert print_of(text, at) == print_of(moved, moved.index("node n3"))
    assert print_of(text, at) != print_of(text, text.index("node n4"))
    assert print_of(text.replace("node n3 ", "node m3 "), at) != print_of(text, at)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        # as the uploader of GitHub's code scanning makes them
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
        (
            " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
            [
                *("e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1", "ce8ba1a563dcdaca:1"),
                *("e20e36e16fcb0cc8:1", "b3edc88f2938467e:1", "c8e28b0b4002a3a0:1"),
                "c129715d7a2bc9a3:1",
            ],
        ),
    ],
)
def test_fingerprints_are_those_of_githubs_uploader(text: str, marks: list[str]) -> None:
    assert fingerprint.marks(text) == marks


def test_equal_lines_are_counted() -> None:
    counted = fingerprint.marks("Lorem ipsum dolor sit amet.\n" * 10)
    assert counted[:6] == [f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)]
    assert counted[6] == "a7f2ff1481e87703:1"


@given(st.text(st.sampled_from("a \t\r\n\U0001f600é")))
def test_every_line_has_a_mark(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert len(fingerprint.marks(text)) == len(lines)
