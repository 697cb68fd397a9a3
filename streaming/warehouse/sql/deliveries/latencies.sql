SELECT
    batch_id,
    SUM(TIMESTAMPDIFF(MICROSECOND, discovered_at, finished_at)) / COUNT(*) AS mean_microseconds,
    MAX(TIMESTAMPDIFF(MICROSECOND, discovered_at, finished_at)) AS longest_microseconds
FROM deliveries
WHERE
    batch_id >= %(first_batch)s
    AND finished_at IS NOT NULL
GROUP BY batch_id;
