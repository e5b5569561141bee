"""What `check` finds, row by row of docs/language.md: (row, text after `language 1`, codes)."""

NODE = 'node n { ae = "N" host = "127.0.0.1" port = 11112 may = { store } }\n'
SECOND = 'node m { ae = "M" host = "127.0.0.1" port = 11113 }\n'
POOLED = "table t all { rule r { when Rows > 1 send to p } }\n"
POOLED_ALONE = "table t all { rule r { when Rows > 1 send to n } }\n"


def when(condition: str) -> str:
    """Give a rule file whose one rule has this condition."""
    return f'table t all {{ rule r {{ when {condition} nothing "x" }} }}\n'


def node(properties: str) -> str:
    """Give a rule file with one node."""
    return f'node n {{ ae = "N" host = "127.0.0.1" may = {{ store }} {properties} }}\n'


def sent(options: str) -> str:
    """Give a rule file that sends CT to a node, with these options."""
    return NODE + f'table t all {{ rule r {{ when Modality == "CT" send to n {options} }} }}\n'


def transform(edits: str) -> str:
    """Give a rule file with a transform."""
    return sent("via c") + f"transform c {{ {edits} }}\n"


def profile(statements: str) -> str:
    """Give a rule file with a profile."""
    return sent("via c") + f"profile c {{ {statements} }}\n"


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
    ("3.1", 'router { ae = "A" }\nrouter { ae = "B" }\n', ("RT106",)),
    ("3.2", listener(""), ("RT109",)),
    ("3.2", listener("port = 0"), ("RT108",)),
    ("3.2", listener('port = 11112 address = "ct1"'), ("RT108",)),
    ("3.3", listener('port = 11112 called = { "SEVENTEEN_LETTERS" }'), ("RT108",)),
    ("3.4", listener('port = 11112 address = "0.0.0.0" accept unknown'), ("RT511",)),
    ("3.4", listener("port = 11112 accept unknown"), ()),
    ("3.4", listener("port = 11112 accept = unknown"), ("RT100",)),
    ("3.5", listener("port = 11112 unreadable = drop"), ("RT108",)),
    ("3.6", 'node n { host = "h" may = { store } }\n', ("RT109",)),
    ("3.6", 'node n { ae = "N" may = { store } }\n', ("RT109",)),
    ("3.6", 'node n { ae = "" host = "h" may = { store } }\n', ("RT108",)),
    ("3.7", node("") + "table t all { rule r { send to n } }\n", ("RT117",)),
    ("3.7", 'node n { ae = "N" host = "10.0.0.0/8" port = 1 may = { store } }\n', ("RT108",)),
    ("3.8", 'node n { ae = "N" host = "h" may = { store, stare } }\n', ("RT108",)),
    ("3.9", node("port = 1 associations = 65"), ("RT108",)),
    ("3.10", node("port = 1 retry = backoff 5m..5s"), ("RT108",)),
    ("3.11", node("") + 'node m { ae = "N" host = "127.0.0.1" may = { echo } }\n', ("RT127",)),
    ("3.11", node("") + 'node m { ae = "N" host = "127.0.0.1/32" may = { echo } }\n', ("RT127",)),
    ("3.12", node("prot = 104"), ("RT107",)),
    ("3.12", node('ae = "M"'), ("RT105",)),
    ("5.2", 'set s = { "A", 1 }\n' + when("Modality in @s"), ("RT120",)),
    ("5.2", "set s = { 1, 2 }\n" + when("Modality in @s"), ("RT120",)),
    ("5.2", "set s = { }\n" + when("Modality in @s"), ("RT108",)),
    ("5.6", "condition a = @b\ncondition b = @a\n" + when("@a"), ("RT118",)),
    ("5.12", when("Modality in @nowhere"), ("RT104",)),
    ("5.12", when("@nowhere"), ("RT104",)),
    ("5.11", 'set s = { "CT" }\n', ("RT221",)),
    ("5.11", "condition c = Rows > 1\n", ("RT221",)),
    ("5.11", 'node n { ae = "N" host = "h" port = 1 }\n', ("RT221",)),
    ("8.6", when('not Modality == "CT"'), ("RT212",)),
    ("8.6", when('not Modality == "CT" and Modality is valued'), ()),
    ("8.8", when('Modality < "CT"'), ("RT111",)),
    ("8.9", when("Rows in 9..1"), ("RT115",)),
    ("8.9", when('Modality in "A".."C"'), ("RT111",)),
    ("8.12", when("SOPClassUID contains 1.2.3"), ("RT111",)),
    ("8.15", when("SOPClassUID == CTImageStorag"), ("RT122",)),
    ("7.3", when("(0019,1010) is valued"), ("RT116",)),
    ("7.1", when('Modalty == "CT"'), ("RT101",)),
    ("7.1", when('assoc.caling_ae == "CT"'), ("RT101",)),
    ("8.18", when('Rows == "1"'), ("RT120",)),
    ("8.18", when("Modality == 1"), ("RT120",)),
    ("8.18", when("StudyDate == 20260131"), ("RT120",)),
    ("8.30", when("PatientID == StudyID"), ("RT125",)),
    ("8.30", when('StudyDescription == ""'), ("RT114",)),
    ("8.30", when("Rows == {1, 2}"), ("RT111",)),
    ("8.30", when("Rows in 1"), ("RT111",)),
    ("7.6", when("RequestAttributesSequence.StudyID is valued"), ("RT128",)),
    ("8.31", when('Modality == "ct"'), ("RT121",)),
    ("8.31", when("Rows == 1.5"), ("RT121",)),
    ("7.10", when("TransferSyntaxUID is absent"), ("RT224",)),
    ("7.10", when("(0028,0010) > 1 and (0008,0010) is valued"), ("RT102",)),
    ("9.2", when('assoc.peer == "10.0.0.0/8"'), ("RT120",)),
    ("9.2", when('assoc.peer == "ct1.example.org"'), ("RT113",)),
    ("10.1", 'guard { rule a priority 1 { when true drop "x" } otherwise { pass } }\n', ("RT100",)),
    ("10.2", guard("rule a { when Rows > 1 refuse 0x0000 }"), ("RT108",)),
    ("10.2", guard("rule a { when Rows > 1 refuse 0xB000 }"), ("RT108",)),
    ("10.2", guard("rule a { when Rows > 1 refuse 0xFF00 }"), ("RT108",)),
    ("10.2", guard("rule a { when Rows > 1 refuse 0xFF01 }"), ("RT108",)),
    ("10.2", guard("rule a { when Rows > 1 refuse 0xFE00 }"), ("RT108",)),
    ("10.5", 'guard { rule a { when Rows > 1 drop "x" } }\n', ("RT129",)),
    ("10.5", 'guard { otherwise { pass } rule a { when Rows > 1 drop "x" } }\n', ("RT100",)),
    ("10.6", guard("") + guard(""), ("RT106",)),
    ("11.2", 'table t all { rule a priority 1 { when Rows > 1 nothing "x" } }\n', ("RT220",)),
    ("11.4", 'table t first { rule a { when Rows > 1 nothing "x" } }\n', ("RT301",)),
    ("11.4", 'table t all { otherwise { nothing "y" } rule a { nothing "x" } }\n', ("RT100",)),
    (
        "11.4",
        'table t first { rule a { when Rows > 1 nothing "x" } rule b { when not Rows > 1 '
        'nothing "y" } }\n',
        ("RT212",),
    ),
    ("11.5", "table t all { rule r { send to nowhere } }\n", ("RT104",)),
    ("11.5", NODE + "table t all { rule r { send to n urgency now } }\n", ("RT108",)),
    ("11.6", "table t all { rule r { hold once } }\n", ("RT226",)),
    ("11.8", "table t all { rule r { when Rows > 1 } }\n", ("RT119",)),
    ("11.9", "table t all { rule otherwise { when Rows > 1 hold a } }\n", ("RT100",)),
    (
        "11.9",
        'table t all { rule r { when Rows > 1 nothing "x" } rule r { nothing "y" } }\n',
        ("RT105",),
    ),
    ("16.1", test('given { Modalty = "CT" } expect send n'), ("RT101",)),
    ("16.1", test('given { Modality = "CT" Modality = "MR" } expect send n'), ("RT105",)),
    ("16.2", test(r'given file "a\u{0}b" { Modality = "CT" } expect send n'), ("RT108",)),
    ("16.3", test('given { Modality = "CT" } expect send m'), ("RT104",)),
    ("16.3", test('given { Modality = "CT" } expect rule t.s'), ("RT104",)),
    ("16.3", test('given { Modality = "CT" } expect hold nowhere'), ("RT104",)),
    ("16.5", test('given { Modality = "CT" }'), ("RT603",)),
    ("1.5", NODE + "pool n = failover (n)\n", ("RT105", "RT221")),
    ("1.5", sent("via c") + "transform c { } profile c { }\n", ("RT105", "RT221")),
    (
        "1.5",
        'set a = { "X" }\nschedule a = always\ncondition a = Modality in @a\n'
        + when("clock.local in @a and @a"),
        (),
    ),
    ("1.8", when("AcquisitionDateTime > 2026-01-31T10:00:00"), ("RT113",)),
    ("2.3", 'use "nowhere.route"\n', ("RT131",)),
    ("2.4", 'timezone "UTC"\ntimezone "UTC"\n', ("RT106",)),
    ("2.6", 'timezone "Europe/Lisboa"\n', ("RT108",)),
    ("2.6", when("days since StudyDate < 30"), ("RT225",)),
    ("2.6", when("AcquisitionDateTime > 2026-01-31T10:00:00Z"), ("RT225",)),
    ("2.6", "schedule night = 22:00..06:00\n" + when("clock.local in @night"), ("RT225",)),
    ("3.12", 'listener l { port = 1 called = { "A" } call = { "B" } }\n', ("RT107",)),
    ("3.13", "listener a { port = 1 }\nlistener b { port = 1 }\n", ("RT127",)),
    (
        "3.14",
        'listener l { port = 1 tls = required certificate = "a.pem" key = secret("file:key") '
        'client_ca = "c.pem" }\n',
        (),
    ),
    ("3.14", listener('port = 1 tls = required certificate = "a.pem"'), ("RT109",)),
    ("3.14", listener('port = 1 key = secret("hidden")'), ("RT504",)),
    (
        "3.15",
        node(
            "rate = 400 per second burst 800 accept_syntax = { ExplicitVRLittleEndian } "
            "lossy = allowed deliver = cut_through external = yes tls = off"
        ),
        (),
    ),
    ("3.15", node("rate = 20MiB per second"), ()),
    ("3.15", node("rate = 20 per minute"), ("RT108",)),
    ("3.15", node("accept_syntax = { CTImageStorage }"), ("RT108",)),
    ("3.15", 'node n { url = "https://pacs.example.org/studies" may = { store } }\n', ()),
    (
        "3.16",
        'node n { ae = "N" host = "10.0.0.1" port = 104 external = yes }\n'
        'table t all { rule r { when Modality == "CT" send to n } }\n',
        ("RT501",),
    ),
    (
        "3.16",
        'node n { ae = "N" host = "10.0.0.1" port = 104 external = yes }\ntable t all {\n'
        "# route: ignore[external-without-profile] the readers treat the same patients\n"
        'rule r { when Modality == "CT" send to n } }\n',
        (),
    ),
    ("4.1", NODE + POOLED + "pool p = failover (n, n)\n", ("RT105",)),
    ("4.1", NODE + "pool p = failover (n, m)\n" + POOLED, ("RT104",)),
    ("4.1", node("") + "pool p = failover (n)\n" + POOLED, ("RT117",)),
    ("4.1", NODE + "pool q = copy (n)\npool p = copy (q)\n" + POOLED, ("RT117", "RT221")),
    (
        "4.3",
        NODE + "pool p = balance RequestAttributesSequence over (n)\n" + POOLED,
        ("RT120",),
    ),
    ("4.5", NODE + "pool p = failover (n)\n" + POOLED, ("RT323",)),
    (
        "4.5",
        NODE + SECOND + "pool p = failover (n, m)\n"
        "table t all { rule r { when Rows > 1 send to p, n } }\n",
        ("RT324",),
    ),
    ("5.1", "set s : LO = { 1 }\n" + when("PatientID in @s"), ("RT120",)),
    ("5.1", 'set s : UN = { "X" }\n' + when("PatientID in @s"), ("RT108",)),
    ("5.4", 'set s = file "nowhere.txt"\n' + when("PatientID in @s"), ("RT130",)),
    (
        "5.7",
        'lookup s = file "nowhere.csv" key A value B\n'
        + sent("via c")
        + "transform c { set PatientID = lookup(@s, PatientID) }\n",
        ("RT130",),
    ),
    ("5.10", "schedule s = moon 19:00..06:00\n" + when("clock.local in @s"), ("RT108", "RT225")),
    ("5.10", "schedule s = mon 24:00..06:00\n" + when("clock.local in @s"), ("RT113", "RT225")),
    ("5.10", "schedule s = mon 06:00..06:00\n" + when("clock.local in @s"), ("RT225", "RT322")),
    ("5.11", "schedule s = always\n", ("RT221",)),
    ("5.11", "transform c { remove Rows }\n", ("RT221",)),
    ("7.3", when('(0018,"X",0C) == 1000'), ("RT116",)),
    ("7.4", when("(70xx,0010) > 5"), ("RT116",)),
    ("7.5", when('ImageType[0] == "ORIGINAL"'), ("RT110",)),
    ("7.5", when('Modality[2] == "CT"'), ("RT110",)),
    ("7.5", when('Modality[1] == "CT"'), ("RT213",)),
    ("7.5", when('any ImageType[1] == "ORIGINAL"'), ("RT111",)),
    ("7.6", when("RequestAttributesSequence[1] is valued"), ("RT128",)),
    ("7.7", when('PatientName.familiy == "X"'), ("RT128",)),
    ("7.7", when('StudyID.family == "X"'), ("RT128",)),
    ("8.19", when('PixelData == "x"'), ("RT120",)),
    ("8.19", when("RequestAttributesSequence == 1"), ("RT120",)),
    ("8.20", when('StudyDescription contains i"MPR"'), ()),
    ("8.20", when('StudyDescription contains "MPR"'), ("RT210",)),
    ("8.22", when("StationName matches /^CT$/"), ("RT124",)),
    ("8.22", when(r"StationName matches /(a)\1/"), ("RT124",)),
    ("8.22", when("StationName matches /a+?/"), ("RT124",)),
    ("8.22", when("StationName matches /a{1,101}/"), ("RT124",)),
    ("8.22", when(r"StationName matches /([[:alpha:]]|\d|[^a-c.]|\x{41}){2,3}/"), ()),
    ("8.22", when("StationName matches /.*CT.*/i"), ("RT123",)),
    ("8.22", when('StationName matches "CT"'), ("RT120",)),
    ("8.22", when("StationName == /CT/"), ("RT111",)),
    ("8.23", when("StationName under 1.2.3"), ("RT111",)),
    ("8.23", when('StudyInstanceUID starts with "1.2.3."'), ("RT111",)),
    ("8.24", when("any count(ImageType) > 1"), ("RT100",)),
    ("8.24", when("count(ImageType[1]) > 1"), ("RT111",)),
    ("8.25", when("days since AcquisitionDateTime < 3"), ("RT111",)),
    (
        "8.27",
        when(
            "S has (S has (S has (S has (S has (Rows > 1)))))".replace(
                "S", "ReferencedStudySequence"
            )
        ),
        ("RT404",),
    ),
    ("8.28", when("FrameIncrementPointer < (0018,1063)"), ("RT111",)),
    ("8.29", when('PatientName < "A"'), ("RT111",)),
    ("8.29", when('PatientName contains "muster"'), ("RT211", "RT502")),
    ("8.29", when('PatientName == "Muster^Max"'), ("RT502",)),
    ("8.32", when("StudyDate == 2026-01-31T00:00:00Z"), ("RT120",)),
    ("8.32", when("AcquisitionDateTime > 2026-01-31"), ("RT120",)),
    ("8.32", when("PatientAge < 5d"), ("RT120",)),
    ("9.2", when('assoc.peer contains "10."'), ("RT111",)),
    ("9.7", when("clock.local > 5"), ("RT111",)),
    ("9.7", "set s = { 22:00..06:00 }\n" + when("clock.local in @s"), ("RT104",)),
    ("9.7", "schedule s = always\n" + when("any clock.local in @s"), ("RT111", "RT221")),
    ("10.3", guard('rule a { when Rows > 1 drop "x" }'), ("RT510",)),
    ("12.1", sent("via c"), ("RT104",)),
    ("12.2", sent("urgency stat urgency low"), ("RT108",)),
    ("12.3", sent("batch by patient after 5m"), ("RT108",)),
    ("12.3", sent("batch by study after 0s"), ("RT108",)),
    ("12.3", sent("batch by study after 5m within 1m"), ("RT108",)),
    ("12.3", sent("late all"), ("RT100",)),
    ("12.4", sent("during night"), ("RT104",)),
    ("12.6", "table t all { rule r { when Rows > 1 notify oncall } }\n", ("RT100",)),
    ("12.8", sent("via c send to n") + "transform c { remove Rows }\n", ("RT321",)),
    ("14.1", transform('set PatientID[1] = "X"'), ("RT108",)),
    ("14.1", transform('set assoc.calling_ae = "X"'), ("RT108",)),
    ("14.1", transform('set PixelData = "x"'), ("RT120",)),
    ("14.2", transform('set StudyDescription = ""'), ("RT108",)),
    ("14.2", transform('set StationName = "SEVENTEEN LETTERS"'), ("RT108",)),
    ("14.2", transform('set Rows = "x"'), ("RT120",)),
    ("14.2", transform('set ImageType = "ORIGINAL"'), ("RT110",)),
    ("14.4", transform("copy StudyDate to StudyTime"), ("RT120",)),
    ("14.6", transform("each Rows { remove Columns }"), ("RT120",)),
    ("14.7", transform("set StudyID = uper(StudyID)"), ("RT104",)),
    ("14.7", transform("set StudyID = upper(StudyID, 5)"), ("RT108",)),
    ("14.7", transform("set StudyDate = shift(StudyDate, 5h)"), ("RT120",)),
    ("14.7", transform("set StudyDate = shift(StudyDate, 36501d)"), ("RT120",)),
    ("14.7", transform("set StudyID = slice(StudyID, 5, 2)"), ("RT115",)),
    ("14.7", transform("set StudyID = slice(StudyID, 1, 10001)"), ("RT120",)),
    ("14.7", transform('set StudyInstanceUID = uid_hash(PatientID, secret("env:K"))'), ("RT120",)),
    ("14.10", transform('set StationName = hash(PatientID, secret("env:K"))'), ("RT108",)),
    ("14.11", transform("set PatientID = hash(PatientID)"), ("RT505",)),
    ("14.11", transform('set PatientID = hash(PatientID, "hidden")'), ("RT504",)),
    ("14.11", transform('set PatientID = hash(PatientID, secret("hidden"))'), ("RT504",)),
    ("15.3", profile('dates shift within 5h per PatientID secret("env:K")'), ("RT108",)),
    ("15.4", profile("remove StationName keep StationName"), ("RT105",)),
    ("15.4", profile('uids hash secret("env:K") uids hash secret("env:L")'), ("RT105",)),
    ("15.5", profile("private remove except Rows"), ("RT116",)),
    ("15.6", profile('pixels block 0x5+1+1 when Modality == "US"'), ("RT108",)),
    ("15.7", sent("via c") + "profile c extends d { } profile d extends c { }\n", ("RT118",)),
    ("15.7", sent("via c") + "profile c extends dicom { }\n", ("RT104",)),
    (
        "15.8",
        sent("via c") + "profile c extends dicom.basic_2024 { option clean_descriptors }\n",
        (),
    ),
    ("15.8", sent("via c") + "profile c extends dicom.basic_2024 { option clean }\n", ("RT108",)),
    (
        "15.8",
        sent("via c") + "profile c extends dicom.basic_2024 { option "
        "retain_longitudinal_full_dates, retain_longitudinal_modified_dates }\n",
        ("RT108",),
    ),
    ("15.8", profile("option clean_descriptors"), ("RT108",)),
    ("15.8", sent("via c") + "profile c extends dicom.basic_204 { }\n", ("RT104",)),
    ("15.9", profile("remove StationName"), ("RT503",)),
    ("16.1", test('given { ImageType[1] = "X" } expect send n'), ("RT108",)),
    ("16.1", test('given { PatientName.family = "X" } expect send n'), ("RT108",)),
    ("16.1", test('given { Rows = "X" } expect send n'), ("RT120",)),
    ("16.1", test('given { clock.local = "X" } expect send n'), ("RT111",)),
    ("16.4", test('given { Modality = "CT" } at 2026-01-31T10:00 expect send n'), ("RT113",)),
    ("16.6", test('given { Modality = "CT" } expect send n via c'), ("RT104",)),
    ("16.6", test('given { Modality = "CT" } expect result instance.size == 5'), ("RT108",)),
    (
        "17.1",
        sent("") + 'invariant "x" { never send to n unless when Modality == "CT" '
        'always send to n when Modality == "CT" }\n',
        ("RT311",),
    ),
    (
        "17.1",
        sent("") + 'invariant "x" { always route when Modality == "CT" always pass }\n',
        ("RT311",),
    ),
    ("17.1", sent("") + 'invariant "x" { never send to n unless via c }\n', ("RT104",)),
    ("17.1", sent("") + 'invariant "x" { never send to m }\n', ("RT104",)),
    (
        "17.1",
        sent("") + 'invariant "x" { never send to n unless when Modalty == "CT" }\n',
        ("RT101",),
    ),
    ("18.1", 'set s = { "X" } # route: ignore[unused-name] kept for later\n', ()),
    ("18.1", '# route: ignore[RT221] until 9999-12-31 kept for later\nset s = { "X" }\n', ()),
    (
        "18.1",
        "# route: ignore[unused-name] kept for later\n# route: ignore[case-trap] as it is typed\n"
        'condition c = StudyDescription == "Knee"\n',
        (),
    ),
    ("18.3", 'set s = { "X" } # route: ignore[unused-name]\n', ("RT901",)),
    (
        "18.4",
        'set s = { "X" } # route: ignore[unused-name] until 2020-01-31 later\n',
        ("RT221", "RT902"),
    ),
    ("18.5", NODE + "# route: ignore[not-covers-blank] because\n" + POOLED_ALONE, ("RT900",)),
    ("18.6", when("Modality == 1 # route: ignore[wrong-type] because\n"), ("RT120", "RT900")),
]
