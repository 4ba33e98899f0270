-- SQLite. The same numbers and names as in ../mysql.

-- For how long a representative wraps a call of this queue up, in seconds; 0: not at all.
ALTER TABLE queues ADD COLUMN wrap_up_seconds INTEGER NOT NULL DEFAULT 0;

-- Which call a representative wraps up, and until when. Null in every other activity.
ALTER TABLE reps ADD COLUMN wrap_up_session BLOB;
ALTER TABLE reps ADD COLUMN wrap_up_until INTEGER;

-- Which call a wrap-up was of. It lasted until the next row of the same representative.
ALTER TABLE rep_activities ADD COLUMN session_id BLOB;

-- What representatives say about a conversation: the newest word of each, and whose it was. `disposition` is one of the
-- campaign's outcomes, as they were then.
CREATE TABLE wrap_ups (
    session_id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    disposition TEXT,
    notes TEXT,
    at INTEGER NOT NULL
) WITHOUT ROWID;
