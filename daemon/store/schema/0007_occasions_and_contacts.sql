-- What sets off triggers, and what people do with accounts beside their reviews.

-- Snoozed, or waiting for the next try: nothing is said of the review before this day.
ALTER TABLE reviews ADD COLUMN quiet_until INTEGER;

-- A person chose the due day: no plan moves it.
ALTER TABLE reviews ADD COLUMN is_chosen INTEGER NOT NULL DEFAULT 0 CHECK (is_chosen IN (0, 1));
UPDATE reviews SET is_chosen = 1 WHERE occurrence > 1;

-- A trigger's event on one account; its key makes it fire once, however often the data are read.
-- `stands`: what set it off was still so when it was last looked at.
CREATE TABLE occasions (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    trigger_id TEXT NOT NULL CHECK (trigger_id <> ''),
    event TEXT NOT NULL CHECK (event <> ''),
    happened INTEGER NOT NULL,
    noticed INTEGER NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'deferred', 'answered', 'gone')),
    stands INTEGER NOT NULL CHECK (stands IN (0, 1)),
    ended INTEGER,
    UNIQUE (account_id, trigger_id, event)
) STRICT;
CREATE INDEX occasions_live ON occasions (account_id)
    WHERE state IN ('open', 'deferred') OR stands = 1;

-- The score from which a jump or a fall is measured. Points are thousandths.
CREATE TABLE score_marks (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
    points INTEGER NOT NULL,
    rules_version_id INTEGER NOT NULL REFERENCES rules_versions (id),
    day INTEGER NOT NULL
) STRICT;

-- Talks with a customer that were no review.
CREATE TABLE logged_contacts (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    day INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    who TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX logged_contacts_by_account ON logged_contacts (account_id, day);

-- An account that a person gave to another owner. It holds as long as the source still names the
-- owner that it named then: once the source names another one, the source is right.
CREATE TABLE handovers (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
    person TEXT NOT NULL CHECK (person <> ''),
    named TEXT,
    day INTEGER NOT NULL,
    who TEXT NOT NULL,
    because TEXT NOT NULL
) STRICT;

-- What customers like best is looked up by question, the latest first.
CREATE INDEX answers_by_question ON answers (question, day);

-- The account that this one lives on in. Its row stays as the alias of its identity in its source;
-- it is retired, and imports leave it alone.
ALTER TABLE accounts ADD COLUMN merged_into INTEGER REFERENCES accounts (id);
CREATE INDEX accounts_merged ON accounts (key) WHERE merged_into IS NOT NULL;
