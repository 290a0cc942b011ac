ALTER TABLE segment ADD COLUMN format INTEGER NOT NULL DEFAULT 0; -- 0: Parquet, no longer read
ALTER TABLE segment ADD COLUMN keyframe_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segment ADD COLUMN damaged_us INTEGER;
ALTER TABLE segment ADD COLUMN trash_id INTEGER REFERENCES trash (id);

ALTER TABLE day ADD COLUMN expires_us INTEGER;
ALTER TABLE day ADD COLUMN grade TEXT;   -- with issues: what the health report says, for lists
ALTER TABLE day ADD COLUMN issues TEXT;
ALTER TABLE day ADD COLUMN hits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE day ADD COLUMN last_used_us INTEGER;
ALTER TABLE day ADD COLUMN used_order INTEGER NOT NULL DEFAULT 0; -- place in the order of use: no clock in it

CREATE TABLE health (
    dataset_id INTEGER NOT NULL,
    day        TEXT NOT NULL,
    basis      TEXT NOT NULL, -- digests of the rows it was computed from
    report     TEXT NOT NULL, -- JSON
    PRIMARY KEY (dataset_id, day),
    FOREIGN KEY (dataset_id, day) REFERENCES day (dataset_id, day) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE pin (
    dataset_id  INTEGER NOT NULL REFERENCES dataset (id),
    day         TEXT NOT NULL,
    holder      TEXT NOT NULL, -- '' = by hand: keeps the day; else who needs it: keeps the version
    rows_sha256 TEXT NOT NULL,
    PRIMARY KEY (dataset_id, day, holder)
) STRICT, WITHOUT ROWID;

CREATE TABLE trash ( -- one version of a day that was taken away and can be put back
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id  INTEGER NOT NULL REFERENCES dataset (id),
    day         TEXT NOT NULL,
    trashed_us  INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    rows_sha256 TEXT NOT NULL -- '' where several parts of a larger day went
) STRICT;
CREATE INDEX trash_of_day ON trash (dataset_id, day);

CREATE TABLE tier_statistics (
    tier        TEXT PRIMARY KEY,
    since_us    INTEGER NOT NULL,
    hits        INTEGER NOT NULL,
    misses      INTEGER NOT NULL,
    origin_hits INTEGER NOT NULL -- hits on days that an origin could have served
) STRICT, WITHOUT ROWID;

CREATE TABLE tier_latency (
    tier   TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (tier, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('used_order', 0);

CREATE INDEX segment_in_trash ON segment (trash_id) WHERE trash_id IS NOT NULL;
-- Sums over all days of all datasets are read from these two alone (hence the last column).
CREATE INDEX day_sums ON day (dataset_id, state, grade, day, hits, last_used_us, expires_us);
CREATE INDEX segment_sums ON segment
    (dataset_id, row_count, bytes, keyframe_bytes, first_local_us, last_local_us, trashed_us)
    WHERE trashed_us IS NULL;

INSERT INTO trash (dataset_id, day, trashed_us, reason, rows_sha256)
    SELECT dataset_id, day, trashed_us, 'replaced', CASE COUNT(*) WHEN 1 THEN MAX(rows_sha256) ELSE '' END
    FROM segment WHERE trashed_us IS NOT NULL GROUP BY trashed_us, dataset_id, day;
UPDATE segment SET trash_id = (
    SELECT id FROM trash
    WHERE trash.dataset_id = segment.dataset_id AND trash.day = segment.day
        AND trash.trashed_us = segment.trashed_us
) WHERE trashed_us IS NOT NULL;

UPDATE day SET state = 'damaged' WHERE EXISTS (
    SELECT 1 FROM segment
    WHERE segment.dataset_id = day.dataset_id AND segment.day = day.day AND segment.trashed_us IS NULL
);
