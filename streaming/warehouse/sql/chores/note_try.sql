UPDATE chores
SET
    started_at = COALESCE(started_at, UTC_TIMESTAMP(6)),
    tries = tries + 1
WHERE
    chore_id = %(chore_id)s
    AND finished_at IS NULL;
