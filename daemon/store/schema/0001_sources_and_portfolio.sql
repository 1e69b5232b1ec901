-- Sources, their imports, and the portfolio as it was read.
--
-- Days are numbers of days since 1970-01-01, moments milliseconds since then in UTC (*_ms), money
-- minor units of the reporting currency, booleans 0 and 1. The columns of the eight portfolio
-- tables have the names that configuration and rules use; `custom` is a JSON object of the columns
-- that configuration adds.

CREATE TABLE instance (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    instance_id TEXT NOT NULL,
    last_seen_ms INTEGER
) STRICT;
INSERT INTO instance (id, instance_id) VALUES (1, '');

CREATE TABLE markers (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    what TEXT NOT NULL,
    details TEXT NOT NULL CHECK (details GLOB '{*}')
) STRICT;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    table_name TEXT NOT NULL CHECK (
        table_name IN (
            'people', 'products', 'accounts', 'contacts', 'purchases', 'contracts', 'tickets',
            'interactions'
        )
    ),
    generation INTEGER NOT NULL DEFAULT 0 CHECK (generation >= 0),
    active_rows INTEGER NOT NULL DEFAULT 0,
    last_attempt_ms INTEGER,
    last_success_ms INTEGER,
    last_error TEXT NOT NULL DEFAULT '',
    last_import INTEGER,
    accounts_from INTEGER,
    file_hash TEXT,
    file_size INTEGER,
    file_modified_ns INTEGER
) STRICT;

CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    generation INTEGER NOT NULL CHECK (generation > 0),
    state TEXT NOT NULL CHECK (
        state IN ('staging', 'held', 'applying', 'done', 'dropping', 'dropped')
    ),
    instance_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    added INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    vanished INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    bad INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    visible_rows INTEGER NOT NULL DEFAULT 0,
    first_row INTEGER NOT NULL DEFAULT 0,
    file_hash TEXT NOT NULL,
    file_size INTEGER NOT NULL,
    file_modified_ns INTEGER NOT NULL,
    UNIQUE (source_id, generation)
) STRICT;
CREATE UNIQUE INDEX imports_unfinished ON imports (source_id)
    WHERE state IN ('staging', 'held', 'applying', 'dropping');

-- What an accepted import still has to do to rows that were there before: NULL fields retire.
CREATE TABLE import_changes (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    row_id INTEGER NOT NULL,
    content_hash INTEGER,
    fields TEXT,
    PRIMARY KEY (import_id, row_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_problems (
    source_id INTEGER NOT NULL REFERENCES sources (id),
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    position INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (source_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL CHECK (key <> ''),
    generation INTEGER NOT NULL,
    content_hash INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    retired INTEGER,
    name TEXT NOT NULL,
    email TEXT,
    manager TEXT,
    zone TEXT,
    language TEXT,
    region TEXT,
    custom TEXT,
    UNIQUE (key, source_id)
) STRICT;

CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL CHECK (key <> ''),
    generation INTEGER NOT NULL,
    content_hash INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    retired INTEGER,
    name TEXT NOT NULL,
    category TEXT,
    price INTEGER,
    lifetime_months INTEGER,
    custom TEXT,
    UNIQUE (key, source_id)
) STRICT;

-- owner_id is derived: the person that `owner` names, or the one a configured rule finds.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL CHECK (key <> ''),
    generation INTEGER NOT NULL,
    content_hash INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    retired INTEGER,
    owner_id INTEGER,
    name TEXT NOT NULL,
    owner TEXT,
    parent TEXT,
    segment TEXT,
    size TEXT,
    region TEXT,
    language TEXT,
    budget INTEGER,
    vip INTEGER CHECK (vip IN (0, 1)),
    since INTEGER,
    custom TEXT,
    UNIQUE (key, source_id)
) STRICT;

CREATE TABLE account_history (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    until INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    former_value ANY,
    PRIMARY KEY (account_id, until, column_name)
) STRICT, WITHOUT ROWID;

-- account_id is NULL as long as no account of that key is known.
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL CHECK (key <> ''),
    generation INTEGER NOT NULL,
    content_hash INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    retired INTEGER,
    account_id INTEGER REFERENCES accounts (id),
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT,
    phone TEXT,
    email TEXT,
    language TEXT,
    custom TEXT,
    UNIQUE (key, source_id)
) STRICT;
CREATE INDEX contacts_by_account ON contacts (account_id);

CREATE TABLE purchases (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL CHECK (key <> ''),
    generation INTEGER NOT NULL,
    content_hash INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    retired INTEGER,
    account_id INTEGER REFERENCES accounts (id),
    account TEXT NOT NULL,
    product TEXT NOT NULL,
    date INTEGER NOT NULL,
    amount INTEGER,
    quantity INTEGER,
    sold_by TEXT,
    custom TEXT,
    UNIQUE (key, source_id)
) STRICT;
CREATE INDEX purchases_by_account ON purchases (account_id);

CREATE TABLE contracts (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL CHECK (key <> ''),
    generation INTEGER NOT NULL,
    content_hash INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    retired INTEGER,
    account_id INTEGER REFERENCES accounts (id),
    account TEXT NOT NULL,
    product TEXT,
    kind TEXT,
    "start" INTEGER,
    "end" INTEGER,
    amount INTEGER,
    custom TEXT,
    UNIQUE (key, source_id)
) STRICT;
CREATE INDEX contracts_by_account ON contracts (account_id);

CREATE TABLE tickets (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL CHECK (key <> ''),
    generation INTEGER NOT NULL,
    content_hash INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    retired INTEGER,
    account_id INTEGER REFERENCES accounts (id),
    account TEXT NOT NULL,
    product TEXT,
    kind TEXT,
    title TEXT,
    severity TEXT,
    opened INTEGER NOT NULL,
    closed INTEGER,
    fix TEXT,
    custom TEXT,
    UNIQUE (key, source_id)
) STRICT;
CREATE INDEX tickets_by_account ON tickets (account_id);

CREATE TABLE interactions (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL CHECK (key <> ''),
    generation INTEGER NOT NULL,
    content_hash INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    retired INTEGER,
    account_id INTEGER REFERENCES accounts (id),
    account TEXT NOT NULL,
    contact TEXT,
    kind TEXT,
    date INTEGER NOT NULL,
    person TEXT,
    note TEXT,
    custom TEXT,
    UNIQUE (key, source_id)
) STRICT;
CREATE INDEX interactions_by_account ON interactions (account_id);
