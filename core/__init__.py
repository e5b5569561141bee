"""The compiled half of Roteiro: a program and the bytes of an object become a decision.

Map, in the order in which an object meets it:

- `program`: the contract with `roteiro.lang` (plain frozen data) and the `Decision`.
"""
