SELECT delivery_id
FROM deliveries
WHERE
    delivery_id IN %(delivery_ids)s
    AND status = 'waiting'
FOR UPDATE;
