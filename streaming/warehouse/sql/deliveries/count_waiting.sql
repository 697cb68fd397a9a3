SELECT COUNT(*) AS deliveries
FROM deliveries
WHERE status = 'waiting';
