-- What 0012 says of indexes holds for the CHECKs that every write of a row is held against: the same
-- in other words. SQLite has no ALTER TABLE for them; its documentation has this way where no row
-- and no index changes. Nobody else has the file open who would have to be told to read it anew.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql, 'state IN (
            ''planned'', ''held'', ''ready'', ''sending'', ''wait'', ''uncertain'', ''accepted'', ''failed'',
            ''expired'', ''cancelled'', ''superseded''
        )', 'state IN (''planned'', ''held'') OR state IN (''ready'', ''sending'')
        OR state IN (''wait'', ''accepted'') OR state IN (''uncertain'', ''failed'')
        OR state IN (''expired'', ''cancelled'') OR state = ''superseded'''),
    'state IN (''planned'', ''held'', ''expired'', ''cancelled'', ''superseded'')',
    'state IN (''planned'', ''held'') OR state IN (''expired'', ''cancelled'')
        OR state = ''superseded''')
WHERE type = 'table' AND name = 'deliveries';
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'state IN (''planned'', ''invited'', ''appointment'', ''done'', ''missed'', ''skipped'', ''cancelled'')',
    'state IN (''planned'', ''invited'') OR state IN (''appointment'', ''done'')
        OR state IN (''missed'', ''skipped'') OR state = ''cancelled'''),
    '(state IN (''planned'', ''invited'', ''appointment''))',
    '(state IN (''planned'', ''invited'') OR state = ''appointment'')')
WHERE type = 'table' AND name = 'reviews';
UPDATE sqlite_schema SET sql = replace(sql,
    'cause IN (''first'', ''facts'', ''rules'', ''day'', ''person'', ''override'')',
    'cause IN (''first'', ''facts'') OR cause IN (''rules'', ''day'')
        OR cause IN (''person'', ''override'')')
WHERE type = 'table' AND name = 'score_changes';
UPDATE sqlite_schema SET sql = replace(sql,
    'state IN (''open'', ''deferred'', ''answered'', ''gone'')',
    'state IN (''open'', ''deferred'') OR state IN (''answered'', ''gone'')')
WHERE type = 'table' AND name = 'occasions';
PRAGMA writable_schema = RESET;
