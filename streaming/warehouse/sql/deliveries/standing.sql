SELECT
    status,
    COUNT(*) AS deliveries,
    COALESCE(SUM(attempt = 1 AND archived_at IS NULL), 0) AS in_landing,
    COALESCE(SUM(attempt = 1 AND archived_key IS NOT NULL), 0) AS at_rest,
    COALESCE(SUM(attempt = 1 AND archived_at IS NOT NULL AND archived_key IS NULL AND expired_at IS NULL), 0) AS gone,
    COALESCE(SUM(attempt = 1 AND expired_at IS NOT NULL), 0) AS expired
FROM deliveries
GROUP BY status
UNION ALL
SELECT
    'held' AS status,
    COUNT(*) AS deliveries,
    COUNT(*) AS in_landing,
    0 AS at_rest,
    0 AS gone,
    0 AS expired
FROM held_arrivals
HAVING COUNT(*) > 0;
