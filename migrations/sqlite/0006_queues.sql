-- SQLite. The same numbers and names as in ../mysql.

-- What customers read of a queue, and after how long it does without its preferred skills.
ALTER TABLE queues ADD COLUMN title TEXT;
ALTER TABLE queues ADD COLUMN welcome TEXT;
ALTER TABLE queues ADD COLUMN relax_after_seconds INTEGER NOT NULL DEFAULT 60;

-- What a queue asks of a representative. Preferred: until a customer has waited for a while.
CREATE TABLE queue_skills (
    queue_id INTEGER NOT NULL,
    skill TEXT NOT NULL,
    preferred INTEGER NOT NULL,
    PRIMARY KEY (queue_id, skill)
);

-- The queues that a campaign's customers choose from, in order; with a banner's id, those of that banner alone.
CREATE TABLE source_queues (
    campaign_id TEXT NOT NULL,
    banner_id TEXT NOT NULL DEFAULT '',
    place INTEGER NOT NULL,
    queue_id INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, banner_id, place)
);

-- The queue that a session is for, and its priority there: decided when it is requested, so that a join looks nothing up.
ALTER TABLE sessions ADD COLUMN for_queue INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sessions ADD COLUMN for_rank INTEGER NOT NULL DEFAULT 0;
