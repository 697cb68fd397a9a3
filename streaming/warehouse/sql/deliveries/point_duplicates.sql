UPDATE deliveries
SET duplicate_of = %(first_id)s
WHERE
    status = 'duplicate'
    AND duplicate_of = %(delivery_id)s
    AND delivery_id <> %(first_id)s;
