-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- The report of a period: who makes it, and what came of it. One row a period, so that one instance makes it. `day` is the first of the
-- period, by the clocks of `zone`. There is something to do until `settled_at` is set: whoever does it is `holder` until `claimed_until`,
-- not before `next_at`. `written_at`, `sent_at` and `refused_at` say what became of its files and of its webhook.
CREATE TABLE reports (
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    from_at BIGINT NOT NULL,
    day VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    zone VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    noted_at BIGINT NOT NULL,
    holder BINARY(16),
    claimed_until BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    made_at BIGINT,
    written_at BIGINT,
    sent_at BIGINT,
    refused_at BIGINT,
    settled_at BIGINT,
    PRIMARY KEY (kind, from_at),
    INDEX reports_by_settled (settled_at, next_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
