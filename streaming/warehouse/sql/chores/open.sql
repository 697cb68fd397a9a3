SELECT
    chore_id,
    kind,
    keep_hours,
    tries,
    failure
FROM chores
WHERE finished_at IS NULL
ORDER BY chore_id;
