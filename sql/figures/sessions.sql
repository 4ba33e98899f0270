-- What each joined session counts in the figures of a campaign: the columns of rollups.sql, with 1 or 0 in place of counts.
-- It is read for the sessions that are in no roll-up, and for the edges of a period.
-- A call belongs whole to the period in which it entered the queue. Its wait runs from the first entry to the first
-- conversation start, or to the end where there was none; its duration from the first start to the end.
-- in_time: answered within T. gone: abandoned or cancelled; gone_early: of those, after less than S. qualified: a duration of
-- Q or more. T, S and Q stand with the session. handled_ms: with a representative, on hold or not, over all legs.
-- acw_ms: of its wrap-ups. requeued, requeue_ms: back in the queue later, and for how long. dropped_after_answer: answered,
-- and over while the customer waited again. waiting, talking: not over. wrapping: over, and wrapped up now.
-- Parameters: campaign, banner or NULL, 1 to include test calls. The program adds which sessions it wants: rolled ones of a
-- time, or those that are not rolled; and of which country, device, representative or queue.
SELECT
    -1 AS grain, queued_at AS start_at, CAST('' AS CHAR) AS cell,
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
        WHERE begun.session_id = sessions.id) THEN 1 ELSE 0 END AS wrapping,
    NULL AS measure, NULL AS buckets
FROM sessions
WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id) AND (kind = 'call' OR (? = 1 AND kind = 'test'))
