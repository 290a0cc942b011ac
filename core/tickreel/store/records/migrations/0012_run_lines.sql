ALTER TABLE run ADD COLUMN spark BLOB; -- equity at a few instants, float32 little-endian; NULL before its end

CREATE VIEW run_as_line AS -- what a list shows of a run, taken from its card
SELECT
    id,
    sweep_id,
    place,
    kind,
    state,
    created_us,
    json_extract(card, '$.strategy.name') AS strategy,
    (
        SELECT group_concat(json_extract(value, '$.exchange') || ':' || json_extract(value, '$.symbol'))
        FROM json_each(card, '$.instruments')
    ) AS symbols,
    json_extract(card, '$.from_us') AS from_us,
    json_extract(card, '$.to_us') AS to_us,
    json_extract(card, '$.reached_us') AS reached_us,
    json_extract(card, '$.params') AS params,
    json_extract(card, '$.models.preset') AS preset,
    json_extract(card, '$.metrics.currency') AS currency,
    json_extract(card, '$.metrics.pnl') AS pnl,
    json_extract(card, '$.metrics.return') AS gain,
    json_extract(card, '$.metrics.sharpe') AS sharpe,
    json_extract(card, '$.metrics.max_drawdown_share') AS drawdown,
    json_extract(card, '$.total_trades') AS trades,
    json_extract(card, '$.ticks_processed') AS messages,
    json_extract(card, '$.partial') AS is_partial,
    json_extract(card, '$.error.message') AS error,
    json_extract(card, '$.error.line') AS error_line,
    tags,
    notes,
    spark
FROM run;

CREATE TABLE run_line ( -- run_as_line as it is now, so that a list of many runs reads no card
    id         TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    sweep_id   TEXT,
    place      INTEGER,
    kind       TEXT NOT NULL,
    state      TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    strategy   TEXT NOT NULL,
    symbols    TEXT NOT NULL, -- EXCHANGE:SYMBOL, with commas between
    from_us    INTEGER NOT NULL,
    to_us      INTEGER NOT NULL,
    reached_us INTEGER,
    params     TEXT NOT NULL, -- JSON
    preset     TEXT,
    currency   TEXT,
    pnl        REAL,
    gain       REAL, -- over the capital
    sharpe     REAL,
    drawdown   REAL, -- over the height before
    trades     INTEGER,
    messages   INTEGER,
    is_partial INTEGER NOT NULL,
    error      TEXT,
    error_line INTEGER,
    tags       TEXT NOT NULL, -- JSON
    notes      TEXT NOT NULL,
    spark      BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO run_line SELECT * FROM run_as_line;

CREATE TRIGGER run_begun AFTER INSERT ON run
BEGIN
    INSERT INTO run_line SELECT * FROM run_as_line WHERE id = NEW.id;
END;
CREATE TRIGGER run_changed AFTER UPDATE ON run
BEGIN
    DELETE FROM run_line WHERE id = NEW.id;
    INSERT INTO run_line SELECT * FROM run_as_line WHERE id = NEW.id;
END;
