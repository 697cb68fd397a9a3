-- the length tells names apart that differ in spaces at their end, which MySQL compares as equal
SELECT
    object_key,
    MAX(delivery_id) AS delivery_id
FROM deliveries
WHERE
    object_key IN %(object_keys)s
    AND attempt = 1
GROUP BY object_key, CHAR_LENGTH(object_key);
