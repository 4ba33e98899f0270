-- What the statements beside this one are asked with, for the mysql or mariadb client: change what you ask for, then
--     mariadb bannerline --table < <(cat sql/figures/parameters.sql sql/figures/average.sql)
-- or, within the client, `source sql/figures/parameters.sql` and then `source sql/figures/average.sql`; there a single
-- `SET @campaign = '5';` changes one of them.

-- The campaign, as the link has it, in quotes; NULL: all of them.
SET @campaign = NULL;
-- One of its banners, likewise; NULL: all of them.
SET @banner = NULL;
-- The first instant of the period, and the first one after it, in milliseconds since 1970 in UTC; NULL: since ever, and for ever.
-- For 2026-11-01 00:00:00 UTC, whatever the time zone of the session:
--     SET @from = TIMESTAMPDIFF(SECOND, '1970-01-01', '2026-11-01 00:00:00') * 1000;
SET @from = NULL;
SET @to = NULL;
-- 1: test calls count too.
SET @tests = 0;
