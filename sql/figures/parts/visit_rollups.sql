-- How far the rolled landings of whole days (or of all time) came: what funnel.sql says of them, added up, in its columns. No statement
-- by itself: the program joins it to what funnel.sql says of all other landings.
-- The rows of a campaign as a whole have the banner ''.
-- Asked with @campaign, @banner (or NULL), the rows' @length in milliseconds, @part, @from (inclusive) and @to (exclusive) in
-- milliseconds, @tests (1 to include tests).
SELECT
    CAST(campaign_id AS CHAR) AS campaign_id, CAST(banner_id AS CHAR) AS banner_id, step, CAST(reason AS CHAR) AS reason,
    CAST(SUM(visits) AS SIGNED) AS visits, CAST(SUM(waited_ms) AS SIGNED) AS waited_ms
FROM visit_rollups
WHERE campaign_id = @campaign AND grain = @length AND tests = @tests AND part = @part AND banner_id = COALESCE(@banner, banner_id)
    AND start_at >= @from AND start_at < @to
GROUP BY visit_rollups.campaign_id, visit_rollups.banner_id, step, visit_rollups.reason
