"""One meaning, three engines: the reference, the Python twin, the compiled matcher.

    reference(data) == twin(data).decision == compiled(data).decision

for every generated program and object, in every encoding, damaged or not; the rules that fired in
the trace are those of the decision; and a prefix of the data is either not enough for an engine, or
decided as the whole is.
"""

from dataclasses import dataclass, field

from generators.compile import typed_of
from generators.counter import Tally
from generators.dice import Dice
from generators.objects import harmed, thing
from generators.programs import program

from roteiro.core import Matcher, build
from roteiro.core.program import Decision, Encoding, Envelope
from roteiro.core.pure import PureMatcher
from roteiro.lang.lower import lower
from roteiro.lang.reference import Reference

OBJECTS = 6
"""Objects for each program."""


class DifferenceError(AssertionError):
    """The engines differ; `differential.shrink` makes the case of a seed small."""

    def __init__(self, seed: int, at: int, told: str) -> None:
        super().__init__(f"seed {seed}, object {at}: {told}")
        self.seed = seed
        self.at = at


@dataclass
class Engines:
    """The three, for one program."""

    text: str
    reference: Reference
    twin: PureMatcher
    compiled: Matcher

    def agree(self, data: bytes, encoding: Encoding, envelope: Envelope) -> Decision:
        """Decide with all three; any difference is an error that shows the whole case."""
        expected = self.reference.decide(data, encoding, envelope)
        for name, engine in (("twin", self.twin), ("compiled", self.compiled)):
            outcome = engine.decide(data, encoding, envelope)
            assert outcome is not None
            assert outcome.decision == expected, self.case(
                f"{name} differs: {outcome.decision}\nfrom {expected}", data, encoding, envelope
            )
        return expected

    def prefix(self, data: bytes, cut: int, encoding: Encoding, envelope: Envelope) -> bool:
        """Decide a prefix; say whether it was enough, and hold it against the whole."""
        whole = self.compiled.decide(data, encoding, envelope)
        answers = [
            engine.decide(data[:cut], encoding, envelope, complete=False)
            for engine in (self.twin, self.compiled)
        ]
        for answer in answers:
            assert answer is None or (whole and answer.decision == whole.decision), self.case(
                f"prefix of {cut}", data, encoding, envelope
            )
        return answers[1] is not None

    def traced(self, data: bytes, encoding: Encoding, envelope: Envelope) -> None:
        """Hold the trace against the decision."""
        trace = self.reference.trace(data, encoding, envelope)
        fired = tuple(rule.rule for rule in trace.rules if rule.fired)
        assert fired == trace.decision.rules, self.case("trace", data, encoding, envelope)

    def case(self, what: str, data: bytes, encoding: Encoding, envelope: Envelope) -> str:
        """Show everything that a difference needs to be seen again."""
        return f"{what}\n{self.text}\n{encoding.name} {data.hex()}\n{envelope}"


@dataclass
class Count:
    """What was compared."""

    programs: int = 0
    objects: int = 0
    unreadable: int = 0
    prefixes: int = 0
    early: int = 0
    tally: Tally = field(default_factory=Tally)

    def report(self) -> str:
        """Give the lines to print."""
        return (
            f"{self.programs} programs, {self.objects} objects in one of four encodings, "
            f"{self.unreadable} of them unreadable; {self.prefixes} prefixes, {self.early} enough\n"
            f"{self.table()}"
        )

    def table(self) -> str:
        """Give how often each predicate, quantifier, state and literal kind was true and false."""
        lines = self.tally.report().splitlines()
        return "\n".join(line for line in lines if not line.startswith("detail"))


def engines_of(text: str) -> Engines:
    """Compile a program for all three."""
    typed = typed_of(text)
    lowered = lower(typed)
    return Engines(text, Reference(typed), PureMatcher(lowered), build(lowered))


def compare(seed: int, count: Count) -> None:
    """Make a program and objects for it by a seed, and compare the engines on each."""
    dice = Dice(seed)
    case = program(dice)
    engines = engines_of(case.text)
    count.programs += 1
    for at in range(OBJECTS):
        made = thing(dice, case)
        encoding = dice.choice([*Encoding])
        data = made.encoded(encoding)
        if dice.one(10):
            data = harmed(dice, data)
        try:
            decision = engines.agree(data, encoding, made.envelope)
            early = engines.prefix(data, dice.upto(len(data)), encoding, made.envelope)
            if at == 0:
                engines.traced(data, encoding, made.envelope)
        except AssertionError as difference:
            raise DifferenceError(seed, at, str(difference)) from difference
        count.objects += 1
        count.unreadable += decision.hold is not None and decision.hold.queue == "unreadable"
        count.prefixes += 1
        count.early += early
        count.tally.record(engines.reference, data, encoding, made.envelope)
