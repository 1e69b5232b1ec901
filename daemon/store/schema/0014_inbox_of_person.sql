-- The newest messages of one inbox, whatever the number of other people's.
CREATE INDEX deliveries_accepted_of_person ON deliveries (person_id, channel)
    WHERE state = 'accepted';
