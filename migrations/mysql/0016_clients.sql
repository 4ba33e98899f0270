-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- Those for whom an agency works. A campaign may be a client's (`campaigns.client_id`); a marketer who is bound to a client
-- (`users.client_id`) sees the campaigns of that client only.
CREATE TABLE clients (
    id BINARY(16) NOT NULL PRIMARY KEY,
    name VARCHAR(200) NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin ROW_FORMAT = DYNAMIC;
CREATE INDEX campaigns_by_client ON campaigns (client_id);
