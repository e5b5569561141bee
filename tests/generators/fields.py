"""What generated programs read: fields of every type and place, and the literals asked of them."""

from dataclasses import dataclass

from pydicom.datadict import DicomDictionary, tag_for_keyword

from roteiro.core.program import ValueType

from generators.handmade import TYPES  # isort: skip

ASCII_VRS = {"AE", "CS", "UR"}
MANY = 9
"""What `n` of a multiplicity stands for here."""


@dataclass(frozen=True)
class Attribute:
    """A field as a rule writes it."""

    path: str
    kind: ValueType
    tag: int = 0
    """0 for the envelope."""
    vr: str = ""
    creator: str = ""
    repeating: bool = False
    most: int = 1
    """How many values it may have."""

    @property
    def member(self) -> str:
        """The attribute's name in `Envelope`."""
        return self.path.partition(".")[2]


def attribute(keyword: str, *, as_tag: bool = False) -> Attribute:
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    vr, multiplicity = DicomDictionary[tag][:2]
    path = f"({tag >> 16:04X},{tag & 0xFFFF:04X})" if as_tag else keyword
    most = multiplicity.rpartition("-")[2]
    return Attribute(
        path,
        KINDS.get(vr, ValueType.STATE_ONLY),
        tag,
        vr,
        most=int(most) if most.isdigit() else MANY,
    )


def private(creator: str, element: int, vr: str) -> Attribute:
    path = f'(0041,"{creator}",{element:02X})'
    return Attribute(path, KINDS[vr], 0x00410000 | element, vr, creator, most=MANY)


def repeating(group: int, element: int, vr: str) -> Attribute:
    path = f"({group >> 8:02X}xx,{element:04X})"
    return Attribute(path, KINDS[vr], group << 16 | element, vr, repeating=True)


KINDS = {
    **TYPES,
    "DT": ValueType.INSTANT,
    "AS": ValueType.AGE,
    "PN": ValueType.NAME,
    "AT": ValueType.TAG,
    "SQ": ValueType.SEQUENCE,
}
TEXTS = "Modality StationName StudyDescription InstitutionAddress PatientComments RetrieveAETitle"
TEXTS += " RetrieveURL LongCodeValue TextValue ImageType BodyPartExamined OtherPatientIDs"
NUMBERS = "SliceThickness InstanceNumber Rows SmallestImagePixelValue RecommendedDisplayFrameRate"
NUMBERS += " RegionLocationMinX0 ReferencePixelX0 DiffusionBValue TagAngleSecondAxis WindowCenter"
NUMBERS += " ExaminedBodyThickness FileOffsetInContainer SelectorSVValue PixelSpacing"
DATES = "StudyDate PatientBirthDate CalibrationDate"
TIMES = "StudyTime AcquisitionTime CalibrationTime"
UIDS = "SOPClassUID StudyInstanceUID"
NAMES = "PatientName ReferringPhysicianName OtherPatientNames"
MOMENTS = "AcquisitionDateTime InstanceCoercionDateTime DateTime"
AGES = "PatientAge"
POINTERS = "FrameIncrementPointer DimensionIndexPointer"
STATES = "PixelData EncapsulatedDocument SelectorUNValue LUTData"
SEQUENCES = "ReferencedStudySequence RequestAttributesSequence ProcedureCodeSequence"
SEQUENCES += " ScheduledProtocolCodeSequence ContentSequence DirectoryRecordSequence"
LISTS = (TEXTS, NUMBERS, DATES, TIMES, UIDS, NAMES, MOMENTS, AGES, POINTERS, STATES, SEQUENCES)

ELEMENTS = tuple(attribute(keyword) for words in LISTS for keyword in words.split(" "))
TAGS = (attribute("Manufacturer", as_tag=True), attribute("KVP", as_tag=True))
CREATORS = ("ROT EIRO", "Clínica 1")
PRIVATE = (
    *(private(CREATORS[0], 0x03, vr) for vr in ("LO", "DS", "DA", "UI")),
    *(private(CREATORS[0], 0x04, vr) for vr in ("TM", "DT", "AS")),
    *(private(CREATORS[1], 0x03, vr) for vr in ("LO", "DS", "SQ")),
    private(CREATORS[0], 0x05, "SQ"),
)
REPEATING = (
    repeating(0x6000, 0x0010, "US"),
    repeating(0x6000, 0x1500, "LO"),
    repeating(0x5000, 0x0022, "LO"),
)
ENVELOPE = (
    Attribute("assoc.calling_ae", ValueType.TEXT),
    Attribute("assoc.called_ae", ValueType.TEXT),
    Attribute("assoc.peer", ValueType.ADDRESS),
    Attribute("assoc.tls_subject", ValueType.TEXT),
    Attribute("assoc.listener", ValueType.TEXT),
    Attribute("instance.transfer_syntax", ValueType.UID),
    Attribute("instance.sop_class", ValueType.UID),
    Attribute("instance.sop_instance", ValueType.UID),
    Attribute("instance.size", ValueType.DECIMAL),
)
ALL = (*ELEMENTS, *TAGS, *PRIVATE, *REPEATING, *ENVELOPE)
PUBLIC = tuple(each for each in ALL if not each.creator)
"""What every encoding knows the VR of."""

LITERALS: dict[ValueType, tuple[str, ...]] = {
    ValueType.TEXT: (
        "CT", "MR", "CHEST", "CHEST CT", "PRIMARY", "A", "AB", "ABAB", "M\u00fcller", "\u00c5ngstr",
        "\u5c71\u7530", "\u3046\u3099", "ma\u00dfe", "x y", "a*b", "a?b", 'say "hi"', "l\ni\tne",
        "S\u00e3o Tom\u00e9", "1.5/2", "\u0130zmir", "\u03a3\u03c3\u03c2",
    ),
    ValueType.DECIMAL: (
        "0", "1", "5", "512", "-1", "1.5", "1.50", "0.1", "-0.25", "65535", "32768", "100000",
        "-2147483648", "4294967296", "12345678901234567890", "0.30000001192092896",
    ),
    ValueType.DATE: ("2024-02-29", "2026-01-31", "2026-02-01", "1999-12-31", "2000-01-01"),
    ValueType.TIME: ("00:00", "06:00", "22:00", "22:00:30", "22:00:30.5", "23:59:59.999999"),
    ValueType.UID: (
        "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.3", "1.2.3.4", "2.25.7",
    ),
    ValueType.ADDRESS: ("10.0.0.7", "10.0.0.8", "192.168.1.1", "fe80::1", "::1", "2001:db8::5"),
    ValueType.INSTANT: (
        "2026-03-29T01:00:00Z", "2026-03-29T02:30:00+01:00", "2026-10-25T01:30:00+01:00",
        "2026-01-31T12:00:00+00:00", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
        "2026-07-01T00:00:00-05:00",
    ),
    ValueType.AGE: ("18Y", "6M", "2W", "10D", "1Y", "12M", "365D", "0D"),
    ValueType.NAME: (
        "Muster^Max", "muster", "Jo\u00e3o^Silva", "S\u00e3o Tom\u00e9^Ana^de",
        "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce=\u3084\u307e\u3060^\u305f\u308d\u3046",
        "=\u5c71\u7530", "A^^C^Dr^MD", "Ma\u00df^B",
    ),
    ValueType.TAG: ("(0018,1063)", "(0010,0020)", "(0008,0060)", "(5400,0100)"),
}  # fmt: skip
UID_NAMES = {
    "CTImageStorage": "1.2.840.10008.5.1.4.1.1.2",
    "MRImageStorage": "1.2.840.10008.5.1.4.1.1.4",
}
NETWORKS = ("10.0.0.0/8", "10.0.0.7/32", "fe80::/10", "192.168.0.0/16")


def literals(each: Attribute) -> tuple[str, ...]:
    """Give the literals of a field that its values can be."""
    known = LITERALS.get(each.kind, ())
    if each.vr in ASCII_VRS:
        return tuple(value for value in known if value.isascii())
    return known
