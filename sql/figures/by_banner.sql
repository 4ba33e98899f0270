-- The dashboard's table: the calls of each banner, from the raw rows alone, with its visits (bots, prefetches, reloads and HEAD
-- requests apart) and its names. queue_ms: in the queue, over all that left it; talked, talk_ms: of answered calls that are over.
-- What stands in the brackets the program reads from roll-ups as far as it can (parts/by_banner.sql, parts/visits_by_banner.sql), and
-- from rows like these for the rest.
-- Asked with @campaign, @banner, @from, @to, @tests: see parameters.sql. Visits are those that landed in the period.
SELECT
    b.campaign_id, b.id AS banner_id, c.name AS campaign_name, b.name AS banner_name,
    COALESCE(v.visits, 0) AS visits,
    CAST(COALESCE(s.total, 0) AS SIGNED) AS total,
    CAST(COALESCE(s.answered, 0) AS SIGNED) AS answered,
    CAST(COALESCE(s.not_answered, 0) AS SIGNED) AS not_answered,
    CAST(COALESCE(s.queue_ms, 0) AS SIGNED) AS queue_ms,
    CAST(COALESCE(s.talked, 0) AS SIGNED) AS talked,
    CAST(COALESCE(s.talk_ms, 0) AS SIGNED) AS talk_ms,
    100e0 * s.answered / NULLIF(s.answered + s.not_answered, 0) AS AnsweringRate,
    s.queue_ms / (1000e0 * NULLIF(s.answered + s.not_answered, 0)) AS AvgQueueTime,
    s.talk_ms / (1000e0 * NULLIF(s.talked, 0)) AS AvgCallDuration
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
    WHERE campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
        AND queued_at > 0 AND queued_at >= COALESCE(@from, 0) AND queued_at < COALESCE(@to, 9223372036854775807)
        AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
    GROUP BY campaign_id, banner_id
) s ON s.campaign_id = b.campaign_id AND s.banner_id = b.id
LEFT JOIN (
    SELECT campaign_id, banner_id, COUNT(*) AS visits
    FROM visits
    WHERE campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
        AND rolled IN (0, 1) AND landed_at >= COALESCE(@from, 0) AND landed_at < COALESCE(@to, 9223372036854775807)
        AND (class = 'page' OR (@tests = 1 AND class = 'test')) AND broken_reason IS NULL
    GROUP BY campaign_id, banner_id
) v ON v.campaign_id = b.campaign_id AND v.banner_id = b.id
WHERE b.campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
    AND b.id IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))
ORDER BY b.campaign_id, b.id;
