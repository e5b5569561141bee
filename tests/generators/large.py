"""A rule file as large as a hospital group's: thousands of rules of three to five lines.

Made by counting, not by chance, so that two runs measure the same text. About 200 bytes a rule.
"""

MODALITIES = ("CT", "MR", "DX", "US", "CR", "MG", "PT", "NM", "XA", "OT")
PARTS = ("CHEST", "HEAD", "ABDOMEN", "KNEE", "SPINE", "PELVIS", "HAND", "NECK")
NODES = ("pacs_a", "pacs_b", "vna", "ai_lung", "reader_east", "reader_west")
HEAD = 'language 1\ntimezone "Europe/Lisbon"\n' + "".join(
    f'node {name} {{ ae = "N{number}" host = "10.0.0.{number}" port = 104 }}\n'
    for number, name in enumerate(NODES, 1)
)
SHAPES = (
    """\
  rule {name} "images of ward {n} go to {node}" {{
    when assoc.calling_ae == "SCAN{n}" and Modality == "{modality}"
         and StationName in {{ "ROOM{n}A", "ROOM{n}B" }}
    send to {node} urgency normal
  }}
""",
    """\
  rule {name} priority {level} {{
    when Modality == "{modality}" and BodyPartExamined in {{ "{part}", "{other}" }}
         and (SliceThickness <= {thin} or SliceThickness is blank) and StationName == "S{n}"
    send to {node} batch by series after {wait}s
  }}
""",
    """\
  # ward {n}
  rule {name} "old studies of ward {n} stay in the archive" {{
    when StudyDate in 2019-01-01..2024-12-31 and InstitutionName contains i"ward {n}"
         and not (PatientID is blank) and no ImageType == "LOCALIZER"
    send to vna, {node}
  }}
""",
    """\
  rule {name} {{
    when any RequestAttributesSequence has (ScheduledProcedureStepID starts with "P{n}-")
         and Modality in {{ "{modality}", "SR" }}
    send to {node}
  }}
""",
)


def rule(number: int) -> str:
    """Write one rule."""
    return SHAPES[number % len(SHAPES)].format(
        name=f"ward_{number}",
        n=number,
        node=NODES[number % len(NODES)],
        modality=MODALITIES[number % len(MODALITIES)],
        part=PARTS[number % len(PARTS)],
        other=PARTS[(number // 3 + 1) % len(PARTS)],
        level=number % 50,
        thin=f"{number % 9 + 1}.{number % 10}",
        wait=number % 90 + 1,
    )


def file(count: int, *, tables: int = 4) -> str:
    """Write a file of so many rules in tables of the kind `all`."""
    each = -(-count // tables)
    texts = []
    for table in range(tables):
        numbers = range(table * each, min(count, (table + 1) * each))
        texts.append(f"\ntable wards_{table} all {{\n{''.join(map(rule, numbers))}}}\n")
    return HEAD + "".join(texts)
