-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- At how many representatives a waiting customer rings.
ALTER TABLE sessions
    ADD COLUMN ringing BIGINT NOT NULL DEFAULT 0;

-- How the customers of a queue come to a representative; the words are those of domain/offer.rs and domain/activity.rs.
ALTER TABLE queues
    ADD COLUMN mode VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'offer',
    ADD COLUMN offer_seconds BIGINT NOT NULL DEFAULT 10,
    ADD COLUMN offer_to BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN offer_order VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'idle',
    ADD COLUMN after_call VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'available';

-- What a representative is doing, what follows a call, since when nobody was served, and how many offers ring.
ALTER TABLE reps
    ADD COLUMN activity VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'offline',
    ADD COLUMN activity_reason VARCHAR(80),
    ADD COLUMN activity_since BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN next_activity VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin,
    ADD COLUMN next_reason VARCHAR(80),
    ADD COLUMN idle_since BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN ringing BIGINT NOT NULL DEFAULT 0;

-- Every change of what a representative is doing, and why.
CREATE TABLE rep_activities (
    id BINARY(16) NOT NULL PRIMARY KEY,
    user_id BINARY(16) NOT NULL,
    at BIGINT NOT NULL,
    activity VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(80),
    cause VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX rep_activities_by_rep ON rep_activities (user_id, at);

-- Every offer a customer ever had: at whom it rang, until when, and what became of it.
CREATE TABLE offers (
    id BINARY(16) NOT NULL PRIMARY KEY,
    session_id BINARY(16) NOT NULL,
    rep_id BINARY(16) NOT NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    decided_at BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX offers_by_session ON offers (session_id, made_at);
CREATE INDEX offers_by_rep ON offers (rep_id, state);
CREATE INDEX offers_by_deadline ON offers (state, deadline);
