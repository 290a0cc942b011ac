ALTER TABLE analysis_call ADD COLUMN question TEXT NOT NULL DEFAULT ''; -- asked besides, in the user's words
ALTER TABLE analysis_call ADD COLUMN partial TEXT; -- what came of a call that was stopped or failed
ALTER TABLE analysis_window ADD COLUMN groups TEXT; -- of figures that were given; null of older ones, all
ALTER TABLE analysis_window ADD COLUMN data TEXT; -- JSON: type, day and digest of the rows; null of older ones
CREATE INDEX analysis_call_request ON analysis_call (request_sha256);

CREATE TABLE analysis_mark ( -- what somebody noted of a finding
    call_id   INTEGER NOT NULL REFERENCES analysis_call (id) ON DELETE CASCADE, -- the call whose answer it is
    place     INTEGER NOT NULL, -- of the window among those of the call
    finding   INTEGER NOT NULL, -- from 0 on
    is_pinned INTEGER NOT NULL DEFAULT 0,
    rating    INTEGER NOT NULL DEFAULT 0, -- 1 was good, -1 was not, 0 nobody has said
    set_us    INTEGER NOT NULL,
    PRIMARY KEY (call_id, place, finding)
) STRICT, WITHOUT ROWID;
