-- The rolled visits of each banner, from the roll-ups. No statement by itself: the program joins whole days (or all time) to what
-- by_banner.sql has of rolled visits at both edges of the period, and of those that are not rolled yet: these are read one by one.
-- Asked with @campaign, the rows' @length in milliseconds, @from (inclusive) and @to (exclusive) in milliseconds, @tests (1 to
-- include tests). The program names the campaigns, so that MariaDB too seeks the period in each of them.
SELECT campaign_id, banner_id, SUM(visits) AS visits
FROM visit_rollups
WHERE campaign_id = @campaign AND grain = @length AND tests = @tests AND part = 'visits' AND start_at >= @from AND start_at < @to
GROUP BY campaign_id, banner_id
