"""Fuzzing guided by the coverage of the compiled half, under the address and undefined sanitizers.

- `harness.c`: libFuzzer calls one target with bytes; it counts lines of Python as coverage, too.
- `fence.pyx`: puts what is read in blocks of exactly its size, so that a read past it is seen. Only
  the engine of a copy has it; `near` takes it where it is there.
- `targets`: what is done with bytes, and what must come of it; `fixed` has the programs, `laid` the
  machines of patterns, `files` changes compiled programs.
- `seeds` writes inputs to begin with; `tests/data/corpus` has those worth keeping, which
  `test_corpus` replays on the usual build.
- `run` builds a copy and fuzzes; `control` plants reads past an end, which must be found.
"""
