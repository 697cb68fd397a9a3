UPDATE deliveries
SET
    rows_read = %(rows_read)s,
    rows_loaded = %(rows_loaded)s,
    rows_rejected = %(rows_rejected)s,
    amount_loaded = %(amount_loaded)s,
    sales_months = %(sales_months)s,
    batch_id = %(batch_id)s
WHERE
    delivery_id = %(delivery_id)s
    AND status = 'processed';
