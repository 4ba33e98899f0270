-- What the time of each representative went into, of a period of the clock, whatever campaign it was for. busy_ms: with a caller or in a
-- wrap-up. idle_ms: available, and nothing rang. in_legs_ms: in at least one conversation; leg_ms: in each conversation, added up.
-- Activities and offers count once they are over; before the first activity that is known nothing is. Conversations are those of calls
-- (test calls too, none that were imported) that are over, and entered the queue in the period or the day before; reps_calls.sql has what a leg is.
-- It goes from instant to instant at which anything of a representative's began or ended, and counts what goes on from there to the next.
-- Asked with @from, @to: see parameters.sql.
WITH spells AS (
    SELECT
        logged.user_id, logged.at AS began_at, LEAD(logged.at) OVER (PARTITION BY logged.user_id ORDER BY logged.at, logged.id) AS over_at,
        logged.activity
    FROM reps
    JOIN rep_activities logged ON logged.user_id = reps.user_id
        AND logged.at >= COALESCE((
            SELECT MAX(earlier.at) FROM rep_activities earlier WHERE earlier.user_id = reps.user_id AND earlier.at <= COALESCE(@from, 0)), 0)
        AND logged.at <= COALESCE((
            SELECT MIN(later.at) FROM rep_activities later WHERE later.user_id = reps.user_id AND later.at >= COALESCE(@to, 9223372036854775807)),
            9223372036854775807)
),
asked AS (
    SELECT id, answered_by, started_at, ended_at, epoch
    FROM sessions
    WHERE campaign_id IN (SELECT id FROM campaigns) AND queued_at > 0 AND queued_at >= COALESCE(@from, 0) - 86400000
        AND queued_at < COALESCE(@to, 9223372036854775807)
        AND started_at IS NOT NULL AND ended_at IS NOT NULL AND imported_handled_ms IS NULL
)
SELECT
    CAST(MIN(rep) AS CHAR) AS rep,
    CAST(SUM(CASE WHEN busy > 0 THEN lasted ELSE 0 END) AS SIGNED) AS busy_ms,
    CAST(SUM(CASE WHEN busy = 0 AND idle > 0 AND ringing = 0 THEN lasted ELSE 0 END) AS SIGNED) AS idle_ms,
    CAST(SUM(CASE WHEN legs > 0 THEN lasted ELSE 0 END) AS SIGNED) AS in_legs_ms,
    CAST(SUM(legs * lasted) AS SIGNED) AS leg_ms
FROM (
    SELECT
        rep, COALESCE(LEAD(at) OVER (PARTITION BY rep ORDER BY at) - at, 0) AS lasted,
        SUM(busy) OVER (PARTITION BY rep ORDER BY at) AS busy,
        SUM(idle) OVER (PARTITION BY rep ORDER BY at) AS idle,
        SUM(ringing) OVER (PARTITION BY rep ORDER BY at) AS ringing,
        SUM(legs) OVER (PARTITION BY rep ORDER BY at) AS legs
    FROM (
        SELECT
            rep, at, SUM(busy * sign) AS busy, SUM(idle * sign) AS idle, SUM(ringing * sign) AS ringing, SUM(legs * sign) AS legs
        FROM (
            SELECT
                rep, sign, busy, idle, ringing, legs,
                CASE WHEN sign = 1 THEN
                    CASE WHEN began_at < COALESCE(@from, 0) THEN COALESCE(@from, 0)
                        WHEN began_at > COALESCE(@to, 9223372036854775807) THEN COALESCE(@to, 9223372036854775807) ELSE began_at END
                ELSE
                    CASE WHEN over_at < COALESCE(@from, 0) THEN COALESCE(@from, 0)
                        WHEN over_at > COALESCE(@to, 9223372036854775807) THEN COALESCE(@to, 9223372036854775807) ELSE over_at END
                END AS at
            FROM (
                SELECT
                    LOWER(HEX(user_id)) AS rep, began_at, over_at,
                    CASE WHEN activity IN ('onCall', 'wrapUp') THEN 1 ELSE 0 END AS busy,
                    CASE WHEN activity = 'available' THEN 1 ELSE 0 END AS idle, 0 AS ringing, 0 AS legs
                FROM spells
                WHERE over_at > began_at AND activity IN ('onCall', 'wrapUp', 'available')
                UNION ALL
                SELECT LOWER(HEX(rep_id)), made_at, decided_at, 0, 0, 1, 0
                FROM offers
                WHERE state IN ('accepted', 'rejected', 'timedOut', 'rescinded', 'canceled')
                    AND deadline >= COALESCE(@from, 0) - 86400000 AND made_at < COALESCE(@to, 9223372036854775807) AND decided_at > made_at
                UNION ALL
                SELECT LOWER(HEX(answered_by)), started_at, ended_at, 0, 0, 0, 1
                FROM asked
                WHERE epoch <= 3 AND answered_by IS NOT NULL AND ended_at > started_at
                UNION ALL
                SELECT
                    REPLACE(REPLACE(JSON_EXTRACT(given.data, '$.rep'), '"', ''), '-', ''), met.at, parted.at, 0, 0, 0, 1
                FROM asked
                JOIN events met ON met.session_id = asked.id AND met.name = 'joined'
                JOIN events given ON given.session_id = met.session_id AND given.epoch = met.epoch
                    AND given.name IN ('offer', 'pick', 'handOver')
                JOIN events parted ON parted.session_id = met.session_id AND parted.epoch = met.epoch + 1
                    AND parted.name IN ('requeue', 'transfer', 'handOver', 'end')
                WHERE asked.epoch > 3 AND parted.at > met.at AND EXISTS (
                    SELECT 1 FROM events one
                    WHERE one.session_id = met.session_id AND one.number < met.number AND one.epoch = met.epoch
                        AND one.name = 'joined')
            ) AS pieces
            CROSS JOIN (SELECT 1 AS sign UNION ALL SELECT -1) AS ends
        ) AS points
        WHERE rep IS NOT NULL
        GROUP BY rep, at
    ) AS steps
) AS swept
GROUP BY rep
ORDER BY rep;
