CREATE TABLE sweep ( -- runs that were asked for together; it is done when there is a run for each of its places
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    request    TEXT NOT NULL, -- JSON: what was asked for
    trials     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run ( -- a backtest; its orders, fills, equity and series lie in files of the home
    id          TEXT PRIMARY KEY,
    sweep_id    TEXT REFERENCES sweep (id) ON DELETE CASCADE,
    place       INTEGER, -- among the runs of its sweep
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    created_us  INTEGER NOT NULL,
    pid         INTEGER NOT NULL, -- the program that has it done, to know whether it still runs
    began_s     REAL NOT NULL,
    request     TEXT NOT NULL, -- JSON: what was asked for, to do it once more
    card        TEXT NOT NULL, -- JSON: all that is told of it
    files       TEXT NOT NULL DEFAULT '{}', -- JSON: SHA-256 of each file by name
    tags        TEXT NOT NULL DEFAULT '[]', -- JSON
    notes       TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX run_created ON run (created_us);
CREATE UNIQUE INDEX run_of_sweep ON run (sweep_id, place) WHERE sweep_id IS NOT NULL;
