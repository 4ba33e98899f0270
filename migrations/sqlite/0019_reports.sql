-- SQLite. The same numbers and names as in ../mysql.

-- The report of a period: who makes it, and what came of it. One row a period, so that one instance makes it. `day` is the first of the
-- period, by the clocks of `zone`. There is something to do until `settled_at` is set: whoever does it is `holder` until `claimed_until`,
-- not before `next_at`. `written_at`, `sent_at` and `refused_at` say what became of its files and of its webhook.
CREATE TABLE reports (
    kind TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    day TEXT NOT NULL,
    zone TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    holder BLOB,
    claimed_until INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    made_at INTEGER,
    written_at INTEGER,
    sent_at INTEGER,
    refused_at INTEGER,
    settled_at INTEGER,
    PRIMARY KEY (kind, from_at)
);
CREATE INDEX reports_by_settled ON reports (settled_at, next_at);
