UPDATE deliveries AS d
INNER JOIN JSON_TABLE(
    %(verdicts)s, '$[*]' COLUMNS (
        delivery_id BIGINT PATH '$.delivery_id',
        status VARCHAR(16) PATH '$.status',
        reason VARCHAR(1024) PATH '$.reason',
        duplicate_of BIGINT PATH '$.duplicate_of',
        superseded_by BIGINT PATH '$.superseded_by',
        rows_read BIGINT PATH '$.rows_read',
        rows_loaded BIGINT PATH '$.rows_loaded',
        rows_rejected BIGINT PATH '$.rows_rejected',
        amount_loaded DECIMAL(24, 2) PATH '$.amount_loaded',
        sales_months TEXT PATH '$.sales_months'
    )
) AS v ON d.delivery_id = v.delivery_id
SET
    d.status = v.status,
    d.reason = v.reason,
    d.duplicate_of = v.duplicate_of,
    d.superseded_by = v.superseded_by,
    d.rows_read = v.rows_read,
    d.rows_loaded = v.rows_loaded,
    d.rows_rejected = v.rows_rejected,
    d.amount_loaded = v.amount_loaded,
    d.sales_months = v.sales_months,
    d.batch_id = %(batch_id)s,
    d.finished_at = UTC_TIMESTAMP(6)
WHERE d.status = 'waiting';
