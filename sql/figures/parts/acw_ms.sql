-- Milliseconds of a call's wrap-ups. No statement by itself: an expression over a row of sessions, for the roller;
-- average.sql has the same one. A wrap-up ends with the representative's next activity. A call stands in the log only once
-- it is over, so the next call that ended it may stand on the representative's row alone; the end of that call, which may be dated
-- back, ended no wrap-up. What was rolled stands with the session: activities that are dated back change it no more. One that goes on counts 0.
-- Of an imported session it is what its file said.
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
END
