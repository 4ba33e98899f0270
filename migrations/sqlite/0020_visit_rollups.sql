-- SQLite. The same numbers and names as in ../mysql.

-- How far landings came and why they came no further, added up, so that the funnel and the visits of the dashboard cost the same
-- whatever lies behind them. A visit with `rolled = 1` is in these rows, one with 0 is not; 2 is never committed. `grain` is a row's
-- length in milliseconds: 86400000 a day in UTC, by landing, 0 all time. Each visit is in rows of `tests` 0 and 1: what it counts
-- without and with test visits and test sessions. `part` says which rows belong together: 'campaign' (its banner is empty) and
-- 'banner' have steps and reasons as sql/figures/funnel.sql tells them, 'visits' has but how many of a banner count.
CREATE TABLE visit_rollups (
    campaign_id TEXT NOT NULL,
    grain INTEGER NOT NULL,
    tests INTEGER NOT NULL,
    part TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    banner_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    reason TEXT NOT NULL,
    visits INTEGER NOT NULL,
    waited_ms INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, grain, tests, part, start_at, banner_id, step, reason)
) WITHOUT ROWID;

-- The index finds the landings of a period that are rolled, and those that are not, of a campaign; so it takes the place of the one
-- without the flag, and a landing writes as many as before.
ALTER TABLE visits ADD COLUMN rolled INTEGER NOT NULL DEFAULT 0;
-- How often somebody changed a request of the visit while it was in no roll-up: a write that no roller overlooks, on a cluster either.
ALTER TABLE visits ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;
CREATE INDEX visits_by_rolled ON visits (rolled, campaign_id, landed_at);
DROP INDEX visits_by_landing;
