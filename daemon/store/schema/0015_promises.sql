-- The review whose report called the promise kept, so that reopening that review can take it back.
ALTER TABLE promises ADD COLUMN kept_in INTEGER REFERENCES reviews (id);
CREATE INDEX promises_kept_in ON promises (kept_in) WHERE kept_in IS NOT NULL;
