"""The tables of a spool's index. A change of any kind is a new version: the index is made anew."""

VERSION = 4
APPLICATION = 0x524F5445  # "ROTE"
TABLES = {
    *("object", "delivery", "held", "step", "ruling", "series", "rule_set"),
    *("destination", "source", "discarded", "released", "era"),
}

_SOURCE_COUNTS = ("acknowledged", "routed", "held", "dropped", "no_delivery", "repeated")
_DESTINATION_COUNTS = ("owed", "waiting", "held", "done", "discarded", "repeated")


def _counters(names: tuple[str, ...]) -> str:
    """Give a column for a number and one for bytes of each name."""
    return ", ".join(
        f"{name} INTEGER NOT NULL DEFAULT 0, {name}_bytes INTEGER NOT NULL DEFAULT 0"
        for name in names
    )


SCHEMA = f"""
CREATE TABLE object (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    state INTEGER NOT NULL,      -- see index.ObjectState
    owed INTEGER NOT NULL,       -- deliveries waiting or held, and queues that hold it
    sends INTEGER NOT NULL,      -- sequence ... sequence + sends - 1 are numbers of its deliveries
    size INTEGER NOT NULL,
    sop_class TEXT NOT NULL,
    sop_instance TEXT NOT NULL,
    transfer_syntax TEXT NOT NULL,
    series INTEGER NOT NULL,     -- of the table series
    digest TEXT NOT NULL,        -- of the data set
    received REAL NOT NULL,
    settled REAL NOT NULL,       -- when the last of what was owed was settled; when it arrived
    source TEXT NOT NULL,        -- calling AE title
    peer TEXT NOT NULL,
    rule_set INTEGER NOT NULL,   -- of the table rule_set
    rules TEXT NOT NULL,         -- those that fired, separated by new lines
    fate INTEGER NOT NULL,       -- see story.Fate
    reason TEXT NOT NULL,        -- why it was dropped, or nothing is intended
    entry INTEGER NOT NULL,      -- whether an entry of it stays in the ledger when its bytes go
    repeats TEXT NOT NULL,       -- id of an object with the same bytes that spares this one
    differs TEXT NOT NULL        -- id of an object of the same instance with other bytes
) STRICT;
CREATE INDEX object_id ON object (id, state);
CREATE INDEX object_instance ON object (sop_instance, sequence);
CREATE INDEX object_series ON object (series, sequence);
CREATE INDEX object_finished ON object (sequence) WHERE state = 1;
CREATE INDEX object_live ON object (sequence) WHERE owed > 0;
CREATE INDEX object_history ON object (settled, sequence) WHERE state > 2;
CREATE TABLE series (
    number INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    study TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_uid ON series (uid, study);
CREATE INDEX series_study ON series (study);
CREATE TABLE rule_set (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,    -- place among all sends of the object
    destination TEXT NOT NULL,
    chain TEXT NOT NULL,         -- profiles of `via`, separated by commas
    rule TEXT NOT NULL,
    urgency TEXT NOT NULL,
    way TEXT NOT NULL,           -- how it may start, see ways; empty when at once
    state INTEGER NOT NULL,
    queued REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL,
    changed REAL NOT NULL,
    who TEXT NOT NULL,           -- the person who brought it to its state, if one did
    noted INTEGER NOT NULL DEFAULT 1  -- whether the object's file says so too
) STRICT;
CREATE INDEX delivery_queue ON delivery (destination, state, id);
CREATE INDEX delivery_lane ON delivery (destination, way, urgency, id) WHERE state = 0;
CREATE INDEX delivery_settled ON delivery (state, id) WHERE state <> 0;
CREATE INDEX delivery_unnoted ON delivery (id) WHERE noted = 0;
CREATE INDEX delivery_object ON delivery (object, id);
CREATE TABLE held (
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL,
    queue TEXT NOT NULL,
    reason TEXT NOT NULL,
    since REAL NOT NULL
) STRICT;
CREATE INDEX held_queue ON held (queue, id);
CREATE INDEX held_object ON held (object);
CREATE TABLE step (              -- attempts that failed, and what persons did
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL,
    delivery INTEGER NOT NULL,   -- 0: of the object itself
    at REAL NOT NULL,
    what TEXT NOT NULL,
    who TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX step_object ON step (object, delivery, id);
CREATE TABLE ruling (            -- decisions that persons had made later
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL,
    first INTEGER NOT NULL,
    at REAL NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    rule_set TEXT NOT NULL,
    decision TEXT NOT NULL,      -- JSON, as in the file
    noted INTEGER NOT NULL
) STRICT;
CREATE INDEX ruling_object ON ruling (object, id);
CREATE INDEX ruling_unnoted ON ruling (id) WHERE noted = 0;
CREATE TABLE destination (
    name TEXT PRIMARY KEY, {_counters(_DESTINATION_COUNTS)}
) STRICT, WITHOUT ROWID;
CREATE TABLE source (
    name TEXT PRIMARY KEY, {_counters(_SOURCE_COUNTS)}
) STRICT, WITHOUT ROWID;
CREATE TABLE discarded (
    destination TEXT NOT NULL,
    reason TEXT NOT NULL,
    number INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (destination, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE released (          -- batches that started, for what comes late
    destination TEXT NOT NULL,
    study TEXT NOT NULL,
    series TEXT NOT NULL,        -- empty of a batch by study
    at REAL NOT NULL,
    PRIMARY KEY (destination, study, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX released_at ON released (at);
CREATE TABLE era (
    begun REAL NOT NULL,         -- counts and history go back to here
    again INTEGER NOT NULL,      -- whether there was an index before, which was lost
    history INTEGER NOT NULL     -- objects of which only history is left
) STRICT;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""
