-- The files of each version of the rules, what became of the versions, and the one that waits: its
-- effect is being counted, or a person has to confirm it.

CREATE TABLE rules_files (
    rules_version_id INTEGER NOT NULL REFERENCES rules_versions (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (name <> ''),
    hash TEXT NOT NULL,
    PRIMARY KEY (rules_version_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE rules_events (
    id INTEGER PRIMARY KEY,
    rules_version_id INTEGER NOT NULL REFERENCES rules_versions (id),
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL CHECK (
        what IN ('loaded', 'published', 'rolled_back', 'held', 'confirmed', 'dropped', 'in_force')
    ),
    note TEXT NOT NULL
) STRICT;
CREATE INDEX rules_events_by_version ON rules_events (rules_version_id);

CREATE TABLE rules_candidate (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    rules_version_id INTEGER NOT NULL REFERENCES rules_versions (id),
    origin TEXT NOT NULL CHECK (origin IN ('files', 'published', 'rolled_back')),
    who TEXT NOT NULL,
    note TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    is_held INTEGER NOT NULL DEFAULT 0 CHECK (is_held IN (0, 1)),
    effect TEXT NOT NULL DEFAULT ''
) STRICT;
