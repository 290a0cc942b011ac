CREATE TABLE tier_day ( -- hits and misses of a tier by the UTC day on which they were written down
    tier   TEXT NOT NULL,
    day    TEXT NOT NULL, -- YYYY-MM-DD
    hits   INTEGER NOT NULL,
    misses INTEGER NOT NULL,
    PRIMARY KEY (tier, day)
) STRICT, WITHOUT ROWID;
