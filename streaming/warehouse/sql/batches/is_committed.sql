SELECT committed_at IS NOT NULL AS is_committed
FROM batches
WHERE batch_id = %(batch_id)s;
