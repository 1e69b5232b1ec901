-- The day that a review had, or was to get, when a trigger pulled it nearer. It is given back once
-- nothing pulls it any more; a day that a person chose or agreed on forgets it.
ALTER TABLE reviews ADD COLUMN pulled_from INTEGER;
-- Of those that stand nearer for a reason, it is the day that their last move left.
UPDATE reviews SET pulled_from = moved.day FROM (
    SELECT r.id AS review, (
        SELECT CAST(julianday(json_extract(e.details, '$.from')) - julianday('1970-01-01') AS INTEGER)
        FROM review_events AS e WHERE e.review_id = r.id AND e.what = 'moved'
        ORDER BY e.id DESC LIMIT 1) AS day
    FROM reviews AS r
    WHERE r.state IN ('planned', 'invited') AND r.is_chosen = 0 AND r.reasons <> '[]') AS moved
WHERE moved.review = reviews.id AND moved.day > reviews.due;

-- An appointment without a time is a day, wherever its calendar is; starts_ms is the first moment of
-- it there.
ALTER TABLE invitations ADD COLUMN day INTEGER;
