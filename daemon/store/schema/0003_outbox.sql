-- The outbox: one delivery is one message to one recipient over one channel. Keys are never
-- removed: a reminder that was sent must not be sent again, however long its review stays open.

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL CHECK (channel <> ''),
    person_id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN (
            'planned', 'held', 'ready', 'sending', 'wait', 'uncertain', 'accepted', 'failed',
            'expired', 'cancelled', 'superseded'
        )
    ),
    phase TEXT CHECK (phase IN ('begin', 'commit')),
    lease TEXT,
    not_before_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    next_at_ms INTEGER,
    held_until_ms INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_attempt INTEGER NOT NULL DEFAULT 0,
    is_frozen INTEGER NOT NULL DEFAULT 0 CHECK (is_frozen IN (0, 1)),
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    requeued_from INTEGER REFERENCES deliveries (id),
    CHECK ((state = 'sending') = (phase IS NOT NULL)),
    CHECK ((state = 'sending') = (lease IS NOT NULL)),
    CHECK ((state IN ('ready', 'wait')) = (next_at_ms IS NOT NULL)),
    CHECK (held_until_ms IS NULL OR state = 'held'),
    CHECK (is_frozen = 1 OR state IN ('planned', 'held', 'expired', 'cancelled', 'superseded')),
    CHECK (is_frozen = 0 OR state <> 'planned')
) STRICT;
CREATE INDEX deliveries_planned ON deliveries (not_before_ms) WHERE state = 'planned';
CREATE UNIQUE INDEX deliveries_collecting ON deliveries (person_id, channel, digest)
    WHERE state = 'planned' AND digest <> '';
CREATE INDEX deliveries_due ON deliveries (next_at_ms) WHERE state IN ('ready', 'wait');
CREATE INDEX deliveries_due_by_channel ON deliveries (channel, next_at_ms)
    WHERE state IN ('ready', 'wait');
CREATE INDEX deliveries_held ON deliveries (held_until_ms)
    WHERE state = 'held' AND held_until_ms IS NOT NULL;
CREATE INDEX deliveries_expiring ON deliveries (expires_at_ms)
    WHERE state IN ('planned', 'held', 'ready', 'wait') AND expires_at_ms IS NOT NULL;
CREATE INDEX deliveries_under_way ON deliveries (state) WHERE state IN ('sending', 'uncertain');
CREATE INDEX deliveries_by_channel ON deliveries (channel, state);
CREATE INDEX deliveries_requeued ON deliveries (requeued_from) WHERE requeued_from IS NOT NULL;

CREATE TABLE messages (
    delivery_id INTEGER PRIMARY KEY REFERENCES deliveries (id),
    address TEXT NOT NULL,
    recipient_name TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    html TEXT NOT NULL,
    payload TEXT NOT NULL,
    message_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    date_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE reminders (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    occurrence INTEGER NOT NULL,
    step TEXT NOT NULL CHECK (step <> ''),
    repeat INTEGER NOT NULL CHECK (repeat >= 0),
    person_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    day INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    is_cancelled INTEGER NOT NULL DEFAULT 0 CHECK (is_cancelled IN (0, 1))
) STRICT;
CREATE INDEX reminders_by_review ON reminders (review_id);
CREATE INDEX reminders_by_delivery ON reminders (delivery_id);

-- Append-only but for the end of the attempt that is under way.
CREATE TABLE delivery_attempts (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL CHECK (number > 0),
    instance_id TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('begin', 'commit')),
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    outcome TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    code INTEGER NOT NULL DEFAULT 0,
    enhanced_code TEXT NOT NULL DEFAULT '',
    reply TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
