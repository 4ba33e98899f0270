-- SQLite. The same numbers and names as in ../mysql.

-- What customers thought of their conversation: the newest word of each.
CREATE TABLE ratings (
    session_id BLOB NOT NULL PRIMARY KEY,
    stars INTEGER NOT NULL,
    comment TEXT,
    at INTEGER NOT NULL
) WITHOUT ROWID;
