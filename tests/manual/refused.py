"""What `check` finds, row by row of docs/language.md: (row, text after `language 1`, codes)."""

NODE = 'node n { ae = "N" host = "127.0.0.1" port = 11112 may = { store } }\n'


def when(condition: str) -> str:
    """Give a rule file whose one rule has this condition."""
    return f'table t all {{ rule r {{ when {condition} nothing "x" }} }}\n'


def node(properties: str) -> str:
    """Give a rule file with one node."""
    return f'node n {{ ae = "N" host = "127.0.0.1" may = {{ store }} {properties} }}\n'


def listener(properties: str) -> str:
    """Give a rule file with one listener."""
    return f"listener l {{ {properties} }}\n"


def guard(rules: str) -> str:
    """Give a rule file with a guard."""
    return f"guard {{ {rules} otherwise {{ pass }} }}\n"


def test(body: str) -> str:
    """Give a rule file with one rule and one test."""
    return (
        NODE
        + 'table t all { rule r { when Modality == "CT" send to n } }\n'
        + (f'test "x" {{ {body} }}\n')
    )


FOUND: list[tuple[str, str, tuple[str, ...]]] = [
    ("1.5", 'set a = { "X" }\nset a = { "Y" }\n' + when("Modality in @a"), ("RT105",)),
    ("1.6", when(r'StudyDescription == "\x"'), ("RT113",)),
    ("1.6", when('StudyDescription == "a\n'), ("RT100",)),
    ("1.8", when("StudyDate == 2026-02-30"), ("RT113",)),
    ("1.8", when("StudyTime == 24:00"), ("RT113",)),
    ("1.8", when("SOPClassUID == 1.02.3"), ("RT113",)),
    ("1.9", 'use "other.route"\n', ("RT112",)),
    ("1.9", 'timezone "Europe/Lisbon"\n', ("RT112",)),
    ("1.9", when('StudyDescription contains i"mpr"'), ("RT112",)),
    ("1.9", when("StudyDescription matches /MPR.*/"), ("RT112",)),
    ("1.9", when("count(ImageType) > 2"), ("RT112",)),
    ("1.9", when('ImageType[1] == "ORIGINAL"'), ("RT112",)),
    ("1.9", NODE + "table t all { rule r { send to n batch by study after 5m } }\n", ("RT112",)),
    ("2.1", 'router { ae = "A" }\nrouter { ae = "B" }\n', ("RT106",)),
    ("2.2", listener(""), ("RT109",)),
    ("2.2", listener("port = 0"), ("RT108",)),
    ("2.2", listener('port = 11112 address = "ct1"'), ("RT108",)),
    ("2.3", listener('port = 11112 called = { "SEVENTEEN_LETTERS" }'), ("RT108",)),
    ("2.4", listener('port = 11112 address = "0.0.0.0" accept unknown'), ("RT511",)),
    ("2.4", listener("port = 11112 accept unknown"), ()),
    ("2.5", listener("port = 11112 unreadable = drop"), ("RT108",)),
    ("2.6", 'node n { host = "h" may = { store } }\n', ("RT109",)),
    ("2.6", 'node n { ae = "N" may = { store } }\n', ("RT109",)),
    ("2.6", 'node n { ae = "" host = "h" may = { store } }\n', ("RT108",)),
    ("2.7", node("") + "table t all { rule r { send to n } }\n", ("RT117",)),
    ("2.7", 'node n { ae = "N" host = "10.0.0.0/8" port = 1 may = { store } }\n', ("RT108",)),
    ("2.8", 'node n { ae = "N" host = "h" may = { store, stare } }\n', ("RT108",)),
    ("2.9", node("port = 1 associations = 65"), ("RT108",)),
    ("2.10", node("port = 1 retry = backoff 5m..5s"), ("RT108",)),
    ("2.11", node("") + 'node m { ae = "N" host = "127.0.0.1" may = { echo } }\n', ("RT127",)),
    ("2.11", node("") + 'node m { ae = "N" host = "127.0.0.1/32" may = { echo } }\n', ("RT127",)),
    ("2.12", node("prot = 104"), ("RT107",)),
    ("2.12", node('ae = "M"'), ("RT105",)),
    ("3.2", 'set s = { "A", 1 }\n' + when("Modality in @s"), ("RT120",)),
    ("3.2", "set s = { 1, 2 }\n" + when("Modality in @s"), ("RT120",)),
    ("3.2", "set s = { }\n" + when("Modality in @s"), ("RT108",)),
    ("3.4", "condition a = @b\ncondition b = @a\n" + when("@a"), ("RT118",)),
    ("3.5", when("Modality in @nowhere"), ("RT104",)),
    ("3.5", when("@nowhere"), ("RT104",)),
    ("3.6", 'set s = { "CT" }\n', ("RT221",)),
    ("3.6", "condition c = Rows > 1\n", ("RT221",)),
    ("3.6", 'node n { ae = "N" host = "h" port = 1 }\n', ("RT221",)),
    ("5.6", when('not Modality == "CT"'), ("RT212",)),
    ("5.6", when('not Modality == "CT" and Modality is valued'), ()),
    ("5.8", when('Modality < "CT"'), ("RT111",)),
    ("5.9", when("Rows in 9..1"), ("RT115",)),
    ("5.9", when('Modality in "A".."C"'), ("RT111",)),
    ("5.12", when("SOPClassUID contains 1.2.3"), ("RT111",)),
    ("5.15", when("SOPClassUID == CTImageStorag"), ("RT122",)),
    ("5.16", when("(0019,1010) is valued"), ("RT116",)),
    ("5.19", when('Modalty == "CT"'), ("RT101",)),
    ("5.19", when('assoc.caling_ae == "CT"'), ("RT101",)),
    ("5.20", when('Rows == "1"'), ("RT120",)),
    ("5.20", when("Modality == 1"), ("RT120",)),
    ("5.20", when("StudyDate == 20260131"), ("RT120",)),
    ("5.21", when('PatientName == "Muster^Max"'), ("RT112",)),
    ("5.21", when("PatientAge < 18Y"), ("RT112",)),
    ("5.21", when("AcquisitionDateTime == 2026-01-31"), ("RT112",)),
    ("5.22", when("PatientID == StudyID"), ("RT125",)),
    ("5.22", when('StudyDescription == ""'), ("RT114",)),
    ("5.22", when("Rows == {1, 2}"), ("RT111",)),
    ("5.22", when("Rows in 1"), ("RT111",)),
    ("5.23", when("RequestAttributesSequence.StudyID is valued"), ("RT128",)),
    ("5.24", when('Modality == "ct"'), ("RT121",)),
    ("5.24", when("Rows == 1.5"), ("RT121",)),
    ("5.25", when("TransferSyntaxUID is absent"), ("RT224",)),
    ("5.25", when("(0028,0010) > 1 and (0008,0010) is valued"), ("RT102",)),
    ("6.2", when('assoc.peer == "10.0.0.0/8"'), ("RT120",)),
    ("6.2", when('assoc.peer == "ct1.example.org"'), ("RT113",)),
    ("6.7", "schedule night = always\n" + when("clock.local in @night"), ("RT112",)),
    ("7.1", 'guard { rule a priority 1 { when true drop "x" } otherwise { pass } }\n', ("RT100",)),
    ("7.2", guard("rule a { when Rows > 1 refuse 0x0000 }"), ("RT108",)),
    ("7.2", guard("rule a { when Rows > 1 refuse 0xB000 }"), ("RT108",)),
    ("7.5", 'guard { rule a { when Rows > 1 drop "x" } }\n', ("RT129",)),
    ("7.6", guard("") + guard(""), ("RT106",)),
    ("8.2", 'table t all { rule a priority 1 { when Rows > 1 nothing "x" } }\n', ("RT220",)),
    ("8.4", 'table t first { rule a { when Rows > 1 nothing "x" } }\n', ("RT301",)),
    (
        "8.4",
        'table t first { rule a { when Rows > 1 nothing "x" } rule b { when not Rows > 1 '
        'nothing "y" } }\n',
        ("RT212",),
    ),
    ("8.5", "table t all { rule r { send to nowhere } }\n", ("RT104",)),
    ("8.5", NODE + "table t all { rule r { send to n urgency now } }\n", ("RT108",)),
    ("8.6", "table t all { rule r { hold once } }\n", ("RT226",)),
    ("8.8", "table t all { rule r { when Rows > 1 } }\n", ("RT119",)),
    ("8.9", "table t all { rule otherwise { when Rows > 1 hold a } }\n", ("RT100",)),
    (
        "8.9",
        'table t all { rule r { when Rows > 1 nothing "x" } rule r { nothing "y" } }\n',
        ("RT105",),
    ),
    ("10.1", test('given { Modalty = "CT" } expect send n'), ("RT101",)),
    ("10.1", test('given { Modality = "CT" Modality = "MR" } expect send n'), ("RT105",)),
    ("10.2", test(r'given file "a\u{0}b" { Modality = "CT" } expect send n'), ("RT108",)),
    ("10.3", test('given { Modality = "CT" } expect send m'), ("RT104",)),
    ("10.3", test('given { Modality = "CT" } expect rule t.s'), ("RT104",)),
    ("10.3", test('given { Modality = "CT" } expect hold nowhere'), ("RT104",)),
    ("10.5", test('given { Modality = "CT" }'), ("RT603",)),
]
