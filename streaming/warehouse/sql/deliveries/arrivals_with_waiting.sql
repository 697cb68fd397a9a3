SELECT DISTINCT COALESCE(arrival_id, delivery_id) AS arrival_id
FROM deliveries
WHERE
    status = 'waiting'
    AND (delivery_id IN %(delivery_ids)s OR arrival_id IN %(delivery_ids)s);
