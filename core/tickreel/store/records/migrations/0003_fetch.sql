ALTER TABLE segment ADD COLUMN source_bytes INTEGER; -- size of the file that its rows came from

ALTER TABLE tier_statistics ADD COLUMN origin_bytes INTEGER NOT NULL DEFAULT 0; -- of the files behind origin_hits

CREATE TABLE fetch_job ( -- what somebody asked to be fetched
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    request     TEXT NOT NULL, -- JSON
    priority    INTEGER NOT NULL,
    place       REAL NOT NULL, -- among those of one priority
    created_us  INTEGER NOT NULL,
    standing_id INTEGER, -- the standing order that asked
    over_budget INTEGER NOT NULL DEFAULT 0, -- goes on when the calls of the plan are spent
    is_paused   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE fetch_day ( -- one day of a dataset on its way; jobs that want the same day share it
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange      TEXT NOT NULL,
    symbol        TEXT NOT NULL,
    type          TEXT NOT NULL,
    day           TEXT NOT NULL,
    start_us      INTEGER NOT NULL, -- the part of the day that is asked for
    end_us        INTEGER NOT NULL,
    source        TEXT NOT NULL,
    state         TEXT NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0, -- tries that failed
    troubles      TEXT NOT NULL DEFAULT '{}', -- JSON: of them, how many by each kind of trouble
    wait_until_us INTEGER,
    reason        TEXT NOT NULL DEFAULT '',
    evidence      TEXT, -- path of what was kept of a failure
    bytes         INTEGER NOT NULL DEFAULT 0,
    total_bytes   INTEGER,
    row_count     INTEGER,
    file          TEXT, -- the whole download, once it waits to be stored
    changed_us    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX fetch_under_way ON fetch_day (exchange, symbol, type, day)
    WHERE state IN ('queued', 'running', 'paused', 'waiting', 'verifying');
CREATE INDEX fetch_day_state ON fetch_day (state);

CREATE TABLE fetch_wish ( -- which job wants which day
    job_id INTEGER NOT NULL REFERENCES fetch_job (id) ON DELETE CASCADE,
    day_id INTEGER NOT NULL REFERENCES fetch_day (id) ON DELETE CASCADE,
    PRIMARY KEY (job_id, day_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX fetch_wish_day ON fetch_wish (day_id);

CREATE TABLE fetched ( -- every day that was fetched: what estimates and savings rest on
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange     TEXT NOT NULL,
    symbol       TEXT NOT NULL,
    type         TEXT NOT NULL,
    day          TEXT NOT NULL,
    source       TEXT NOT NULL,
    began_us     INTEGER NOT NULL,
    ended_us     INTEGER NOT NULL,
    download_s   REAL, -- null where the process that downloaded it ended before it was stored
    store_s      REAL NOT NULL,
    source_bytes INTEGER NOT NULL,
    stored_bytes INTEGER NOT NULL, -- rows and keyframes
    row_count    INTEGER NOT NULL
) STRICT;
CREATE INDEX fetched_of_type ON fetched (type, exchange, symbol);

CREATE TABLE origin_month ( -- what was asked of the vendor in a UTC month, failures included
    month    TEXT PRIMARY KEY, -- YYYY-MM
    requests INTEGER NOT NULL,
    bytes    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE standing_order ( -- datasets that are kept complete from a day on
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange   TEXT NOT NULL,
    symbol     TEXT NOT NULL,
    type       TEXT NOT NULL,
    first_day  TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    checked_us INTEGER,
    until_us   INTEGER, -- end of what the vendor had published when it was checked
    problem    TEXT NOT NULL DEFAULT '',
    UNIQUE (exchange, symbol, type)
) STRICT;

CREATE TABLE instrument ( -- a version of what is known of an instrument; the newest of a source holds
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange     TEXT NOT NULL,
    symbol       TEXT NOT NULL,
    source       TEXT NOT NULL,
    valid_from_us INTEGER, -- null: from the beginning
    valid_to_us  INTEGER, -- null: until further notice
    facts        TEXT NOT NULL, -- JSON
    recorded_us  INTEGER NOT NULL
) STRICT;
CREATE INDEX instrument_of_symbol ON instrument (exchange, symbol, source, recorded_us);
