-- SQLite. The same numbers and names as in ../mysql.

-- A supervisor is kept as a marketer who supervises too: a version that knows no supervisors reads a role it knows, and
-- lets them see the figures, which they may.
ALTER TABLE users ADD COLUMN supervises BOOLEAN NOT NULL DEFAULT FALSE;
