-- MySQL and MariaDB. The same numbers and names as in ../sqlite.

-- A version before this one that compares or makes roll-ups holds the row of `rolling` for longer than the three seconds for which
-- this connection waits otherwise.
SET SESSION innodb_lock_wait_timeout = 600;

-- Days have two histograms more: in which quarter of the day calls entered. Everything is rolled again, with them. A version that
-- does not know them finds no row of `rolling` by its old number, so it rolls nothing from here on; it counts as before.
START TRANSACTION;
UPDATE rolling SET id = 3, holder = NULL;
DELETE FROM rollups;
DELETE FROM rollup_histograms;
UPDATE sessions SET rolled = 0 WHERE rolled <> 0;
SET SESSION innodb_lock_wait_timeout = 3;
