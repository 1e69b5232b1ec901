-- The same conditions in other words: SQLite builds a table in memory, and drops it again, for each
-- list of more than two that a write has to be held against; of two it compares. A query uses such
-- an index when it says the condition in the same words.
DROP INDEX reviews_open;
DROP INDEX reviews_by_step;
DROP INDEX reviews_by_owner;
DROP INDEX reviews_beyond_latest;
CREATE UNIQUE INDEX reviews_open ON reviews (account_id)
    WHERE (state IN ('planned', 'invited') OR state = 'appointment');
CREATE INDEX reviews_by_step ON reviews (next_step)
    WHERE (state IN ('planned', 'invited') OR state = 'appointment') AND next_step IS NOT NULL;
CREATE INDEX reviews_by_owner ON reviews (owner_id, due)
    WHERE (state IN ('planned', 'invited') OR state = 'appointment');
CREATE INDEX reviews_beyond_latest ON reviews (owner_id, due)
    WHERE (state IN ('planned', 'invited') OR state = 'appointment') AND due > latest;
DROP INDEX deliveries_expiring;
DROP INDEX deliveries_open_of_person;
CREATE INDEX deliveries_expiring ON deliveries (expires_at_ms)
    WHERE (state IN ('planned', 'held') OR state IN ('ready', 'wait'))
    AND expires_at_ms IS NOT NULL;
CREATE INDEX deliveries_open_of_person ON deliveries (person_id, channel)
    WHERE (state IN ('planned', 'held') OR state IN ('ready', 'wait')) AND digest <> '';
