-- Clicks whose banner link was broken, by link and reason: they were paid for and count for no campaign.
-- Each stands with the direct visits, where it is looked for.
-- Asked with @from, @to: see parameters.sql.
SELECT
    broken_campaign AS campaign_raw, broken_banner AS banner_raw, broken_reason AS reason,
    COUNT(*) AS count, MAX(landed_at) AS last_at
FROM visits
WHERE campaign_id = 'direct' AND banner_id = 'direct' AND broken_reason IS NOT NULL
    AND landed_at >= COALESCE(@from, 0) AND landed_at < COALESCE(@to, 9223372036854775807)
    AND class = 'page'
GROUP BY broken_campaign, broken_banner, broken_reason
ORDER BY count DESC, last_at DESC
LIMIT 200;
