"""What hospitals have: machines, descriptions, parts of the body, and how often each comes.

Objects and rules draw from the same pools with the same weights, so rules really match. Weights
are Zipf's: the n-th value comes 1/n as often as the first, to a power.
"""

import random
from bisect import bisect
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Generic, TypeVar

Value = TypeVar("Value")

MACHINES = 10_000
MACHINES_AN_AE = 25
MAKERS = (
    "SIEMENS",
    "GE MEDICAL SYSTEMS",
    "Philips Medical Systems",
    "TOSHIBA",
    "Canon Medical Systems",
    "FUJIFILM Corporation",
    "Hitachi Medical",
    "Agfa",
    "Carestream Health",
    "HOLOGIC, Inc.",
)
MODELS = ("SOMATOM", "Revolution", "Ingenuity", "Aquilion", "Discovery", "Definition", "Optima")
PLACES = (
    "Hospital de São José",
    "General Hospital",
    "Klinikum Süd",
    "Hospital Dr. Ayres de Menezes",
    "Sankt Görans",
    "Centro de Saúde",
    "Hôpital Régional",
    "University Hospital",
    "St. Mary's",
    "Imaging Center",
)
DEPARTMENTS = ("Radiology", "Urgência", "Cardiology", "Oncology", "Pädiatrie", "Orthopaedics")
MODALITIES = ("CT", "MR", "DX", "US", "CR", "MG", "PT", "NM", "XA", "SR")
PARTS = (
    "CHEST",
    "ABDOMEN",
    "HEAD",
    "PELVIS",
    "CSPINE",
    "LSPINE",
    "KNEE",
    "NECK",
    "HEART",
    "SHOULDER",
    "HIP",
    "FOOT",
)
REGIONS = (
    "Thorax",
    "Abdomen",
    "Schädel",
    "Pelvis",
    "Coração",
    "Lumbar Spine",
    "Knee",
    "Neck",
    "Sinuses",
    "Angio",
)
PROTOCOLS = (
    "routine",
    "low dose",
    "with contrast",
    "w/o contrast",
    "follow-up",
    "trauma",
    "PE",
    "screening",
    "dual energy",
    "perfusion",
)
KINDS = ("ORIGINAL\\PRIMARY\\AXIAL", "DERIVED\\SECONDARY\\MPR", "ORIGINAL\\PRIMARY\\LOCALIZER")
IMAGE_TYPES = ("AXIAL", "MPR", "LOCALIZER", "DERIVED")
KERNELS = ("B30f", "B60s", "LUNG", "BONE", "STANDARD", "SOFT", "Br40d")
VOLTAGES = (120, 100, 80, 140, 70, 90, 110, 150)
STORAGE = "1.2.840.10008.5.1.4.1.1"
CLASSES = (f"{STORAGE}.2", f"{STORAGE}.4", f"{STORAGE}.2.1", f"{STORAGE}.7", f"{STORAGE}.88.33")


@dataclass(frozen=True, slots=True)
class Zipf(Generic[Value]):
    """Values that come less and less often."""

    values: tuple[Value, ...]
    sums: tuple[float, ...]

    def draw(self, rng: random.Random) -> Value:
        """Give one."""
        return self.values[bisect(self.sums, rng.random() * self.sums[-1], hi=len(self.sums) - 1)]


def zipf(values: tuple[Value, ...], power: float = 1.0) -> Zipf[Value]:
    """Weigh values by their places."""
    return Zipf(values, tuple(accumulate((place + 1) ** -power for place in range(len(values)))))


@dataclass(frozen=True, slots=True)
class Machine:
    """A scanner: what its headers always say."""

    ae: str
    station: str
    institution: str
    department: str
    maker: str
    model: str


def machine(number: int) -> Machine:
    """Give one scanner; some share an AE title, more an institution."""
    group = number // MACHINES_AN_AE
    return Machine(
        f"AE{group:04}",
        f"STATION{number:05}",
        f"{PLACES[group % 10]} {group // 10}",
        DEPARTMENTS[number % 6],
        MAKERS[number * 7 % 10],
        f"{MODELS[number * 5 % 7]} {number % 23}",
    )


@dataclass(frozen=True, slots=True)
class Pools:
    """All pools with their weights."""

    machines: Zipf[Machine]
    studies: Zipf[str]
    series: Zipf[str]
    modalities: Zipf[str]
    parts: Zipf[str]
    kinds: Zipf[str]
    voltages: Zipf[int]
    classes: Zipf[str]


@cache
def pools() -> Pools:
    """Make the pools; the order of machines and descriptions is mixed once."""
    rng = random.Random(20)
    machines = [machine(number) for number in range(MACHINES)]
    studies = [
        f"{region} {protocol} {n}"
        for region in REGIONS
        for protocol in PROTOCOLS
        for n in range(10)
    ]
    series = [
        f"{region} {thick}.0 {kernel} {n}"
        for region in REGIONS
        for thick in (1, 2, 3, 5)
        for kernel in KERNELS
        for n in range(4)
    ]
    for mixed in (machines, studies, series):
        rng.shuffle(mixed)  # type: ignore[arg-type]
    return Pools(
        zipf(tuple(machines), 0.9),
        zipf(tuple(studies)),
        zipf(tuple(series)),
        zipf(MODALITIES),
        zipf(PARTS),
        zipf(KINDS),
        zipf(VOLTAGES, 2.0),
        zipf(CLASSES, 2.0),
    )
