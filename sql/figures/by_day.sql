-- The seven fields of /getAverageMetrics for each day of UTC on which somebody entered the queue, from the raw rows alone: with
-- interval=day it answers the same, and zeros for the days between. left_at: when the call left the queue, for a conversation or not.
-- StartAt is when the day began, in milliseconds since 1970; what it is called only MySQL and MariaDB say.
-- Asked with @campaign, @banner, @from, @to, @tests: see parameters.sql.
SELECT
    /*! CAST('1970-01-01' AS DATE) + INTERVAL start_at / 86400000 DAY AS Day, */
    start_at AS StartAt,
    COUNT(*) AS TotalOfCalls,
    COUNT(started_at) AS AnsweredCalls,
    COUNT(left_at) - COUNT(started_at) AS NotAnsweredCalls,
    COUNT(*) - COUNT(left_at) AS WaitingCalls,
    100e0 * COUNT(started_at) / NULLIF(COUNT(left_at), 0) AS AnsweringRate,
    SUM(left_at - queued_at) / (1000e0 * NULLIF(COUNT(left_at), 0)) AS AvgQueueTime,
    SUM(ended_at - started_at) / (1000e0 * NULLIF(COUNT(ended_at - started_at), 0)) AS AvgCallDuration
FROM (
    SELECT
        queued_at - queued_at % 86400000 AS start_at, queued_at, started_at, ended_at,
        COALESCE(started_at, ended_at) AS left_at
    FROM sessions
    WHERE campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
        AND banner_id IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))
        AND queued_at > 0 AND queued_at >= COALESCE(@from, 0) AND queued_at < COALESCE(@to, 9223372036854775807)
        AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
) AS calls
GROUP BY start_at
ORDER BY start_at;
