-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- What a campaign's page looks like, `#rrggbb`, and the words a call of it can be closed with, a JSON list.
ALTER TABLE campaigns
    ADD COLUMN colour CHAR(7) CHARACTER SET ascii COLLATE ascii_bin,
    ADD COLUMN outcomes VARCHAR(3000);

-- What a representative knows, a word a row.
CREATE TABLE rep_skills (
    user_id BINARY(16) NOT NULL,
    skill VARCHAR(40) NOT NULL,
    PRIMARY KEY (user_id, skill)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;

-- Who changed what. Written in the transaction of the change, never changed. `actor_id` is null for the command line;
-- `actor_name` is the name as it was then. `detail` is JSON, without secrets.
CREATE TABLE audit (
    id BINARY(16) NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_id BINARY(16),
    actor_name VARCHAR(80) NOT NULL,
    action VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(210) NOT NULL,
    detail VARCHAR(8000) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX audit_by_time ON audit (at, id);
