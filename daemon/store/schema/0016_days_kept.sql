-- The day that a review had, or was to get, when a trigger pulled it nearer. It is given back once
-- nothing pulls it any more; a day that a person chose or agreed on forgets it.
ALTER TABLE reviews ADD COLUMN pulled_from INTEGER;

-- An appointment without a time is a day, wherever its calendar is; starts_ms is the first moment of
-- it there.
ALTER TABLE invitations ADD COLUMN day INTEGER;
