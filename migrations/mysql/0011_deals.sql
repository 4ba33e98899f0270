-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- On whose list a waiting customer of a *list* queue stands, and since when. A row that is older than the customer's
-- latest queue entry says nothing.
CREATE TABLE deals (
    session_id BINARY(16) NOT NULL PRIMARY KEY,
    rep_id BINARY(16) NOT NULL,
    dealt_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
