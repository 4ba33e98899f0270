-- One page of /getFullMetrics: joined sessions after (entry, ticket), oldest queue entry first.
-- Parameters: campaign, banner or NULL, from (of a later page: the entry of the last row before it), to, 1 to include test
-- calls, the entry and ticket of the last row before the page (entry twice; 0 and 0 for the first page), rows.
-- No campaign is called ''. It stands here for MariaDB: of one campaign alone it would read every entry from the first on, page
-- after page; of two it begins where it is told to.
-- A plus sign before a column keeps SQLite from beginning at it instead of at the parameter; elsewhere it says nothing.
SELECT
    id, campaign_id, banner_id, queued_at, started_at, ended_at, address, user_agent, country,
    representative_name, ticket
FROM sessions
WHERE campaign_id IN (?, '') AND banner_id = COALESCE(?, banner_id)
    AND +queued_at > 0 AND queued_at >= ? AND queued_at < ?
    AND (kind = 'call' OR (? = 1 AND kind = 'test'))
    AND (queued_at > ? OR (queued_at = ? AND ticket > ?))
ORDER BY campaign_id, queued_at, ticket
LIMIT ?
