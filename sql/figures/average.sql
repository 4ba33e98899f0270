-- What /getAverageMetrics answers, from the raw rows alone: the seven fields, and of Figures those that are exact.
-- docs/figures.md has each in words. Times are in seconds, rates in percent; null where there is nothing to divide by.
-- A call belongs whole to the period in which it entered the queue. Its wait runs from the first entry to the first
-- conversation start, or to the end where there was none; its duration from the first start to the end.
--
-- Within the brackets is what each joined session counts, 1 or 0 or milliseconds: there the program reads the sessions that are in no
-- roll-up, and the edges of a period (src/store/questions.rs), whose order of columns is that of parts/rollups.sql.
-- in_time: answered within T. gone: abandoned or cancelled; gone_early: of those, after less than S. qualified: a duration of
-- Q or more. T, S and Q stand with the session. handled_ms: with a representative, on hold or not, over all legs.
-- acw_ms: of its wrap-ups. requeued, requeue_ms: back in the queue later, and for how long. dropped_after_answer: answered,
-- and over while the customer waited again. waiting, talking: not over. wrapping: over, and wrapped up now.
-- Asked with @campaign, @banner, @from, @to, @tests: see parameters.sql.
SELECT
    COUNT(*) AS TotalOfCalls,
    COALESCE(SUM(answered), 0) AS AnsweredCalls,
    COALESCE(SUM(not_answered), 0) AS NotAnsweredCalls,
    COALESCE(SUM(waiting), 0) AS WaitingCalls,
    100e0 * SUM(answered) / NULLIF(SUM(answered + not_answered), 0) AS AnsweringRate,
    SUM(answered_wait_ms + not_answered_wait_ms) / (1000e0 * NULLIF(SUM(answered + not_answered), 0)) AS AvgQueueTime,
    SUM(talk_ms) / (1000e0 * NULLIF(SUM(answered - talking), 0)) AS AvgCallDuration,
    100e0 * SUM(in_time) / NULLIF(SUM(answered + gone - gone_early + missed + failed), 0) AS ServiceLevel,
    COALESCE(SUM(gone_early), 0) AS ShortAbandons,
    100e0 * SUM(gone - gone_early) / NULLIF(SUM(answered + not_answered - gone_early), 0) AS AbandonmentRate,
    SUM(answered_wait_ms) / (1000e0 * NULLIF(SUM(answered), 0)) AS AverageSpeedOfAnswer,
    SUM(handled_ms + acw_ms) / (1000e0 * NULLIF(SUM(answered - talking), 0)) AS AverageHandleTime,
    SUM(acw_ms) / (1000e0 * NULLIF(SUM(answered - talking), 0)) AS AfterCallWork,
    MAX(CASE WHEN waiting = 0 THEN longest_wait_ms END) / 1000e0 AS LongestWait,
    100e0 * SUM(qualified) / NULLIF(SUM(answered - talking), 0) AS Qualified,
    100e0 * SUM(dropped_after_answer) / NULLIF(SUM(answered - talking), 0) AS DroppedAfterAnswer,
    SUM(requeue_ms) / (1000e0 * NULLIF(SUM(requeued), 0)) AS MeanRequeueTime
FROM (
    SELECT
        CASE WHEN started_at IS NOT NULL THEN 1 ELSE 0 END AS answered,
        CASE WHEN started_at IS NULL AND ended_at IS NOT NULL THEN 1 ELSE 0 END AS not_answered,
        CASE WHEN started_at IS NOT NULL THEN started_at - queued_at ELSE 0 END AS answered_wait_ms,
        CASE WHEN started_at IS NULL AND ended_at IS NOT NULL THEN ended_at - queued_at ELSE 0 END AS not_answered_wait_ms,
        CASE WHEN started_at IS NOT NULL AND ended_at IS NOT NULL THEN ended_at - started_at ELSE 0 END AS talk_ms,
        CASE WHEN started_at - queued_at <= answer_within_ms THEN 1 ELSE 0 END AS in_time,
        CASE WHEN started_at IS NULL AND outcome IN ('abandoned', 'cancelled') THEN 1 ELSE 0 END AS gone,
        CASE WHEN started_at IS NULL AND outcome IN ('abandoned', 'cancelled') AND ended_at - queued_at < gone_early_ms
            THEN 1 ELSE 0 END AS gone_early,
        CASE WHEN started_at IS NULL AND outcome = 'missed' THEN 1 ELSE 0 END AS missed,
        CASE WHEN started_at IS NULL AND outcome = 'failed' THEN 1 ELSE 0 END AS failed,
        CASE WHEN ended_at - started_at >= qualified_ms THEN 1 ELSE 0 END AS qualified,
        CASE
            WHEN started_at IS NULL OR ended_at IS NULL THEN 0
            WHEN imported_handled_ms IS NOT NULL THEN imported_handled_ms
            WHEN epoch <= 3 THEN ended_at - started_at
            ELSE CAST(COALESCE((
                SELECT SUM(CASE WHEN parted.at > met.at THEN parted.at - met.at ELSE 0 END)
                FROM events met
                JOIN events parted ON parted.session_id = met.session_id AND parted.epoch = met.epoch + 1
                    AND parted.name IN ('requeue', 'transfer', 'handOver', 'end')
                WHERE met.session_id = sessions.id AND met.name = 'joined' AND EXISTS (
                    SELECT 1 FROM events one
                    WHERE one.session_id = met.session_id AND one.number < met.number
                        AND one.epoch = met.epoch AND one.name = 'joined')
            ), 0) AS SIGNED)
        END AS handled_ms,
        CASE
            WHEN started_at IS NULL OR ended_at IS NULL THEN 0
            WHEN rolled <> 0 OR imported_handled_ms IS NOT NULL THEN sessions.acw_ms
            ELSE CAST(COALESCE((
                SELECT SUM(COALESCE((
                    SELECT next_one.at FROM rep_activities next_one
                    WHERE next_one.user_id = begun.user_id AND next_one.at >= begun.at
                        AND (next_one.at > begun.at OR next_one.id > begun.id) AND next_one.cause <> 'callOver'
                    ORDER BY next_one.at, next_one.id LIMIT 1
                ), (
                    SELECT reps.activity_since FROM reps
                    WHERE reps.user_id = begun.user_id AND reps.activity_since > begun.at AND reps.wrap_up_session IS NULL
                ), begun.at) - begun.at)
                FROM rep_activities begun
                WHERE begun.session_id = sessions.id AND begun.activity = 'wrapUp'
            ), 0) AS SIGNED)
        END AS acw_ms,
        CASE WHEN ended_at IS NOT NULL AND requeue_ms > 0 THEN 1 ELSE 0 END AS requeued,
        CASE WHEN ended_at IS NOT NULL THEN requeue_ms ELSE 0 END AS requeue_ms,
        CASE WHEN started_at IS NOT NULL AND ended_at IS NOT NULL AND (customer_joined_at IS NULL OR rep_joined_at IS NULL)
            THEN 1 ELSE 0 END AS dropped_after_answer,
        COALESCE(started_at, ended_at, queued_at) - queued_at AS longest_wait_ms,
        CASE WHEN started_at IS NULL AND ended_at IS NULL THEN 1 ELSE 0 END AS waiting,
        CASE WHEN started_at IS NOT NULL AND ended_at IS NULL THEN 1 ELSE 0 END AS talking,
        CASE WHEN started_at IS NOT NULL AND ended_at IS NOT NULL AND rolled = 0 AND EXISTS (
            SELECT 1 FROM rep_activities begun JOIN reps ON reps.user_id = begun.user_id AND reps.wrap_up_session = begun.session_id
            WHERE begun.session_id = sessions.id) THEN 1 ELSE 0 END AS wrapping
    FROM sessions
    WHERE campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
        AND banner_id IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))
        AND queued_at > 0 AND queued_at >= COALESCE(@from, 0) AND queued_at < COALESCE(@to, 9223372036854775807)
        AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
) AS calls;
