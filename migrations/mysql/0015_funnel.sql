-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- How far the page of a landing came before it asked for a representative, as its script says, and what was last in the way.
ALTER TABLE visits
    ADD COLUMN form_at BIGINT,
    ADD COLUMN devices_at BIGINT,
    ADD COLUMN obstacle VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin;

-- What a landing led to.
ALTER TABLE sessions ADD INDEX sessions_by_visit (visit_id);

-- The landings of a period.
CREATE INDEX visits_by_landing ON visits (campaign_id, landed_at);

-- From which duration on a conversation of the campaign counts as qualified; the usual one where it is null. It is kept with each
-- session.
ALTER TABLE campaigns ADD COLUMN qualified_ms BIGINT;
