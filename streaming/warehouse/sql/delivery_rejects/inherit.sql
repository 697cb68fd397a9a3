INSERT INTO delivery_rejects (delivery_id, reason, `rows`, sample)
SELECT
    %(heir_id)s AS delivery_id,
    reason,
    `rows`,
    sample
FROM delivery_rejects
WHERE delivery_id = %(delivery_id)s;
