"""The language: the text of a rule file becomes a checked program.

The stages, in order; each can be called alone and its result printed:

- `parser`: text to syntax tree (`nodes`); the only module that knows the parser generator
- `load`: the files of a program, by whoever can read them; each is parsed
- `check`: trees to checked program (`typed`), and findings (`diagnostics`)
- `lower`: checked program to the engine's contract (`roteiro.core.program`)

`words` and `rows` are objects and tests that stand in no rule file: at the command line, in a
table.

`warm` checks a large file again of which one rule changed, by the same stages.

Beside them: `reference`, the plain interpreter that defines what a program means, over the plain
walker of `elements`.
"""
