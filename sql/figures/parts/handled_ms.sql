-- Milliseconds in which a representative had the customer, on hold or not, over all legs. No statement by itself: an expression
-- over a row of sessions, for the roller; average.sql has the same one. A session that never changed hands has one leg, from
-- its start to its end. A leg begins when the second party has joined, and ends with the event that takes the session away. Of an imported session it
-- is what its file said.
CASE
    WHEN started_at IS NULL OR ended_at IS NULL THEN 0
    WHEN imported_handled_ms IS NOT NULL THEN imported_handled_ms
    WHEN epoch <= 3 THEN ended_at - started_at
    ELSE CAST(COALESCE((
        SELECT SUM(CASE WHEN parted.at > met.at THEN parted.at - met.at ELSE 0 END)
        FROM events met
        JOIN events parted ON parted.session_id = met.session_id AND parted.epoch = met.epoch + 1
            AND parted.name IN ('requeue', 'transfer', 'handOver', 'end')
        WHERE met.session_id = sessions.id AND met.name = 'joined' AND EXISTS (
            SELECT 1 FROM events one
            WHERE one.session_id = met.session_id AND one.number < met.number
                AND one.epoch = met.epoch AND one.name = 'joined')
    ), 0) AS SIGNED)
END
