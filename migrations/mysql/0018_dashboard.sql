-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- Reports that anybody with the link may read, until they expire or are revoked. `filter` is the dashboard's, as it stands in an
-- address; the token itself is not kept. Whose campaigns it shows at most: those of the client to whom its maker was bound.
CREATE TABLE shares (
    id BINARY(16) NOT NULL PRIMARY KEY,
    token_hash BINARY(32) NOT NULL UNIQUE,
    title VARCHAR(200),
    filter VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    client_id BINARY(16),
    created_by BINARY(16) NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX shares_by_owner ON shares (created_by, created_at);

-- Filters of the dashboard that somebody has given a name.
CREATE TABLE saved_views (
    id BINARY(16) NOT NULL PRIMARY KEY,
    user_id BINARY(16) NOT NULL,
    name VARCHAR(80) NOT NULL,
    filter VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
