"""Slips that readers of the pages made: the remark says what to write."""

import pytest

from roteiro.lang.render.text import said
from tests.catalogue import catalogue

NODE = 'node n { ae = "N" host = "127.0.0.1" port = 104 may = { store } }\n'
TABLE = "table t all { rule r { send to n } }\n"
RESULT = "a result is compared by"


def table(action: str) -> str:
    return f"{NODE}table t all {{ rule r {{ {action} }} }}\n"


def guard(rules: str) -> str:
    return f"{NODE}{TABLE}guard {{ {rules} }}\n"


def of_test(expectation: str) -> str:
    return f'{NODE}{TABLE}test "x" {{ given {{ Rows = 1 }} expect {expectation} }}\n'


@pytest.mark.parametrize(
    ("text", "found", "remark"),
    [
        (of_test("send n urgency stat"), "found `urgency`", "cannot be expected"),
        (of_test("exactly n batch by study after 5m"), "found `batch`", "cannot be expected"),
        (of_test("send n during night"), "found `during`", "cannot be expected"),
        (of_test("result PatientID matches /x/"), "found `matches`", RESULT),
        (of_test('result PatientID not in { "x" }'), "found `not`", RESULT),
        (of_test('result PatientID starts with "x"'), "found `starts`", RESULT),
        (
            guard('rule a { when Rows > 1 drop "x" notify desk "x" } otherwise { pass }'),
            "found `notify`",
            "the guard notifies nobody",
        ),
        (guard('otherwise { notify desk "x" }'), "found `notify`", "the guard notifies nobody"),
        (
            f"{NODE}{TABLE}listener l {{ port = 11112 accept = unknown }}\n",
            "found `=`",
            "write `accept unknown`, without `=`",
        ),
        (table("send to n urgency alta"), "no urgency `alta`", "write `stat`"),
        (table("send to n urgency High"), "no urgency `High`", "write `stat`"),
        (table("send to n urgency routine"), "no urgency `routine`", "write `normal`"),
        (table("send to n urgency now"), "no urgency `now`", "urgencies are `stat`"),
    ],
)
def test_the_remark_says_what_to_write(text: str, found: str, remark: str, examine) -> None:
    typed, findings = examine(f"language 1\n{text}")
    assert typed is None
    errors = [one for one in findings if one.level.name == "ERROR"]
    assert len(errors) == 1
    assert found in said(errors[0].message, "en")
    assert remark in said(errors[0].help, "en")
    assert said(errors[0].help, "pt") != said(errors[0].help, "en")
    assert errors[0].fix is None


def test_a_word_that_may_stand_there_is_no_slip(examine) -> None:
    text = f"language 1\n{NODE}table t all {{ rule r {{ when PatientID matches send to n }} }}\n"
    _, findings = examine(text)
    slips = {words for key, words in catalogue("en").items() if key.startswith("language.slip_")}
    assert [one.code for one in findings] == ["RT100"]
    assert findings[0].help is None or said(findings[0].help, "en") not in slips
