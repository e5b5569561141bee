"""Pictures of a program: its guard, tables, pools and nodes, and the way of one object.

`model` is what is drawn, `mermaid`, `dot` and `svg` draw it.
"""
