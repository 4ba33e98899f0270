-- SQLite. The same numbers and names as in ../mysql.

-- On whose list a waiting customer of a *list* queue stands, and since when. A row that is older than the customer's
-- latest queue entry says nothing.
CREATE TABLE deals (
    session_id BLOB NOT NULL PRIMARY KEY,
    rep_id BLOB NOT NULL,
    dealt_at INTEGER NOT NULL
) WITHOUT ROWID;
