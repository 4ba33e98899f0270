-- SQLite. The same numbers and names as in ../mysql.

-- What more figures are made of: docs/figures.md has each column. `longest_wait_ms` is a maximum, all others are sums.
ALTER TABLE rollups ADD COLUMN qualified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollups ADD COLUMN handled_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollups ADD COLUMN acw_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollups ADD COLUMN requeued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollups ADD COLUMN requeue_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollups ADD COLUMN dropped_after_answer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollups ADD COLUMN longest_wait_ms INTEGER NOT NULL DEFAULT 0;

-- Histograms of a campaign as a whole have no banner; they are read without those of its banners in between.
CREATE INDEX rollup_histograms_by_banner ON rollup_histograms (campaign_id, banner_id, grain, start_at);

-- From which duration on a conversation counts as qualified, as it was for this call; and how long its wrap-ups were, once it is
-- rolled.
ALTER TABLE sessions ADD COLUMN qualified_ms INTEGER NOT NULL DEFAULT 60000;
ALTER TABLE sessions ADD COLUMN acw_ms INTEGER NOT NULL DEFAULT 0;

-- The wrap-ups of a call.
CREATE INDEX rep_activities_by_session ON rep_activities (session_id);

-- Everything is rolled again, with the new columns. A version that does not know them finds no row of `rolling` by its old
-- number, so it rolls nothing from here on; it counts as before.
UPDATE rolling SET id = 2, holder = NULL;
DELETE FROM rollups;
DELETE FROM rollup_histograms;
UPDATE sessions SET rolled = 0 WHERE rolled <> 0;
