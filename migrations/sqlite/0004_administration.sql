-- SQLite. The same numbers and names as in ../mysql.

-- What a campaign's page looks like, `#rrggbb`, and the words a call of it can be closed with, a JSON list.
ALTER TABLE campaigns ADD COLUMN colour TEXT;
ALTER TABLE campaigns ADD COLUMN outcomes TEXT;

-- What a representative knows, a word a row.
CREATE TABLE rep_skills (
    user_id BLOB NOT NULL,
    skill TEXT NOT NULL,
    PRIMARY KEY (user_id, skill)
);

-- Who changed what. Written in the transaction of the change, never changed. `actor_id` is null for the command line;
-- `actor_name` is the name as it was then. `detail` is JSON, without secrets.
CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_id BLOB,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at, id);
