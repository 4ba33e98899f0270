-- How long rolled sessions of a campaign took: a histogram (src/domain/histogram.rs reads it) for each measure. Those of the
-- campaign as a whole have the banner ''; there are such of quarters too, of banners by day and all time only.
-- Asked with @campaign, @first_banner and @last_banner, the rows' @length in milliseconds, @from (inclusive) and @to (exclusive) in
-- milliseconds, @tests (1 to include test calls).
SELECT
    grain, start_at, CAST(banner_id AS CHAR) AS cell,
    0 AS answered,
    0 AS not_answered,
    0 AS answered_wait_ms,
    0 AS not_answered_wait_ms,
    0 AS talk_ms,
    0 AS in_time,
    0 AS gone,
    0 AS gone_early,
    0 AS missed,
    0 AS failed,
    0 AS qualified,
    0 AS handled_ms,
    0 AS acw_ms,
    0 AS requeued,
    0 AS requeue_ms,
    0 AS dropped_after_answer,
    0 AS longest_wait_ms, 0 AS waiting, 0 AS talking, 0 AS wrapping,
    CAST(measure AS CHAR) AS measure, buckets
FROM rollup_histograms
WHERE campaign_id = @campaign AND banner_id >= @first_banner AND banner_id <= @last_banner AND grain = @length
    AND start_at >= @from AND start_at < @to
    AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
