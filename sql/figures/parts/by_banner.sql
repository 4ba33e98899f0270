-- What rolled sessions count in the rows of by_banner.sql, from the roll-ups. No statement by itself: the program joins them, whole
-- days (or all time) and quarters of an hour before and after them, to what by_banner.sql has of rolled sessions at both edges of the
-- period, and of those that are not rolled yet: these are read one by one.
-- Asked with @campaign, the rows' @length in milliseconds, @from (inclusive) and @to (exclusive) in milliseconds, @tests (1 to
-- include test calls). The program names the campaigns, so that MariaDB too seeks the period in each of them.
SELECT
    campaign_id, banner_id,
    SUM(answered + not_answered) AS total,
    SUM(answered) AS answered,
    SUM(not_answered) AS not_answered,
    SUM(answered_wait_ms + not_answered_wait_ms) AS queue_ms,
    SUM(answered) AS talked,
    SUM(talk_ms) AS talk_ms
FROM rollups
WHERE campaign_id = @campaign AND grain = @length AND dimension = '' AND value = '' AND start_at >= @from AND start_at < @to
    AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
GROUP BY campaign_id, banner_id
