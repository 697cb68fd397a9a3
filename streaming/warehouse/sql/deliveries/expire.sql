UPDATE deliveries
SET expired_at = UTC_TIMESTAMP(6)
WHERE
    delivery_id IN %(delivery_ids)s
    OR arrival_id IN %(delivery_ids)s;
