-- The rows of /getFullMetrics: joined sessions, oldest queue entry first, with the ten columns and the ticket, which tells those of one
-- millisecond apart. Instants are in milliseconds since 1970 in UTC; the view calls_readable has them as dates.
-- The program asks for them a page at a time (src/store/calls.rs): those behind the last row before, in order, so many.
-- Asked with @campaign, @banner, @from, @to, @tests: see parameters.sql.
SELECT
    LOWER(HEX(id)) AS Sessionid, campaign_id AS CampaignId, banner_id AS BannerId, queued_at AS QueueEntryTime,
    started_at AS ConversationStartTime, ended_at AS SessionEndTime, address AS UserIpAddress, user_agent AS UserAgent,
    country AS UserCountry, representative_name AS RepresentativeName, ticket
FROM sessions
WHERE campaign_id IN (SELECT id FROM campaigns WHERE @campaign IS NULL OR HEX(id) = HEX(CAST(@campaign AS CHAR)))
    AND banner_id IN (SELECT id FROM banners WHERE @banner IS NULL OR HEX(id) = HEX(CAST(@banner AS CHAR)))
    AND queued_at > 0 AND queued_at >= COALESCE(@from, 0) AND queued_at < COALESCE(@to, 9223372036854775807)
    AND (kind = 'call' OR (@tests = 1 AND kind = 'test'))
ORDER BY queued_at, ticket;
