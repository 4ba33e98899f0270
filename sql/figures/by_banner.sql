-- The dashboard's table: counts and sums of calls for each banner, as rollups.sql and sessions.sql define them, with its
-- visits (bots, prefetches, reloads and HEAD requests apart) and its names. Sessions that are rolled are read from the roll-ups: whole
-- days (or all time), quarters of an hour before and after them, and at both edges of the period one by one. Those that are not
-- rolled yet are read one by one. A plus sign before a column keeps SQLite from looking it up by the wrong index.
-- Parameters: of each of these six parts, in this order, from and to (so that a part that is empty costs nothing), campaign or
-- NULL, (of the first three) the rows' length in milliseconds, from (inclusive) and to (exclusive) in milliseconds again, 1 to
-- include test calls; then campaign or NULL, from and to of the visits, 1 to include tests; campaign or NULL, banner
-- or NULL. The program names the campaigns, so that MariaDB too seeks the period in each of them.
SELECT
    b.campaign_id, b.id AS banner_id, c.name AS campaign_name, b.name AS banner_name,
    COALESCE(v.visits, 0) AS visits,
    CAST(COALESCE(s.total, 0) AS SIGNED) AS total,
    CAST(COALESCE(s.answered, 0) AS SIGNED) AS answered,
    CAST(COALESCE(s.not_answered, 0) AS SIGNED) AS not_answered,
    CAST(COALESCE(s.queue_ms, 0) AS SIGNED) AS queue_ms,
    CAST(COALESCE(s.talked, 0) AS SIGNED) AS talked,
    CAST(COALESCE(s.talk_ms, 0) AS SIGNED) AS talk_ms
FROM banners b
JOIN campaigns c ON c.id = b.campaign_id
LEFT JOIN (
    SELECT
        campaign_id, banner_id,
        SUM(total) AS total,
        SUM(answered) AS answered,
        SUM(not_answered) AS not_answered,
        SUM(queue_ms) AS queue_ms,
        SUM(talked) AS talked,
        SUM(talk_ms) AS talk_ms
    FROM (
            SELECT
                campaign_id, banner_id,
                SUM(answered + not_answered) AS total,
                SUM(answered) AS answered,
                SUM(not_answered) AS not_answered,
                SUM(answered_wait_ms + not_answered_wait_ms) AS queue_ms,
                SUM(answered) AS talked,
                SUM(talk_ms) AS talk_ms
            FROM rollups
            WHERE ? < ? AND campaign_id IN (SELECT id FROM campaigns WHERE id = COALESCE(?, id))
                AND grain = ? AND dimension = '' AND value = '' AND start_at >= ? AND start_at < ?
                AND (kind = 'call' OR (? = 1 AND kind = 'test'))
            GROUP BY campaign_id, banner_id
            UNION ALL
            SELECT
                campaign_id, banner_id,
                SUM(answered + not_answered) AS total,
                SUM(answered) AS answered,
                SUM(not_answered) AS not_answered,
                SUM(answered_wait_ms + not_answered_wait_ms) AS queue_ms,
                SUM(answered) AS talked,
                SUM(talk_ms) AS talk_ms
            FROM rollups
            WHERE ? < ? AND campaign_id IN (SELECT id FROM campaigns WHERE id = COALESCE(?, id))
                AND grain = ? AND dimension = '' AND value = '' AND start_at >= ? AND start_at < ?
                AND (kind = 'call' OR (? = 1 AND kind = 'test'))
            GROUP BY campaign_id, banner_id
            UNION ALL
            SELECT
                campaign_id, banner_id,
                SUM(answered + not_answered) AS total,
                SUM(answered) AS answered,
                SUM(not_answered) AS not_answered,
                SUM(answered_wait_ms + not_answered_wait_ms) AS queue_ms,
                SUM(answered) AS talked,
                SUM(talk_ms) AS talk_ms
            FROM rollups
            WHERE ? < ? AND campaign_id IN (SELECT id FROM campaigns WHERE id = COALESCE(?, id))
                AND grain = ? AND dimension = '' AND value = '' AND start_at >= ? AND start_at < ?
                AND (kind = 'call' OR (? = 1 AND kind = 'test'))
            GROUP BY campaign_id, banner_id
            UNION ALL
            SELECT
                campaign_id, banner_id,
                COUNT(*),
                COUNT(started_at),
                COUNT(CASE WHEN started_at IS NULL THEN ended_at END),
                SUM(COALESCE(started_at, ended_at) - queued_at),
                COUNT(CASE WHEN started_at IS NOT NULL THEN ended_at END),
                SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END)
            FROM sessions
            WHERE ? < ? AND campaign_id IN (SELECT id FROM campaigns WHERE id = COALESCE(?, id))
                AND rolled <> 0 AND queued_at > 0 AND queued_at >= ? AND queued_at < ?
                AND (kind = 'call' OR (? = 1 AND kind = 'test'))
            GROUP BY campaign_id, banner_id
            UNION ALL
            SELECT
                campaign_id, banner_id,
                COUNT(*),
                COUNT(started_at),
                COUNT(CASE WHEN started_at IS NULL THEN ended_at END),
                SUM(COALESCE(started_at, ended_at) - queued_at),
                COUNT(CASE WHEN started_at IS NOT NULL THEN ended_at END),
                SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END)
            FROM sessions
            WHERE ? < ? AND campaign_id IN (SELECT id FROM campaigns WHERE id = COALESCE(?, id))
                AND rolled <> 0 AND queued_at > 0 AND queued_at >= ? AND queued_at < ?
                AND (kind = 'call' OR (? = 1 AND kind = 'test'))
            GROUP BY campaign_id, banner_id
            UNION ALL
            SELECT
                campaign_id, banner_id,
                COUNT(*),
                COUNT(started_at),
                COUNT(CASE WHEN started_at IS NULL THEN ended_at END),
                SUM(COALESCE(started_at, ended_at) - queued_at),
                COUNT(CASE WHEN started_at IS NOT NULL THEN ended_at END),
                SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END)
            FROM sessions
            WHERE ? < ? AND campaign_id IN (SELECT id FROM campaigns WHERE id = COALESCE(?, id))
                AND rolled = 0 AND +queued_at > 0 AND +queued_at >= ? AND +queued_at < ?
                AND (kind = 'call' OR (? = 1 AND kind = 'test'))
            GROUP BY campaign_id, banner_id
    ) AS parts
    GROUP BY campaign_id, banner_id
) s ON s.campaign_id = b.campaign_id AND s.banner_id = b.id
LEFT JOIN (
    SELECT campaign_id, banner_id, COUNT(*) AS visits
    FROM visits
    WHERE campaign_id IN (SELECT id FROM campaigns WHERE id = COALESCE(?, id)) AND landed_at >= ? AND landed_at < ?
        AND (class = 'page' OR (? = 1 AND class = 'test')) AND broken_reason IS NULL
    GROUP BY campaign_id, banner_id
) v ON v.campaign_id = b.campaign_id AND v.banner_id = b.id
WHERE b.campaign_id = COALESCE(?, b.campaign_id) AND b.id = COALESCE(?, b.id)
ORDER BY b.campaign_id, b.id
