SELECT delivery_id
FROM deliveries
WHERE
    status = 'processed'
    AND rows_rejected > 0;
