-- SQLite. The same numbers and names as in ../mysql.

-- Customers who were passed on, or for whom a colleague was asked: by whom, where to, and what was said to the next one.
-- `number` is that of the event. What became of a question stands on its offer, made at the same moment.
CREATE TABLE transfers (
    session_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    from_rep BLOB NOT NULL,
    to_rep BLOB,
    to_queue INTEGER,
    note TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (session_id, number)
) WITHOUT ROWID;
CREATE INDEX transfers_by_age ON transfers (at);
