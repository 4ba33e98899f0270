-- What each representative did with the calls of a campaign: conversations (legs) whoever answered first, wrap-ups, offers and ratings.
-- A leg begins when the second party has joined, and ends with the event that takes the session away; it is whose the event was that
-- gave the session away before it. A session that never changed hands has one, from its start to its end; so has one that was imported, with the times of its file. Legs are those of calls that
-- are over. acw_ms: of each wrap-up, as parts/acw_ms.sql has it; wrapping: those that go on. Offers: accepted, rejected, missed (nobody
-- answered in time), taken_back (or the customer left), ringing. answered, talking, rated, stars: of calls that the representative was
-- the first to answer; talking are those that are not over.
-- Asked with @campaign, @banner, @from, @to, @tests: see parameters.sql. The program adds of which country, device, representative or queue.
WITH asked AS (
    SELECT id, answered_by, started_at, ended_at, epoch, imported_handled_ms, acw_ms
    FROM sessions
    WHERE campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
        AND banner_id IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))
        AND queued_at > 0 AND queued_at >= COALESCE(@from, 0) AND queued_at < COALESCE(@to, 9223372036854775807)
        AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
)
SELECT
    CAST(MIN(rep) AS CHAR) AS rep,
    CAST(SUM(legs) AS SIGNED) AS legs,
    CAST(SUM(handled_ms) AS SIGNED) AS handled_ms,
    CAST(SUM(acw_ms) AS SIGNED) AS acw_ms,
    CAST(SUM(wrapping) AS SIGNED) AS wrapping,
    CAST(SUM(accepted) AS SIGNED) AS accepted,
    CAST(SUM(rejected) AS SIGNED) AS rejected,
    CAST(SUM(missed) AS SIGNED) AS missed,
    CAST(SUM(taken_back) AS SIGNED) AS taken_back,
    CAST(SUM(ringing) AS SIGNED) AS ringing,
    CAST(SUM(answered) AS SIGNED) AS answered,
    CAST(SUM(talking) AS SIGNED) AS talking,
    CAST(SUM(rated) AS SIGNED) AS rated,
    CAST(SUM(stars) AS SIGNED) AS stars
FROM (
    SELECT
        LOWER(HEX(answered_by)) AS rep, 1 AS legs, COALESCE(imported_handled_ms, ended_at - started_at) AS handled_ms,
        CASE WHEN imported_handled_ms IS NOT NULL THEN acw_ms ELSE 0 END AS acw_ms, 0 AS wrapping,
        0 AS accepted, 0 AS rejected, 0 AS missed, 0 AS taken_back, 0 AS ringing,
        0 AS answered, 0 AS talking, 0 AS rated, 0 AS stars
    FROM asked
    WHERE epoch <= 3 AND answered_by IS NOT NULL AND started_at IS NOT NULL AND ended_at IS NOT NULL
    UNION ALL
    SELECT
        REPLACE(REPLACE(JSON_EXTRACT(given.data, '$.rep'), '"', ''), '-', ''), 1,
        CASE WHEN parted.at > met.at THEN parted.at - met.at ELSE 0 END, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM asked
    JOIN events met ON met.session_id = asked.id AND met.name = 'joined'
    JOIN events given ON given.session_id = met.session_id AND given.epoch = met.epoch
        AND given.name IN ('offer', 'pick', 'handOver')
    JOIN events parted ON parted.session_id = met.session_id AND parted.epoch = met.epoch + 1
        AND parted.name IN ('requeue', 'transfer', 'handOver', 'end')
    WHERE asked.epoch > 3 AND asked.started_at IS NOT NULL AND asked.ended_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM events one
        WHERE one.session_id = met.session_id AND one.number < met.number AND one.epoch = met.epoch AND one.name = 'joined')
    UNION ALL
    SELECT
        LOWER(HEX(begun.user_id)), 0, 0, COALESCE((
            SELECT next_one.at FROM rep_activities next_one
            WHERE next_one.user_id = begun.user_id AND next_one.at >= begun.at
                AND (next_one.at > begun.at OR next_one.id > begun.id) AND next_one.cause <> 'callOver'
            ORDER BY next_one.at, next_one.id LIMIT 1
        ), (
            SELECT reps.activity_since FROM reps
            WHERE reps.user_id = begun.user_id AND reps.activity_since > begun.at AND reps.wrap_up_session IS NULL
        ), begun.at) - begun.at,
        CASE WHEN EXISTS (
            SELECT 1 FROM reps WHERE reps.user_id = begun.user_id AND reps.wrap_up_session = begun.session_id
        ) THEN 1 ELSE 0 END, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM asked
    JOIN rep_activities begun ON begun.session_id = asked.id AND begun.activity = 'wrapUp'
    WHERE asked.started_at IS NOT NULL AND asked.ended_at IS NOT NULL
    UNION ALL
    SELECT
        LOWER(HEX(o.rep_id)), 0, 0, 0, 0,
        CASE WHEN o.state = 'accepted' THEN 1 ELSE 0 END,
        CASE WHEN o.state = 'rejected' THEN 1 ELSE 0 END,
        CASE WHEN o.state = 'timedOut' THEN 1 ELSE 0 END,
        CASE WHEN o.state IN ('rescinded', 'canceled') THEN 1 ELSE 0 END,
        CASE WHEN o.state = 'pending' THEN 1 ELSE 0 END, 0, 0, 0, 0
    FROM asked
    JOIN offers o ON o.session_id = asked.id
    UNION ALL
    SELECT
        LOWER(HEX(asked.answered_by)), 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
        CASE WHEN asked.ended_at IS NULL THEN 1 ELSE 0 END,
        CASE WHEN r.stars IS NULL THEN 0 ELSE 1 END, COALESCE(r.stars, 0)
    FROM asked
    LEFT JOIN ratings r ON r.session_id = asked.id
    WHERE asked.answered_by IS NOT NULL AND asked.started_at IS NOT NULL
) AS parts
WHERE rep IS NOT NULL
GROUP BY rep
ORDER BY rep;
