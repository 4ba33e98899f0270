-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- For how long a representative wraps a call of this queue up, in seconds; 0: not at all.
ALTER TABLE queues
    ADD COLUMN wrap_up_seconds BIGINT NOT NULL DEFAULT 0;

-- Which call a representative wraps up, and until when. Null in every other activity.
ALTER TABLE reps
    ADD COLUMN wrap_up_session BINARY(16),
    ADD COLUMN wrap_up_until BIGINT;

-- Which call a wrap-up was of. It lasted until the next row of the same representative.
ALTER TABLE rep_activities
    ADD COLUMN session_id BINARY(16);

-- What representatives say about a conversation: the newest word of each, and whose it was. `disposition` is one of the
-- campaign's outcomes, as they were then.
CREATE TABLE wrap_ups (
    session_id BINARY(16) NOT NULL PRIMARY KEY,
    user_id BINARY(16) NOT NULL,
    disposition VARCHAR(60),
    notes VARCHAR(2000),
    at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
