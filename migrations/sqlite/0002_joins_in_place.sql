-- SQLite. The same numbers and names as in ../mysql.

-- What a join writes is 0 until then, not NULL: a row whose size stays the same is updated in place, which halves what
-- a join costs the database. `state` keeps its length too: 'created' and 'waiting' have seven letters.
UPDATE sessions SET
    queue_id = COALESCE(queue_id, 0),
    ticket = COALESCE(ticket, 0),
    queued_at = COALESCE(queued_at, 0),
    waiting_since = COALESCE(waiting_since, 0);

-- For people: every call with dates (UTC) and seconds.
DROP VIEW calls_readable;
CREATE VIEW calls_readable AS
SELECT
    LOWER(HEX(id)) AS session_id,
    campaign_id,
    banner_id,
    state,
    outcome,
    STRFTIME('%Y-%m-%d %H:%M:%f', queued_at / 1000.0, 'unixepoch') AS queue_entry_time,
    STRFTIME('%Y-%m-%d %H:%M:%f', started_at / 1000.0, 'unixepoch') AS conversation_start_time,
    STRFTIME('%Y-%m-%d %H:%M:%f', ended_at / 1000.0, 'unixepoch') AS session_end_time,
    (COALESCE(started_at, ended_at) - queued_at) / 1000.0 AS queue_seconds,
    (CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END) / 1000.0 AS conversation_seconds,
    address,
    user_agent,
    country,
    representative_name
FROM sessions
WHERE queued_at > 0 AND kind = 'call';
