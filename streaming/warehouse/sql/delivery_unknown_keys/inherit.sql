INSERT INTO delivery_unknown_keys (delivery_id, reason, unknown_key, `rows`)
SELECT
    %(heir_id)s AS delivery_id,
    reason,
    unknown_key,
    `rows`
FROM delivery_unknown_keys
WHERE delivery_id = %(delivery_id)s;
