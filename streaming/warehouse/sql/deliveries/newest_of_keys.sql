-- the length tells names apart that differ in spaces at their end, which MySQL compares as equal
SELECT
    d.object_key,
    d.etag,
    d.size_bytes,
    d.last_modified,
    d.archived_at
FROM deliveries AS d
INNER JOIN (
    SELECT MAX(delivery_id) AS delivery_id
    FROM deliveries
    WHERE
        object_key IN %(object_keys)s
        AND attempt = 1
    GROUP BY object_key, CHAR_LENGTH(object_key)
) AS newest ON d.delivery_id = newest.delivery_id;
