-- Counts and sums behind /getAverageMetrics, for one campaign, one banner or all of it, over one period of queue entry.
-- A call belongs whole to the period in which it entered the queue. Queue time runs from the first entry to the first
-- conversation start, or to the end where there was none; duration from the first start to the end.
-- Sessions that are rolled are read from the roll-ups: whole days (or all time), quarters of an hour before and after
-- them, and at both edges of the period one by one. Those that are not rolled yet are read one by one. All of it is one
-- statement, because a session that is rolled between two of them would be counted twice, or never.
-- A plus sign before a column keeps SQLite from looking it up by the wrong index; elsewhere it says nothing.
-- Parameters: of each part, in this order, campaign, banner or NULL, (of the first three) the rows' length in milliseconds,
-- from (inclusive) and to (exclusive) in milliseconds, 1 to include test calls. The parts: days, quarters before them,
-- quarters after them, the edge at the beginning, the edge at the end, what is not rolled (here from and to of it all).
SELECT
    CAST(COALESCE(SUM(total), 0) AS SIGNED) AS total,
    CAST(COALESCE(SUM(answered), 0) AS SIGNED) AS answered,
    CAST(COALESCE(SUM(not_answered), 0) AS SIGNED) AS not_answered,
    CAST(COALESCE(SUM(queue_ms), 0) AS SIGNED) AS queue_ms,
    CAST(COALESCE(SUM(talked), 0) AS SIGNED) AS talked,
    CAST(COALESCE(SUM(talk_ms), 0) AS SIGNED) AS talk_ms
FROM (
    SELECT
        SUM(answered + not_answered) AS total,
        SUM(answered) AS answered,
        SUM(not_answered) AS not_answered,
        SUM(answered_wait_ms + not_answered_wait_ms) AS queue_ms,
        SUM(answered) AS talked,
        SUM(talk_ms) AS talk_ms
    FROM rollups
    WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id)
        AND grain = ? AND dimension = '' AND value = '' AND start_at >= ? AND start_at < ?
        AND (kind = 'call' OR (? = 1 AND kind = 'test'))
    UNION ALL
    SELECT
        SUM(answered + not_answered) AS total,
        SUM(answered) AS answered,
        SUM(not_answered) AS not_answered,
        SUM(answered_wait_ms + not_answered_wait_ms) AS queue_ms,
        SUM(answered) AS talked,
        SUM(talk_ms) AS talk_ms
    FROM rollups
    WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id)
        AND grain = ? AND dimension = '' AND value = '' AND start_at >= ? AND start_at < ?
        AND (kind = 'call' OR (? = 1 AND kind = 'test'))
    UNION ALL
    SELECT
        SUM(answered + not_answered) AS total,
        SUM(answered) AS answered,
        SUM(not_answered) AS not_answered,
        SUM(answered_wait_ms + not_answered_wait_ms) AS queue_ms,
        SUM(answered) AS talked,
        SUM(talk_ms) AS talk_ms
    FROM rollups
    WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id)
        AND grain = ? AND dimension = '' AND value = '' AND start_at >= ? AND start_at < ?
        AND (kind = 'call' OR (? = 1 AND kind = 'test'))
    UNION ALL
    SELECT
        COUNT(*),
        COUNT(started_at),
        COUNT(CASE WHEN started_at IS NULL THEN ended_at END),
        SUM(COALESCE(started_at, ended_at) - queued_at),
        COUNT(CASE WHEN started_at IS NOT NULL THEN ended_at END),
        SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END)
    FROM sessions
    WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id)
        AND rolled <> 0 AND queued_at > 0 AND queued_at >= ? AND queued_at < ?
        AND (kind = 'call' OR (? = 1 AND kind = 'test'))
    UNION ALL
    SELECT
        COUNT(*),
        COUNT(started_at),
        COUNT(CASE WHEN started_at IS NULL THEN ended_at END),
        SUM(COALESCE(started_at, ended_at) - queued_at),
        COUNT(CASE WHEN started_at IS NOT NULL THEN ended_at END),
        SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END)
    FROM sessions
    WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id)
        AND rolled <> 0 AND queued_at > 0 AND queued_at >= ? AND queued_at < ?
        AND (kind = 'call' OR (? = 1 AND kind = 'test'))
    UNION ALL
    SELECT
        COUNT(*),
        COUNT(started_at),
        COUNT(CASE WHEN started_at IS NULL THEN ended_at END),
        SUM(COALESCE(started_at, ended_at) - queued_at),
        COUNT(CASE WHEN started_at IS NOT NULL THEN ended_at END),
        SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END)
    FROM sessions
    WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id)
        AND rolled = 0 AND +queued_at > 0 AND +queued_at >= ? AND +queued_at < ?
        AND (kind = 'call' OR (? = 1 AND kind = 'test'))
) AS parts
