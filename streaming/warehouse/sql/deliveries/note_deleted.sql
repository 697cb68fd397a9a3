UPDATE deliveries
SET archived_key = NULL
WHERE
    expired_at IS NOT NULL
    AND (delivery_id = %(delivery_id)s OR arrival_id = %(delivery_id)s);
