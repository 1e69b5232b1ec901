-- Each change of a score or a level with its cause, instead of levels alone; what a score was made
-- of when it last changed, so that the next change can name what differs; the day on which scoring
-- last moved the open review; and levels that a person has set.

CREATE TABLE score_changes (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    day INTEGER NOT NULL,
    from_level TEXT NOT NULL,
    to_level TEXT NOT NULL,
    from_points INTEGER,
    points INTEGER NOT NULL,
    rules_version_id INTEGER NOT NULL REFERENCES rules_versions (id),
    cause TEXT NOT NULL CHECK (
        cause IN ('first', 'facts', 'rules', 'day', 'person', 'override')
    ),
    detail TEXT NOT NULL
) STRICT;
INSERT INTO score_changes (
    id, account_id, day, from_level, to_level, points, rules_version_id, cause, detail
)
SELECT id, account_id, day, from_level, to_level, points, rules_version_id, cause, detail
FROM level_changes;
DROP TABLE level_changes;
CREATE INDEX score_changes_by_account ON score_changes (account_id);

ALTER TABLE account_scores ADD COLUMN made_of TEXT NOT NULL DEFAULT '';
ALTER TABLE account_scores ADD COLUMN replanned INTEGER;

CREATE TABLE overrides (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    level TEXT NOT NULL CHECK (level <> ''),
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    because TEXT NOT NULL CHECK (because <> ''),
    who TEXT NOT NULL,
    ended INTEGER,
    ended_by TEXT,
    CHECK ((ended IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX overrides_in_force ON overrides (account_id) WHERE ended IS NULL;
CREATE INDEX overrides_by_account ON overrides (account_id);
