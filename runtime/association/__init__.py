"""Associations with peers, driven by the loop.

Map, from the wire inwards; each file knows only those above it:

- `limits`: what a peer may cost us. `waiting`, `watch`: deadlines on the router's clock.
- `request`: an A-ASSOCIATE PDU judged before anything else reads it. `contexts`: what we accept.
- `adapter`: the door to pynetdicom (state table, codecs, negotiation), without its threads.
- `command`: DIMSE command sets. `faults`: what a fault of the peer is answered with.
- called: `policy` (who may call, sans-I/O) and `names` (addresses of host names); `exchange` (the
  messages of an association), `acceptor` (a connection), `listener` (a port).
- calling: `call` (a connection), `requestor` (the `Carrier` and `Channel` of the contract).

P-DATA is cut and framed by `roteiro.core.pdata`. `contract` is what the rest of the router sees.
"""
