UPDATE deliveries AS heir
INNER JOIN deliveries AS earlier ON earlier.delivery_id = %(delivery_id)s
SET
    heir.status = 'processed',
    heir.duplicate_of = NULL,
    heir.rows_read = earlier.rows_read,
    heir.rows_loaded = earlier.rows_loaded,
    heir.rows_rejected = earlier.rows_rejected,
    heir.amount_loaded = earlier.amount_loaded,
    heir.sales_months = earlier.sales_months,
    heir.batch_id = %(batch_id)s,
    heir.finished_at = UTC_TIMESTAMP(6)
WHERE
    heir.delivery_id = %(heir_id)s
    AND heir.status = 'duplicate';
