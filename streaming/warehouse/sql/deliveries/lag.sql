SELECT
    COUNT(*) AS deliveries,
    COALESCE(TIMESTAMPDIFF(SECOND, MIN(discovered_at), UTC_TIMESTAMP(6)), 0) AS seconds
FROM deliveries
WHERE status = 'waiting';
