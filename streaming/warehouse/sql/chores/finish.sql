UPDATE chores
SET
    started_at = COALESCE(started_at, UTC_TIMESTAMP(6)),
    finished_at = UTC_TIMESTAMP(6),
    is_failed = %(is_failed)s,
    outcome = %(outcome)s
WHERE
    chore_id = %(chore_id)s
    AND finished_at IS NULL;
