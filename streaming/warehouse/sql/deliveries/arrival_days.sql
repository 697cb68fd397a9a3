SELECT
    DATE(last_modified) AS arrived_on,
    COUNT(*) AS deliveries,
    SUM(rows_read) AS rows_read,
    SUM(rows_rejected) AS rows_rejected
FROM deliveries
WHERE
    status = 'processed'
    AND delivery_id > %(after)s
GROUP BY DATE(last_modified)
ORDER BY arrived_on DESC
LIMIT %(page)s;
