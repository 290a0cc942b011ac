CREATE TABLE dataset (
    id       INTEGER PRIMARY KEY,
    exchange TEXT NOT NULL,
    symbol   TEXT NOT NULL,
    type     TEXT NOT NULL,
    UNIQUE (exchange, symbol, type)
) STRICT;

CREATE TABLE day (
    dataset_id  INTEGER NOT NULL REFERENCES dataset (id),
    day         TEXT NOT NULL,
    state       TEXT NOT NULL,
    rows_sha256 TEXT NOT NULL,
    PRIMARY KEY (dataset_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE segment (
    id                  TEXT PRIMARY KEY,
    dataset_id          INTEGER NOT NULL REFERENCES dataset (id),
    day                 TEXT NOT NULL,
    start_us            INTEGER NOT NULL,
    end_us              INTEGER NOT NULL,
    row_count           INTEGER NOT NULL,
    messages            INTEGER NOT NULL,
    bytes               INTEGER NOT NULL,
    first_local_us      INTEGER,
    last_local_us       INTEGER,
    rows_sha256         TEXT NOT NULL,
    opens_with_snapshot INTEGER NOT NULL,
    source              TEXT NOT NULL,
    source_sha256       TEXT,
    imported_us         INTEGER NOT NULL,
    trashed_us          INTEGER -- NULL while the segment is part of its day
) STRICT;
CREATE INDEX segment_of_day ON segment (dataset_id, day, start_us) WHERE trashed_us IS NULL;

CREATE TABLE member ( -- symbols inside grouped files
    segment_id TEXT NOT NULL REFERENCES segment (id),
    symbol     TEXT NOT NULL,
    PRIMARY KEY (segment_id, symbol)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_symbol ON member (symbol);
