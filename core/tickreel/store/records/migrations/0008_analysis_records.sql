CREATE TABLE analysis_session ( -- the process that a run of the program was, to know whether it still runs
    session         TEXT PRIMARY KEY,
    pid             INTEGER NOT NULL,
    began_s         REAL NOT NULL -- start of the process, as the system gives it
) STRICT, WITHOUT ROWID;

CREATE TABLE analysis_record ( -- what was analysed along one replay, so that it can be gone through again
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    began_us        INTEGER NOT NULL,
    ended_us        INTEGER, -- null while it goes on, and of a program that was killed
    model           TEXT NOT NULL,
    place           TEXT NOT NULL,
    setup           TEXT NOT NULL -- JSON: what was watched, and how
) STRICT;

CREATE TABLE analysis_record_entry ( -- a window of a record, or a run of windows that were passed over
    record_id       INTEGER NOT NULL REFERENCES analysis_record (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL, -- in the order in which they were asked for
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    from_us         INTEGER NOT NULL, -- of a run, the end of its first window
    to_us           INTEGER NOT NULL, -- of a run, the end of its last window
    windows         INTEGER NOT NULL,
    reasons         TEXT NOT NULL, -- why it was analysed, by commas; empty of a run
    outcome         TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '', -- why there is no answer
    snapshot_sha256 TEXT, -- null where it was not measured
    call_id         INTEGER REFERENCES analysis_call (id), -- of this window, also one answered from the store
    answer_id       INTEGER REFERENCES analysis_call (id), -- that which has the answer
    PRIMARY KEY (record_id, number)
) STRICT, WITHOUT ROWID;
