-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- Counts and sums of ended sessions, so that figures cost the same whatever lies behind them. A session with `rolled = 1`
-- is in these rows, one with 0 is not, whatever else it is. `grain` is a row's length in milliseconds: 900000 a quarter of
-- an hour, 86400000 a day (both in UTC, by queue entry), 0 all time. `dimension` and `value` are empty for all sessions of
-- a banner, or say of which country, device, rep or queue they are (by day and all time only). docs/figures.md has more.
CREATE TABLE rollups (
    campaign_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    grain BIGINT NOT NULL,
    dimension VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    start_at BIGINT NOT NULL,
    banner_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    answered BIGINT NOT NULL,
    not_answered BIGINT NOT NULL,
    answered_wait_ms BIGINT NOT NULL,
    not_answered_wait_ms BIGINT NOT NULL,
    talk_ms BIGINT NOT NULL,
    -- what the service level and the rate of abandonment are made of
    in_time BIGINT NOT NULL,
    gone BIGINT NOT NULL,
    gone_early BIGINT NOT NULL,
    missed BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, grain, dimension, value, start_at, banner_id, kind)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- How long they took, in buckets of 4 % (src/domain/histogram.rs), by day and all time.
CREATE TABLE rollup_histograms (
    campaign_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    grain BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    banner_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    measure VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    buckets VARBINARY(8000) NOT NULL,
    PRIMARY KEY (campaign_id, grain, start_at, banner_id, kind, measure)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- The one row that whoever writes roll-ups writes first: one at a time. `holder` rolls until `held_until`.
CREATE TABLE rolling (
    id BIGINT NOT NULL PRIMARY KEY,
    holder BINARY(16),
    held_until BIGINT NOT NULL,
    turn BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
INSERT INTO rolling (id, held_until, turn) VALUES (1, 0, 0);

-- The service level's T and the shortest wait that counts as abandoned, as they were for this call. The index finds what is
-- not rolled yet; a join writes none of its columns.
ALTER TABLE sessions
    ADD COLUMN answer_within_ms BIGINT NOT NULL DEFAULT 20000,
    ADD COLUMN gone_early_ms BIGINT NOT NULL DEFAULT 5000,
    ADD INDEX sessions_by_rolled (rolled, campaign_id, ended_at);
