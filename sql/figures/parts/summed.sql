-- What many sessions count together: the inner columns of average.sql, added up for each value of the cell, and for each quarter of an
-- hour of queue entry where the pieces of a period are told by themselves; start_at is the first entry of them.
-- The program puts these between the brackets. Where a sum of them is enough it asks for this: a row for each of a
-- million sessions would take longer to send than to count.
-- HEX, because MySQL would take banners that differ by case for one.
-- Asked with what these are asked with, and @each_piece (1: each by itself).
SELECT
    -2 AS grain, MIN(start_at) AS start_at, MIN(cell) AS cell,
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
    CAST(SUM(waiting) AS SIGNED) AS waiting,
    CAST(SUM(talking) AS SIGNED) AS talking,
    CAST(SUM(wrapping) AS SIGNED) AS wrapping,
    NULL AS measure, NULL AS buckets
FROM (sessions) counted
GROUP BY HEX(cell), CASE WHEN @each_piece = 1 THEN start_at - start_at % 900000 ELSE 0 END
