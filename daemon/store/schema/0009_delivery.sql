-- Deliveries are frozen and claimed channel by channel, new ones and deferred ones in turn: one
-- index each in place of two, because every step of every delivery pays for them.
DROP INDEX deliveries_due;
DROP INDEX deliveries_due_by_channel;
DROP INDEX deliveries_planned;
CREATE INDEX deliveries_due ON deliveries (channel, state, next_at_ms)
    WHERE state IN ('ready', 'wait');
CREATE INDEX deliveries_planned ON deliveries (channel, not_before_ms) WHERE state = 'planned';
-- What people got lately, for the limits per day.
CREATE INDEX deliveries_accepted ON deliveries (changed_ms) WHERE state = 'accepted';

-- What the peer asked for, as it asked.
ALTER TABLE delivery_attempts ADD COLUMN retry_after_seconds INTEGER;

-- Messages of an inbox that their reader has seen.
CREATE TABLE inbox_reads (
    delivery_id INTEGER PRIMARY KEY REFERENCES deliveries (id),
    read_ms INTEGER NOT NULL
) STRICT;

-- Changes of a level by their day, for the weekly reports.
CREATE INDEX level_moves_by_day ON score_changes (day)
    WHERE from_level <> '' AND from_level <> to_level;
