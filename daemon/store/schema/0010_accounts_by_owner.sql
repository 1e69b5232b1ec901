-- A plan is made for one owner after another, and each begins with the owner's accounts. Partial, so that rows
-- cost nothing more while they are imported: who owns them is found afterwards.
CREATE INDEX accounts_by_owner ON accounts (owner_id) WHERE owner_id IS NOT NULL;
