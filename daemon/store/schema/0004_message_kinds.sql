-- Messages beside the reminders of reviews: weekly reports, events for other systems, invitations,
-- notices. What makes one of them the same for ever is its `dedupe`; what it is rendered from, its
-- `content`. A digest has reminders instead.

ALTER TABLE deliveries ADD COLUMN kind TEXT NOT NULL DEFAULT 'digest';
ALTER TABLE deliveries ADD COLUMN dedupe TEXT;
ALTER TABLE deliveries ADD COLUMN content TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX deliveries_dedupe ON deliveries (dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX deliveries_open_of_person ON deliveries (person_id, channel)
    WHERE state IN ('planned', 'held', 'ready', 'wait') AND digest <> '';

-- iCalendar text, and the links that are signed anew at each claim: the database holds none that
-- could be used.
ALTER TABLE messages ADD COLUMN calendar TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN links TEXT NOT NULL DEFAULT '[]';

-- What somebody's calendar was told of a review, so that a change follows it.
CREATE TABLE invitations (
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    person_id INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    starts_ms INTEGER NOT NULL,
    is_cancelled INTEGER NOT NULL CHECK (is_cancelled IN (0, 1)),
    PRIMARY KEY (review_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX level_changes_by_day ON level_changes (day);
CREATE INDEX reviews_held ON reviews (held_on) WHERE held_on IS NOT NULL;
