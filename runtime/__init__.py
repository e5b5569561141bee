"""The world: associations, the spool, deliveries, the command line.

Map, in the order in which an object meets it:

- `association`: listeners and callers; pynetdicom driven by the loop
- `intake`: one C-STORE to the spool, past the rules, and its answer
- `spool`: where acknowledged objects lie until nothing is owed any more
- `delivery`: to each destination its own queue
- `router` puts these together, `serving` makes a process of it, `control` and `report` answer
  `status` and its like, `events` are all that happens and `log` shows them
- `programs` makes of a path what a router runs by; `reload` does it again while one runs, in
  another process (`aside`)

Beside the router: `sources`, `rules`, `explain`, `testing` and `findings` are the Python face and
what commands share; `subjects` and `dicomjson` are what `explain` decides, `cost` what rules cost;
`sending` and `demo` stand for scanners and archives; `cli` has one module a
command. `world` is the one door to disk, clock, randomness, threads and sockets; `loop` and `dicom`
are the doors to uvloop and pydicom.
"""
