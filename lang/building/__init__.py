"""Makes the nodes of a tree, one method a rule of `route.lark`, named like it.

A method is given the place of what was read and the parts of it that count: tokens, and nodes that
are made already. Each file adds the methods of one part of the language to the file before:
`words`, `conditions`, `definitions`, `rules`, `chains`, `claims`.
"""
