-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- What customers read of a queue, and after how long it does without its preferred skills.
ALTER TABLE queues
    ADD COLUMN title VARCHAR(200),
    ADD COLUMN welcome VARCHAR(1000),
    ADD COLUMN relax_after_seconds BIGINT NOT NULL DEFAULT 60;

-- What a queue asks of a representative. Preferred: until a customer has waited for a while.
CREATE TABLE queue_skills (
    queue_id BIGINT NOT NULL,
    skill VARCHAR(40) NOT NULL,
    preferred BOOLEAN NOT NULL,
    PRIMARY KEY (queue_id, skill)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- The queues that a campaign's customers choose from, in order; with a banner's id, those of that banner alone.
CREATE TABLE source_queues (
    campaign_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    banner_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    place BIGINT NOT NULL,
    queue_id BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, banner_id, place)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- The queue that a session is for, and its priority there: decided when it is requested, so that a join looks nothing up.
ALTER TABLE sessions
    ADD COLUMN for_queue BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN for_rank BIGINT NOT NULL DEFAULT 0;
