-- SQLite. The same numbers and names as in ../mysql.

-- Reports that anybody with the link may read, until they expire or are revoked. `filter` is the dashboard's, as it stands in an
-- address; the token itself is not kept. Whose campaigns it shows at most: those of the client to whom its maker was bound.
CREATE TABLE shares (
    id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    title TEXT,
    filter TEXT NOT NULL,
    client_id BLOB,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
);
CREATE INDEX shares_by_owner ON shares (created_by, created_at);

-- Filters of the dashboard that somebody has given a name.
CREATE TABLE saved_views (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    filter TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (user_id, name)
);
