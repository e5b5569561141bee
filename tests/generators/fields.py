"""What generated programs read: fields of every carried type, and the literals asked of them."""

from dataclasses import dataclass

from pydicom.datadict import DicomDictionary, tag_for_keyword

from roteiro.core.program import ValueType

from generators.handmade import TYPES  # isort: skip


ASCII_VRS = {"AE", "CS", "UR"}


@dataclass(frozen=True)
class Attribute:
    """A field as a rule writes it."""

    path: str
    kind: ValueType
    tag: int = 0
    """0 for the envelope."""
    vr: str = ""

    @property
    def member(self) -> str:
        """The attribute's name in `Envelope`."""
        return self.path.partition(".")[2]


def attribute(keyword: str, *, as_tag: bool = False) -> Attribute:
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    vr = DicomDictionary[tag][0]
    path = f"({tag >> 16:04X},{tag & 0xFFFF:04X})" if as_tag else keyword
    return Attribute(path, TYPES.get(vr, ValueType.STATE_ONLY), tag, vr)


TEXTS = "Modality StationName StudyDescription InstitutionAddress PatientComments RetrieveAETitle"
TEXTS += " RetrieveURL LongCodeValue TextValue ImageType BodyPartExamined"
NUMBERS = "SliceThickness InstanceNumber Rows SmallestImagePixelValue RecommendedDisplayFrameRate"
NUMBERS += " RegionLocationMinX0 ReferencePixelX0 DiffusionBValue TagAngleSecondAxis"
NUMBERS += " ExaminedBodyThickness FileOffsetInContainer SelectorSVValue"
DATES = "StudyDate PatientBirthDate"
TIMES = "StudyTime AcquisitionTime"
UIDS = "SOPClassUID StudyInstanceUID"
STATES = "PatientName AcquisitionDateTime PatientAge FrameIncrementPointer PixelData"
STATES += " ReferencedStudySequence EncapsulatedDocument SelectorUNValue LUTData"
KEYWORDS = " ".join((TEXTS, NUMBERS, DATES, TIMES, UIDS, STATES)).split(" ")

ELEMENTS = tuple(attribute(keyword) for keyword in KEYWORDS)
TAGS = (attribute("Manufacturer", as_tag=True), attribute("KVP", as_tag=True))
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
ALL = (*ELEMENTS, *TAGS, *ENVELOPE)

LITERALS: dict[ValueType, tuple[str, ...]] = {
    ValueType.TEXT: (
        "CT", "MR", "CHEST", "CHEST CT", "PRIMARY", "A", "AB", "ABAB", "M\u00fcller", "\u00c5ngstr",
        "\u5c71\u7530", "\u3046\u3099", "ma\u00dfe", "x y", "a*b", "a?b", 'say "hi"', "l\ni\tne",
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
