-- Changes of a level by their day, for the weekly reports.
CREATE INDEX level_moves_by_day ON score_changes (day)
    WHERE from_level <> '' AND from_level <> to_level;
