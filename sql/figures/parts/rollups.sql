-- What rolled sessions count in the figures of a campaign, from the roll-ups: sums over its banners, for each piece of a
-- period (start_at) or all of it, for each banner or value of the dimension (cell) or all of them.
-- docs/figures.md has the columns and the dimensions; longest_wait_ms is a maximum.
-- The program reads days (or all time), quarters of an hour before and after them, and joins to them what histograms.sql
-- and average.sql give, in one statement: a session that is rolled between two would be counted twice, or never.
-- Asked with @each_piece (1: each by itself), @campaign, @banner (or NULL), the rows' @length in milliseconds, @dimension, @from
-- (inclusive) and @to (exclusive) in milliseconds, two times of the day in UTC between which quarters are not read (@gap_from and
-- @gap_to; days begin at 0), @tests (1 to include test calls). `value = value` is `value = @value` for one value; for each banner `value` is `banner_id` in the cell
-- and the groups, which are by the column itself: its text would be grouped without regard to case by MySQL.
SELECT
    grain, CASE WHEN @each_piece = 1 THEN start_at ELSE 0 END AS start_at,
    CAST(value AS CHAR) AS cell,
    CAST(SUM(answered) AS SIGNED) AS answered,
    CAST(SUM(not_answered) AS SIGNED) AS not_answered,
    CAST(SUM(answered_wait_ms) AS SIGNED) AS answered_wait_ms,
    CAST(SUM(not_answered_wait_ms) AS SIGNED) AS not_answered_wait_ms,
    CAST(SUM(talk_ms) AS SIGNED) AS talk_ms,
    CAST(SUM(in_time) AS SIGNED) AS in_time,
    CAST(SUM(gone) AS SIGNED) AS gone,
    CAST(SUM(gone_early) AS SIGNED) AS gone_early,
    CAST(SUM(missed) AS SIGNED) AS missed,
    CAST(SUM(failed) AS SIGNED) AS failed,
    CAST(SUM(qualified) AS SIGNED) AS qualified,
    CAST(SUM(handled_ms) AS SIGNED) AS handled_ms,
    CAST(SUM(acw_ms) AS SIGNED) AS acw_ms,
    CAST(SUM(requeued) AS SIGNED) AS requeued,
    CAST(SUM(requeue_ms) AS SIGNED) AS requeue_ms,
    CAST(SUM(dropped_after_answer) AS SIGNED) AS dropped_after_answer,
    MAX(longest_wait_ms) AS longest_wait_ms,
    0 AS waiting, 0 AS talking, 0 AS wrapping,
    NULL AS measure, NULL AS buckets
FROM rollups
WHERE campaign_id = @campaign AND banner_id = COALESCE(@banner, banner_id) AND grain = @length AND dimension = @dimension AND value = value
    AND start_at >= @from AND start_at < @to AND (start_at % 86400000 < @gap_from OR start_at % 86400000 >= @gap_to)
    AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
GROUP BY 1, 2, value
