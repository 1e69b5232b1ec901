-- On which days an account was reviewed: asked for with every score, plan and message, and answered
-- out of this alone, without a look at the reviews themselves.
CREATE INDEX reviews_done ON reviews (account_id, held_on) WHERE state = 'done';
