-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- What a join writes is 0 until then, not NULL: a row whose size stays the same is updated in place, which halves what
-- a join costs the database. `state` keeps its length too: 'created' and 'waiting' have seven letters.
UPDATE sessions SET
    queue_id = COALESCE(queue_id, 0),
    ticket = COALESCE(ticket, 0),
    queued_at = COALESCE(queued_at, 0),
    waiting_since = COALESCE(waiting_since, 0);
ALTER TABLE sessions
    MODIFY queue_id BIGINT NOT NULL DEFAULT 0,
    MODIFY ticket BIGINT NOT NULL DEFAULT 0,
    MODIFY queued_at BIGINT NOT NULL DEFAULT 0,
    MODIFY waiting_since BIGINT NOT NULL DEFAULT 0;

-- For people: every call with dates (UTC) and seconds.
DROP VIEW calls_readable;
CREATE VIEW calls_readable AS
SELECT
    LOWER(HEX(id)) AS session_id,
    campaign_id,
    banner_id,
    state,
    outcome,
    CAST('1970-01-01' AS DATETIME(3)) + INTERVAL queued_at * 1000 MICROSECOND AS queue_entry_time,
    CAST('1970-01-01' AS DATETIME(3)) + INTERVAL started_at * 1000 MICROSECOND AS conversation_start_time,
    CAST('1970-01-01' AS DATETIME(3)) + INTERVAL ended_at * 1000 MICROSECOND AS session_end_time,
    (COALESCE(started_at, ended_at) - queued_at) / 1000.0 AS queue_seconds,
    (CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END) / 1000.0 AS conversation_seconds,
    address,
    user_agent,
    country,
    representative_name
FROM sessions
WHERE queued_at > 0 AND kind = 'call';
