SELECT
    DATE(d.last_modified) AS arrived_on,
    r.reason,
    SUM(r.`rows`) AS `rows`
FROM delivery_rejects AS r
INNER JOIN deliveries AS d ON r.delivery_id = d.delivery_id
WHERE
    d.status = 'processed'
    AND r.delivery_id > %(after)s
    AND d.last_modified >= %(first_day)s
GROUP BY DATE(d.last_modified), r.reason
ORDER BY arrived_on, r.reason;
