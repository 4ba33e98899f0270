-- SQLite. The same numbers and names as in ../mysql.

-- The installation itself: its keys, made at the first start.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);

-- The one row from which every ticket is taken: tickets are ordered across the whole installation.
CREATE TABLE ticket (
    id INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
);
INSERT INTO ticket (id, last) VALUES (1, 0);

-- Queues. `version` is the row that claims lock: one claim at a time per queue.
CREATE TABLE queues (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    queue_rank INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0
);
INSERT INTO queues (id, name) VALUES (1, 'default');

-- Instances of the application. A lease that ran out says that the streams it held are gone.
CREATE TABLE instances (
    id BLOB NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL
);

-- Campaigns and banners appear on first sight; a name registers them.
CREATE TABLE campaigns (
    id TEXT NOT NULL PRIMARY KEY,
    client_id BLOB,
    name TEXT,
    headline TEXT,
    intro TEXT,
    form TEXT,
    queue_id INTEGER,
    first_seen_at INTEGER NOT NULL
);

CREATE TABLE banners (
    campaign_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    first_seen_at INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, id)
);

-- Landings. No address and no agent: those are kept from the request for a conversation on.
CREATE TABLE visits (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id TEXT NOT NULL,
    banner_id TEXT NOT NULL,
    class TEXT NOT NULL,
    landed_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    broken_campaign TEXT,
    broken_banner TEXT,
    broken_reason TEXT,
    query TEXT,
    utm_source TEXT,
    utm_medium TEXT,
    utm_campaign TEXT,
    utm_term TEXT,
    utm_content TEXT,
    gclid TEXT,
    gbraid TEXT,
    wbraid TEXT,
    fbclid TEXT,
    msclkid TEXT,
    ttclid TEXT
);
CREATE INDEX visits_by_source ON visits (campaign_id, banner_id, landed_at);

-- Requests for a conversation, one row each, from the request to the outcome.
-- Times are milliseconds since 1970 in UTC; the view calls_readable shows them as dates.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    queue_entry BLOB NOT NULL UNIQUE,
    visit_id BLOB,
    campaign_id TEXT NOT NULL,
    banner_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- who and where
    name TEXT,
    problem TEXT,
    audio_only BOOLEAN NOT NULL,
    email TEXT,
    phone TEXT,
    own_fields TEXT,
    consent_at INTEGER,
    address TEXT,
    user_agent TEXT,
    country TEXT,
    device TEXT,
    browser TEXT,
    os TEXT,
    created_at INTEGER NOT NULL,
    -- its life, written by events only
    state TEXT NOT NULL,
    outcome TEXT,
    epoch INTEGER NOT NULL,
    last_event INTEGER NOT NULL,
    queue_id INTEGER,
    queue_rank INTEGER NOT NULL DEFAULT 0,
    ticket INTEGER,
    rep_id BLOB,
    queued_at INTEGER,
    waiting_since INTEGER,
    offered_at INTEGER,
    passed_at INTEGER,
    customer_joined_at INTEGER,
    rep_joined_at INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    answered_by BLOB,
    representative_name TEXT,
    requeue_ms INTEGER NOT NULL DEFAULT 0,
    -- presence: the instance that holds the customer's stream, and when it closed
    holder BLOB,
    closed_at INTEGER,
    -- the last epoch in which the customer's page spoke
    heard_epoch INTEGER NOT NULL DEFAULT 0,
    -- 1 once it is counted in the roll-ups
    rolled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX sessions_by_place ON sessions (state, queue_id, queue_rank, ticket);
CREATE INDEX sessions_by_entry ON sessions (campaign_id, queued_at, ticket);

-- Everything that happened to a session, in order; the log replays to the row above.
-- `token` says which attempt wrote it, so that a lost answer to COMMIT can be looked up.
CREATE TABLE events (
    session_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    token BLOB NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (session_id, number)
);

-- People who sign in.
CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    username_folded TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    client_id BLOB,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
);

-- Users who take calls. `callers` is how many sessions each has now.
CREATE TABLE reps (
    user_id BLOB NOT NULL PRIMARY KEY,
    capacity INTEGER NOT NULL DEFAULT 1,
    callers INTEGER NOT NULL DEFAULT 0,
    seen_at INTEGER,
    holder BLOB,
    closed_at INTEGER
);

-- Signed-in browsers and programs. Only a hash of what they hold is kept.
CREATE TABLE logins (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
);
CREATE INDEX logins_by_user ON logins (user_id);

-- Failed sign-ins, by the name that was tried.
CREATE TABLE login_failures (
    id BLOB NOT NULL PRIMARY KEY,
    username_folded TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX login_failures_by_name ON login_failures (username_folded, at);

-- Tokens for programs that read the figures.
CREATE TABLE api_tokens (
    token_hash BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
);

-- Answers to remember: one effect and one answer for each idempotency key, for 24 hours.
CREATE TABLE idempotency (
    scope BLOB NOT NULL PRIMARY KEY,
    body BLOB NOT NULL,
    session_id BLOB NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- For people: every call with dates (UTC) and seconds.
CREATE VIEW calls_readable AS
SELECT
    LOWER(HEX(id)) AS session_id,
    campaign_id,
    banner_id,
    state,
    outcome,
    STRFTIME('%Y-%m-%d %H:%M:%f', queued_at / 1000.0, 'unixepoch') AS queue_entry_time,
    STRFTIME('%Y-%m-%d %H:%M:%f', started_at / 1000.0, 'unixepoch') AS conversation_start_time,
    STRFTIME('%Y-%m-%d %H:%M:%f', ended_at / 1000.0, 'unixepoch') AS session_end_time,
    (COALESCE(started_at, ended_at) - queued_at) / 1000.0 AS queue_seconds,
    (CASE WHEN started_at IS NOT NULL THEN ended_at - started_at END) / 1000.0 AS conversation_seconds,
    address,
    user_agent,
    country,
    representative_name
FROM sessions
WHERE queued_at IS NOT NULL AND kind = 'call';
