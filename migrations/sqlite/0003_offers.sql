-- SQLite. The same numbers and names as in ../mysql.

-- At how many representatives a waiting customer rings.
ALTER TABLE sessions ADD COLUMN ringing INTEGER NOT NULL DEFAULT 0;

-- How the customers of a queue come to a representative; the words are those of domain/offer.rs and domain/activity.rs.
ALTER TABLE queues ADD COLUMN mode TEXT NOT NULL DEFAULT 'offer';
ALTER TABLE queues ADD COLUMN offer_seconds INTEGER NOT NULL DEFAULT 10;
ALTER TABLE queues ADD COLUMN offer_to INTEGER NOT NULL DEFAULT 1;
ALTER TABLE queues ADD COLUMN offer_order TEXT NOT NULL DEFAULT 'idle';
ALTER TABLE queues ADD COLUMN after_call TEXT NOT NULL DEFAULT 'available';

-- What a representative is doing, what follows a call, since when nobody was served, and how many offers ring.
ALTER TABLE reps ADD COLUMN activity TEXT NOT NULL DEFAULT 'offline';
ALTER TABLE reps ADD COLUMN activity_reason TEXT;
ALTER TABLE reps ADD COLUMN activity_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reps ADD COLUMN next_activity TEXT;
ALTER TABLE reps ADD COLUMN next_reason TEXT;
ALTER TABLE reps ADD COLUMN idle_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reps ADD COLUMN ringing INTEGER NOT NULL DEFAULT 0;

-- Every change of what a representative is doing, and why.
CREATE TABLE rep_activities (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    activity TEXT NOT NULL,
    reason TEXT,
    cause TEXT NOT NULL
);
CREATE INDEX rep_activities_by_rep ON rep_activities (user_id, at);

-- Every offer a customer ever had: at whom it rang, until when, and what became of it.
CREATE TABLE offers (
    id BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL,
    rep_id BLOB NOT NULL,
    state TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    decided_at INTEGER
);
CREATE INDEX offers_by_session ON offers (session_id, made_at);
CREATE INDEX offers_by_rep ON offers (rep_id, state);
CREATE INDEX offers_by_deadline ON offers (state, deadline);
