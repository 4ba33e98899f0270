-- The dashboard's table: the counts and sums of average.sql for each banner, with its visits (bots, prefetches and HEAD
-- requests apart) and its names.
-- Parameters: from, to, 1 to include test calls; from, to; campaign or NULL, banner or NULL.
SELECT
    b.campaign_id, b.id AS banner_id, c.name AS campaign_name, b.name AS banner_name,
    COALESCE(v.visits, 0) AS visits,
    COALESCE(s.total, 0) AS total,
    COALESCE(s.answered, 0) AS answered,
    COALESCE(s.not_answered, 0) AS not_answered,
    CAST(COALESCE(s.queue_ms, 0) AS SIGNED) AS queue_ms,
    COALESCE(s.talked, 0) AS talked,
    CAST(COALESCE(s.talk_ms, 0) AS SIGNED) AS talk_ms
FROM banners b
JOIN campaigns c ON c.id = b.campaign_id
LEFT JOIN (
    SELECT
        campaign_id, banner_id,
        COUNT(*) AS total,
        COUNT(started_at) AS answered,
        COUNT(CASE WHEN started_at IS NULL THEN ended_at END) AS not_answered,
        SUM(COALESCE(started_at, ended_at) - queued_at) AS queue_ms,
        COUNT(CASE WHEN started_at IS NOT NULL THEN ended_at END) AS talked,
        SUM(CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END) AS talk_ms
    FROM sessions
    WHERE queued_at > 0 AND queued_at >= ? AND queued_at < ? AND (kind = 'call' OR (? = 1 AND kind = 'test'))
    GROUP BY campaign_id, banner_id
) s ON s.campaign_id = b.campaign_id AND s.banner_id = b.id
LEFT JOIN (
    SELECT campaign_id, banner_id, COUNT(*) AS visits
    FROM visits
    WHERE landed_at >= ? AND landed_at < ? AND class = 'page' AND broken_reason IS NULL
    GROUP BY campaign_id, banner_id
) v ON v.campaign_id = b.campaign_id AND v.banner_id = b.id
WHERE b.campaign_id = COALESCE(?, b.campaign_id) AND b.id = COALESCE(?, b.id)
ORDER BY b.campaign_id, b.id
