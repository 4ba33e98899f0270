-- The dashboard's table of calls: joined sessions of a campaign, so many from so many on. The program puts the order behind it,
-- and which country, device, representative or queue; of all campaigns it asks with a list of them. wait_ms: from the first queue
-- entry to the first conversation start, or to the end where there was none; duration_ms: from the first start to the end. Null
-- where it is not over.
-- Asked with @campaign, @banner (or NULL), @from (inclusive) and @to (exclusive) in milliseconds, @tests (1 to include test calls).
SELECT
    id, campaign_id, banner_id, queued_at, started_at, ended_at, outcome, address, user_agent, country, device,
    representative_name, COALESCE(started_at, ended_at) - queued_at AS wait_ms, ended_at - started_at AS duration_ms
FROM sessions
WHERE campaign_id = @campaign AND banner_id = COALESCE(@banner, banner_id) AND +queued_at > 0 AND queued_at >= @from AND queued_at < @to
    AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
