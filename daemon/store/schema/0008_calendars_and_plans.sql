-- Days on which a person is away, as given by command; kept when they are taken back.

CREATE TABLE leaves (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL CHECK (person <> ''),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    because TEXT NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    removed_ms INTEGER,
    CHECK (last >= first)
) STRICT;
CREATE INDEX leaves_in_force ON leaves (person, first) WHERE removed_ms IS NULL;

-- Which owners' plans are to be looked at again, and for which calendar and capacity the plan in
-- force was made. Owner 0 stands for accounts that nobody owns.
CREATE TABLE owner_plans (
    owner_id INTEGER PRIMARY KEY,
    is_touched INTEGER NOT NULL CHECK (is_touched IN (0, 1)),
    habits TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX owner_plans_touched ON owner_plans (owner_id) WHERE is_touched = 1;
CREATE INDEX reviews_beyond_latest ON reviews (owner_id, due)
    WHERE state IN ('planned', 'invited', 'appointment') AND due > latest;
