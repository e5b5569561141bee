"""The tables of a spool's index. A change of any kind is a new version: the index is made anew."""

VERSION = 1
APPLICATION = 0x524F5445  # "ROTE"
TABLES = {"object", "delivery", "held", "destination"}

SCHEMA = f"""
CREATE TABLE object (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL,
    owed INTEGER NOT NULL,       -- deliveries not done, and queues that hold it
    sends INTEGER NOT NULL,      -- its deliveries are sequence ... sequence + sends - 1
    size INTEGER NOT NULL,
    sop_class TEXT NOT NULL,
    sop_instance TEXT NOT NULL,
    transfer_syntax TEXT NOT NULL
) STRICT;
CREATE INDEX object_settled ON object (state) WHERE state <> 0;
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL,
    destination TEXT NOT NULL,
    rule TEXT NOT NULL,
    urgency TEXT NOT NULL,
    state INTEGER NOT NULL,
    queued REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL,
    changed REAL NOT NULL,
    noted INTEGER NOT NULL DEFAULT 1  -- whether the object's file says so too
) STRICT;
CREATE INDEX delivery_queue ON delivery (destination, state, id);
CREATE INDEX delivery_settled ON delivery (state, id) WHERE state <> 0;
CREATE INDEX delivery_unnoted ON delivery (id) WHERE noted = 0;
CREATE TABLE held (
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL,
    queue TEXT NOT NULL,
    reason TEXT NOT NULL,
    since REAL NOT NULL
) STRICT;
CREATE INDEX held_queue ON held (queue, id);
CREATE INDEX held_object ON held (object);
CREATE TABLE destination (
    name TEXT PRIMARY KEY,
    waiting INTEGER NOT NULL,
    held INTEGER NOT NULL,
    done INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""
