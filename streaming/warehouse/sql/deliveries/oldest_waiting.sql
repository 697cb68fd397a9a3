SELECT
    COUNT(*) AS deliveries,
    MIN(discovered_at) AS discovered_at,
    UTC_TIMESTAMP(6) AS asked_at
FROM deliveries
WHERE status = 'waiting';
