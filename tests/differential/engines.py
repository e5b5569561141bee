"""One meaning, three engines: the reference, the Python twin, the compiled matcher.

    reference(data) == twin(data).decision == compiled(data).decision

for every generated program and object, in every encoding, damaged or not; and a prefix of the data
is either not enough for an engine, or decided as the whole is.
"""

from dataclasses import dataclass, field

from generators.compile import typed_of
from generators.counter import Tally
from generators.objects import damaged, objects
from generators.programs import Case, cases
from hypothesis import strategies as st

from roteiro.core import Matcher, build
from roteiro.core.program import Decision, Encoding, Envelope
from roteiro.core.pure import PureMatcher
from roteiro.lang.lower import lower
from roteiro.lang.reference import Reference

OBJECTS = 6
"""Objects for each program."""


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
            assert outcome.decision == expected, self._case(name, data, encoding, envelope)
        return expected

    def prefix(self, data: bytes, cut: int, encoding: Encoding, envelope: Envelope) -> bool:
        """Decide a prefix; say whether it was enough, and hold it against the whole."""
        whole = self.compiled.decide(data, encoding, envelope)
        answers = [
            engine.decide(data[:cut], encoding, envelope, complete=False)
            for engine in (self.twin, self.compiled)
        ]
        for answer in answers:
            assert answer is None or (whole and answer.decision == whole.decision), self._case(
                f"prefix of {cut}", data, encoding, envelope
            )
        return answers[1] is not None

    def _case(self, name: str, data: bytes, encoding: Encoding, envelope: Envelope) -> str:
        return f"{name} differs\n{self.text}\n{encoding.name} {data.hex()}\n{envelope}"


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


def engines_of(case: Case) -> Engines:
    """Compile a program for all three."""
    typed = typed_of(case.text)
    program = lower(typed)
    return Engines(case.text, Reference(typed), PureMatcher(program), build(program))


def compare(data: st.DataObject, count: Count) -> None:
    """Draw a program and objects for it, and compare the engines on each."""
    case = data.draw(cases())
    engines = engines_of(case)
    count.programs += 1
    for _ in range(OBJECTS):
        thing = data.draw(objects(case))
        encoding = data.draw(st.sampled_from(Encoding))
        encoded = thing.encoded(encoding)
        if data.draw(st.integers(0, 7)) == 0:
            encoded = data.draw(damaged(encoded))
        decision = engines.agree(encoded, encoding, thing.envelope)
        cut = data.draw(st.integers(0, len(encoded)))
        count.objects += 1
        count.unreadable += decision.hold is not None and decision.hold.queue == "unreadable"
        count.prefixes += 1
        count.early += engines.prefix(encoded, cut, encoding, thing.envelope)
        count.tally.record(engines.reference, encoded, encoding, thing.envelope)
