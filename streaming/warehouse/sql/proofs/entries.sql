SELECT
    d.delivery_id,
    d.object_key,
    d.etag,
    d.size_bytes,
    d.last_modified,
    d.status,
    d.attempt,
    d.arrival_id,
    d.withdraws,
    d.reason,
    d.duplicate_of,
    d.rows_read,
    d.rows_loaded,
    d.rows_rejected,
    d.amount_loaded,
    d.sales_months,
    d.archived_key,
    d.archived_at,
    d.expired_at,
    d.batch_id,
    b.batch_id IS NOT NULL AS has_batch
FROM deliveries AS d
LEFT JOIN batches AS b ON d.batch_id = b.batch_id AND b.committed_at IS NOT NULL
WHERE d.delivery_id IN %(delivery_ids)s
ORDER BY d.delivery_id;
