-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- Which browser asked for a session, to find the earlier ones; null where a version before this was asked.
-- Whom a representative answered, and when, for the figures of their day.
ALTER TABLE sessions
    ADD COLUMN visitor_id BINARY(16),
    ADD INDEX sessions_by_visitor (visitor_id, created_at),
    ADD INDEX sessions_by_answerer (answered_by, started_at);

-- Visitors whose requests wait behind everybody else, until `ends_at`: since when, in which session, who said so, and why.
CREATE TABLE blocks (
    visitor_id BINARY(16) NOT NULL PRIMARY KEY,
    session_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    reason VARCHAR(200),
    at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    INDEX blocks_by_end (ends_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
