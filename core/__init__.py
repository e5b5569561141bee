"""The compiled half of Roteiro: a program and the bytes of an object become a decision.

Map, in the order in which an object meets it:

- `program`: the contract with `roteiro.lang` (plain frozen data) and the `Decision`; `validate`,
  `validate_field` and `validate_match` check what an engine may rely on, `tested` says what of an
  object, level by level, a program can depend on.
- `plan`: a program by numbers, made once, from `levels` (tested elements), `scopes` (fields and
  tests, those inside `has` too), `clauses` (conditions to clauses) and `cells` (the values of a
  field that no test can tell apart).
- `artefact_lay` writes the plan as one file without pointers, with `artefact_literals` and
  `artefact_notes`; `artefact_parts` is how a file looks. `artefact` looks at every number of a file
  once, with `artefact_fields` and `artefact_clauses`, and uses it where it lies: what `build` makes
  is such a file, too; `artefact_lift` lets in whom the guard holds. `flat` has the memory that a
  decision works in.
- `scan`: finds the tested elements of an encoded data set, at every level that somebody asks for,
  in one pass, and stops after the last; `inflate` goes before it when the data set is deflated.
- `values`: bytes of an element to the tests that its values hit, with `letters` for text and `days`
  for instants and zones. Its slow path is in Python: `text` and `names` for text that `letters`
  leaves to them; `envelope` is asked once an envelope.
- `machines`: all patterns of a field in one pass over a value: literals in `tries`, expressions
  (`automaton`) as `subsets`, put together by `machines_build` with what `wanted` sees in them,
  and laid flat by `machines_lay`.
- `bitset`: the tests that hold to the rules that fire; `matcher` ties all of it together, and
  `decision` puts the rules that fired together to a `Decision`. `feed` does it as the bytes come,
  `measure` times it.
- `pure`, with `pure_reader`, `pure_data`, `pure_values` and `pure_matches`: the same in plain
  Python, for tests. `general` makes values of bytes with the same functions, `parsers` and
  `instants` among them, so for its fields the judge of both is the reference interpreter.

How bytes become states and values is said in docs/reading.md. The package itself imports no
extension: `lang` needs `program` alone, and `pure` works without a compiler.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from roteiro.core.errors import ArtefactError, EngineMissingError, ProgramError
from roteiro.core.program import Encoding, Envelope, Outcome, Program

if TYPE_CHECKING:
    from roteiro.core.artefact import Artefact
    from roteiro.core.artefact_lay import Compiled
    from roteiro.core.clauses import Clauses

__all__ = [
    "ArtefactError",
    "EngineMissingError",
    "Matcher",
    "ProgramError",
    "build",
    "lay",
    "load",
    "look_at",
    "matcher_of",
]


Data = bytes | bytearray | memoryview
MISSING = "the compiled engine is missing: build it with `python setup.py build_ext --inplace`"


class Matcher(Protocol):
    """Decides objects for one program."""

    def decide(
        self, data: Data, encoding: Encoding, envelope: Envelope, *, complete: bool = True
    ) -> Outcome | None:
        """Decide one object, given as its encoded data set without file meta.

        With `complete=False` the data are a prefix of what will come, and the answer is `None`
        unless no continuation can change it. Never raises for what an object holds.
        """

    def known(self, envelope: Envelope) -> object:
        """Prepare what is known of many objects; `size` and `at` are those of each."""

    def decide_known(self, data: Data, encoding: Encoding, known: object, at: int) -> Outcome:
        """Decide one whole object at an instant, microseconds since 1970, as `decide` does.

        Raises `ValueError` for what another matcher has prepared.
        """


def build(program: Program) -> Matcher:
    """Make the compiled matcher of a program.

    Raises `ProgramError` when the program is of another format or refers to what it does not hold,
    `EngineMissingError` when the extensions were not built.
    """
    from roteiro.core.artefact_parts import joined  # noqa: PLC0415  `program` stays light

    return load(joined(lay(program).parts))


def lay(program: Program, known: "Sequence[Clauses] | None" = None) -> "Compiled":
    """Lay a program out as the parts of a file (`artefact_lay.laid`). Raises as `build` does."""
    try:
        from roteiro.core.artefact_lay import laid  # noqa: PLC0415  `program` stays light
    except ImportError as error:
        raise EngineMissingError(MISSING) from error
    return laid(program, known)


def look_at(data: bytes | memoryview, engine: bytes | None = None) -> "Artefact":
    """Look at a compiled program, which is used where it lies: the bytes must not change.

    `engine` is who laid them out; nobody but this process when not given. Raises `ArtefactError`
    when they are no compiled program of this engine, `EngineMissingError` as `build` does.
    """
    try:
        from roteiro.core.artefact import Artefact  # noqa: PLC0415  `program` stays light
    except ImportError as error:
        raise EngineMissingError(MISSING) from error
    return Artefact(data) if engine is None else Artefact(data, engine)


def matcher_of(artefact: "Artefact") -> Matcher:
    """Make the matcher of a compiled program. Raises `EngineMissingError` as `build` does."""
    try:
        from roteiro.core.matcher import CompiledMatcher  # noqa: PLC0415  `program` stays light
    except ImportError as error:
        raise EngineMissingError(MISSING) from error
    return CompiledMatcher(artefact)


def load(data: bytes | memoryview, engine: bytes | None = None) -> Matcher:
    """Make the matcher of a compiled program. Raises as `look_at` does."""
    return matcher_of(look_at(data, engine))
