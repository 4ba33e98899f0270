-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- The colleague with whom a session's representative talks about it, while the customer is on hold. Of a transfer:
-- whether the two were to talk first, and when the customer was handed over after that.
ALTER TABLE sessions ADD COLUMN consulted BINARY(16);
ALTER TABLE transfers
    ADD COLUMN warm BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN handed_at BIGINT;
