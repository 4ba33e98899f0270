-- SQLite. The same numbers and names as in ../mysql.

-- How far the page of a landing came before it asked for a representative, as its script says, and what was last in the way.
ALTER TABLE visits ADD COLUMN form_at INTEGER;
ALTER TABLE visits ADD COLUMN devices_at INTEGER;
ALTER TABLE visits ADD COLUMN obstacle TEXT;

-- What a landing led to.
CREATE INDEX sessions_by_visit ON sessions (visit_id);

-- The landings of a period.
CREATE INDEX visits_by_landing ON visits (campaign_id, landed_at);

-- From which duration on a conversation of the campaign counts as qualified; the usual one where it is null. It is kept with each
-- session.
ALTER TABLE campaigns ADD COLUMN qualified_ms INTEGER;
