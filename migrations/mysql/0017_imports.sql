-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- A session that was imported had its representatives elsewhere, so its events do not tell how long they had the customer: this does,
-- as its file said. Null of every other session. Of an imported one `acw_ms` stands from the beginning, too.
ALTER TABLE sessions ADD COLUMN imported_handled_ms BIGINT;
