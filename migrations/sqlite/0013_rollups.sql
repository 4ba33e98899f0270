-- SQLite. The same numbers and names as in ../mysql.

-- Counts and sums of ended sessions, so that figures cost the same whatever lies behind them. A session with `rolled = 1`
-- is in these rows, one with 0 is not, whatever else it is. `grain` is a row's length in milliseconds: 900000 a quarter of
-- an hour, 86400000 a day (both in UTC, by queue entry), 0 all time. `dimension` and `value` are empty for all sessions of
-- a banner, or say of which country, device, rep or queue they are (by day and all time only). docs/figures.md has more.
CREATE TABLE rollups (
    campaign_id TEXT NOT NULL,
    grain INTEGER NOT NULL,
    dimension TEXT NOT NULL,
    value TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    banner_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    answered INTEGER NOT NULL,
    not_answered INTEGER NOT NULL,
    answered_wait_ms INTEGER NOT NULL,
    not_answered_wait_ms INTEGER NOT NULL,
    talk_ms INTEGER NOT NULL,
    -- what the service level and the rate of abandonment are made of
    in_time INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    gone_early INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, grain, dimension, value, start_at, banner_id, kind)
) WITHOUT ROWID;

-- How long they took, in buckets of 4 % (src/domain/histogram.rs), by day and all time.
CREATE TABLE rollup_histograms (
    campaign_id TEXT NOT NULL,
    grain INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    banner_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    measure TEXT NOT NULL,
    buckets BLOB NOT NULL,
    PRIMARY KEY (campaign_id, grain, start_at, banner_id, kind, measure)
) WITHOUT ROWID;

-- The one row that whoever writes roll-ups writes first: one at a time. `holder` rolls until `held_until`.
CREATE TABLE rolling (
    id INTEGER NOT NULL PRIMARY KEY,
    holder BLOB,
    held_until INTEGER NOT NULL,
    turn INTEGER NOT NULL
);
INSERT INTO rolling (id, held_until, turn) VALUES (1, 0, 0);

-- The service level's T and the shortest wait that counts as abandoned, as they were for this call. The index finds what is
-- not rolled yet; a join writes none of its columns.
ALTER TABLE sessions ADD COLUMN answer_within_ms INTEGER NOT NULL DEFAULT 20000;
ALTER TABLE sessions ADD COLUMN gone_early_ms INTEGER NOT NULL DEFAULT 5000;
CREATE INDEX sessions_by_rolled ON sessions (rolled, campaign_id, ended_at);
