SELECT
    holder,
    taken_at
FROM locks
WHERE lock_name = 'writer';
