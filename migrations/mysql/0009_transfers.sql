-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- Customers who were passed on, or for whom a colleague was asked: by whom, where to, and what was said to the next one.
-- `number` is that of the event. What became of a question stands on its offer, made at the same moment.
CREATE TABLE transfers (
    session_id BINARY(16) NOT NULL,
    number BIGINT NOT NULL,
    from_rep BINARY(16) NOT NULL,
    to_rep BINARY(16),
    to_queue BIGINT,
    note VARCHAR(500),
    at BIGINT NOT NULL,
    PRIMARY KEY (session_id, number),
    KEY transfers_by_age (at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
