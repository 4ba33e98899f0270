-- The percentiles of /getAverageMetrics, from the raw rows alone and exact; the program reads them from histograms, so its own are 2 %
-- off at most (Approximate). WaitP90: nine of ten calls that left the queue had waited no longer than this. DurationP90: nine of ten
-- answered calls that are over lasted no longer than this. In seconds; null where there is no such call.
-- wait_place, talk_place: which of them in order a call is, from 1; a call that has no such time comes before and counts for nothing.
-- Asked with @campaign, @banner, @from, @to, @tests: see parameters.sql.
SELECT
    MIN(CASE WHEN 100 * wait_place >= 50 * waits THEN wait_ms END) / 1000e0 AS WaitP50,
    MIN(CASE WHEN 100 * wait_place >= 90 * waits THEN wait_ms END) / 1000e0 AS WaitP90,
    MIN(CASE WHEN 100 * wait_place >= 95 * waits THEN wait_ms END) / 1000e0 AS WaitP95,
    MIN(CASE WHEN 100 * talk_place >= 50 * talks THEN talk_ms END) / 1000e0 AS DurationP50,
    MIN(CASE WHEN 100 * talk_place >= 90 * talks THEN talk_ms END) / 1000e0 AS DurationP90,
    MIN(CASE WHEN 100 * talk_place >= 95 * talks THEN talk_ms END) / 1000e0 AS DurationP95
FROM (
    SELECT
        wait_ms, COUNT(wait_ms) OVER (ORDER BY wait_ms ROWS UNBOUNDED PRECEDING) AS wait_place, COUNT(wait_ms) OVER () AS waits,
        talk_ms, COUNT(talk_ms) OVER (ORDER BY talk_ms ROWS UNBOUNDED PRECEDING) AS talk_place, COUNT(talk_ms) OVER () AS talks
    FROM (
        SELECT COALESCE(started_at, ended_at) - queued_at AS wait_ms, ended_at - started_at AS talk_ms
        FROM sessions
        WHERE campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
            AND banner_id IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))
            AND queued_at > 0 AND queued_at >= COALESCE(@from, 0) AND queued_at < COALESCE(@to, 9223372036854775807)
            AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
    ) AS calls
) AS in_order;
