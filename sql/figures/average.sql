-- Counts and sums behind /getAverageMetrics, for one campaign, one banner or all of it, over one period of queue entry.
-- A call belongs whole to the period in which it entered the queue. Queue time runs from the first entry to the first
-- conversation start, or to the end where there was none; duration from the first start to the end.
-- Parameters: campaign, banner or NULL, from (inclusive) and to (exclusive) in milliseconds, 1 to include test calls.
SELECT
    COUNT(*) AS total,
    COUNT(started_at) AS answered,
    COUNT(CASE WHEN started_at IS NULL THEN ended_at END) AS not_answered,
    CAST(COALESCE(SUM(COALESCE(started_at, ended_at) - queued_at), 0) AS SIGNED) AS queue_ms,
    COUNT(CASE WHEN started_at IS NOT NULL THEN ended_at END) AS talked,
    CAST(COALESCE(SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END), 0) AS SIGNED) AS talk_ms
FROM sessions
WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id)
    AND queued_at > 0 AND queued_at >= ? AND queued_at < ?
    AND (kind = 'call' OR (? = 1 AND kind = 'test'))
