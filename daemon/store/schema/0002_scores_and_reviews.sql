-- Rules versions, scores, reviews and what came out of them. Points are thousandths.

CREATE TABLE rules_versions (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    loaded_at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    note TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 0 CHECK (is_active IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX rules_versions_active ON rules_versions (is_active) WHERE is_active = 1;

-- The text in parts, because one value is limited to a megabyte.
CREATE TABLE rules_texts (
    rules_version_id INTEGER NOT NULL REFERENCES rules_versions (id),
    part INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (rules_version_id, part)
) STRICT;

CREATE TABLE account_scores (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
    points INTEGER NOT NULL,
    level TEXT NOT NULL,
    level_since INTEGER NOT NULL,
    raw_level TEXT NOT NULL,
    is_judged INTEGER NOT NULL CHECK (is_judged IN (0, 1)),
    rules_version_id INTEGER NOT NULL REFERENCES rules_versions (id),
    as_of INTEGER NOT NULL
) STRICT;

CREATE TABLE level_changes (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    day INTEGER NOT NULL,
    from_level TEXT NOT NULL,
    to_level TEXT NOT NULL,
    points INTEGER NOT NULL,
    rules_version_id INTEGER NOT NULL REFERENCES rules_versions (id),
    cause TEXT NOT NULL CHECK (cause IN ('first', 'facts', 'rules', 'day', 'person')),
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX level_changes_by_account ON level_changes (account_id);

CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    owner_id INTEGER,
    state TEXT NOT NULL CHECK (
        state IN ('planned', 'invited', 'appointment', 'done', 'missed', 'skipped', 'cancelled')
    ),
    occurrence INTEGER NOT NULL CHECK (occurrence > 0),
    version INTEGER NOT NULL CHECK (version > 0),
    kind TEXT NOT NULL,
    earliest INTEGER NOT NULL,
    target INTEGER NOT NULL,
    due INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    level TEXT NOT NULL,
    cadence TEXT NOT NULL,
    reasons TEXT NOT NULL CHECK (reasons GLOB '[[]*]'),
    next_step INTEGER,
    created_ms INTEGER NOT NULL,
    held_on INTEGER,
    closed_at_ms INTEGER,
    appointment_ms INTEGER,
    note TEXT NOT NULL DEFAULT '',
    CHECK ((state IN ('planned', 'invited', 'appointment')) = (closed_at_ms IS NULL)),
    CHECK ((state = 'done') = (held_on IS NOT NULL))
) STRICT;
CREATE INDEX reviews_by_account ON reviews (account_id);
CREATE UNIQUE INDEX reviews_open ON reviews (account_id)
    WHERE state IN ('planned', 'invited', 'appointment');
CREATE INDEX reviews_by_step ON reviews (next_step)
    WHERE state IN ('planned', 'invited', 'appointment') AND next_step IS NOT NULL;
CREATE INDEX reviews_by_owner ON reviews (owner_id, due)
    WHERE state IN ('planned', 'invited', 'appointment');

CREATE TABLE review_events (
    id INTEGER PRIMARY KEY,
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    what TEXT NOT NULL,
    details TEXT NOT NULL CHECK (details GLOB '{*}')
) STRICT;
CREATE INDEX review_events_by_review ON review_events (review_id);

CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    question TEXT NOT NULL CHECK (question <> ''),
    answer TEXT NOT NULL,
    day INTEGER NOT NULL
) STRICT;
CREATE INDEX answers_by_account ON answers (account_id);
CREATE INDEX answers_by_review ON answers (review_id);

CREATE TABLE contact_attempts (
    id INTEGER PRIMARY KEY,
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    day INTEGER NOT NULL,
    result TEXT NOT NULL CHECK (result <> ''),
    who TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX contact_attempts_by_review ON contact_attempts (review_id);

CREATE TABLE promises (
    id INTEGER PRIMARY KEY,
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    promise TEXT NOT NULL CHECK (promise <> ''),
    due INTEGER,
    kept_on INTEGER,
    made_on INTEGER NOT NULL
) STRICT;
CREATE INDEX promises_by_account ON promises (account_id);
CREATE INDEX promises_by_review ON promises (review_id);
