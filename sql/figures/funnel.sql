-- How far the landings of a period came, and why they came no further: visits by banner, step and reason.
-- A visit is at the furthest step of all its requests, at the newest of these where there are several; a step that it passed is not
-- counted here again. Steps: 1 landed, 2 opened the form, 3 devices ready, 4 queued, 5 offered to a representative, 6 answered,
-- 7 qualified (over, and talked for Q or longer), 8 qualified with an outcome, which stands as the reason. Step 0: landings that are left
-- out, by what they were.
-- waited_ms: how long the requests waited at which visits are that were not answered. S and Q stand with the session.
-- Again: over at a step before the last, and another request of the visit goes on.
-- Where `rolled` may be both the program says whether it wants visits that are in no roll-up (0) or those that are (1): roll-ups are
-- made of what this text says of visits, and an answer adds to them what it says of the others.
-- Asked with @campaign, @banner, @from, @to (of the landing), @tests: see parameters.sql.
SELECT
    CAST(campaign_id AS CHAR) AS campaign_id, CAST(banner_id AS CHAR) AS banner_id, step, CAST(reason AS CHAR) AS reason,
    COUNT(*) AS visits, CAST(SUM(waited_ms) AS SIGNED) AS waited_ms
FROM (
    SELECT
        campaign_id, banner_id, step, waited_ms,
        CASE WHEN step < 8 AND goes_on = 0 AND MAX(goes_on) OVER (PARTITION BY visit_id) = 1 THEN 'Again' ELSE reason
            END AS reason,
        ROW_NUMBER() OVER (PARTITION BY visit_id ORDER BY step DESC, queued_at DESC, session_id) AS place
    FROM (
        SELECT
            v.id AS visit_id, v.campaign_id, v.banner_id, s.id AS session_id, s.queued_at,
            CASE
                WHEN s.id IS NULL THEN CASE
                    WHEN v.devices_at IS NOT NULL THEN 3
                    WHEN v.form_at IS NOT NULL OR v.obstacle <> 'nobodyThere' THEN 2
                    ELSE 1 END
                WHEN s.started_at IS NULL THEN CASE
                    WHEN s.offered_at IS NOT NULL OR EXISTS (SELECT 1 FROM offers o WHERE o.session_id = s.id) THEN 5
                    ELSE 4 END
                WHEN s.ended_at IS NULL OR s.ended_at - s.started_at < s.qualified_ms THEN 6
                WHEN w.disposition IS NULL THEN 7
                ELSE 8
            END AS step,
            CASE
                WHEN s.id IS NULL THEN CASE
                    WHEN v.devices_at IS NOT NULL THEN 'Left'
                    WHEN v.obstacle = 'inAppBrowser' THEN 'InAppBrowser'
                    WHEN v.obstacle = 'permissionDenied' THEN 'PermissionDenied'
                    WHEN v.obstacle = 'noDevice' THEN 'NoDevice'
                    WHEN v.obstacle = 'deviceInUse' THEN 'DeviceInUse'
                    WHEN v.obstacle = 'insecurePage' THEN 'InsecurePage'
                    WHEN v.obstacle = 'unknown' THEN 'Unknown'
                    WHEN v.form_at IS NOT NULL THEN 'Left'
                    WHEN v.obstacle = 'nobodyThere' THEN 'NobodyThere'
                    WHEN v.confirmed_at IS NULL THEN 'NeverLoaded'
                    ELSE 'Left' END
                WHEN s.started_at IS NULL THEN CASE
                    WHEN s.ended_at IS NULL THEN 'Waiting'
                    WHEN s.outcome = 'missed' THEN 'Missed'
                    WHEN s.outcome = 'failed' THEN 'NoConnection'
                    WHEN s.outcome = 'message' THEN 'Message'
                    WHEN s.ended_at - s.queued_at < s.gone_early_ms THEN 'LeftEarly'
                    ELSE 'Left' END
                WHEN s.ended_at IS NULL THEN 'Talking'
                WHEN s.ended_at - s.started_at < s.qualified_ms THEN 'Short'
                WHEN w.disposition IS NOT NULL THEN w.disposition
                WHEN wrapping.wrap_up_session IS NOT NULL THEN 'WrappingUp'
                ELSE 'NoOutcome'
            END AS reason,
            CASE WHEN s.started_at IS NULL AND s.ended_at IS NOT NULL THEN s.ended_at - s.queued_at ELSE 0 END AS waited_ms,
            CASE WHEN s.id IS NOT NULL AND s.ended_at IS NULL THEN 1 ELSE 0 END AS goes_on
        FROM visits v
        LEFT JOIN sessions s ON s.visit_id = v.id AND s.queued_at > 0 AND (s.kind = 'call' OR (@tests = 1 AND s.kind = 'test'))
        LEFT JOIN wrap_ups w ON w.session_id = s.id
        LEFT JOIN (
            SELECT DISTINCT wrap_up_session FROM reps WHERE wrap_up_session IS NOT NULL
        ) wrapping ON wrapping.wrap_up_session = s.id
        WHERE v.campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
            AND v.banner_id IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))
            AND v.landed_at >= COALESCE(@from, 0) AND v.landed_at < COALESCE(@to, 9223372036854775807)
            AND v.broken_reason IS NULL AND (v.class = 'page' OR (@tests = 1 AND v.class = 'test'))
            AND v.rolled IN (0, 1)
    ) AS requests
) AS landings
WHERE place = 1
GROUP BY landings.campaign_id, landings.banner_id, step, landings.reason
UNION ALL
SELECT
    CAST(campaign_id AS CHAR), CAST(banner_id AS CHAR), 0, CAST(MIN(CASE WHEN broken_reason IS NULL THEN class ELSE 'brokenLink' END) AS CHAR),
    COUNT(*), 0
FROM visits v
WHERE campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
    AND banner_id IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))
    AND landed_at >= COALESCE(@from, 0) AND landed_at < COALESCE(@to, 9223372036854775807)
    AND (broken_reason IS NOT NULL OR (class <> 'page' AND (COALESCE(@tests, 0) <> 1 OR class <> 'test')))
    AND v.rolled IN (0, 1)
GROUP BY v.campaign_id, v.banner_id, CASE WHEN broken_reason IS NULL THEN class ELSE 'brokenLink' END;
