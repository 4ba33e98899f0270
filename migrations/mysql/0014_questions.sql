-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- A version before this one that compares or makes roll-ups holds the row of `rolling` for longer than the three seconds for which
-- this connection waits otherwise.
SET SESSION innodb_lock_wait_timeout = 600;

-- What more figures are made of: docs/figures.md has each column. `longest_wait_ms` is a maximum, all others are sums.
ALTER TABLE rollups
    ADD COLUMN qualified BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN handled_ms BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN acw_ms BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN requeued BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN requeue_ms BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN dropped_after_answer BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN longest_wait_ms BIGINT NOT NULL DEFAULT 0;

-- Histograms of a campaign as a whole have no banner; they are read without those of its banners in between.
ALTER TABLE rollup_histograms ADD INDEX rollup_histograms_by_banner (campaign_id, banner_id, grain, start_at);

-- From which duration on a conversation counts as qualified, as it was for this call; and how long its wrap-ups were, once it is
-- rolled.
ALTER TABLE sessions
    ADD COLUMN qualified_ms BIGINT NOT NULL DEFAULT 60000,
    ADD COLUMN acw_ms BIGINT NOT NULL DEFAULT 0;

-- The wrap-ups of a call.
ALTER TABLE rep_activities ADD INDEX rep_activities_by_session (session_id);

-- Everything is rolled again, with the new columns. A version that does not know them finds no row of `rolling` by its old
-- number, so it rolls nothing from here on; it counts as before.
START TRANSACTION;
UPDATE rolling SET id = 2, holder = NULL;
DELETE FROM rollups;
DELETE FROM rollup_histograms;
UPDATE sessions SET rolled = 0 WHERE rolled <> 0;
SET SESSION innodb_lock_wait_timeout = 3;
