"""Deliveries: to each destination its own queue, for days if need be.

In the order in which a delivery meets them:

- `dispatch`: all destinations; hints after a commit, `kick`, `stop`, how everything stands
- `post`: does what one destination asks for, in tasks: connect, send, record
- `destination`, `state`: what to do next, as a state machine without I/O; `actions` is what it says
- `window`: the part of the backlog that is in memory; `pairs`: which contexts to propose
- `statuses`: what the answer to a C-STORE means, as one table; `retry`: when to try again
- `status`, `meter`: the facts that people see
"""
