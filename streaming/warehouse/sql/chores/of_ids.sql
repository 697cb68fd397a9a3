SELECT
    chore_id,
    kind,
    finished_at,
    is_failed,
    outcome
FROM chores
WHERE chore_id IN %(chore_ids)s
ORDER BY chore_id;
