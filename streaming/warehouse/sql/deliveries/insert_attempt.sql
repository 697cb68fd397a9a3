INSERT INTO deliveries (
    object_key, etag, size_bytes, last_modified, attempt, arrival_id, withdraws, archived_key, archived_at
)
SELECT
    origin.object_key,
    origin.etag,
    origin.size_bytes,
    origin.last_modified,
    (
        SELECT MAX(others.attempt) + 1
        FROM deliveries AS others
        WHERE
            others.delivery_id = COALESCE(origin.arrival_id, origin.delivery_id)
            OR others.arrival_id = COALESCE(origin.arrival_id, origin.delivery_id)
    ) AS attempt,
    COALESCE(origin.arrival_id, origin.delivery_id) AS arrival_id,
    %(withdraws)s,
    IF(%(withdraws)s IS NULL, origin.archived_key, NULL) AS archived_key,
    COALESCE(origin.archived_at, UTC_TIMESTAMP(6)) AS archived_at
FROM deliveries AS origin
WHERE origin.delivery_id = %(delivery_id)s;
