SELECT equal.delivery_id
FROM deliveries AS one
INNER JOIN deliveries AS equal ON one.etag = equal.etag AND one.size_bytes = equal.size_bytes
WHERE
    one.delivery_id IN %(delivery_ids)s
    AND equal.archived_key IS NOT NULL
    AND equal.expired_at IS NULL;
