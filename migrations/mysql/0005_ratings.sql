-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- What customers thought of their conversation: the newest word of each.
CREATE TABLE ratings (
    session_id BINARY(16) NOT NULL PRIMARY KEY,
    stars BIGINT NOT NULL,
    comment VARCHAR(1000),
    at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
