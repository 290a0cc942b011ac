CREATE TABLE fetch_hold ( -- until when nothing is asked of the vendor, for all programs of the home; one row at most
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    until_us  INTEGER NOT NULL,
    reason    TEXT NOT NULL
) STRICT;
