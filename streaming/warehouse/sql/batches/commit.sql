UPDATE batches
SET
    rows_read = %(rows_read)s,
    rows_loaded = %(rows_loaded)s,
    rows_rejected = %(rows_rejected)s,
    stages = %(stages)s,
    committed_at = UTC_TIMESTAMP(6)
WHERE
    batch_id = %(batch_id)s
    AND committed_at IS NULL;
