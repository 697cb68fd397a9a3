SELECT
    entries.store_id,
    entries.sales_month,
    entries.sales_person_id,
    entries.amount,
    entries.delivery_id
FROM incentive_ledger AS entries
WHERE
    entries.batch_id = %(batch_id)s
    AND EXISTS (
        SELECT 1
        FROM deliveries AS corrections
        LEFT JOIN deliveries AS replaced ON corrections.delivery_id = replaced.superseded_by
        WHERE
            corrections.batch_id = %(batch_id)s
            AND (corrections.withdraws IS NOT NULL OR replaced.delivery_id IS NOT NULL)
    )
    AND EXISTS (
        SELECT 1
        FROM incentive_ledger AS reversals
        WHERE
            reversals.batch_id = %(batch_id)s
            AND reversals.kind = 'reversal'
            AND reversals.store_id = entries.store_id
            AND reversals.sales_month = entries.sales_month
    )
ORDER BY entries.entry_id
LIMIT %(page)s;
