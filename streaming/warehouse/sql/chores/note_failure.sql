UPDATE chores
SET failure = %(failure)s
WHERE
    chore_id = %(chore_id)s
    AND finished_at IS NULL;
