"""What the outside saw: each transmission of a scanner, each receipt of an archive.

The router has no part in it. The judge compares.
"""

from dataclasses import dataclass, field

from tests.sim.objects import Image, Rules


@dataclass(eq=False, slots=True)
class Sending:
    """One C-STORE of a scanner."""

    image: Image
    began: float
    rules: list[Rules]
    """In force at its begin, and what came in force before its end."""
    complete: bool = False
    """The last fragment was written: from here on the router may have it."""
    status: int | None = None
    answered: float | None = None

    @property
    def acknowledged(self) -> bool:
        return self.status == 0


@dataclass(eq=False, slots=True)
class Receipt:
    """One object that came whole to an archive."""

    to: str
    uid: str
    digest: str
    at: float
    line: int
    status: int | None = None
    """What was answered; none while nothing was, or when it named another object."""
    answered: float = 0.0
    odd: bool = False
    """The answer named another object."""
    in_flight: bool = False
    """The association ended, not in order, after this one."""

    @property
    def taken(self) -> bool:
        """Whether the archive said that it has it."""
        return (
            self.status is not None
            and not self.odd
            and self.status >> 12 in (0, 0xB)
            and (self.status not in (0x0111, 0x0112, 0x0122, 0x0124, 0x0211))
        )

    @property
    def refused(self) -> bool:
        return self.status is not None and not self.odd and not self.taken


@dataclass(slots=True)
class Journal:
    """Everything, in order."""

    rules: Rules
    """In force now."""
    images: dict[tuple[str, str], Image] = field(default_factory=dict)
    """By instance and digest."""
    sendings: list[Sending] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    open: set[int] = field(default_factory=set)

    def begin(self, image: Image, now: float) -> Sending:
        self.images[image.uid, image.digest] = image
        sending = Sending(image, now, [self.rules])
        self.sendings.append(sending)
        return sending

    def change(self, rules: Rules) -> None:
        """Note that a change of rules has begun or is over: what is on its way may meet either."""
        self.rules = rules
        for sending in reversed(self.sendings[-200:]):
            if sending.status is None:
                sending.rules.append(rules)
