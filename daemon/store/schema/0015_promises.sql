-- The review whose report called the promise kept, so that reopening that review can take it back.
ALTER TABLE promises ADD COLUMN kept_in INTEGER REFERENCES reviews (id);
CREATE INDEX promises_kept_in ON promises (kept_in) WHERE kept_in IS NOT NULL;
-- Those whose day has come.
CREATE INDEX promises_due ON promises (due) WHERE kept_on IS NULL AND due IS NOT NULL;
