UPDATE deliveries
SET crashes = crashes + 1
WHERE
    delivery_id IN %(delivery_ids)s
    AND status = 'waiting';
