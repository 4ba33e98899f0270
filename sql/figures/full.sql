-- One page of /getFullMetrics: joined sessions after (entry, ticket), oldest queue entry first.
-- Parameters: campaign, banner or NULL, from, to, 1 to include test calls, the last entry and ticket of the page
-- before (entry twice), rows.
SELECT
    id, campaign_id, banner_id, queued_at, started_at, ended_at, address, user_agent, country,
    representative_name, ticket
FROM sessions
WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id)
    AND queued_at > 0 AND queued_at >= ? AND queued_at < ?
    AND (kind = 'call' OR (? = 1 AND kind = 'test'))
    AND (queued_at > ? OR (queued_at = ? AND ticket > ?))
ORDER BY queued_at, ticket
LIMIT ?
