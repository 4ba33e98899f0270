-- SQLite. The same numbers and names as in ../mysql.

-- Which browser asked for a session, to find the earlier ones; null where a version before this was asked.
-- Whom a representative answered, and when, for the figures of their day.
ALTER TABLE sessions ADD COLUMN visitor_id BLOB;
CREATE INDEX sessions_by_visitor ON sessions (visitor_id, created_at);
CREATE INDEX sessions_by_answerer ON sessions (answered_by, started_at);

-- Visitors whose requests wait behind everybody else, until `ends_at`: since when, in which session, who said so, and why.
CREATE TABLE blocks (
    visitor_id BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    reason TEXT,
    at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
);
CREATE INDEX blocks_by_end ON blocks (ends_at);
