"""Where acknowledged objects lie until nothing is owed any more.

- `contract`: the interface that the rest of the router knows, and the promise behind it
- `store`: `FileSpool`, the first implementation, one self-describing file an object; made of
  `format` (the file), `slot` and `committer` (in), `reader` (out), `index`, `writer` and `schema`
  (the index), `upkeep` (what follows a delivery), `recover` (at start)
"""
