-- MySQL and MariaDB. The same numbers and names as in ../sqlite. Ids and words compare byte for byte.

-- The installation itself: its keys, made at the first start.
CREATE TABLE installation (
    name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    value VARBINARY(64) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- The one row from which every ticket is taken: tickets are ordered across the whole installation.
CREATE TABLE ticket (
    id BIGINT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
INSERT INTO ticket (id, last) VALUES (1, 0);

-- Queues. `version` is the row that claims lock: one claim at a time per queue.
CREATE TABLE queues (
    id BIGINT NOT NULL PRIMARY KEY,
    name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    queue_rank BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
INSERT INTO queues (id, name) VALUES (1, 'default');

-- Instances of the application. A lease that ran out says that the streams it held are gone.
CREATE TABLE instances (
    id BINARY(16) NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    renewed_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- Campaigns and banners appear on first sight; a name registers them.
CREATE TABLE campaigns (
    id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    client_id BINARY(16),
    name VARCHAR(200),
    headline VARCHAR(200),
    intro VARCHAR(1000),
    form VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin,
    queue_id BIGINT,
    first_seen_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

CREATE TABLE banners (
    campaign_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(200),
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- Landings. No address and no agent: those are kept from the request for a conversation on.
CREATE TABLE visits (
    id BINARY(16) NOT NULL PRIMARY KEY,
    campaign_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    banner_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    class VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    landed_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    broken_campaign VARCHAR(200),
    broken_banner VARCHAR(200),
    broken_reason VARCHAR(200),
    query VARCHAR(2048),
    utm_source VARCHAR(500),
    utm_medium VARCHAR(500),
    utm_campaign VARCHAR(500),
    utm_term VARCHAR(500),
    utm_content VARCHAR(500),
    gclid VARCHAR(500),
    gbraid VARCHAR(500),
    wbraid VARCHAR(500),
    fbclid VARCHAR(500),
    msclkid VARCHAR(500),
    ttclid VARCHAR(500)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX visits_by_source ON visits (campaign_id, banner_id, landed_at);

-- Requests for a conversation, one row each, from the request to the outcome.
-- Times are milliseconds since 1970 in UTC; the view calls_readable shows them as dates.
CREATE TABLE sessions (
    id BINARY(16) NOT NULL PRIMARY KEY,
    queue_entry BINARY(16) NOT NULL UNIQUE,
    visit_id BINARY(16),
    campaign_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    banner_id VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- who and where
    name VARCHAR(80),
    problem VARCHAR(1000),
    audio_only BOOLEAN NOT NULL,
    email VARCHAR(200),
    phone VARCHAR(80),
    own_fields VARCHAR(2048),
    consent_at BIGINT,
    address VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin,
    user_agent VARCHAR(512),
    country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin,
    device VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin,
    browser VARCHAR(80),
    os VARCHAR(80),
    created_at BIGINT NOT NULL,
    -- its life, written by events only
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    outcome VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin,
    epoch BIGINT NOT NULL,
    last_event BIGINT NOT NULL,
    queue_id BIGINT,
    queue_rank BIGINT NOT NULL DEFAULT 0,
    ticket BIGINT,
    rep_id BINARY(16),
    queued_at BIGINT,
    waiting_since BIGINT,
    offered_at BIGINT,
    passed_at BIGINT,
    customer_joined_at BIGINT,
    rep_joined_at BIGINT,
    started_at BIGINT,
    ended_at BIGINT,
    answered_by BINARY(16),
    representative_name VARCHAR(200),
    requeue_ms BIGINT NOT NULL DEFAULT 0,
    -- presence: the instance that holds the customer's stream, and when it closed
    holder BINARY(16),
    closed_at BIGINT,
    -- the last epoch in which the customer's page spoke
    heard_epoch BIGINT NOT NULL DEFAULT 0,
    -- 1 once it is counted in the roll-ups
    rolled BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX sessions_by_place ON sessions (state, queue_id, queue_rank, ticket);
CREATE INDEX sessions_by_entry ON sessions (campaign_id, queued_at, ticket);

-- Everything that happened to a session, in order; the log replays to the row above.
-- `token` says which attempt wrote it, so that a lost answer to COMMIT can be looked up.
CREATE TABLE events (
    session_id BINARY(16) NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    name VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    epoch BIGINT NOT NULL,
    token BINARY(16) NOT NULL,
    data VARCHAR(1000) NOT NULL,
    PRIMARY KEY (session_id, number)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- People who sign in.
CREATE TABLE users (
    id BINARY(16) NOT NULL PRIMARY KEY,
    username VARCHAR(80) NOT NULL,
    username_folded VARCHAR(80) COLLATE utf8mb4_bin NOT NULL UNIQUE,
    display_name VARCHAR(80) NOT NULL,
    password_hash VARCHAR(200) NOT NULL,
    role VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    client_id BINARY(16),
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- Users who take calls. `callers` is how many sessions each has now.
CREATE TABLE reps (
    user_id BINARY(16) NOT NULL PRIMARY KEY,
    capacity BIGINT NOT NULL DEFAULT 1,
    callers BIGINT NOT NULL DEFAULT 0,
    seen_at BIGINT,
    holder BINARY(16),
    closed_at BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- Signed-in browsers and programs. Only a hash of what they hold is kept.
CREATE TABLE logins (
    token_hash BINARY(32) NOT NULL PRIMARY KEY,
    user_id BINARY(16) NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX logins_by_user ON logins (user_id);

-- Failed sign-ins, by the name that was tried.
CREATE TABLE login_failures (
    id BINARY(16) NOT NULL PRIMARY KEY,
    username_folded VARCHAR(80) COLLATE utf8mb4_bin NOT NULL,
    at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX login_failures_by_name ON login_failures (username_folded, at);

-- Tokens for programs that read the figures.
CREATE TABLE api_tokens (
    token_hash BINARY(32) NOT NULL PRIMARY KEY,
    name VARCHAR(80) COLLATE utf8mb4_bin NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- Answers to remember: one effect and one answer for each idempotency key, for 24 hours.
CREATE TABLE idempotency (
    scope BINARY(32) NOT NULL PRIMARY KEY,
    body BINARY(32) NOT NULL,
    session_id BINARY(16) NOT NULL,
    created_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- For people: every call with dates (UTC) and seconds.
CREATE VIEW calls_readable AS
SELECT
    LOWER(HEX(id)) AS session_id,
    campaign_id,
    banner_id,
    state,
    outcome,
    CAST('1970-01-01' AS DATETIME(3)) + INTERVAL queued_at * 1000 MICROSECOND AS queue_entry_time,
    CAST('1970-01-01' AS DATETIME(3)) + INTERVAL started_at * 1000 MICROSECOND AS conversation_start_time,
    CAST('1970-01-01' AS DATETIME(3)) + INTERVAL ended_at * 1000 MICROSECOND AS session_end_time,
    (COALESCE(started_at, ended_at) - queued_at) / 1000.0 AS queue_seconds,
    (CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END) / 1000.0 AS conversation_seconds,
    address,
    user_agent,
    country,
    representative_name
FROM sessions
WHERE queued_at IS NOT NULL AND kind = 'call';
