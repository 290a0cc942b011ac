CREATE TABLE analysis_request ( -- requests of the last minute, by which all programs on a home keep to its rate
    id              INTEGER PRIMARY KEY,
    sent_us         INTEGER NOT NULL
) STRICT;
CREATE INDEX analysis_request_sent ON analysis_request (sent_us);
CREATE INDEX analysis_call_under_way ON analysis_call (id) WHERE state = 'under_way';
