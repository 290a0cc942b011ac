CREATE TABLE analysis_call ( -- every call of an analyst: done, failed, stopped or answered from here
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    request_sha256  TEXT NOT NULL, -- of snapshots, prompt, model and place: an answer is found again by it
    session         TEXT NOT NULL, -- one run of the program
    day             TEXT NOT NULL, -- UTC, YYYY-MM-DD: that on which it began
    began_us        INTEGER NOT NULL,
    ended_us        INTEGER, -- null while it is under way, and of a program that was killed
    state           TEXT NOT NULL,
    model           TEXT NOT NULL,
    place           TEXT NOT NULL, -- address it went to, empty for the offline analyst
    tokens_in       INTEGER, -- null while it is not known
    tokens_out      INTEGER,
    is_estimated    INTEGER NOT NULL DEFAULT 0, -- the tokens are not what the server counted
    nano_usd_in     INTEGER NOT NULL, -- price of a token then
    nano_usd_out    INTEGER NOT NULL,
    charged_nano_usd INTEGER NOT NULL, -- the worst case while it is under way, then what it cost
    reason          TEXT NOT NULL DEFAULT '',
    answer          TEXT -- JSON, of calls that are done
) STRICT;
CREATE INDEX analysis_call_spend ON analysis_call (day, charged_nano_usd);
CREATE INDEX analysis_call_session ON analysis_call (session, charged_nano_usd);
CREATE INDEX analysis_call_answer ON analysis_call (request_sha256) WHERE answer IS NOT NULL;

CREATE TABLE analysis_window ( -- what a call was about
    call_id         INTEGER NOT NULL REFERENCES analysis_call (id) ON DELETE CASCADE,
    place           INTEGER NOT NULL, -- among the windows of the call
    exchange        TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    from_us         INTEGER NOT NULL,
    to_us           INTEGER NOT NULL,
    snapshot_sha256 TEXT NOT NULL,
    PRIMARY KEY (call_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX analysis_window_of ON analysis_window (exchange, symbol, from_us);

CREATE TABLE model_price ( -- prices of models that were typed in; they stand above those built in
    model        TEXT PRIMARY KEY,
    nano_usd_in  INTEGER NOT NULL, -- of a token that is sent
    nano_usd_out INTEGER NOT NULL, -- of one that comes back
    set_us       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
