"""Programs whose rules have much to do with each other, and changes of one rule.

Few attributes, values, destinations and names, so that rules cover, repeat and resemble each other.
A text here stands on lines as people write it: what changes is one rule of it.
"""

import re

from generators.dice import Dice  # isort: skip

TESTS = (
    *('Modality == "CT"', 'Modality == "MR"', 'Modality in { "CT", "MR" }', 'Modality != "CT"'),
    *('StationName == "S1"', 'StationName == "S2"', 'StationName in { "S1", "S2", "S3" }'),
    *('StationName starts with "S"', "Rows > 1", "Rows > 2", "Rows in 1..5", "Rows < 4"),
    *("PatientID is blank", "not (PatientID is blank)", 'not Modality == "US"', "@ct", "not @thin"),
    *('assoc.calling_ae == "A1"', 'assoc.calling_ae == "A2"', "BodyPartExamined in @parts"),
    *('SeriesDescription contains "Head"', "clock.local in @office", "StudyDate > 2020-01-01"),
    *("AcquisitionDateTime < 2024-06-01T00:00:00", "SeriesDescription in @words", "true"),
    *('ImageType[1] == "ORIGINAL"', "(Rows > 1 or KVP > 1)", '(Modality == "CT" and Rows > 1)'),
    *('any RequestAttributesSequence has (ScheduledProcedureStepID == "P1")', "KVP > 1"),
)
WRONG = ('Modalty == "CT"', "Modality > 3", "@nowhere", "Rows == ", "Rows > 1 2", "Rows in @parts")
ACTIONS = (
    *("send to n1", "send to n1", "send to n2", "send to n3", "send to n1, n2", "hold qq1"),
    *("send to n2 via x1", "send to n1 via x2", "send to n1 via x1", "send to pair"),
    *('nothing "no"', "send to n3 batch by study after 10s", "send to n4 during office"),
    *("send to both", "hold q1", "hold q2"),
)
WRONG_ACTIONS = ("send to nobody", "send to n1 urgency soon", "")
VERDICTS = ("hold q1", "hold aside", 'drop "known"', "refuse 0xA700")
ITEMS = """\
node n1 { ae = "N1" host = "10.0.0.1" port = 104 }
node n2 { ae = "N2" host = "10.0.0.2" port = 104 }
node n3 { ae = "N3" host = "10.0.0.3" port = 104 }
node n4 { ae = "N4" host = "10.0.0.4" port = 104 }
pool pair = balance StudyInstanceUID over (n1, n2)
pool both = copy (n3, n4)
transform x1 { set InstitutionName = "X" }
transform x2 { remove StudyDescription }
set parts = { "CHEST", "HEAD" }
set words = { "Knee", "Hip" }
condition ct = Modality == "CT"
condition thin = SliceThickness < 2.0 and Modality == "CT"
condition both = (Modality == "CT" and Rows > 1)
schedule office = mon..fri 08:00..18:00
"""
TEST = """\
test "{name}" {{
  given {{ Modality = "CT" StationName = "S{n}" Rows = {n} }}
  expect {what}
}}
"""
RULE = re.compile(r"^  rule .*?^  \}$", re.MULTILINE | re.DOTALL)


def program(dice: Dice, most: int = 10, wards: int = 0) -> str:
    """Write a program of two or three tables, each with up to so many rules.

    With `wards` most rules are about one of them, and have little to do with those of others.
    """
    parts = ["language 1\n" + ('timezone "Europe/Lisbon"\n' if dice.one(2) else ""), ITEMS]
    tables = [table(dice, f"t{number}", dice.randint(1, most), wards) for number in range(3)]
    parts += dice.some([*tables, guard(dice)], 2, 4)
    if dice.one(3):
        whats = ("rule t0.r0", "send n1", "hold q1", "hold q2", "nothing", "rule t1.r1")
        parts += (
            TEST.format(name=n, n=n, what=dice.choice(whats)) for n in range(dice.randint(1, 3))
        )
    return "\n".join(parts)


def table(dice: Dice, name: str, count: int, wards: int) -> str:
    """Write a table."""
    kind = dice.choice(("first", "all"))
    near = dice.some(TESTS, 3, 9) if dice.one(2) else list(TESTS)
    rules = [rule(dice, f"r{number}", near, wards) for number in range(count)]
    if dice.one(2) or (kind == "first" and dice.one(4, 5)):
        rules.append(f"  otherwise {{ {dice.choice(ACTIONS)} }}")
    return f"table {name} {kind} {{\n" + "\n".join(rules) + "\n}\n"


def guard(dice: Dice) -> str:
    """Write a guard."""
    rules = [
        f"  rule g{number} {{\n    when {condition(dice, TESTS)}\n    {dice.choice(VERDICTS)}\n  }}"
        for number in range(dice.randint(0, 4))
    ]
    return "guard {\n" + "\n".join(rules) + "\n  otherwise { pass }\n}\n"


def rule(dice: Dice, name: str, near: "tuple[str, ...] | list[str]", wards: int) -> str:
    """Write a rule."""
    comment = dice.choice(("", "", "", "", "  # a comment\n", ignore(dice)))
    priority = dice.choice(("", "", "", " priority 5", " priority 1"))
    ward = f'StationName == "W{dice.upto(wards)}" and ' if wards and dice.one(5, 6) else ""
    plain = f"    when {ward}{condition(dice, near)}\n"
    when = "" if not ward and dice.one(12 + wards) else plain
    does = "\n    ".join(dice.some(ACTIONS, 1, 2) if dice.one(6) else [dice.choice(ACTIONS)])
    return f"{comment}  rule {name}{priority} {{\n{when}    {does}\n  }}"


def ignore(dice: Dice) -> str:
    """Write a comment that keeps a finding."""
    what = dice.choice(("redundant-rule", "unreachable-rule", "condition-duplicated", "not-a-name"))
    return f"  # route: ignore[{what}] because\n"


def condition(dice: Dice, near: "tuple[str, ...] | list[str]") -> str:
    """Write a condition."""
    word = dice.choice((" and ", " and ", " and\n         ", " or "))
    return word.join(dice.choice(near) for _ in range(dice.choice((1, 1, 2, 2, 3))))


# Changes ------------------------------------------------------------------------------------------


def edited(dice: Dice, text: str) -> str:
    """Change one rule."""
    places = [found.span() for found in RULE.finditer(text)]
    if not places:
        return text
    if dice.one(9):
        return with_comment(dice, text)
    begin, end = dice.choice(places)
    old = text[begin:end]
    return text[:begin] + dice.choice(CHANGES)(dice, old) + text[end:]


def with_name(dice: Dice, old: str) -> str:
    """Give it another name."""
    name = dice.choice(("r0", "r1", "r2", "g0", "fresh", "r11"))
    return re.sub(r"rule \w+", f"rule {name}", old, count=1)


def with_priority(dice: Dice, old: str) -> str:
    """Give it another priority, or none."""
    priority = dice.choice(("", " priority 5", " priority 1", " priority 9"))
    return re.sub(r"rule (\w+)( priority \d+)? \{", rf"rule \1{priority} {{", old, count=1)


def with_condition(dice: Dice, old: str) -> str:
    """Give it another condition."""
    near = (*TESTS, *WRONG) if dice.one(4) else TESTS
    written = re.compile(r"when .*?(?=\n    \w)", re.DOTALL)
    return written.sub(lambda _: f"when {condition(dice, near)}", old, count=1)


def with_test(dice: Dice, old: str) -> str:
    """Put one test in the place of another."""
    there = [test for test in TESTS if test in old]
    near = (*TESTS, *WRONG) if dice.one(4) else TESTS
    return old.replace(dice.choice(there), dice.choice(near), 1) if there else old


def with_value(dice: Dice, old: str) -> str:
    """Change a value."""
    pairs = (("S1", "S2"), ("W1", "W2"), ("CT", "MR"), ("> 1", "> 2"), ("A1", "A2"), ("n1", "n2"))
    one, other = dice.choice(pairs)
    return old.replace(one, other) if one in old else old.replace(other, one)


def with_action(dice: Dice, old: str) -> str:
    """Let it do something else."""
    of_guard = any(verdict in old for verdict in VERDICTS[1:])
    choices = VERDICTS if of_guard else (*ACTIONS, *WRONG_ACTIONS) if dice.one(4) else ACTIONS
    return re.sub(r"\n    (?!when).*\n  \}$", f"\n    {dice.choice(choices)}\n  }}", old)


def with_line(dice: Dice, old: str) -> str:
    """Add a line, or a comment, or break something."""
    lines = ("", "    # a comment", "    # route: ignore[redundant-rule] x", "    {", "    )")
    line = dice.choice(lines)
    return old.replace("{\n", "{\n" + line + "\n", 1)


def with_comment(dice: Dice, text: str) -> str:
    """Write something for people before a rule, in the place of what stood there."""
    there = re.compile(r"(?<=\n)((?:  #.*\n)*)(?=  rule )")
    places = [found.span() for found in there.finditer(text)]
    begin, end = dice.choice(places)
    new = dice.choice(("", "\n", "  ## about this\n", ignore(dice), "  # another\n\n"))
    return text[:begin] + new + text[end:]


def with_both(dice: Dice, old: str) -> str:
    """Change two things."""
    return with_action(dice, with_test(dice, old))


CHANGES = (
    *(with_name, with_priority, with_condition, with_test, with_test, with_value, with_value),
    *(with_action, with_action, with_line, with_both),
)
