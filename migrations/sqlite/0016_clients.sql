-- SQLite. The same numbers and names as in ../mysql.

-- Those for whom an agency works. A campaign may be a client's (`campaigns.client_id`); a marketer who is bound to a client
-- (`users.client_id`) sees the campaigns of that client only.
CREATE TABLE clients (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
);
CREATE INDEX campaigns_by_client ON campaigns (client_id);
